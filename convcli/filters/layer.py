"""Layer: one step of a pipeline, as a value.

A layer describes its operation; the engine carries it out.
Shapes are (channels, height, width), as the lessons and PyTorch write them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, ClassVar, TypeVar

from convcli.errors import ShapeError
from convcli.filters.border import Border
from convcli.filters.settings.kernel import judged
from convcli.filters.settings.parameter import Parameter, as_whole, shown
from convcli.lazy import dataclass
from convcli.words import short_repr

Shape = tuple[int, int, int]
Size2 = tuple[int, int]
Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True)
class ReceptiveField:
    """The part of the input that one output value depends on, in input pixels."""

    extent: Size2 | None = (1, 1)  # (height, width); None for all of the input
    stride: tuple[float, float] = (1, 1)  # (down, right) to the field of the next output value
    swaps_axes: bool = False  # whether a step down in the output is one to the right or left in the input

    def then(self, other: ReceptiveField) -> ReceptiveField:
        """Return the field of both layers, `other` being the later: (other − 1) · stride + own on each axis."""
        if self.extent is None or other.extent is None:
            return ReceptiveField(None)
        (height, width), (down, right) = self.extent, self.stride
        (tall, wide), (lower, further) = other.extent, other.stride
        if self.swaps_axes:
            tall, wide, lower, further = wide, tall, further, lower
        return ReceptiveField(
            (math.ceil((tall - 1) * down) + height, math.ceil((wide - 1) * right) + width),
            (down * lower, right * further),
            self.swaps_axes != other.swaps_axes,
        )


class Layer:
    """One step of a pipeline; unless overridden it keeps the shape, learns nothing and sees one pixel."""

    name: ClassVar[str] = ""
    reshapes: ClassVar[bool] = False  # whether its output has positions of its own, as those of networks may
    declared: ClassVar[tuple[Parameter, ...]] = ()  # the declarations of fields, which judge their values

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__repr__ = short_repr  # type: ignore[method-assign]  # a dataclass would show every weight

    def __post_init__(self) -> None:
        for each in self.declared:
            value = getattr(self, each.name)
            if value is not None or getattr(type(self), each.name, 0) is not None:  # None where that is the default
                object.__setattr__(self, each.name, judged(each, value))

    @property
    def needs_all_rows(self) -> bool:
        """True where no row of the output can be computed of some rows of the input."""
        return False

    def output_shape(self, shape: Shape) -> Shape:
        """Return the output shape for input of `shape`; raise ShapeError where it does not fit."""
        return shape

    def parameters(self, shape: Shape) -> int:  # noqa: ARG002 - only layers with weights use it
        """Return the number of learned numbers, for input of `shape`."""
        return 0

    @property
    def inner(self) -> tuple[Layer, ...]:
        """The layers in it that have rows of their own in a table."""
        return ()

    @property
    def receptive_field(self) -> ReceptiveField:
        """The part of the layer's input that one output value depends on."""
        return ReceptiveField()

    def field_for(self, shape: Shape) -> ReceptiveField:  # noqa: ARG002 - only layers that resize use it
        """Return the receptive field for input of `shape`."""
        return self.receptive_field

    def for_untouched(self) -> Layer | None:
        """Return the layer that moves channels which stay unfiltered, such as alpha; None where they stay in place."""
        return None

    def largest_after(self, largest: float) -> float:  # noqa: ARG002 - those that know it override it
        """Return the largest magnitude of the output for input up to `largest`, shares of full scale."""
        return math.inf

    @property
    def draws(self) -> bool:
        """True where the weights are drawn at random, by a `seed`."""
        return False

    def seeded(self, seed: int) -> Layer:  # noqa: ARG002 - only layers that draw use it
        """Return the layer with the weights of a seed, where it draws them."""
        return self

    @property
    def words(self) -> str:
        """The layer's settings in words; empty where it has none."""
        return ""

    def with_border(self, border: Border) -> Layer:  # noqa: ARG002 - only layers with a border use it
        """Return the layer with `border` where it takes one and names none."""
        return self


def branches_of(layer: Layer) -> tuple[tuple[Layer, ...], ...]:
    """Return the branches of a layer; none where it has none."""
    found: tuple[tuple[Layer, ...], ...] = getattr(layer, "branches", ())
    return found


def tree_size(layers: Iterable[Layer], known: dict[int, int] | None = None) -> int:
    """Return the number of layers, each counted as often as it stands in branches: more than can be gone through.

    `known` has it for the layers with branches, by their identity.
    """
    known = {} if known is None else known
    total = 0
    for layer in layers:
        branches = branches_of(layer)
        if branches and id(layer) not in known:
            known[id(layer)] = sum(tree_size(branch, known) for branch in branches)
        total += 1 + known.get(id(layer), 0)
    return total


def once(method: Callable[[Any, Given], Made]) -> Callable[[Any, Given], Made]:
    """Let a method of a layer keep its last result: a layer that stands in many branches is asked in each of them."""
    name = f"_last_{method.__name__}"

    @wraps(method)
    def kept(layer: Any, given: Given) -> Made:
        last = layer.__dict__.get(name)
        if last is None or last[0] != given:
            last = given, method(layer, given)
            object.__setattr__(layer, name, last)
        made: Made = last[1]
        return made

    return kept


def checked_shape(shape: object) -> Shape:
    """Return a shape; raise ShapeError where it is no (channels, height, width)."""
    numbers = [as_whole(each) for each in shape] if isinstance(shape, list | tuple) else []
    lengths = [each for each in numbers if each is not None and each > 0]
    if len(numbers) != 3 or len(lengths) != 3:
        raise ShapeError(f"{shown(shape)} is no shape of a picture", "give (channels, height, width), each from 1")
    return lengths[0], lengths[1], lengths[2]


def shape_after(layers: Iterable[Layer], shape: Shape) -> Shape:
    """Return the shape after all layers.

    Raises ShapeError for a layer that does not fit; of several layers it names that one, with its number.
    """
    layers = tuple(layers)
    for number, layer in enumerate(layers, start=1):
        try:
            shape = layer.output_shape(shape)
        except ShapeError as error:
            if len(layers) == 1:
                raise
            channels, height, width = shape
            where = f"layer {number} ({layer.name}) with input {channels}×{height}×{width}"
            raise ShapeError(f"{where}: {error.message}", error.hint) from error
    return shape


@dataclass(frozen=True)
class LayerRow:
    """A layer's row in the table of a pipeline."""

    name: str
    output_shape: Shape
    parameters: int  # learned numbers
    receptive_field: ReceptiveField  # in the pipeline's input, borders ignored


def with_inner(layers: Iterable[Layer]) -> Iterator[Layer]:
    """Yield each layer, behind those in it that have rows of their own."""
    for layer in layers:
        yield from with_inner(layer.inner)
        yield layer


def layer_rows(layers: Iterable[Layer], shape: Shape, field: ReceptiveField | None = None) -> list[LayerRow]:
    """Return a row per layer of `with_inner`, for input of `shape`, of which a value has the field given."""
    rows: list[LayerRow] = []
    field = field or ReceptiveField()
    for layer in layers:
        inner = layer_rows(layer.inner, shape, field)
        rows += inner
        parameters = max(layer.parameters(shape) - sum(row.parameters for row in inner), 0)
        field = field.then(layer.field_for(shape))
        shape = layer.output_shape(shape)
        rows.append(LayerRow(layer.name, shape, parameters, field))
    return rows


def receptive_field_of(layers: Iterable[Layer]) -> ReceptiveField:
    """Return the receptive field of one layer after the other."""
    field = ReceptiveField()
    for layer in layers:
        field = field.then(layer.receptive_field)
    return field
