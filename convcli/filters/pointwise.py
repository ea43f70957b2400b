"""Layers of single values: activations, and changes of tone.

Levels are shares of full scale: 0.5 is mid-gray at 8 and at 16 bits; for arrays full scale is 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

from convcli.errors import ShapeError, UsageError
from convcli.filters.layer import Layer, Shape
from convcli.filters.settings.layers import CURVE, HIGH, LEVEL, LOW, SLOPE, TRAINED
from convcli.filters.settings.parameter import Parameter
from convcli.lazy import dataclass

COLORS = "rgb"


@dataclass(frozen=True)
class ReLU(Layer):
    """max(x, 0)."""

    name: ClassVar[str] = "relu"


@dataclass(frozen=True)
class LeakyReLU(Layer):
    """x where x is positive, slope · x elsewhere."""

    name: ClassVar[str] = "leaky-relu"

    declared: ClassVar[tuple[Parameter, ...]] = (SLOPE,)

    slope: float = 0.01

    @property
    def words(self) -> str:
        """The slope."""
        return f"slope {self.slope:g}"


@dataclass(frozen=True)
class Abs(Layer):
    """The absolute value."""

    name: ClassVar[str] = "abs"


@dataclass(frozen=True)
class Clip(Layer):
    """min(max(x, low), high), both shares of full scale.

    Parameters
    ----------
    low, high
        Shares of full scale.
    trained
        Whether a network was trained with them, so that they may lie beyond all values of a picture, as the 6 of a
        relu6; `check_shares` asks for it.
    """

    name: ClassVar[str] = "clip"

    declared: ClassVar[tuple[Parameter, ...]] = (LOW, HIGH, TRAINED)

    low: float = 0.0
    high: float = 1.0
    trained: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.low > self.high:
            raise UsageError(f"clip from {self.low:g} to {self.high:g} leaves nothing", "give low before high")

    @property
    def words(self) -> str:
        """Both levels."""
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Invert(Layer):
    """Full scale − x: the negative."""

    name: ClassVar[str] = "invert"


@dataclass(frozen=True)
class Normalize(Layer):
    """Stretch the picture's smallest value to 0 and its largest to full scale; a flat picture to 0."""

    name: ClassVar[str] = "normalize"


@dataclass(frozen=True)
class Round(Layer):
    """The nearest level that a picture of the input's depth holds, as if the values were saved there; floats stay."""

    name: ClassVar[str] = "round"


@dataclass(frozen=True)
class Threshold(Layer):
    """Full scale where x ≥ `level` (a share of full scale), 0 elsewhere."""

    name: ClassVar[str] = "threshold"

    declared: ClassVar[tuple[Parameter, ...]] = (LEVEL,)

    level: float = 0.5

    @property
    def words(self) -> str:
        """The level."""
        return f"{self.level:g}"


@dataclass(frozen=True)
class Curve(Layer):
    """A tone curve: straight lines through points (x, y), in fractions of full scale.

    A value before the first point or behind the last becomes that of the point, as in editors of pictures.

    Parameters
    ----------
    points
        At least two, x increasing.
    channels
        ``all``, or letters of those that it changes: ``r``, ``gb``.
    """

    name: ClassVar[str] = "curve"
    declared: ClassVar[tuple[Parameter, ...]] = CURVE

    points: Sequence[tuple[float, float]]
    channels: str = "all"

    def __post_init__(self) -> None:
        super().__post_init__()
        for (x, _), (following, _) in pairwise(self.points):
            if following <= x:
                raise UsageError(f"a curve goes on from x = {x:g} to {following:g}", "give points by increasing x")

    def changed(self, channels: int) -> list[int]:
        """Return the numbers of the channels that it changes, among so many."""
        return list(range(channels)) if self.channels == "all" else list(map(COLORS.index, self.channels))

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape; raise ShapeError where a channel of the curve is missing."""
        if self.channels != "all" and shape[0] != len(COLORS):
            raise ShapeError(
                f"a curve of the channels {self.channels} takes {len(COLORS)} channels, the input has {shape[0]}",
                "give a color picture, or a curve of all channels",
            )
        return shape

    @property
    def words(self) -> str:
        """The points, and the channels where they are not all."""
        points = " ".join(f"{x:g}:{y:g}" for x, y in self.points)
        return points if self.channels == "all" else f"{points}, channels {self.channels}"
