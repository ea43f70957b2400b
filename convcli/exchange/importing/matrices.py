"""Kernels as texts of their own form: matrices of libvips, and kernels of ImageMagick."""

from __future__ import annotations

import re

import numpy as np

from convcli.exchange.importing.files import bytes_of, refusal, text_of
from convcli.exchange.importing.numbers import flat_numbers, rows_in
from convcli.filters import Border, Conv, Kernel, Layer

_LEVELS = 255  # of white, in the pictures of 8 bits that the offsets of libvips are for
_EDGE = Border("edge")  # around pictures in both programs, unless they are told otherwise
_HEAD = (2, 3, 4)  # numbers: the width, the height, the scale, the offset
# WIDTHxHEIGHT+X+Y before the numbers.
_GEOMETRY = re.compile(r"\s*(\d{1,4})(?:x(\d{1,4}))?(?:([-+]\d{1,4})([-+]\d{1,4}))?\s*([@<>^]?)\s*:")


def read_vips_matrix(file: str) -> list[Layer]:
    """Return the kernel of a matrix of libvips: width, height, scale and offset in the first line, then the rows."""
    data = bytes_of(file)[:256]
    if data.startswith((b"MATLAB 5.0", b"\x89HDF")) or b"\0" in data:
        hint = "in MATLAB, writematrix(kernel, 'kernel.csv') writes one that is read"
        raise refusal(file, "it is a file of MATLAB, no matrix of libvips", hint)
    text = text_of(file)
    lines = text.splitlines()
    begin = next((at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
    if begin is None:
        raise refusal(file, "it is empty", "write the width and the height in the first line, then the rows")
    head = flat_numbers(file, lines[begin], begin + 1)
    if len(head) not in _HEAD or not all(each.is_integer() and each > 0 for each in head[:2]):
        message = "the first line is no width, height, scale and offset"
        raise refusal(file, message, "write 3 3 1 0 for a kernel of 3×3", begin + 1)
    width, height = map(int, head[:2])
    scale, offset = [*head[2:], *(1.0, 0.0)[len(head) - 2 :]]
    plane = rows_in(file, "\n".join(lines[begin + 1 :]), begin + 2)
    if plane.shape != (height, width):
        found = f"{plane.shape[1]}×{plane.shape[0]}"
        raise refusal(file, f"the first line has {width}×{height}, and the rows have {found}", "mend one of them")
    if scale == 0:
        raise refusal(file, "a scale of 0", "write 1, or the sum of the weights", begin + 1)
    return [Conv(Kernel(plane, scale, offset / _LEVELS), border=_EDGE)]


def is_magick_text(text: str) -> bool:
    """Return whether a text begins as a kernel of ImageMagick."""
    return _GEOMETRY.match(text) is not None


def read_text(file: str) -> list[Layer]:
    """Return the kernel of ImageMagick in a text, as for -morphology Correlate; or else that of its rows of numbers."""
    text = text_of(file)
    if is_magick_text(text):
        return [magick_kernel(text, file)]
    return [Conv(Kernel(rows_in(file, text)))]


def magick_kernel(text: str, file: str) -> Conv:
    """Return the kernel of ``3x3+1+1: 0,1,0 1,-4,1 0,1,0``, in the direction of -morphology Correlate."""
    found = _GEOMETRY.match(text)
    if found is None:
        raise refusal(file, "it is no kernel of ImageMagick", "write 3x3: and nine numbers")
    width = int(found[1])
    height = int(found[2] or found[1])
    if found[5]:
        raise refusal(file, f"a kernel that is turned by {found[5]!r}", "write each of the turned kernels by itself")
    if ";" in text:
        raise refusal(file, "several kernels in one text", "give each a file, and join them by |")
    # Both words stand for neighbors that do not count.
    numbers = flat_numbers(
        file, re.sub(r"(?<![\w.])(nan|-)(?![\w.])", "0", text[found.end() :], flags=re.IGNORECASE), 1
    )
    if not width or not height or len(numbers) != width * height:
        message = f"{len(numbers)} numbers for a kernel of {width}×{height}"
        raise refusal(file, message, f"give {width * height}, row by row")
    anchor = None
    if found[3] is not None:
        anchor = (int(found[4]), int(found[3]))
        if not (0 <= anchor[0] < height and 0 <= anchor[1] < width):
            raise refusal(file, f"{found[3]}{found[4]} lies outside of {width}×{height}", "count from +0+0")
    # ImageMagick's middle of an even side is the weight before it.
    anchor = anchor or ((height - 1) // 2, (width - 1) // 2)
    is_usual = anchor == (height // 2, width // 2)
    plane = np.array(numbers).reshape(height, width)
    return Conv(Kernel(plane, anchor=None if is_usual else anchor), border=_EDGE)
