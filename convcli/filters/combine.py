"""Layers that make one result of several: of branches that see the same input, or of the channels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from convcli.errors import ShapeError
from convcli.filters.border import Border
from convcli.filters.layer import Layer, ReceptiveField, Shape, shape_after, window_of

Branch = tuple[Layer, ...]


@dataclass(frozen=True, eq=False)
class Combine(Layer):
    """Values that stand at one place become one.

    Parameters
    ----------
    branches
        Each applied to the input, channel by channel as its layers say; their outputs, all of
        one shape, are combined. Empty: the channels of the input are combined into one.
    """

    branches: tuple[Branch, ...] = ()

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of every branch, or one channel of the input's size."""
        if not self.branches:
            return 1, shape[1], shape[2]
        shapes = [shape_after(branch, shape) for branch in self.branches]
        if len(set(shapes)) > 1:
            listed = ", ".join("×".join(map(str, each)) for each in shapes)
            raise ShapeError(f"{self.name} of branches that differ in shape: {listed}", "give them the same padding")
        return shapes[0]

    def parameters(self, shape: Shape) -> int:
        """Return the parameters of all branches."""
        total = 0
        for branch in self.branches:
            inner = shape
            for layer in branch:
                total += layer.parameters(inner)
                inner = layer.output_shape(inner)
        return total

    @property
    def window(self) -> ReceptiveField:
        """What the branch sees that sees most."""
        windows = [window_of(branch) for branch in self.branches] or [ReceptiveField()]
        extents = [window.extent for window in windows if window.extent is not None]
        if len(extents) < len(windows):
            return ReceptiveField(None)
        return ReceptiveField(
            (max(height for height, _ in extents), max(width for _, width in extents)), windows[0].stride
        )

    def with_border(self, border: Border) -> Combine:
        """Return the layer with `border` in every branch, where a layer names none."""
        return replace(
            self, branches=tuple(tuple(each.with_border(border) for each in branch) for branch in self.branches)
        )


class Magnitude(Combine):
    """The square root of the sum of squares: the length of a gradient."""

    name: ClassVar[str] = "magnitude"


class Maximum(Combine):
    """The largest value."""

    name: ClassVar[str] = "maximum"
