"""Two pictures beside their difference, whole and around its largest value."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

import numpy as np
from PIL import Image

from convcli.array_types import Array, Floats
from convcli.jobs import Alike, Comparison
from convcli.lazy import dataclass
from convcli.report.comparing.text import comparison_facts
from convcli.report.pictures import panels
from convcli.report.pictures.canvas import MARGIN, Canvas, shortened
from convcli.report.pictures.colors import LINE, RED, sequential
from convcli.report.pictures.shown import Pixels, bands, finite_range, in_rgb

_SIDE, _TALLEST = 420, 360  # the largest width and height of a picture
_NARROWEST = 230  # of the room of a picture, for its title
_GAP, _ABOVE, _BELOW = 28, 30, 34  # pixels between pictures, above them for a title, and below them
_BAR = 90  # width of the color bar with its numbers
_PART = 24  # pixels on a side of what is enlarged
_HEADER = 118
_FONT = 14


@dataclass(frozen=True, eq=False)
class _Row:
    """Both pictures and their difference, RGB of one size, with the title of each."""

    pictures: tuple[Pixels, ...]
    titles: tuple[str, ...]
    mark: tuple[int, ...]  # left, top, right and bottom; empty for none

    @property
    def size(self) -> tuple[int, int]:
        height, width, _ = self.pictures[0].shape
        return height, width


def draw_comparison(comparison: Comparison, alike: Alike) -> Pixels:
    """Draw the two frames that differ most, their difference, and the pixels around its largest value enlarged.

    Returns RGB (height, width, 3).
    """
    at = comparison.whole.at
    frames = alike.frames[at.frame if at else 0]
    shown = _shown(frames, alike)
    apart = _difference(*frames)
    names = [PurePath(name).name or name for name in comparison.names]
    if names[0] == names[1]:
        names = list(comparison.names)
    part = _part(apart.shape, (at.y, at.x)) if at else None
    rows = [_whole(shown, apart, part, names)]
    if at and part and min(_factor(apart.shape), 1) * _PART < _SIDE / 2:
        rows.append(_enlarged(shown, apart, part, (at.y, at.x)))
    room = max(_NARROWEST, *(row.size[1] for row in rows))
    width = 2 * MARGIN + 3 * room + 2 * _GAP + _BAR
    canvas = Canvas(width, _HEADER + sum(row.size[0] + _ABOVE + _BELOW for row in rows))
    canvas.heading(f"{names[0]} and {names[1]}", "", comparison_facts(comparison))
    top = _HEADER + _ABOVE
    for row in rows:
        _draw(canvas, row, top, room)
        bar = MARGIN + 3 * room + 2 * _GAP + 16 - (room - row.size[1])
        panels.color_bar(canvas, bar, top, row.size[0], 0, float(apart.max()) or 1.0, signed=False)
        top += row.size[0] + _ABOVE + _BELOW
    return canvas.pixels()


def _draw(canvas: Canvas, row: _Row, top: int, room: int) -> None:
    height, width = row.size
    for index, (picture, title) in enumerate(zip(row.pictures, row.titles, strict=True)):
        left = MARGIN + index * (room + _GAP)
        canvas.text((left, top - 24), shortened(title, _FONT, room), _FONT)
        canvas.paste((left, top), picture)
        canvas.frame((left, top, left + width, top + height), LINE)
        if row.mark:
            x, y, right, bottom = row.mark
            canvas.frame((left + x, top + y, left + right, top + bottom), RED, 2)


def _whole(shown: Sequence[Pixels], apart: Floats, part: panels.Box | None, names: Sequence[str]) -> _Row:
    factor = _factor(apart.shape)
    if factor >= 1:
        pictures = [_repeated(each, int(factor)) for each in (*shown, _colored(apart))]
    else:
        size = tuple(max(1, round(side * factor)) for side in apart.shape)
        reduced = [np.asarray(Image.fromarray(each).resize(size[::-1], Image.Resampling.BOX)) for each in shown]
        pictures = [*reduced, _colored(_largest_in_blocks(apart, size), float(apart.max()))]
    mark = tuple(round(side * factor) for side in part) if part else ()
    return _Row(tuple(pictures), (*names, "difference, the largest of the channels"), mark)


def _enlarged(shown: Sequence[Pixels], apart: Floats, part: panels.Box, at: tuple[int, int]) -> _Row:
    left, top, right, bottom = part
    factor = max(1, min(_SIDE // (right - left), _TALLEST // (bottom - top)))
    area = slice(top, bottom), slice(left, right)
    pictures = [_repeated(each[area], factor) for each in shown]
    y, x = at[0] - top, at[1] - left
    mark = x * factor, y * factor, (x + 1) * factor, (y + 1) * factor
    title = f"around {at[1]},{at[0]}, {factor} times larger"
    return _Row((*pictures, _repeated(_colored(apart[area], float(apart.max())), factor)), (title, "", ""), mark)


def _part(shape: tuple[int, ...], at: tuple[int, int]) -> panels.Box:
    """Return left, top, right and bottom of some pixels around one."""
    tall, wide = (min(_PART, side) for side in shape)
    top = min(max(0, at[0] - tall // 2), shape[0] - tall)
    left = min(max(0, at[1] - wide // 2), shape[1] - wide)
    return left, top, left + wide, top + tall


def _factor(shape: tuple[int, ...]) -> float:
    """Return the enlargement of pictures (height, width), a whole number unless it is below 1."""
    factor = min(_SIDE / shape[1], _TALLEST / shape[0])
    return float(int(factor)) if factor >= 1 else factor


def _shown(frames: Sequence[Array], alike: Alike) -> list[Pixels]:
    """Return both frames in RGB of 8 bits; numbers from the smallest of both, black, to the largest."""
    low, high = finite_range(*frames) if alike.values == "numbers" else (0.0, alike.peak)
    return [in_rgb(each, low, high, has_alpha=alike.channels[-1] == "alpha") for each in frames]


def _difference(first: Array, second: Array) -> Floats:
    """Return the largest difference of the channels of each pixel (height, width), infinite ones as the largest."""
    apart: Floats = np.empty(first.shape[:2], np.float32 if first.dtype.kind == "u" else np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        for rows in bands(first):
            apart[rows] = np.abs(first[rows].astype(np.float64) - second[rows]).max(axis=2)
    is_finite = np.isfinite(apart)
    if not is_finite.all():
        apart[~is_finite] = apart[is_finite].max() if is_finite.any() else 1.0
    return apart


def _largest_in_blocks(values: Floats, size: tuple[int, ...]) -> Floats:
    """Return values reduced to a size, of which each is the largest of its block: single ones stay visible."""
    starts = [np.arange(count) * side // count for count, side in zip(size, values.shape, strict=True)]
    reduced: Floats = np.maximum.reduceat(np.maximum.reduceat(values, starts[0], axis=0), starts[1], axis=1)
    return reduced


def _colored(values: Floats, largest: float = 0.0) -> Pixels:
    return sequential(values / (largest or float(values.max()) or 1.0))


def _repeated(pixels: Pixels, factor: int) -> Pixels:
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)
