"""Settings of learning, checked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from convcli.errors import UsageError
from convcli.filters import Border, Kernel, Pipeline
from convcli.learning.pair import MAX_LEARNED_SIDE
from convcli.learning.result import Model

Optimizer = Literal["gd", "momentum", "nesterov", "adam", "dct"]
MODELS: tuple[Model, ...] = ("shared", "depthwise", "full")
INITS: dict[str, Literal["zeros", "random", "identity"]] = {
    "zeros": "zeros",
    "random": "random",
    "identity": "identity",
}
OPTIMIZERS: tuple[Optimizer, ...] = ("gd", "momentum", "nesterov", "adam", "dct")


@dataclass(frozen=True)
class LearnSettings:
    """What is learned, and how.

    Parameters
    ----------
    size
        Height and width of the kernel; None to find them.
    model
        ``shared``: one plane for every channel; ``depthwise``: one per channel; ``full``: output × input channels.
    bias
        Learn a bias too: one for the shared model, one per output channel for the others.
    border
        What the pair is known to have been filtered with; None to find it on the rim.
    holdout
        The share of rows kept from learning, from 0 to 0.5; None for 0.1, and 0 for fewer than 10 000 values.
    optimizer
        ``gd``, ``momentum``, ``nesterov``, ``adam`` or ``dct``.
    learning_rate
        Size of a step; None for one that suits the pair.
    steps
        How many; None for as many as it takes.
    tolerance
        The descent ends when no weight moves by more than this share of the largest weight.
    loss
        ``mean`` or ``sum`` of squared errors: what the learning rate and the printed loss refer to.
    init
        ``zeros``, ``random`` (standard normal), ``identity``, or a kernel to start from.
    seed
        Of the random weights.
    """

    size: tuple[int, int] | None = None
    model: Model = "shared"
    bias: bool = True
    border: Border | None = None
    holdout: float | None = None
    optimizer: Optimizer = "dct"
    learning_rate: float | None = None
    steps: int | None = None
    tolerance: float = 1e-7
    loss: Literal["mean", "sum"] = "mean"
    init: Literal["zeros", "random", "identity"] | Kernel = "zeros"
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the values.

        Raises
        ------
        UsageError
            One of them cannot be meant.
        """
        _one_of("model", self.model, MODELS)
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        _one_of("loss", self.loss, ("mean", "sum"))
        size = self.size or (1, 1)
        if len(size) != 2 or not 1 <= min(size) <= max(size) <= MAX_LEARNED_SIDE:
            raise UsageError(
                f"no kernel of size {'×'.join(map(str, size))} is learned",
                f"give height and width, each from 1 to {MAX_LEARNED_SIDE}",
            )
        if self.holdout is not None and not 0 <= self.holdout <= 0.5:
            raise UsageError(f"holdout {self.holdout:g} is no share of rows to keep", "give a number from 0 to 0.5")
        if self.learning_rate is not None and not (self.learning_rate > 0 and math.isfinite(self.learning_rate)):
            raise UsageError(f"learning rate {self.learning_rate:g} leads nowhere", "give a number above 0, or auto")
        if self.steps is not None and self.steps < 1:
            raise UsageError(f"{self.steps} steps are none", "give a whole number from 1, or auto")
        if not self.tolerance >= 0:
            raise UsageError(f"tolerance {self.tolerance:g} is none", "give a number from 0")


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(f"unknown {name} {value!r}", f"write {', '.join(known[:-1])} or {known[-1]}")


def starting_kernel(init: str | Kernel | Pipeline) -> Literal["zeros", "random", "identity"] | Kernel:
    """Return where a descent begins.

    Parameters
    ----------
    init
        ``zeros``, ``random``, ``identity``, a kernel, or a filter of one kernel: its text or itself.

    Raises
    ------
    UsageError
        The filter is none, or has more layers than one.
    """
    if isinstance(init, Kernel):
        return init
    if isinstance(init, str) and init in INITS:
        return INITS[init]
    if isinstance(init, str):
        from convcli.catalog import load_filter  # learning seldom begins with a filter

        init = load_filter(init)
    if init.conv is None:
        raise UsageError(
            f"{init.name} is no single kernel that learning could start from",
            "give zeros, random, identity, or a filter of one kernel",
        )
    return init.conv.kernel


class Watcher(Protocol):
    """Whoever wants to know how learning goes on."""

    def pair(self, index: int, total: int, name: str) -> None:
        """LearningPair `index` (from 0) of `total` is being read."""

    def step(self, step: int, loss: float) -> None:
        """Step `step` (from 1) is taken, from where the loss is `loss`."""


class Unwatched(Watcher):
    """A watcher that looks away."""

    def pair(self, index: int, total: int, name: str) -> None:
        """Look away."""

    def step(self, step: int, loss: float) -> None:
        """Look away."""
