"""The weights of a kernel as tables of colored cells."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from convcli.array_types import Floats
from convcli.filters import Conv, Kernel
from convcli.report.filters.showing import TITLE_OF_MIX, is_mix, plane_title
from convcli.report.pictures.colors import diverging
from convcli.report.tables import short_number

_MOST_PLANES, _LARGEST_SIDE = 9, 11  # more are drawn as a picture


def has_table(conv: Conv) -> bool:
    """Return whether a kernel is small enough for tables."""
    return is_mix(conv.kernel) or (len(conv.kernel.planes) <= _MOST_PLANES and max(conv.kernel.size) <= _LARGEST_SIDE)


def weights_table(conv: Conv, errors: Floats | None = None) -> str:
    """Return a table of each plane, its cells colored by the weights; the anchor is framed.

    `errors`, of the shape of the weights, stand below them; an error that is infinite or NaN means an open weight.
    """
    kernel = conv.kernel
    planes = _shown_planes(kernel)
    largest = float(np.abs(planes).max()) or 1.0
    below = None if errors is None else errors.reshape(planes.shape)
    tables = []
    for index, plane in enumerate(planes):
        title = TITLE_OF_MIX if is_mix(kernel) else plane_title(kernel, index)
        caption = f'<caption class="quiet">{escape(title)}</caption>' if title else ""
        rows = _rows(conv, plane, largest, None if below is None else below[index])
        tables.append(f'<table class="weights">{caption}<tbody>{rows}</tbody></table>')
    return f'<div class="wide">{"".join(tables)}</div>'


def _shown_planes(kernel: Kernel) -> Floats:
    """Return the planes; of a kernel that mixes channels alone one, a row per output, a column per input channel."""
    return kernel.weights[np.newaxis, :, :, 0, 0] if is_mix(kernel) else kernel.planes


def _rows(conv: Conv, plane: Floats, largest: float, errors: Floats | None) -> str:
    height, width = plane.shape
    lines = (
        "".join(_cell(conv, plane, (row, column), largest, errors) for column in range(width)) for row in range(height)
    )
    return "".join(f"<tr>{line}</tr>" for line in lines)


def _cell(conv: Conv, plane: Floats, at: tuple[int, int], largest: float, errors: Floats | None) -> str:
    background = diverging(np.array(plane[at] / largest))
    kind = ' class="anchor"' if at == conv.anchor and conv.kernel.size != (1, 1) else ""
    error = "" if errors is None else f"<small>{_error(float(errors[at]))}</small>"
    style = f"background:{_hex(background.tolist())};color:{_legible(background.tolist())}"
    return f'<td{kind} style="{style}">{short_number(float(plane[at]))}{error}</td>'


def _error(error: float) -> str:
    return f"± {error:.2g}" if np.isfinite(error) else "open"


def _legible(color: Sequence[int]) -> str:
    """Return black or white, whichever has more contrast: at least 4.5 to 1, as WCAG measures it."""
    shares = (each / 255 for each in color)
    light = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares]
    luminance = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
    return "#000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#fff"


def _hex(color: Sequence[int]) -> str:
    return "#" + "".join(f"{each:02x}" for each in color)
