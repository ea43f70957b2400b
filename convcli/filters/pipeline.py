"""Pipeline: layers, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self, Unpack

from convcli.errors import UsageError
from convcli.filters.border import Border
from convcli.filters.conv import Conv, ConvSettings
from convcli.filters.layer import Layer, ReceptiveField, Shape, shape_after
from convcli.filters.settings.kernel import BORDER, judged


@dataclass(frozen=True)
class LayerRow:
    """A layer's row in the table of a pipeline.

    Parameters
    ----------
    name
        Of the layer.
    output_shape
        (channels, height, width).
    parameters
        Number of learned numbers.
    receptive_field
        The part of the pipeline's input that one output value depends on, borders ignored.
    """

    name: str
    output_shape: Shape
    parameters: int
    receptive_field: ReceptiveField


@dataclass(frozen=True, eq=False)
class Pipeline:
    """Layers, applied from first to last.

    Parameters
    ----------
    layers
        At least one.
    name
        The user's name for it, for files and titles.
    description
        One line.
    tags, aliases
        Words to find it by, and its other names.
    source
        The origin of its definition, in one line.
    """

    layers: tuple[Layer, ...]
    name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if not self.layers:
            raise UsageError("a pipeline without layers", "give at least one")

    @property
    def conv(self) -> Conv | None:
        """The only layer, where it is a Conv; else None."""
        only = self.layers[0]
        return only if len(self.layers) == 1 and isinstance(only, Conv) else None

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape after the last layer; raise ShapeError naming the layer that does not fit."""
        return shape_after(self.layers, shape)

    def table(self, shape: Shape) -> list[LayerRow]:
        """Return a row per layer for input of `shape`; raise ShapeError as `output_shape`."""
        self.output_shape(shape)
        rows: list[LayerRow] = []
        field = ReceptiveField()
        for layer in self.layers:
            parameters = layer.parameters(shape)
            shape = layer.output_shape(shape)
            field = field.then(layer.receptive_field)
            rows.append(LayerRow(layer.name, shape, parameters, field))
        return rows

    def with_settings(self, **settings: Unpack[ConvSettings]) -> Self:
        """Return the pipeline with settings for all of it.

        A pipeline of one Conv takes them all. Any other takes `border`, for every Conv that names none.

        Raises
        ------
        UsageError
            A setting other than `border` for a pipeline that is not one Conv.
        """
        if self.conv is not None:
            return replace(self, layers=(self.conv.with_settings(**settings),))
        given = [
            name for name, value in settings.items() if value is not None and value is not False and name != "border"
        ]
        if given:
            raise UsageError(
                f"{given[0]} needs a filter of one kernel, and {self.name or 'this filter'} is a pipeline",
                f"write {given[0]} in the conv layer that it is meant for",
            )
        border = settings.get("border")
        if border is None:
            return self
        named: Border = judged(BORDER, border)
        return replace(self, layers=tuple(layer.with_border(named) for layer in self.layers))
