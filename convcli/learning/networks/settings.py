"""TrainingSettings: the settings of the training of a network, their defaults and ranges."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any, Literal, Self, TypedDict, Unpack, get_args

from convcli.errors import UsageError
from convcli.filters import plain, shown
from convcli.lazy import dataclass

TrainingLoss = Literal["mse", "l1", "cross-entropy"]
TrainingOptimizer = Literal["soap", "adam", "gd", "momentum", "nesterov"]
Schedule = Literal["cosine", "step", "constant"]
Augment = Literal["auto", "none", "mirrors", "turns"]

MOST_EPOCHS, LARGEST_BATCH, LARGEST_PATCH = 1_000_000, 65_536, 4096
LEARNING_RATES = {"soap": 0.003, "adam": 0.003, "gd": 0.05, "momentum": 0.01, "nesterov": 0.01}


class TrainingKeywords(TypedDict, total=False):
    """The settings of training from Python, in every form that a caller may write; see `TrainingSettings`."""

    loss: TrainingLoss
    optimizer: TrainingOptimizer
    epochs: int
    batch: int
    patch: int | None
    learning_rate: float | Literal["auto"] | None
    schedule: Schedule
    weight_decay: float
    augment: Augment
    patience: int | None
    holdout: float | None
    seed: int


@dataclass(frozen=True)
class TrainingSettings:
    """The settings of training. Messages name them as the options of the command.

    Parameters
    ----------
    loss
        ``mse``: mean of squared errors; ``l1``: mean of magnitudes; ``cross-entropy``: of a class for each item.
    optimizer
        ``soap``: Adam along the axes of the gradients, which needs a tenth of the epochs; ``adam`` itself, both with
        decoupled weight decay; or gradient descent as torch.optim.SGD: ``gd``, ``momentum`` (0.9), ``nesterov``.
    epochs
        At most.
    batch
        Patches, or items, of a step.
    patch
        Side of a patch in pixels of INPUT; None for 32, or less for small pictures.
    learning_rate
        Above 0; None for the optimizer's own.
    schedule
        ``cosine``: down to 0 over all epochs; ``step``: a tenth of it after two thirds of the epochs, and a hundredth
        after five sixths; ``constant``.
    weight_decay
        From 0, of weights, not of biases.
    augment
        ``mirrors``: patches mirrored at random; ``turns``: turned by quarters, too; ``none``. For filters that are
        alike in all these directions; ``auto`` turns where the best kernel explains the turned pair as well, in a
        training of 24 epochs and more.
    patience
        Epochs without an improvement on held-out values after which training ends; None for all epochs.
    holdout
        Share of rows, or of items, held out, 0 to 0.5; None for a tenth, where there is enough.
    seed
        Of the weights, the patches and their order, from 0.

    Raises
    ------
    UsageError
        A value is out of range.
    """

    loss: TrainingLoss = "mse"
    optimizer: TrainingOptimizer = "soap"
    epochs: int = 60
    batch: int = 8
    patch: int | None = None
    learning_rate: float | None = None
    schedule: Schedule = "cosine"
    weight_decay: float = 0.0
    augment: Augment = "auto"
    patience: int | None = None
    holdout: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                raise UsageError(
                    f"--{name} {getattr(self, name)} is not for a network",
                    f"write {', '.join(words[:-1])} or {words[-1]}",
                )
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                option = name.replace("_", "-")
                limit = f"from {low:g}" + (f" to {_plain(high)}" if high < math.inf else "")
                hint = f"write a number {limit}"
                if name == "holdout" and 1 < value <= 100 * high:
                    hint = f"write {value:g}% for a share of {value / 100:g}"
                raise UsageError(f"--{option} {_plain(value)} is out of range", hint)
        if self.learning_rate is not None and not 0 < self.learning_rate < math.inf:
            raise UsageError(f"--learning-rate {self.learning_rate:g} does not descend", "write a number above 0")

    @classmethod
    def of(cls, **given: Unpack[TrainingKeywords]) -> Self:
        """Return the settings that a caller writes, NumPy's numbers among them; ``auto`` is None for a rate.

        Raises UsageError for a value of another type, and as the class does.
        """
        values: dict[str, Any] = {name: plain(value) for name, value in given.items()}
        if values.get("learning_rate") == "auto":
            values["learning_rate"] = None
        defaults = {each.name: each.default for each in fields(cls)}
        for name, value in values.items():
            if value is None and defaults[name] is None:
                continue
            kind, words = (str, "a text") if name in _WORDS else _KINDS.get(name, (int, "a whole number"))
            if not isinstance(value, kind) or isinstance(value, bool):
                raise UsageError(f"--{name.replace('_', '-')} {shown(value)} is not {words}", f"give {words}")
        return cls(**values)

    @property
    def rate(self) -> float:
        """The learning rate at the start."""
        return self.learning_rate or LEARNING_RATES[self.optimizer]

    def rate_at(self, done: float) -> float:
        """Return the learning rate when a share of the training is done, from 0 to 1."""
        if self.schedule == "cosine":
            return self.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        if self.schedule == "step":
            return self.rate * (1 if done < 2 / 3 else 0.1 if done < 5 / 6 else 0.01)
        return self.rate


def _plain(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"


_WORDS: dict[str, tuple[str, ...]] = {
    "loss": get_args(TrainingLoss),
    "optimizer": get_args(TrainingOptimizer),
    "schedule": get_args(Schedule),
    "augment": get_args(Augment),
}
_KINDS: dict[str, tuple[Any, str]] = dict.fromkeys(
    ("learning_rate", "weight_decay", "holdout"), (int | float, "a number")
)
_RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, MOST_EPOCHS),
    "batch": (1, LARGEST_BATCH),
    "patch": (1, LARGEST_PATCH),
    "weight_decay": (0, 1e6),
    "patience": (1, MOST_EPOCHS),
    "holdout": (0, 0.5),
    "seed": (0, math.inf),
}
