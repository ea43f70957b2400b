"""Pipeline: layers, one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Self, Unpack

from convcli.errors import UsageError
from convcli.filters.border import Border
from convcli.filters.combine import rebuilt
from convcli.filters.conv import Conv, ConvSettings
from convcli.filters.layer import Layer, LayerRow, Shape, checked_shape, layer_rows, shape_after
from convcli.filters.saved import Saved
from convcli.filters.settings.kernel import BORDER, check_names, judged
from convcli.filters.settings.parameter import shown
from convcli.lazy import dataclass

_MOST_SHOWN, _LONGEST_SHOWN = 12, 110  # layers in a repr, and characters of one


@dataclass(frozen=True, eq=False)
class Pipeline(Saved):
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
    declared
        (channels, height, width) of the input, as far as its definition names them; None for any.
    """

    layers: tuple[Layer, ...]
    name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    source: str = ""
    declared: tuple[int | None, int | None, int | None] | None = None

    def __post_init__(self) -> None:
        layers = self.layers if isinstance(self.layers, list | tuple) else ()
        if not layers:
            raise UsageError("a pipeline without layers", "give a list of at least one")
        if wrong := [each for each in layers if not isinstance(each, Layer)]:
            raise UsageError(f"{shown(wrong[0])} is no layer", "give layers of convcli.filters, or use load_filter")
        object.__setattr__(self, "layers", tuple(layers))
        for name in ("name", "description", "source"):
            if not isinstance(getattr(self, name), str):
                raise UsageError(f"{name} {shown(getattr(self, name))} is no text", "give a text")
        for name in ("tags", "aliases"):
            words = getattr(self, name)
            if not isinstance(words, list | tuple) or not all(isinstance(each, str) for each in words):
                raise UsageError(f"{name} {shown(words)} are no texts", "give a list of texts")
            object.__setattr__(self, name, tuple(words))

    def __repr__(self) -> str:
        names = [f"name={self.name!r}"] if self.name else []
        texts = map(repr, self.layers)
        layers = [text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…" for text in texts]
        half = _MOST_SHOWN // 2
        if len(layers) > _MOST_SHOWN:
            layers[half : 1 - half] = [f"… {len(layers) - 2 * half + 1} more layers …"]
        if len(layers) == 1 and len(text := f"Pipeline({', '.join([*layers, *names])})") <= _LONGEST_SHOWN:
            return text
        return "\n".join(["Pipeline(", *(f"  {each}," for each in (*layers, *names)), ")"])

    @property
    def conv(self) -> Conv | None:
        """The only layer, where it is a Conv; else None."""
        only = self.layers[0]
        return only if len(self.layers) == 1 and isinstance(only, Conv) else None

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape after the last layer; raise ShapeError naming the layer that does not fit."""
        return shape_after(self.layers, checked_shape(shape))

    def table(self, shape: Shape) -> list[LayerRow]:
        """Return a row per layer for input of `shape`; raise ShapeError as `output_shape`."""
        self.output_shape(shape)
        return layer_rows(self.layers, shape)

    def with_settings(self, **settings: Unpack[ConvSettings]) -> Self:
        """Return the pipeline with settings for all of it.

        A pipeline of one Conv takes them all. Any other takes `border`, for every Conv that names none.

        Raises
        ------
        UsageError
            A setting other than `border` for a pipeline that is not one Conv.
        """
        check_names(settings, ConvSettings.__annotations__)
        if all(value is None for value in settings.values()):
            return self
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
        return replace(self, layers=rebuilt(self.layers, lambda layer: layer.with_border(named), {}))
