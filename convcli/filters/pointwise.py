"""Layers of single values: activations, and changes of tone.

Levels are shares of full scale: 0.5 is mid-gray at 8 and at 16 bits; for arrays full scale is 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from convcli.errors import UsageError
from convcli.filters.layer import Layer


@dataclass(frozen=True)
class ReLU(Layer):
    """max(x, 0)."""

    name: ClassVar[str] = "relu"


@dataclass(frozen=True)
class LeakyReLU(Layer):
    """x where x is positive, slope · x elsewhere."""

    name: ClassVar[str] = "leaky-relu"

    slope: float = 0.01


@dataclass(frozen=True)
class Abs(Layer):
    """The absolute value."""

    name: ClassVar[str] = "abs"


@dataclass(frozen=True)
class Clip(Layer):
    """min(max(x, low), high), both shares of full scale."""

    name: ClassVar[str] = "clip"

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise UsageError(f"clip from {self.low:g} to {self.high:g} leaves nothing", "give low before high")


@dataclass(frozen=True)
class Invert(Layer):
    """Full scale − x: the negative."""

    name: ClassVar[str] = "invert"


@dataclass(frozen=True)
class Normalize(Layer):
    """Stretch the picture's smallest value to 0 and its largest to full scale; a flat picture to 0."""

    name: ClassVar[str] = "normalize"


@dataclass(frozen=True)
class Threshold(Layer):
    """Full scale where x ≥ `level` (a share of full scale), 0 elsewhere."""

    name: ClassVar[str] = "threshold"

    level: float = 0.5
