"""Learned weights to look at: as tables of numbers, and on a terminal as cells whose color is their sign and size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from rich.text import Text

from convcli.filters import Kernel
from convcli.learning import Learned
from convcli.report.filters.showing import plane_title
from convcli.report.pictures.colors import diverging, on
from convcli.report.tables import Texts, aligned, bracketed, number_texts

# A wider kernel is a heat map at most: its rows would wrap. So many rows of numbers are looked at.
_WIDEST = 15
_MOST_ROWS = 48
_DIGITS = 5
_CELL = 2  # letters that a cell without a number is wide: about as many as it is high


@dataclass(frozen=True)
class _Plane:
    """A plane as it is looked at: its numbers as values and as texts, on one scale with those of its kind."""

    title: str
    values: NDArray[np.float64]
    texts: Texts
    colored: bool = True


def weight_lines(learned: Learned, *, verbose: bool) -> list[str]:
    """Return the weights as tables, each with an empty line below it; `verbose`: with their standard errors."""
    lines = []
    for plane in _planes(learned, verbose=verbose):
        lines += [plane.title] if plane.title else []
        lines += [f"  {line}" for line in aligned(plane.texts)]
        lines.append("")
    if not _is_shown(learned.kernel):
        lines += [f"  {_left_out(learned.kernel)}", ""]
    return lines


def colored_weights(learned: Learned, width: int, *, verbose: bool) -> Iterator[Text]:
    """Yield the weights as heat maps: numbers on their colors, or colors alone where numbers are too wide."""
    kernel = learned.kernel
    largest = float(np.abs(kernel.planes).max() / abs(kernel.divisor)) or 1.0
    for plane in _planes(learned, verbose=verbose):
        if plane.title:
            yield Text(plane.title)
        if plane.values.size:
            yield heat_map(plane.values, plane.texts, largest if plane.colored else None, width)
        yield Text()
    if not _is_shown(kernel):
        yield heat_map(kernel.planes[0] / kernel.divisor, None, largest, width)
        yield Text()
        yield Text(_left_out(kernel))
        yield Text()


def heat_map(plane: NDArray[np.float64], texts: Texts | None, largest: float | None, width: int) -> Text:
    """Return rows of colored cells, with their numbers where a line takes them.

    A terminal without colors shows the numbers alone, and a cell without a number as a blank.

    Parameters
    ----------
    plane
        (height, width).
    texts
        How the numbers are written; None for cells alone.
    largest
        The magnitude that has the darkest color; None for no colors.
    width
        Of the terminal, in letters.
    """
    wide = max((len(text) for row in texts for text in row), default=0) + 2 if texts else _CELL
    if wide * plane.shape[1] > width:
        texts, wide = None, _CELL
    if wide * plane.shape[1] > width:
        return Text("the terminal is too narrow for the weights", style="dim")
    map_ = Text(no_wrap=True)
    colors = None if largest is None else diverging(plane / largest)
    for row in range(plane.shape[0]):
        for column in range(plane.shape[1]):
            text = texts[row][column] if texts else ""
            style = Style() if colors is None else _style(colors[row, column])
            map_.append(f"{text} ".rjust(wide), style)
        if row + 1 < plane.shape[0]:
            map_.append("\n")
    return map_


def _style(background: NDArray[np.uint8]) -> Style:
    red, green, blue = on(background)
    back = "#{:02x}{:02x}{:02x}".format(*background.tolist())
    return Style(color=f"#{red:02x}{green:02x}{blue:02x}", bgcolor=back)


def _is_shown(kernel: Kernel) -> bool:
    return max(kernel.size) <= _WIDEST


def _left_out(kernel: Kernel) -> str:
    return f"{kernel.weights.size} weights: -o writes them, --plot draws them, --json prints them"


def _shown_planes(kernel: Kernel) -> int:
    return max(1, min(len(kernel.planes), _MOST_ROWS // kernel.size[0])) if _is_shown(kernel) else 0


def _planes(learned: Learned, *, verbose: bool) -> Iterator[_Plane]:
    """Yield the planes that are looked at, and their errors where asked for; last how many are left out."""
    kernel = learned.kernel
    count = _shown_planes(kernel)
    shape = kernel.planes[:count].shape
    marked = learned.undetermined.reshape(-1, *kernel.size)
    weights = _texts(kernel.planes[:count] / kernel.divisor)
    errors = _texts(learned.errors.reshape(-1, *kernel.size)[:count])
    for index in range(count):
        title = plane_title(kernel, index)
        plane = kernel.planes[index] / kernel.divisor
        yield _Plane(title, plane, bracketed(weights[index], marked[index]))
        if verbose:
            yield _Plane(f"{title}, errors" if title else "errors", np.zeros(shape[1:]), errors[index], colored=False)
    if 0 < count < len(kernel.planes):
        more = f"… and {len(kernel.planes) - count} more planes: --json prints them all"
        yield _Plane(more, np.zeros((0, 0)), ())


def _texts(planes: NDArray[np.float64]) -> list[list[list[str]]]:
    """Return the numbers of planes, all with as many decimals; what rounds to zero is 0."""
    if not planes.size:
        return []
    count, height, width = planes.shape
    rows = [
        ["0" if float(text) == 0 else text for text in row]
        for row in number_texts(planes.reshape(count * height, width), _DIGITS)
    ]
    return [rows[index * height : (index + 1) * height] for index in range(count)]
