"""LearnSettings: the settings of learning, their defaults and the rules that they obey."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from operator import index
from typing import Any, Literal, Self, SupportsIndex, TypedDict, Unpack, get_args

from convcli.errors import UsageError
from convcli.filters import Border, Kernel, Pipeline
from convcli.learning.pair import MAX_LEARNED_SIDE

Model = Literal["shared", "depthwise", "full"]
Optimizer = Literal["gd", "momentum", "nesterov", "adam", "dct"]
Loss = Literal["mean", "sum"]
Init = Literal["zeros", "random", "identity"]
Auto = Literal["auto"]

MAX_HOLDOUT = 0.5
MAX_STEPS = 10**9


class LearnKeywords(TypedDict, total=False):
    """The settings of `convcli.learn`, in every form that a caller may write; see `LearnSettings`."""

    size: int | tuple[int, int] | Auto | None
    model: Model
    bias: bool
    border: Border | str | None
    holdout: float | None
    optimizer: Optimizer
    learning_rate: float | Auto | None
    steps: int | Auto | None
    tolerance: float
    loss: Loss
    init: Kernel | Pipeline | str
    seed: int


@dataclass(frozen=True)
class LearnSettings:
    """The settings of learning. Messages name them as the options of the command.

    Parameters
    ----------
    size
        Height and width of the kernel, 1 to 63; None to find them, or for those of `init`.
    model
        ``shared``: one plane for every channel; ``depthwise``: one per channel; ``full``: output × input channels.
    bias
        Learn a bias too: one for the shared model, one per output channel for the others.
    border
        The border that the pair was filtered with; None to find it on the rim.
    holdout
        The share of rows held out from learning, from 0 to 0.5; None for 0.1, and 0 for fewer than 10 000 values.
    learning_rate
        Size of a step, above 0; None for one that suits the pair.
    steps
        Number of steps, 1 to 10⁹; None for as many as it takes.
    tolerance
        The descent ends when no weight moves by more than this share of the largest weight; from 0 to below 1.
    loss
        ``mean`` or ``sum`` of squared errors, for the learning rate and the printed loss.
    init, seed
        The first weights: ``zeros``, ``random`` (standard normal, by `seed`, from 0), ``identity``, or those of a
        kernel, which give the size too.

    Raises
    ------
    UsageError
        A value is out of range.
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
    loss: Loss = "mean"
    init: Init | Kernel = "zeros"
    seed: int = 0

    def __post_init__(self) -> None:
        for name, known in _WORDS.items():
            value = getattr(self, name)
            if value not in known and not isinstance(value, Kernel):
                raise UsageError(f"unknown {name} {value!r}", f"write {', '.join(known[:-1])} or {known[-1]}")
        for name, (is_allowed, fault, hint) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not _holds(is_allowed, value):
                shown = f"{value:g}" if isinstance(value, float) else value
                raise UsageError(f"--{name.replace('_', '-')} {shown} {fault}", hint)
        if isinstance(self.init, Kernel):
            if self.size not in (None, self.init.size):
                raise UsageError(
                    f"--size {_times(self.size or ())}, and --init has {_times(self.init.size)} weights",
                    "leave out --size, or begin with zeros",
                )
            object.__setattr__(self, "size", self.init.size)
        if self.size is not None and not (len(self.size) == 2 and all(_holds(_is_side, side) for side in self.size)):
            size = self.size[0] if len(set(self.size)) == 1 else _times(self.size)
            raise UsageError(f"--size {size}: a side has 1 to {MAX_LEARNED_SIDE} weights", "write 3, 3x5 or auto")

    @classmethod
    def of(cls, **given: Unpack[LearnKeywords]) -> Self:
        """Return the settings that a caller writes.

        Parameters
        ----------
        **given
            The settings; besides, ``auto`` for None, one number for both sides of `size`, a text for a `border`, and
            a filter of one kernel, as text or `Pipeline`, for its kernel as `init`.

        Raises
        ------
        UsageError
            A setting is unknown or out of range, or `init` has more than weights.
        """
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {
            name: None if name in _MAY_BE_AUTO and value == "auto" else value for name, value in given.items()
        }
        if unknown := [name for name in values if name not in known]:
            raise UsageError(f"there is no setting {unknown[0]!r}", f"settings are {', '.join(sorted(known))}")
        if isinstance(size := values.get("size"), str):
            raise UsageError(
                f"--size {size!r} is no number of weights", "give (height, width), one number for both, or auto"
            )
        if not isinstance(size, Sequence | None):
            values["size"] = size, size
        if isinstance(border := values.get("border"), str):
            values["border"] = Border.parse(border)
        if "init" in values and values["init"] not in _WORDS["init"]:
            values["init"] = _kernel_of(values["init"])
        return cls(**values)


_WORDS: dict[str, tuple[str, ...]] = {
    "model": get_args(Model),
    "optimizer": get_args(Optimizer),
    "loss": get_args(Loss),
    "init": get_args(Init),
}
_MAY_BE_AUTO = ("size", "border", "learning_rate", "steps")


def _holds(check: Callable[[Any], bool], value: Any) -> bool:
    """Return the check of a value; False for one that is no number."""
    try:
        return check(value)
    except TypeError:
        return False


def _is_side(value: SupportsIndex) -> bool:
    return 1 <= index(value) <= MAX_LEARNED_SIDE


# The check of each number, the fault that a message names after its value, and the hint.
_RANGES: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    "holdout": (lambda x: 0 <= x <= MAX_HOLDOUT, "is no share of the rows", f"write a number from 0 to {MAX_HOLDOUT}"),
    "learning_rate": (lambda x: 0 < x < math.inf, "does not descend", "write a number above 0, or auto"),
    "steps": (lambda x: 1 <= index(x) <= MAX_STEPS, "is no number of steps", "write auto or a whole number from 1"),
    "tolerance": (lambda x: 0 <= x < 1, "is no share", "write a number from 0 to below 1, such as 1e-7"),
    "seed": (lambda x: index(x) >= 0, "is no seed", "write a whole number from 0"),
}


def _times(size: tuple[int, ...]) -> str:
    return "×".join(map(str, size))


def _kernel_of(init: str | Kernel | Pipeline) -> Kernel:
    """Return the kernel of a filter that has nothing but a kernel; raise UsageError for any other."""
    if isinstance(init, Kernel):
        return init
    if isinstance(init, str):
        from convcli.catalog import load_filter  # learning seldom begins with a filter

        init = load_filter(init)
    name = init.name or "the filter"
    if init.conv is None:
        raise UsageError(
            f"--init: {name} is a pipeline, and one kernel is learned", "start from zeros, random, identity or a kernel"
        )
    if init.conv.stride != (1, 1) or init.conv.dilation != (1, 1) or init.conv.groups != 1:
        raise UsageError(
            f"--init: {name} has a stride, dilation or groups, and the learned kernel has none",
            "start from its weights alone",
        )
    return init.conv.kernel
