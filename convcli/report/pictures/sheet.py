"""Feature maps on one sheet: the output channels of a layer, each with its range."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convcli.array_types import Array
from convcli.engine import laid_on
from convcli.image import WHITE, Color
from convcli.lazy import dataclass
from convcli.report.pictures.canvas import Canvas, shortened, width_of
from convcli.report.pictures.colors import GRAY, INK, LINE
from convcli.report.pictures.scales import short
from convcli.words import counted

_MARGIN, _HEADER = 36, 96
_GAP, _LABEL = 20, 26  # pixels between tiles, and of the label below one
_FONT = 12
_ASPECT = 1.5  # of the sheet, width to height
_NARROWEST = 660
_FLAT = 128  # level of a flat map
# The side of a tile that is aimed at for up to so many maps; small maps are enlarged by whole numbers.
_SIDES = ((16, 160), (64, 128), (256, 96))
_SMALLEST_SIDE, _LARGEST_SIDE = 64, 320
_SINGLE_VALUE = 40


@dataclass(frozen=True)
class _Grid:
    """The layout of tiles: columns, and (height, width) of the cells and of the tiles in them."""

    columns: int
    cell: tuple[int, int]
    tile: tuple[int, int]


def draw_sheet(maps: Array, title: str, opacity: Array | None = None, background: Color = WHITE) -> NDArray[np.uint8]:
    """Draw feature maps as tiles, each stretched from its smallest value (black) to its largest (white).

    Maps (height, width, channels) become a picture (height, width, 3) below a title. Maps of a single value, as from a
    linear layer, are stretched together. NaN is black. What is transparent, by an opacity (height, width, 1) of 0 to 1,
    lies on the background.
    """
    height, width, channels = maps.shape
    planes = np.moveaxis(maps, 2, 0)
    labels = [_label(plane) for plane in planes]
    grid = _grid(channels, (height, width), labels)
    rows = -(-channels // grid.columns)
    canvas = Canvas(
        max(_NARROWEST, 2 * _MARGIN + grid.columns * (grid.cell[1] + _GAP) - _GAP),
        _HEADER + rows * (grid.cell[0] + _GAP) + _MARGIN - _GAP,
    )
    for top, size, color, text in ((24, 22, INK, title), (56, 13, GRAY, _subtitle(height, width, channels))):
        canvas.text((_MARGIN, top), shortened(text, size, canvas.width - 2 * _MARGIN), size, color)
    # Maps of a single value are stretched together.
    levels = _stretched(planes) if height == width == 1 else [_stretched(each) for each in planes]
    for channel, label in enumerate(labels):
        row, column = divmod(channel, grid.columns)
        at = _MARGIN + column * (grid.cell[1] + _GAP), _HEADER + row * (grid.cell[0] + _GAP)
        high, wide = grid.tile
        way = Image.Resampling.NEAREST if high >= height else Image.Resampling.BOX
        canvas.image.paste(_shown(levels[channel], opacity, background).resize((wide, high), way), at)
        canvas.frame((at[0], at[1], at[0] + wide, at[1] + high), LINE)
        below = at[1] + high + 6
        canvas.text((at[0], below), str(channel), _FONT, INK)
        canvas.text((at[0] + width_of(f"{channel}  ", _FONT) + 2, below), label, _FONT, GRAY)
    return canvas.pixels()


def _shown(levels: NDArray[np.uint8], opacity: Array | None, background: Color) -> Image.Image:
    if opacity is None:
        return Image.fromarray(levels).convert("RGB")
    alpha = np.rint(255 * opacity).astype(np.uint8)
    gray = levels[:, :, np.newaxis]
    return Image.fromarray(laid_on(np.concatenate([gray, gray, gray, alpha], axis=2), background, 255))


def _subtitle(height: int, width: int, channels: int) -> str:
    if height == width == 1:
        return f"{channels} single values, black at the smallest of them, white at the largest"
    maps = counted(channels, "feature map")
    return f"{maps}, {height} high and {width} wide: black at the smallest value of each, white at its largest"


def _stretched(plane: Array) -> NDArray[np.uint8]:
    low, high = _range(plane)
    if high <= low:
        return np.full(plane.shape, _FLAT, np.uint8)
    # Halved, since the difference of the two largest floats overflows.
    share = (plane.astype(np.float64) / 2 - low / 2) / (high / 2 - low / 2)
    levels: NDArray[np.uint8] = np.rint(255 * np.nan_to_num(np.clip(share, 0, 1), nan=0.0)).astype(np.uint8)
    return levels


def _label(plane: Array) -> str:
    low, high = _range(plane)
    if not np.isfinite(plane).any():
        return "no finite value"
    return f"{short(low)} to {short(high)}" if high > low else f"{short(low)}{' throughout' if plane.size > 1 else ''}"


def _range(plane: Array) -> tuple[float, float]:
    finite = plane[np.isfinite(plane)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _grid(channels: int, size: tuple[int, int], labels: list[str]) -> _Grid:
    longest = max(size)
    wanted = next((side for most, side in _SIDES if channels <= most), _SMALLEST_SIDE)
    if longest == 1:
        tile = (_SINGLE_VALUE, _SINGLE_VALUE)
    elif longest <= wanted:
        tile = size[0] * (wanted // longest), size[1] * (wanted // longest)
    else:
        reduced = min(1.0, min(2 * wanted, _LARGEST_SIDE) / longest)
        tile = max(1, round(size[0] * reduced)), max(1, round(size[1] * reduced))
    widest = max(width_of(f"{channel}  {label}", _FONT) for channel, label in enumerate(labels))
    cell = tile[0] + _LABEL, max(tile[1], math.ceil(widest) + 4)
    # The sheet has pleasing proportions, and few cells are left empty.
    columns = np.arange(1, min(channels, 200) + 1)
    rows = -(-channels // columns)
    aspects = columns * (cell[1] + _GAP) / (rows * (cell[0] + _GAP))
    badness = np.abs(np.log(aspects / _ASPECT)) + 3 * (columns * rows - channels) / channels
    return _Grid(int(columns[badness.argmin()]), cell, tile)
