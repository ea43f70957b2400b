"""Joins: add, subtract, multiply and concat values of several branches, as residual and U-shaped networks do.

A filter's text names the values behind a layer (``as: NAME``) and joins them further on (``add: NAME``). `resolved`
makes branches of it, which all begin where the first of the names stands; the first branch is what lies between.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import ClassVar

from convcli.errors import ShapeError, UsageError
from convcli.filters.combine import Combine
from convcli.filters.layer import Layer, ReceptiveField, Shape, layer_rows, once, shape_after
from convcli.filters.networks.norms import Dropout
from convcli.filters.settings.parameter import shown
from convcli.lazy import dataclass
from convcli.words import listed

INPUT, CURRENT = "input", "current"  # names of what comes into the filter, and to the join


@dataclass(frozen=True, eq=False)
class Label(Layer):
    """A name for the values at its place; `resolved` takes it out."""

    name: ClassVar[str] = "as"

    label: str


@dataclass(frozen=True, eq=False)
class Reference(Layer):
    """A join of values by their names; `resolved` makes a `Join` of it."""

    name: ClassVar[str] = "reference"

    join: type[Join]
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Join(Combine):
    """Values of several branches, one by one; a branch without layers is the input itself.

    Parameters
    ----------
    labels
        The names of the branches, for tables and files.
    """

    neutral: ClassVar[float | None] = None  # that a value hidden in another branch than the first counts as

    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = self.branches if isinstance(self.branches, list | tuple) else ()
        branches = tuple(tuple(each) if isinstance(each, list | tuple) else (each,) for each in given)
        if len(branches) < 2 or not all(isinstance(layer, Layer) for branch in branches for layer in branch):
            raise UsageError(f"{self.name} takes two branches or more", "give lists of layers")
        object.__setattr__(self, "branches", branches)

    @property
    def is_skip(self) -> bool:
        """True where all branches but one are the input itself, so that names can stand for them."""
        return sum(1 for branch in self.branches if branch) == 1

    @once
    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the values; those of one channel, or of one pixel of all, are repeated as needed."""
        return self.joined_shape([shape_after(branch, shape) for branch in self.branches])

    def joined_shape(self, shapes: Sequence[Shape]) -> Shape:
        """Return the shape of joined values; raise ShapeError where they do not fit."""
        channels, height, width = (max(each) for each in zip(*shapes, strict=True))
        for branch, each in zip(self.branches, shapes, strict=True):
            is_one = each[1:] == (1, 1) and any(layer.needs_all_rows for layer in branch)
            if each[0] not in (1, channels) or not (each[1:] == (height, width) or is_one):
                raise self.refusal(shapes)
        return channels, height, width

    def refusal(self, shapes: Sequence[Shape]) -> ShapeError:
        """Return the error for shapes that do not fit."""
        texts = ", ".join("×".join(map(str, each)) for each in shapes)
        return ShapeError(
            f"{self.name} of values that differ in shape: {texts}", "give the layers between them the same padding"
        )

    @property
    def inner(self) -> tuple[Layer, ...]:
        """The layers of the first branch that has some, which have rows of their own in a table."""
        return next(filter(None, self.branches), ())

    @once
    def field_for(self, shape: Shape) -> ReceptiveField:
        """Return the largest field of any branch."""
        fields = [
            rows[-1].receptive_field if (rows := layer_rows(each, shape)) else ReceptiveField()
            for each in self.branches
        ]
        extents = [field.extent for field in fields if field.extent is not None]
        if len(extents) < len(fields):
            return ReceptiveField(None)
        heights, widths = zip(*extents, strict=True)
        return ReceptiveField((max(heights), max(widths)), fields[0].stride, fields[0].swaps_axes)

    def joined_largest(self, largest: Sequence[float]) -> float:
        """Return the largest magnitude of joined values, of those of the branches."""
        return sum(largest)

    @property
    def words(self) -> str:
        """The names."""
        return f"with {listed(self.labels)}" if self.labels else f"of {len(self.branches)} branches"


class Add(Join):
    """The sum."""

    name: ClassVar[str] = "add"
    neutral: ClassVar[float | None] = 0.0


class Subtract(Join):
    """The first less the others."""

    name: ClassVar[str] = "subtract"
    neutral: ClassVar[float | None] = 0.0


class Multiply(Join):
    """The product of shares of full scale."""

    name: ClassVar[str] = "multiply"
    neutral: ClassVar[float | None] = 1.0

    def joined_largest(self, largest: Sequence[float]) -> float:
        """Return the product."""
        return math.prod(largest)


class Concat(Join):
    """The channels of one after those of the other."""

    name: ClassVar[str] = "concat"

    def joined_shape(self, shapes: Sequence[Shape]) -> Shape:
        """Return the sum of the channels; raise ShapeError where the sides differ."""
        if len({each[1:] for each in shapes}) > 1:
            raise self.refusal(shapes)
        return sum(each[0] for each in shapes), *shapes[0][1:]

    def joined_largest(self, largest: Sequence[float]) -> float:
        """Return the largest."""
        return max(largest)


JOINS: dict[str, type[Join]] = {each.name: each for each in (Add, Subtract, Multiply, Concat)}


def resolved(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    """Return the layers without names: joins have branches in their place.

    A name is known from its place on, and may be used again. Where two names cross, layers between them stand in both
    branches, as the same objects.

    Raises
    ------
    UsageError
        A name that a join uses is not known.
    """
    layers = tuple(layers)
    if not any(isinstance(layer, Label | Reference) for layer in layers):
        return layers
    made: list[Layer] = []
    # By name, how many of the layers made lead to the values, and which others follow on them.
    known: dict[str, tuple[int, tuple[Layer, ...]]] = {INPUT: (0, ())}
    for layer in layers:
        if isinstance(layer, Label):
            known[layer.label] = len(made), ()
        elif isinstance(layer, Reference):
            _join(layer, made, known)
        else:
            made.append(layer)
    return tuple(made) or (Dropout(0.0),)


def _join(reference: Reference, made: list[Layer], known: dict[str, tuple[int, tuple[Layer, ...]]]) -> None:
    """Put a join in place of the layers since the first of its names."""
    labels = reference.labels if CURRENT in reference.labels else (CURRENT, *reference.labels)
    for label in labels:
        if label not in known and label != CURRENT:
            names = listed([shown(each) for each in known], "and")
            raise UsageError(
                f"{reference.join.name}: no layer before it is named {shown(label)}",
                f"write as: {label} on the layer that is meant; known here: {names}",
            )
    places = {**known, CURRENT: (len(made), ())}
    start = min(places[label][0] for label in labels)
    since = made[start:]

    def way(label: str) -> tuple[Layer, ...]:
        end, more = places[label]
        return *since[: end - start], *more

    branches = tuple(way(label) for label in labels)
    if not any(branches):
        branches = ((Dropout(0.0),), *branches[1:])
    for label, (end, _) in list(known.items()):
        if end > start:
            known[label] = start, way(label)
    made[start:] = [reference.join(branches, tuple(each for each in labels if each != CURRENT))]
