"""Canvas: the paper that pictures are drawn on."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from convcli.report.pictures.colors import GRAY, INK, PAPER, Color

Point = tuple[float, float]

MARGIN = 44  # around a picture
LABEL = 12  # size of the font of labels

# Pillow's font has ASCII and few other characters; these replace others that pictures contain.
_REPLACED = str.maketrans(
    {"×": "x", "−": "-", "–": "-", "—": "-", "→": " to ", "√": "sqrt ", "σ": "sigma", "θ": "theta", "λ": "lambda"}
)
_IN_FONT = "©«°±·»‘’“”…‹›⁄"
_FINER = 4  # lines are drawn so much larger and then reduced, since Pillow does not smooth them


class Canvas:
    """An RGB picture of a width and a height in pixels."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width, height), PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def text(self, at: Point, text: str, size: int = 13, color: Color = INK, anchor: str = "la") -> None:
        """Write one line; `anchor` is Pillow's: l, m or r, then a (ascender), m, s (baseline) or d (descender)."""
        self.pen.text(at, printable(text), fill=color, font=font(size), anchor=anchor)

    def heading(self, name: str, description: str, facts: Sequence[str]) -> None:
        """Write a name, a description if there is one, and facts at the top, each shortened to one line."""
        lines = [(30, 28, INK, name), (68, 15, GRAY, description)]
        lines.append((94 if description else 70, 13, INK, "   ·   ".join(facts)))
        for top, size, color, text in lines:
            self.text((MARGIN, top), shortened(text, size, self.width - 2 * MARGIN), size, color)

    def label(self, at: Point, text: str, anchor: str = "la", color: Color = GRAY) -> None:
        """Write one line in the font of labels."""
        self.text(at, text, LABEL, color, anchor)

    def caption(self, text: str) -> None:
        """Write a label at the bottom, shortened to one line."""
        self.label((MARGIN, self.height - 34), shortened(text, LABEL, self.width - 2 * MARGIN))

    def upward_label(self, at: Point, text: str) -> None:
        """Write a label upwards, its middle at a point."""
        text = printable(text)
        start, above, end, below = font(LABEL).getbbox(text, anchor="ls")
        mask = Image.new("L", (int(end - start) + 2, int(below - above) + 2))
        ImageDraw.Draw(mask).text((1 - start, 1 - above), text, fill=255, font=font(LABEL), anchor="ls")
        turned = mask.transpose(Image.Transpose.ROTATE_90)
        left, top = round(at[0] - turned.width / 2), round(at[1] - turned.height / 2)
        self.image.paste(GRAY, (left, top, left + turned.width, top + turned.height), turned)

    def paste(self, at: tuple[int, int], pixels: NDArray[np.uint8]) -> None:
        """Draw an RGB array, its upper left corner at a point."""
        self.image.paste(Image.fromarray(pixels), at)

    def frame(self, box: tuple[float, float, float, float], color: Color, width: int = 1) -> None:
        """Draw a rectangle around (left, top, right, bottom), of which the last two are exclusive."""
        left, top, right, bottom = box
        outer = (left - width, top - width, right + width - 1, bottom + width - 1)
        self.pen.rectangle(outer, outline=color, width=width)

    def line(self, points: Sequence[Point], color: Color, width: float = 1, dash: float = 0) -> None:
        """Draw a smooth line through points: `dash` pixels drawn, as many left out; 0 for a solid line."""
        columns, rows = zip(*points, strict=True)
        left, top = int(min(columns) - width - 1), int(min(rows) - width - 1)
        size = (int(max(columns) + width + 2) - left, int(max(rows) + width + 2) - top)
        mask = Image.new("L", (size[0] * _FINER, size[1] * _FINER))
        pen = ImageDraw.Draw(mask)
        fine = [((x - left) * _FINER, (y - top) * _FINER) for x, y in points]
        for part in _dashes(fine, dash * _FINER) if dash else [fine]:
            pen.line(part, fill=255, width=round(width * _FINER), joint="curve")
        mask = mask.resize(size, Image.Resampling.BOX)
        self.image.paste(color, (left, top, left + size[0], top + size[1]), mask)

    def pixels(self) -> NDArray[np.uint8]:
        """Return the picture as an array (height, width, 3)."""
        return np.asarray(self.image)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return Pillow's own font, the same on every machine."""
    loaded = ImageFont.load_default(size)
    assert isinstance(loaded, ImageFont.FreeTypeFont)  # Pillow built without FreeType has a bitmap font
    return loaded


def width_of(text: str, size: int) -> float:
    """Return the width of a line in pixels."""
    return font(size).getlength(printable(text))


def shortened(text: str, size: int, width: float) -> str:
    """Return a line of at most `width` pixels, its end replaced by an ellipsis."""
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def printable(text: str) -> str:
    """Return a line in characters of the font: others are spelled out, lose their accents, or become question marks."""
    return "".join(sign if _is_in_font(sign) else _respelled(sign) for sign in text.translate(_REPLACED))


def _respelled(sign: str) -> str:
    parts = [each for each in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(each)]
    return "".join(each if _is_in_font(each) else "?" for each in parts)


def _is_in_font(sign: str) -> bool:
    return " " <= sign <= "~" or sign in _IN_FONT


def _dashes(points: Sequence[Point], length: float) -> list[list[Point]]:
    """Cut a line into drawn parts of `length`, with gaps of `length` between them."""
    parts: list[list[Point]] = [[points[0]]]
    left, drawn = length, True
    for (x0, y0), (x1, y1) in pairwise(points):
        distance, done = float(np.hypot(x1 - x0, y1 - y0)), 0.0
        while distance - done > left:
            done += left
            at = (x0 + (x1 - x0) * done / distance, y0 + (y1 - y0) * done / distance)
            if drawn:
                parts[-1].append(at)
            else:
                parts.append([at])
            left, drawn = length, not drawn
        left -= distance - done
        if drawn:
            parts[-1].append((x1, y1))
    return [part for part in parts if len(part) > 1]
