"""Layers that combine several values into one: those of branches with the same input, or of the channels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

from convcli.errors import ShapeError, UsageError
from convcli.filters.border import Border
from convcli.filters.layer import Layer, ReceptiveField, Shape, once, receptive_field_of, shape_after, tree_size
from convcli.filters.settings.layers import UNSHARP
from convcli.filters.settings.parameter import Parameter, shown
from convcli.lazy import dataclass
from convcli.words import short_repr

_MOST_SHOWN = 100  # layers of branches in a repr


@dataclass(frozen=True, eq=False)
class Combine(Layer):
    """Combine the values at each position into one.

    Every branch is applied to the input, and their outputs, all of one shape, are combined; without branches, the
    channels of the input are combined into one.
    """

    branches: tuple[tuple[Layer, ...], ...] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__repr__ = _repr  # type: ignore[method-assign, assignment]  # as in the base

    def __post_init__(self) -> None:
        super().__post_init__()
        branches = self.branches if isinstance(self.branches, list | tuple) else (None,)
        if not all(isinstance(branch, list | tuple) and branch for branch in branches):
            raise UsageError(f"{self.name}: {shown(self.branches)} is no list of branches", "give lists of layers")
        layers = [layer for branch in branches for layer in branch or ()]
        if wrong := [layer for layer in layers if not isinstance(layer, Layer)]:
            raise UsageError(f"{self.name}: {shown(wrong[0])} is no layer", "give lists of layers")
        object.__setattr__(self, "branches", tuple(map(tuple, self.branches)))

    @once
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
        """Return the parameters of all branches, each layer once."""
        found: dict[int, int] = {}
        for branch in self.branches:
            _count(branch, shape, found)
        return sum(found.values())

    @cached_property
    def receptive_field(self) -> ReceptiveField:
        """The largest of any branch."""
        fields = [receptive_field_of(branch) for branch in self.branches] or [ReceptiveField()]
        extents = [field.extent for field in fields if field.extent is not None]
        if len(extents) < len(fields):
            return ReceptiveField(None)
        heights, widths = zip(*extents, strict=True)
        return ReceptiveField((max(heights), max(widths)), fields[0].stride)

    def joined_largest(self, largest: Sequence[float]) -> float:
        """Return the largest magnitude of the values, of those of the branches."""
        return max(largest)

    def with_border(self, border: Border) -> Combine:
        """Return the layer with `border` in every branch, where a layer names none."""
        if not self.branches:  # of the channels of its input
            return self
        (made,) = rebuilt((self,), lambda layer: layer.with_border(border), {})
        return made  # type: ignore[return-value]  # of the same class


def rebuilt(
    layers: Iterable[Layer], change: Callable[[Layer], Layer], done: dict[int, tuple[Layer, Layer]]
) -> tuple[Layer, ...]:
    """Return layers with a change to all without branches; one in several branches stays one.

    `done` has each of them with what it became, by its identity.
    """
    made = []
    for layer in layers:
        if id(layer) not in done:
            if isinstance(layer, Combine) and layer.branches:
                branches = tuple(rebuilt(branch, change, done) for branch in layer.branches)
                pairs = zip(layer.branches, branches, strict=True)
                is_same = all(one is other for pair in pairs for one, other in zip(*pair, strict=True))
                done[id(layer)] = layer, layer if is_same else replace(layer, branches=branches)
            else:
                done[id(layer)] = layer, change(layer)
        made.append(done[id(layer)][1])
    return tuple(made)


def _count(layers: Iterable[Layer], shape: Shape, found: dict[int, int]) -> None:
    """Note the parameters of each layer by its identity, those of a layer with branches as none of its own."""
    for layer in layers:
        if id(layer) not in found:
            found[id(layer)] = 0 if isinstance(layer, Combine) else layer.parameters(shape)
            for branch in layer.branches if isinstance(layer, Combine) else ():
                _count(branch, shape, found)
        shape = layer.output_shape(shape)


def _repr(layer: Combine) -> str:
    if tree_size((layer,)) <= _MOST_SHOWN:
        return short_repr(layer)
    return f"{type(layer).__name__}(<{len(layer.branches)} branches of many layers>)"


class Magnitude(Combine):
    """The square root of the sum of squares: the length of a gradient."""

    name: ClassVar[str] = "magnitude"

    def joined_largest(self, largest: Sequence[float]) -> float:
        """Return the length of the vector."""
        return math.hypot(*largest)


class Maximum(Combine):
    """The largest value."""

    name: ClassVar[str] = "maximum"


@dataclass(frozen=True, eq=False)
class Unsharp(Combine):
    """The picture, plus `amount` times its difference from a blur where that is larger than a threshold.

    The branches are the picture and the blur; without a threshold, all of it is one kernel.

    Parameters
    ----------
    sigma
        Of the blur, for its name in files.
    amount
        Share of the difference.
    threshold
        As a fraction of full scale.
    """

    name: ClassVar[str] = "unsharp"
    declared: ClassVar[tuple[Parameter, ...]] = UNSHARP

    sigma: float = 1.0
    amount: float = 1.0
    threshold: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.branches) != 2:
            raise UsageError("unsharp takes two branches", "give the picture, and its blur")

    @property
    def words(self) -> str:
        """The settings."""
        return f"sigma {self.sigma:g}, amount {self.amount:g}, threshold {self.threshold:g}"
