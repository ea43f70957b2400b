"""Extent: the window of a kernel that is learned, and the values that it is learned from."""

from __future__ import annotations

from typing import Protocol

from convcli.array_types import Floats
from convcli.filters import Size2


class Extent(Protocol):
    """The window and the values of moments, or of planes."""

    @property
    def inputs(self) -> int:
        """Input channels of an output: 1 except for the full model."""

    @property
    def outputs(self) -> int:
        """Output channels that have weights of their own."""

    @property
    def size(self) -> Size2:
        """Height and width of the kernel."""

    @property
    def taps(self) -> int:
        """Weights of an output."""

    @property
    def counts(self) -> Floats:
        """Target values of each output."""

    @property
    def values(self) -> int:
        """Target values of all outputs."""

    @property
    def level(self) -> float:
        """The step of the target's values, in fractions of full scale, 0 where they are not rounded."""

    @property
    def clipped(self) -> int:
        """Target values left out because they are clipped."""
