"""The feature maps of a pipeline, layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from convcli.array_types import Array
from convcli.report.filters.layers import Layers
from convcli.report.pages.effect import Maps, Subject, map_levels
from convcli.report.pages.page import brief, figure, paragraph, section
from convcli.report.pictures.scales import short
from convcli.report.pictures.shown import Pixels, finite_range, within
from convcli.words import counted, times

_SIDES = ((24, 200), (80, 128), (10**6, 96))  # of the maps: up to so many in all, and the longest side of one
_MOST_MAPS, _MOST_LAYERS = 8, 24


def maps_section(maps: Maps | None, layers: Layers, subject: Subject, source: Callable[[Pixels], str]) -> str:
    """Return the first maps after each layer, each from black at its smallest value to white at its largest."""
    if maps is None:
        return section("Feature maps", paragraph(f"The layers do not fit {subject.name}; give a picture that does."))
    values = maps.values[:_MOST_LAYERS]
    count = sum(min(each.shape[2], _MOST_MAPS) for each in values)
    side = next(side for most, side in _SIDES if count <= most)
    parts = [paragraph(_introduction(maps, subject), "quiet")]
    for number, (each, (layer, settings)) in enumerate(zip(values, layers.settings, strict=False), 1):
        title = brief(f"{number} · {layer.name} {settings}".strip())
        parts.append(f"<h3>{escape(title)}</h3>")
        height, width, channels = each.shape
        if height == width == 1:
            parts.append(_single_values(each))
            continue
        shown = "".join(
            _map(each[:, :, channel], channel, number, side, source) for channel in range(min(channels, _MOST_MAPS))
        )
        parts.append(f'<div class="maps">{shown}</div>')
        if channels > _MOST_MAPS:
            parts.append(paragraph(f"And {channels - _MOST_MAPS} more.", "quiet"))
    if len(maps.values) > _MOST_LAYERS:
        parts.append(paragraph(f"And {counted(len(maps.values) - _MOST_LAYERS, 'more layer')}.", "quiet"))
    return section("Feature maps", *parts)


def _introduction(maps: Maps, subject: Subject) -> str:
    reduced = f", reduced to {times(maps.size[::-1])} before" if maps.is_reduced else ""
    return (
        f"The values after each layer, on {subject.name}{reduced}: black is the smallest value of each map, white its"
        " largest."
    )


def _map(plane: Array, channel: int, layer: int, side: int, source: Callable[[Pixels], str]) -> str:
    low, high = finite_range(plane)
    span = f"{short(low)} to {short(high)}" if low < high else f"{short(low)} throughout"
    small = max(plane.shape) <= side // 2
    alternative = f"layer {layer}, channel {channel}"
    return figure(source(within(map_levels(plane), (side, side))), alternative, f"{channel}: {span}", enlarged=small)


def _single_values(values: Array) -> str:
    flat = values.ravel().tolist()
    shown = ", ".join(short(each) for each in flat[:20])
    more = f", and {len(flat) - 20} more" if len(flat) > 20 else ""
    return paragraph(f"{counted(len(flat), 'single value')}: {shown}{more}.")
