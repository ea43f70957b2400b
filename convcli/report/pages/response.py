"""The frequency response of a kernel, as a map and as curves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convcli.filters import Conv
from convcli.report.pages.charts import chart
from convcli.report.pages.page import figure, paragraph
from convcli.report.pictures.colors import sequential
from convcli.report.pictures.kernel import draw_kernel
from convcli.report.pictures.response import highest_response, profiles, square_response
from convcli.report.pictures.shown import drawing_source, png_source
from convcli.report.tables import short_number

_SIDE, _COUNT = 65, 129  # frequencies of the map, and of a curve


def response_parts(conv: Conv, name: str) -> Iterator[str]:
    """Yield the response of a kernel of one plane, as a map and as curves; of more, a picture with all of them."""
    if conv.kernel.size == (1, 1):
        yield paragraph("A kernel of 1×1 passes every frequency alike.")
        return
    if conv.kernel.weights.ndim != 2:
        drawn = drawing_source(draw_kernel(conv, name, ""))
        yield figure(drawn, "The weights of every plane, and below them its response", "", "picture drawing wide")
        return
    plane = conv.kernel.weights / conv.kernel.divisor
    highest = highest_response(plane[np.newaxis], conv.dilation, _SIDE)
    curves = {
        name: list(zip(np.linspace(0, 0.5, _COUNT).tolist(), values.tolist(), strict=True))
        for name, values in profiles(plane, conv.dilation, _COUNT).items()
    }
    label = "The response along the rows, the columns and the diagonal, against the frequency"
    drawn = chart(curves, label, across=(0, 0.5, "cycles per pixel"), up=(0, highest))
    colors = sequential(square_response(plane, conv.dilation, _SIDE) / highest)
    shown = figure(
        png_source(colors),
        "The response to stripes of every direction and width",
        f"From 0, pale, to {short_number(highest)}, dark. Flat areas are in the middle, stripes of one pixel at the"
        " rim.",
        "picture small",
        enlarged=True,
    )
    yield (
        '<div class="columns"><figure>'
        f"{drawn}<figcaption>What stripes are multiplied by: at 0 flat areas, at 0.5 stripes of one pixel.</figcaption>"
        f"</figure>{shown}</div>"
    )
