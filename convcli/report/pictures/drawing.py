"""The picture of a filter, and its file."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convcli.disk import is_special
from convcli.errors import UsageError
from convcli.image import WRITTEN, Format, Picture, default_format, format_of, write_picture
from convcli.report.filters.layers import Layers
from convcli.report.pictures.diagram import draw_layers
from convcli.report.pictures.kernel import draw_kernel


def draw_filter(layers: Layers) -> NDArray[np.uint8]:
    """Draw a kernel with its frequency response, a pipeline with its layers: (height, width, 3)."""
    pipeline = layers.pipeline
    if pipeline.conv is None:
        return draw_layers(layers)
    return draw_kernel(pipeline.conv, pipeline.name, pipeline.description)


def drawing_format(target: Path) -> Format:
    """Return the format of a file name; raise UsageError unless it has the ending of a format in color.

    A pipe or a device needs no ending.
    """
    form = format_of(target)
    if form is None and is_special(target):
        return default_format()
    if form is None or not _holds_drawings(form):
        known = ", ".join(each.suffixes[0] for each in WRITTEN if _holds_drawings(each))
        raise UsageError(f"{target} is no name for a picture in color", f"end it in {known}")
    return form


def _holds_drawings(form: Format) -> bool:
    return form.written and form.whole_numbers and not form.array and 3 in form.colors


def png_of(pixels: NDArray[np.uint8]) -> bytes:
    """Return a drawing as the bytes of a PNG file."""
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG", optimize=True)
    return written.getvalue()


def write_drawing(pixels: NDArray[np.uint8], target: Path, *, overwrite: bool) -> tuple[int, int]:
    """Write a picture file, whole or not at all, and return its height and width.

    Raises UsageError as `drawing_format`, and FileError if the file exists and `overwrite` is false, or if it cannot
    be written.
    """
    picture = Picture((pixels,))
    write_picture(picture, target, drawing_format(target), overwrite=overwrite)
    return picture.size
