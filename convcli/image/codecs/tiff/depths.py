"""Numbers of a TIFF as levels of 8 or 16 bits, or as floats."""

from __future__ import annotations

import numpy as np
from tifffile import TiffPage

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.codecs.tiff.colors import WHITE_IS_ZERO, photometric
from convcli.image.samples import WHITE, scaled_to_8_bits, scaled_to_16_bits
from convcli.note import Note


def levels(values: Array, page: TiffPage) -> tuple[Array, tuple[Note, ...]]:
    """Return whole numbers of up to 16 bits as uint8 or uint16."""
    bits = page.bitspersample
    if values.dtype == bool:
        return values * np.uint8(255), (Note("converted", "its black and white is filtered as 8-bit gray"),)
    if values.dtype == np.uint16:
        if bits == 16:
            return values, ()
        return scaled_to_16_bits(values, 2**bits - 1), (Note("scaled", f"its {bits} bits are scaled to 16"),)
    if bits == 8:
        return values, ()
    return scaled_to_8_bits(values, 2**bits - 1), (Note("scaled", f"its {bits} bits are scaled to 8"),)


def whole_numbers(values: Array, page: TiffPage, name: str) -> tuple[Array, tuple[Note, ...]]:
    """Return whole numbers with a sign, or beyond 16 bits, as uint16; raise ReadError where they do not fit it."""
    bits = page.bitspersample
    if photometric(page) == WHITE_IS_ZERO:
        return _from_white(values, page, name)
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > WHITE:
        raise ReadError(
            f"{name} holds values from {low} to {high}, which do not fit 16 bits",
            "apply writes them as TIFF or .npy, without --depth; or scale them to 16 bits",
        )
    sign = "signed " if values.dtype.kind == "i" else ""
    text = f"its {sign}{bits}-bit whole numbers are filtered as 16 bits a channel"
    return values.astype(np.uint16), (Note("converted", text),)


def _from_white(values: Array, page: TiffPage, name: str) -> tuple[Array, tuple[Note, ...]]:
    """Return whole numbers beyond 16 bits without a sign, of which 0 is white, as 16 bits that are dark at 0, too."""
    bits = page.bitspersample
    lost = bits - 16
    if values.dtype.kind != "u" or int(values.max()) >> lost == 0:  # counts, which are no levels
        raise ReadError(f"{name} holds whole numbers of {bits} bits whose 0 is white", "save the values as .npy")
    text = f"its {bits} bits, of which 0 is white, are rounded to 16"
    rounded = (values.astype(np.uint64) + (1 << lost - 1)) >> np.uint64(lost)
    return np.minimum(rounded, WHITE).astype(np.uint16), (Note("converted", text),)


def floats(values: Array) -> tuple[Array, tuple[Note, ...]]:
    """Return floats as those of 32 bits, or of 64."""
    bits = values.dtype.itemsize * 8
    notes = (Note("converted", f"its floats of {bits} bits become floats of 32"),) if bits < 32 else ()
    return values.astype(np.float64 if bits == 64 else np.float32, copy=False), notes
