"""Learned weights: as tables of numbers, and on a terminal as cells colored by sign and size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from rich.text import Text

from convcli.array_types import Floats
from convcli.filters import Kernel
from convcli.lazy import dataclass
from convcli.learning import Learned
from convcli.report.filters.showing import TITLE_OF_MIX, is_mix, plane_title, printed_planes
from convcli.report.pictures.colors import diverging, on
from convcli.report.tables import Texts, aligned, bracketed, number_texts

_DIGITS = 5
_CELL = 2  # letters in the width of a cell without a number: about its height


@dataclass(frozen=True)
class _Plane:
    """A plane that is printed: values, and their texts, of as many decimals as those of other planes of its kind."""

    title: str
    values: Floats
    texts: Texts
    colored: bool = True


def weight_lines(learned: Learned, *, verbose: bool) -> list[str]:
    """Return the weights as tables, each with an empty line below it; if verbose, with their standard errors."""
    lines: list[str] = []
    for plane in _planes(learned, verbose=verbose):
        lines += [plane.title] if plane.title else []
        lines += [*(f"  {line}" for line in aligned(plane.texts)), ""]
    if not printed_planes(learned.kernel):
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
    if not printed_planes(kernel):
        yield from (heat_map(kernel.planes[0] / kernel.divisor, None, largest, width), Text())
        yield from (Text(_left_out(kernel)), Text())


def heat_map(plane: Floats, texts: Texts | None, largest: float | None, width: int) -> Text:
    """Return a plane (height, width) as rows of colored cells, with numbers if they fit a width in letters.

    `texts` are the numbers, or None for cells alone; `largest` is the magnitude of the darkest color, or None for no
    colors. A terminal without colors shows the numbers alone, and a cell without a number as a blank.
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
    color, back = ("#{:02x}{:02x}{:02x}".format(*each) for each in (on(background), background.tolist()))
    return Style(color=color, bgcolor=back)


def _left_out(kernel: Kernel) -> str:
    return f"{kernel.weights.size} weights: -o writes them, --plot draws them, --json prints them"


def _planes(learned: Learned, *, verbose: bool) -> Iterator[_Plane]:
    """Yield the planes that are printed, if verbose their errors too, last the number of planes left out."""
    kernel = learned.kernel
    mixes = is_mix(kernel)
    shape = (1, *kernel.weights.shape[:2]) if mixes else (-1, *kernel.size)
    count = 1 if mixes else printed_planes(kernel)
    planes = kernel.weights.reshape(shape)[:count] / kernel.divisor
    marked = learned.undetermined.reshape(shape)
    weights, errors = _texts(planes), _texts(learned.errors.reshape(shape)[:count])
    for index, plane in enumerate(planes):
        title = TITLE_OF_MIX if mixes else plane_title(kernel, index)
        yield _Plane(title, plane, bracketed(weights[index], marked[index]))
        if verbose:
            yield _Plane(f"{title}, errors" if title else "errors", np.zeros_like(plane), errors[index], colored=False)
    if 0 < count < len(kernel.planes) and not mixes:
        more = f"… and {len(kernel.planes) - count} more planes: --json prints them all"
        yield _Plane(more, np.zeros((0, 0)), ())


def _texts(planes: Floats) -> list[list[list[str]]]:
    """Return the numbers of planes, all with equal decimals; zero after rounding is 0."""
    if not planes.size:
        return []
    texts = number_texts(planes.reshape(-1, planes.shape[2]), _DIGITS)
    rows = iter([["0" if float(text) == 0 else text for text in row] for row in texts])
    return [[next(rows) for _ in plane] for plane in planes]
