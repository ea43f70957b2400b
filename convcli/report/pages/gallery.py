"""A picture under many filters, as a page or as one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby

import numpy as np

from convcli.errors import ConvcliError
from convcli.filters import Pipeline
from convcli.image import Picture
from convcli.lazy import dataclass
from convcli.report.pages.effect import Subject, effect_of, shown
from convcli.report.pages.page import LARGEST_PAGE, page, paragraph
from convcli.report.pictures.canvas import MARGIN, Canvas, shortened
from convcli.report.pictures.colors import GRAY, INK, LINE
from convcli.report.pictures.shown import Pixels, jpeg_source, within
from convcli.words import counted

_LARGEST = (480, 480)  # of the picture in pixels, before it is filtered
_TILE = (220, 260)  # of a tile in a picture of the gallery, height and width at most
_MOST_COLUMNS = 6
_BRIGHT, _DARK = 99, 64  # per cent of the values of a tile that are below a level, where it is nearly black
_GAP, _LABEL, _HEADER = 22, 44, 104
_QUALITIES = ((88, 480), (80, 360), (70, 240), (50, 160))  # of JPEGs, and their longest side


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture under a filter: the text of the filter, its description, the pixels in RGB, and its group, if any."""

    text: str
    description: str
    pixels: Pixels
    group: str = ""


def reduced(subject: Subject) -> Subject:
    """Return a picture that is small enough for a gallery; numbers stay as they are."""
    picture = subject.picture
    if picture.is_array:
        return subject
    pixels = within(shown(picture), _LARGEST)
    if pixels.shape[:2] == picture.size:
        return subject
    frame = pixels[:, :, :1] if picture.colors == 1 else pixels
    return replace(subject, picture=Picture((np.ascontiguousarray(frame),)))


def tile_of(text: str, pipeline: Pipeline, subject: Subject, group: str = "") -> Tile:
    """Return a picture under a filter; one that would be nearly black with ``--range stretch``, which its text says.

    Raises ConvcliError where the result is no picture.
    """
    effect = effect_of(pipeline, subject)
    after = effect.after
    if after is not None and np.percentile(after, _BRIGHT) < _DARK and not subject.picture.is_array:
        stretched = effect_of(pipeline, subject, "stretch").after
        if stretched is not None and stretched.max() > after.max():
            text, after = f"{text} --range stretch", stretched
    if after is None:
        raise ConvcliError(f"{text} makes no picture: {effect.problem}", "leave it out")
    return Tile(text, pipeline.description, after, group)


def gallery_page(tiles: Sequence[Tile], subject: Subject) -> str:
    """Return a page with the picture, and each tile below its filter, below 2 MB."""
    original = Tile("the picture", f"{subject.name}, as it is", shown(subject.picture))
    height, width = subject.picture.size
    title = f"{subject.name} under {counted(len(tiles), 'filter')}"
    made = ""
    for quality, side in _QUALITIES:
        body = (
            f"<header><h1>{escape(title)}</h1>",
            paragraph(f"In {width}×{height} pixels; convcli apply FILTER makes the same of any picture.", "quiet"),
            "</header>\n<main>",
            *_groups((original, *tiles), quality, side),
            "</main>",
        )
        made = page(title, body)
        if len(made.encode()) < LARGEST_PAGE:
            break
    return made


def draw_gallery(tiles: Sequence[Tile], subject: Subject) -> Pixels:
    """Draw the picture and the tiles with their names: RGB (height, width, 3)."""
    original = Tile("the picture", f"{subject.name}, as it is", shown(subject.picture))
    every = (original, *tiles)
    columns = _columns(len(every))
    rows = -(-len(every) // columns)
    drawn = [within(each.pixels, _TILE) for each in every]
    tall = max(each.shape[0] for each in drawn)
    canvas = Canvas(
        2 * MARGIN + columns * (_TILE[1] + _GAP) - _GAP, _HEADER + rows * (tall + _LABEL + _GAP) + MARGIN - _GAP
    )
    height, width = subject.picture.size
    canvas.heading(
        f"{subject.name} under {counted(len(tiles), 'filter')}", "", [f"{width}×{height} pixels before they are drawn"]
    )
    for index, (each, pixels) in enumerate(zip(every, drawn, strict=True)):
        row, column = divmod(index, columns)
        left, top = MARGIN + column * (_TILE[1] + _GAP), _HEADER + row * (tall + _LABEL + _GAP)
        canvas.paste((left, top), pixels)
        canvas.frame((left, top, left + pixels.shape[1], top + pixels.shape[0]), LINE)
        below = top + tall + 6
        canvas.text((left, below), shortened(each.text, 15, _TILE[1]), 15, INK)
        canvas.text((left, below + 20), shortened(each.description, 12, _TILE[1]), 12, GRAY)
    return canvas.pixels()


def _columns(count: int) -> int:
    """Return the columns of about as many rows, without many empty cells."""
    wanted = range(1, min(count, _MOST_COLUMNS) + 1)
    return min(wanted, key=lambda columns: abs(columns - (1.5 * count) ** 0.5) + (-count % columns) / columns)


def _groups(tiles: Sequence[Tile], quality: int, side: int) -> Iterator[str]:
    """Yield the tiles, those of each group below its name."""
    for group, members in groupby(tiles, key=lambda each: each.group):
        if group:
            yield f"<h2>{escape(group)}</h2>"
        yield f'<div class="gallery">{"".join(_figure(each, quality, side) for each in members)}</div>'


def _figure(tile: Tile, quality: int, side: int) -> str:
    source = jpeg_source(within(tile.pixels, (side, side)), quality)
    return (
        f'<figure><img src="{source}" alt="{escape(tile.text)}" loading="lazy"><figcaption>'
        f"<strong>{escape(tile.text)}</strong>{escape(tile.description)}</figcaption></figure>"
    )
