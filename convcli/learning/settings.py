"""LearnSettings: the settings of learning, their defaults and the rules that they obey."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from numbers import Real
from typing import Any, Literal, Self, TypedDict, Unpack, get_args

from numpy.typing import ArrayLike

from convcli.errors import UsageError
from convcli.filters import (
    BORDER,
    STRIDE,
    Border,
    Kernel,
    Pipeline,
    Size2,
    as_whole,
    finite_number,
    judged,
    plain,
    shown,
)
from convcli.lazy import dataclass
from convcli.learning.pair import MAX_LEARNED_SIDE
from convcli.words import short_repr

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
    model: Model | Auto
    bias: bool
    border: Border | str | None
    holdout: float | None
    optimizer: Optimizer
    learning_rate: float | Auto | None
    steps: int | Auto | None
    tolerance: float
    loss: Loss
    init: Kernel | Pipeline | str | os.PathLike[str] | ArrayLike
    seed: int
    geometry: Literal["auto", "none"]
    curve: Literal["auto", "none"]
    linear: bool
    stride: int | tuple[int, int] | Auto | None


@dataclass(frozen=True)
class LearnSettings:
    """The settings of learning. Messages name them as the options of the command.

    Parameters
    ----------
    size
        Height and width of the kernel, 1 to 127; None to find them, or for those of `init`.
    model
        ``shared``: one plane for every channel; ``depthwise``: one per channel; ``full``: output × input channels.
    finds_model
        The model may be another where that explains the pair.
    largest
        Rows and columns of the largest kernel that is tried where `size` is to be found; None for all of them.
    geometry, curve
        Look for crops, turns, shifts and other sizes; for light and tone curves.
    linear
        The kernel works in linear light; otherwise light is tried beside levels.
    stride
        Pixels of the source from one value of the target to the next, (down, right), at least 1; None to find them.
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
    finds_model: bool = True
    largest: int | None = None
    geometry: bool = True
    curve: bool = True
    linear: bool = False
    stride: Size2 | None = None

    __repr__ = short_repr

    def __post_init__(self) -> None:
        self._check_words()
        if self.stride is not None:
            object.__setattr__(self, "stride", judged(STRIDE, self.stride))
        if self.border is not None:
            object.__setattr__(self, "border", _finite(judged(BORDER, self.border)))
        for name in _RANGES:
            if getattr(self, name) is not None or name in ("tolerance", "seed"):
                object.__setattr__(self, name, _number(name, getattr(self, name)))
        if isinstance(self.init, Kernel):
            if self.size not in (None, self.init.size):
                raise UsageError(
                    f"--size {_times(self.size or ())}, and --init has {_times(self.init.size)} weights",
                    "leave out --size, or begin with zeros",
                )
            object.__setattr__(self, "size", self.init.size)
        if self.size is not None and not (len(self.size) == 2 and all(map(_is_side, self.size))):
            size = self.size[:1] if self.size[0] is self.size[-1] else self.size
            raise UsageError(
                f"--size {'×'.join(map(shown, size))}: a side has 1 to {MAX_LEARNED_SIDE} weights",
                "write 3, 3x5 or auto",
            )

    def _check_words(self) -> None:
        for name, known in _WORDS.items():
            value = getattr(self, name)
            is_kernel = name == "init" and isinstance(value, Kernel)
            if not is_kernel and not (isinstance(value, str) and value in known):
                raise UsageError(f"unknown --{name} {shown(value)}", f"write {', '.join(known[:-1])} or {known[-1]}")
        for name in ("bias", "linear"):
            if not isinstance(value := getattr(self, name), bool):
                raise UsageError(f"--{name} {shown(value)} is not true or false", "write True or False")

    @classmethod
    def of(cls, **given: Unpack[LearnKeywords]) -> Self:
        """Return the settings that a caller writes.

        Parameters
        ----------
        **given
            The settings; besides, ``auto`` for None, one number for both sides of `size`, a text for a `border`, and
            a filter of one kernel, in any form that `convcli.apply` takes, for its kernel as `init`.

        Raises
        ------
        UsageError
            A setting is unknown or out of range, or `init` has more than weights.
        """
        known = list(LearnKeywords.__annotations__)
        if unknown := next((name for name in given if name not in known), ""):
            raise UsageError(f"there is no setting {unknown!r}", f"settings are {', '.join(known)}")
        values = {name: plain(value) for name, value in given.items()}
        for name in _MAY_BE_AUTO:
            if isinstance(value := values.get(name), str) and value == "auto":
                values[name] = None
        values["finds_model"] = values.get("model", "auto") == "auto"
        if values["finds_model"]:
            values.pop("model", None)
        for name in ("geometry", "curve"):
            if name in values:
                values[name] = _is_sought(name, values[name])
        if "size" in values:
            values["size"] = _both_sides(values["size"])
        if "init" in values and not (isinstance(values["init"], str) and values["init"] in _WORDS["init"]):
            values["init"] = _kernel_of(given["init"])
        return cls(**values)


_WORDS: dict[str, tuple[str, ...]] = {
    "model": get_args(Model),
    "optimizer": get_args(Optimizer),
    "loss": get_args(Loss),
    "init": get_args(Init),
}
_MAY_BE_AUTO = ("size", "border", "learning_rate", "steps", "stride")


def _is_sought(name: str, value: object) -> bool:
    if value not in ("auto", "none"):
        raise UsageError(f"unknown --{name} {shown(value)}", "write auto or none")
    return value == "auto"


def _finite(border: Border) -> Border:
    if math.isinf(border.value):
        raise UsageError(f"--border {border}: nothing can be learned beside it", "give a finite value, or auto")
    return border


def _number(name: str, value: object) -> Any:
    """Return the number of a setting; raise UsageError where it is none, or out of its range."""
    read, is_allowed, fault, hint = _RANGES[name]
    with suppress(UsageError):
        number = read(value)
        if number is not None and is_allowed(number):
            return number
    text = f"{value:g}" if isinstance(value, float) else shown(value)
    raise UsageError(f"--{name.replace('_', '-')} {text} {fault}", hint)


def _is_side(value: Any) -> bool:
    return 0 < (as_whole(value) or 0) <= MAX_LEARNED_SIDE


def _both_sides(size: object) -> tuple[Any, ...] | None:
    """Return a size as its sides, which one number gives both; raise UsageError where it is neither."""
    if size is None:
        return None
    if isinstance(size, Real):
        return size, size
    if not isinstance(size, list | tuple) or len(size) != 2:
        raise UsageError(
            f"--size {shown(size)} is no number of weights", "give (height, width), one number for both, or auto"
        )
    return tuple(plain(side) for side in size)


# The reading of each number, its range, the fault that a message names after its value, and the hint.
_RANGES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], bool], str, str]] = {
    "holdout": (
        partial(finite_number, percent=True),
        lambda x: 0 <= x <= MAX_HOLDOUT,
        "is no share of the rows",
        f"write a number from 0 to {MAX_HOLDOUT}",
    ),
    "learning_rate": (finite_number, lambda x: x > 0, "does not descend", "write a number above 0, or auto"),
    "steps": (
        as_whole,
        lambda x: 1 <= x <= MAX_STEPS,
        "is no number of steps",
        f"write auto or a whole number from 1 to {MAX_STEPS}",
    ),
    "tolerance": (finite_number, lambda x: 0 <= x < 1, "is no share", "write a number from 0 to below 1, such as 1e-7"),
    "seed": (as_whole, lambda x: x >= 0, "is no seed", "write a whole number from 0"),
}


def _times(size: tuple[int, ...]) -> str:
    return "×".join(map(str, size))


def _kernel_of(init: object) -> Kernel:
    """Return the kernel of a filter that has nothing but a kernel; raise UsageError for any other."""
    if isinstance(init, Kernel):
        return init
    from convcli.catalog import given_filter  # learning seldom begins with a filter

    pipeline = given_filter(init)
    name = pipeline.name or "the filter"
    if pipeline.conv is None:
        raise UsageError(
            f"--init: {name} is a pipeline, and one kernel is learned", "start from zeros, random, identity or a kernel"
        )
    if pipeline.conv.stride != (1, 1) or pipeline.conv.dilation != (1, 1) or pipeline.conv.groups != 1:
        raise UsageError(
            f"--init: {name} has a stride, dilation or groups, and the learned kernel has none",
            "start from its weights alone",
        )
    return pipeline.conv.kernel
