"""The values that flow through a graph: pictures on their way through layers, constants, and sizes of pictures.

A graph may branch and join in any way. Every value of a picture knows the nearest one through which all ways to it
lead, its dominator, and the layers from there on: a join has branches from the dominator that its parts share. Each
node becomes one layer object, so that what several branches have in common is computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from convcli.array_types import Floats
from convcli.errors import ShapeError
from convcli.exchange.onnx.limits import MOST_CHANNELS, MOST_NESTED
from convcli.exchange.onnx.refusal import Refusal
from convcli.filters import Combine, Conv, ConvTranspose, Dropout, Layer, Linear

PICTURE, FEATURES, PLAIN = "NCHW", "NC", "CHW"  # axes of a tensor: of pictures, of rows of numbers, of one picture
SHAPE = "CHW"  # the order of a shape here
_LEAST_FACTOR = Fraction(1, 10**6)  # of the length of a side
_PROBES = (5040, 2520)  # sides in place of those that are not known: many numbers divide them

PartialShape = tuple[int | None, int | None, int | None]  # channels, height, width; None where not known


@dataclass(eq=False)
class Signal:
    """A picture behind some layers."""

    shape: PartialShape
    axes: str = PICTURE
    dominator: Signal | None = None
    steps: tuple[Layer, ...] = ()  # from the dominator to it
    depth: int = 0  # the number of dominators above it
    nested: int = 0  # joins within each other in the steps
    scaled_from: tuple[Signal, Floats, Floats] | None = None  # the signal that it is, times a weight plus a bias
    squares: tuple[Signal, ...] = ()  # of which it is the sum of squares, if it is one

    def then(self, *layers: Layer, axes: str = "") -> Signal:
        """Return the signal behind further layers; raise ShapeError where they do not fit."""
        if not layers and axes in ("", self.axes):
            return self
        shape = shape_behind(layers, self.shape)
        return Signal(shape, axes or self.axes, self, layers, self.depth + 1)

    def axis(self, number: int) -> str:
        """Return the letter of an axis of the tensor; raise Refusal where it has none of that number."""
        if not -len(self.axes) <= number < len(self.axes):
            raise Refusal(f"axis {number} of a tensor of {len(self.axes)} axes", "the file is damaged")
        return self.axes[number]

    def length(self, letter: str) -> int | None:
        """Return the length along an axis, if it is known."""
        if letter in "N1":
            return None if letter == "N" else 1
        return self.shape[SHAPE.index(letter)]

    def channels(self) -> int:
        """Return the number of channels; raise Refusal where it is not known."""
        if self.shape[0] is None:
            raise Refusal("the number of channels is not known", "export the network with a fixed number of channels")
        if self.shape[0] > MOST_CHANNELS:
            raise Refusal(f"more than {MOST_CHANNELS} channels", "use a smaller network")
        return self.shape[0]

    def size(self, why: str) -> tuple[int, int, int]:
        """Return the whole shape; raise Refusal where it is not known, with the reason for which it is needed."""
        channels, height, width = self.shape
        if channels is None or height is None or width is None:
            raise Refusal(f"{why} depends on the size of the picture", "export the network with a fixed input size")
        return channels, height, width


@dataclass(frozen=True)
class Side:
    """The length of a signal along an axis, times a factor: what ``Shape`` returns before the size is known.

    Parameters
    ----------
    is_rounded
        Whether it was rounded down on the way, so that the factor is not all that was done.
    number
        It as the steps of the graph compute it, where the length is known.
    why
        The reason for which it is not known at all, if so: it may stand beside others, and never be used.
    """

    signal: Signal
    letter: str
    factor: Fraction = Fraction(1)
    is_rounded: bool = False
    number: Any = None
    why: str = ""

    @classmethod
    def of(cls, signal: Signal, letter: str) -> Side:
        """Return the length of a signal along an axis."""
        return cls(signal, letter, number=signal.length(letter))

    @property
    def known(self) -> int | None:
        """The whole number, where the length is known."""
        return None if self.number is None else int(self.number)

    @property
    def is_length(self) -> bool:
        """True where it is the length itself."""
        return self.factor == 1 and not self.is_rounded and not self.why

    def unknown(self, why: str) -> Side:
        """Return what is made of it where no factor and no number says what."""
        return replace(self, why=self.why or why)

    def scaled(self, factor: Fraction, number: Any, *, divides_whole: bool = False) -> Side:
        """Return it times a factor, with its number; raise Refusal where it is too small or too large."""
        made = self.factor * factor
        if not _LEAST_FACTOR <= made <= 1 / _LEAST_FACTOR:
            raise Refusal("a size too small or too large", "the file is damaged")
        # Rounded down and divided again is rounded down once: (n // 2) // 3 = n // 6.
        if self.is_rounded and self.number is None and factor != 1 and not divides_whole:
            return self.unknown("a size rounded before it is multiplied")
        is_rounded = self.is_rounded or (divides_whole and made.denominator != 1)
        return Side(self.signal, self.letter, made, is_rounded, number, self.why)

    def rounded(self, number: Any, *, up: bool = False) -> Side:
        """Return it as a whole number, which is not known where it is rounded up without a number."""
        if self.is_rounded or self.factor.denominator == 1:
            return replace(self, number=number)
        if up and self.number is None:
            return self.unknown("a size rounded up")
        return replace(self, is_rounded=True, number=number)


@dataclass(eq=False)
class Pending:
    """A value that no layer makes, on the way to one that a layer does: a part of what exporters take apart.

    Parameters
    ----------
    base
        The picture that it is made of.
    kind
        ``erf``: factor · erf(base · √½), plus the factor where that is `added`; ``groups``: the channels of the base
        in groups, normalized with the `numbers` of each group where these are given; ``shuffle``: the channels in rows,
        so many as `groups`, or, where they are `added`, in columns; ``blocks``: six axes in an `order`, if they have
        another, of which three are `parts` of the channels, or two are of a `factor` pixels.
    """

    base: Signal
    kind: str
    factor: float = 1.0
    added: bool = False
    groups: int = 1
    numbers: tuple[Floats, Floats] | None = None  # weights and biases
    eps: float = 0.0
    parts: tuple[int, ...] = ()
    order: tuple[int, ...] = ()


Constant = np.ndarray[Any, Any]  # of objects where some of them are a `Side`
Value = Signal | Pending | Constant


def joined(kind: type[Combine], signals: Sequence[Signal]) -> Signal:
    """Return the join of several signals; raise ShapeError where they do not fit."""
    start = signals[0]
    for each in signals[1:]:
        start = _common(start, each)
    branches = [between(start, each) for each in signals]
    if not all(branches) and (kind.name in ("maximum", "magnitude") or not any(branches)):
        branches = [branch or (Dropout(0.0),) for branch in branches]
    join = kind(tuple(branches))
    if None not in start.shape:
        shape: PartialShape = join.output_shape(start.shape)  # type: ignore[arg-type]  # all are known
    else:
        shape = _joined_shape(kind, [each.shape for each in signals])
    axes = max((each.axes for each in signals), key=len)
    nested = 1 + max(_nested(start, each) for each in signals)
    if nested > MOST_NESTED:
        raise Refusal(f"branches in each other, {nested} deep", f"a network has at most {MOST_NESTED} here")
    return Signal(shape, axes, start, (join,), start.depth + 1, nested)


def _joined_shape(kind: type[Combine], shapes: Sequence[PartialShape]) -> PartialShape:
    counts = [shape[0] for shape in shapes]
    known = [count for count in counts if count is not None]
    if kind.name == "concat":
        channels = sum(known) if len(known) == len(counts) else None
    else:
        channels = max(known) if len(known) == len(counts) or max(known, default=1) > 1 else None
    if kind.name != "concat" and len(set(known) - {1}) > 1:
        raise ShapeError(f"{kind.name} of {' and '.join(map(str, known))} channels", "the file is damaged")
    height, width = (_joined_side([shape[axis] for shape in shapes]) for axis in (1, 2))
    return channels, height, width


def _joined_side(lengths: Sequence[int | None]) -> int | None:
    return None if None in lengths else max(each for each in lengths if each is not None)


def _common(one: Signal, other: Signal) -> Signal:
    """Return the nearest signal through which all ways to both lead."""
    while one is not other:
        if one.depth < other.depth:
            one, other = other, one
        if one.dominator is None:
            raise Refusal("values that come from nowhere", "the file is damaged")
        one = one.dominator
    return one


def _nested(start: Signal, end: Signal) -> int:
    """Return how many joins lie within each other in the layers from a dominator to a signal."""
    most = 0
    while end is not start and end.dominator is not None:
        most = max(most, end.nested)
        end = end.dominator
    return most


def between(start: Signal, end: Signal) -> tuple[Layer, ...]:
    """Return the layers from a dominator to a signal."""
    found: list[tuple[Layer, ...]] = []
    while end is not start and end.dominator is not None:
        found.append(end.steps)
        end = end.dominator
    return tuple(layer for steps in reversed(found) for layer in steps)


def shape_behind(layers: Sequence[Layer], shape: PartialShape) -> PartialShape:
    """Return the shape behind layers, as far as it is known; raise ShapeError where they do not fit."""
    for layer in layers:
        shape = _shape_behind(layer, shape)
    return shape


def _shape_behind(layer: Layer, shape: PartialShape) -> PartialShape:
    if None not in shape:
        return layer.output_shape(shape)  # type: ignore[arg-type]  # all are known
    if isinstance(layer, Linear):
        return layer.out_features, 1, 1
    made = []
    for probe in _PROBES:
        filled = (_channels_of(layer) or probe if shape[0] is None else shape[0]), shape[1] or probe, shape[2] or probe
        try:
            made.append(layer.output_shape(filled))
        except ShapeError:
            if shape[0] is not None:
                raise
            return None, None, None
    channels, height, width = (one if one == other else None for one, other in zip(*made, strict=True))
    return channels, height, width


def _channels_of(layer: Layer) -> int | None:
    """Return the number of channels that a layer takes, where it takes no other."""
    if isinstance(layer, Conv) and layer.kernel.weights.ndim == 4:
        return int(layer.kernel.weights.shape[1]) * layer.groups
    return len(layer.weights) if isinstance(layer, ConvTranspose) else None


def weights_in(layer: Layer) -> int:
    """Return the number of weights that a layer holds."""
    if isinstance(layer, Conv):
        return int(layer.kernel.weights.size)
    own = getattr(layer, "weights", None)
    numbers: dict[str, tuple[float, ...]] = getattr(layer, "numbers", {})
    return int(np.size(own)) if own is not None else sum(map(len, numbers.values()))
