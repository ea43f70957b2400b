"""TIFF of more than 8 bits a channel, with tifffile: whole numbers of all sizes, and floats."""

from __future__ import annotations

import numpy as np
from tifffile import TiffFile, TiffPage

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.codec import Source
from convcli.image.limit import USUAL_TILE, over_limit
from convcli.image.samples import WHITE, Samples, scaled_to_16_bits
from convcli.note import Note
from convcli.words import counted

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2
_OTHER_COLORS = {
    3: "a palette",
    4: "a mask",
    5: "CMYK colors",
    6: "YCbCr colors",
    8: "Lab colors",
    9: "Lab colors",
    10: "Lab colors",
    32803: "the colors of a sensor's mosaic",
    34892: "a camera's raw colors",
}

# None, LZW, deflate by two numbers, PackBits, LZMA and Zstandard: none decodes to more than the directory says, where
# the picture formats that a TIFF may have inside have sizes of their own.
COMPRESSIONS = (1, 5, 8, 32946, 32773, 34925, 50000)

_MOST_SAMPLES = 16  # of a pixel that is decoded

_PREMULTIPLIED, _NO_ALPHA = 1, 0  # kinds of a further channel


def tiff_samples(source: Source, index: int) -> Samples:
    """Decode one page of a file whose size was checked.

    Whole numbers become uint16, scaled up from fewer bits; floats of up to 32 bits float32, others float64. Raises
    ReadError for colors, a compression or numbers of a kind that is not read, and what tifffile raises on damage.
    """
    name = source.name
    source.stream.seek(0)
    with TiffFile(source.stream) as file:
        page = file.pages[index]
        assert isinstance(page, TiffPage)
        _check_kind(page, name)
        check_segments_of(page, source)
        stored = page.asarray(squeeze=False, maxworkers=1)  # (planes, depth, height, width, samples)
    pixels = stored[:, 0].transpose(1, 2, 0, 3).reshape(stored.shape[2], stored.shape[3], -1)
    pixels, notes = _whole_numbers(pixels, page, name) if pixels.dtype.kind in "iu" else _floats(pixels)
    if page.photometric == _WHITE_IS_ZERO:
        gray = pixels[:, :, :1]
        np.subtract(WHITE if pixels.dtype.kind == "u" else 1, gray, out=gray)
    return _with_alpha(pixels, page, notes)


def _check_kind(page: TiffPage, name: str) -> None:
    if page.photometric not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB):
        held = _OTHER_COLORS.get(int(page.photometric), f"colors of kind {int(page.photometric)}")
        raise ReadError(f"{name} holds {held} in {page.bitspersample} bits a channel", _convert(page))
    if page.compression not in COMPRESSIONS:
        method = getattr(page.compression, "name", page.compression)
        raise ReadError(f"{name} is a kind of TIFF that is not read: compressed with {method}", _convert(page))
    colors = _colors(page)
    if page.samplesperpixel < colors or page.samplesperpixel > (_MOST_SAMPLES if colors == 3 else 2):
        said, has = "RGB" if colors == 3 else "gray", counted(page.samplesperpixel, "channel")
        raise ReadError(f"{name} is said to be {said} and has {has}", "save the values as .npy")
    if page.imagedepth > 1:
        raise ReadError(f"{name} holds a volume of {page.imagedepth} layers", "save the values as .npy")
    if page.dtype is None or page.dtype.kind not in "iuf":
        kind = getattr(page.sampleformat, "name", page.sampleformat)
        raise ReadError(
            f"{name} is a kind of TIFF that is not read: numbers of {page.bitspersample} bits, {kind}", _convert(page)
        )


def _convert(page: TiffPage) -> str:
    return f"convert it to {'gray' if page.samplesperpixel < 3 else 'RGB'} of 16 bits a channel first"


def _colors(page: TiffPage) -> int:
    return 3 if page.photometric == _RGB else 1


def check_segments_of(page: TiffPage, source: Source) -> None:
    """Raise ValueError where strips or tiles are missing, which tifffile would leave out."""
    tile = page.tilewidth * page.tilelength * page.tiledepth if page.is_tiled else 0
    if tile > max(source.max_pixels, USUAL_TILE):
        raise over_limit(source.name, f"tiles of {page.tilewidth}×{page.tilelength} pixels", source.max_pixels, tile)
    length = source.stream.seek(0, 2)
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if len(segments) < int(np.prod(page.chunked)) and not page.is_contiguous:
        raise ValueError("too few strips or tiles")
    if any(offset <= 0 or count <= 0 or offset + count > length for offset, count in segments):
        raise ValueError("a strip or a tile is not in the file")
    if page.is_contiguous and sum(count for _, count in segments) < page.nbytes:
        raise ValueError("too few bytes")


def _whole_numbers(values: Array, page: TiffPage, name: str) -> tuple[Array, tuple[Note, ...]]:
    bits = page.bitspersample
    if values.dtype == np.uint16:
        if bits == 16:
            return values, ()
        return scaled_to_16_bits(values, 2**bits - 1), (Note("scaled", f"its {bits} bits are scaled to 16"),)
    if page.photometric == _WHITE_IS_ZERO:
        raise ReadError(f"{name} holds whole numbers of {bits} bits whose 0 is white", "save the values as .npy")
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > WHITE:
        raise ReadError(
            f"{name} holds values from {low} to {high}, which do not fit 16 bits",
            "scale them to 16 bits, or save the values as .npy",
        )
    sign = "signed " if values.dtype.kind == "i" else ""
    text = f"its {sign}{bits}-bit whole numbers are filtered as 16 bits a channel"
    return values.astype(np.uint16), (Note("converted", text),)


def _floats(values: Array) -> tuple[Array, tuple[Note, ...]]:
    bits = values.dtype.itemsize * 8
    notes = (Note("converted", f"its floats of {bits} bits become floats of 32"),) if bits < 32 else ()
    return values.astype(np.float64 if bits == 64 else np.float32, copy=False), notes


def _with_alpha(pixels: Array, page: TiffPage, notes: tuple[Note, ...]) -> Samples:
    colors, samples = _colors(page), pixels.shape[2]
    if samples == colors:
        return Samples(pixels, notes=notes)
    # A single further channel of no stated kind is alpha, as for Pillow.
    kinds = tuple(page.extrasamples) or ((2,) if samples == colors + 1 else (_NO_ALPHA,))
    left_out = samples - colors - (kinds[0] != _NO_ALPHA)
    if left_out:
        notes = (*notes, Note("channels-left-out", "it has more channels than colors and alpha; they are left out"))
    if kinds[0] == _NO_ALPHA:
        return Samples(pixels[:, :, :colors], notes=notes)
    pixels = pixels[:, :, : colors + 1]
    if kinds[0] == _PREMULTIPLIED:
        pixels = _divided(pixels)
        text = f"its alpha was multiplied into the {'colors' if colors == 3 else 'gray'}; that is undone"
        notes = (*notes, Note("alpha-undone", text))
    return Samples(pixels, has_alpha=True, notes=notes)


def _divided(pixels: Array) -> Array:
    """Return colors divided by their alpha; where that is 0 they stay."""
    full = WHITE if pixels.dtype.kind == "u" else 1
    alpha = pixels[:, :, -1:].astype(np.float64)
    divided = pixels.copy()
    colors = np.divide(
        pixels[:, :, :-1] * float(full), alpha, out=pixels[:, :, :-1].astype(np.float64), where=alpha > 0
    )
    divided[:, :, :-1] = np.minimum(np.floor(colors + 0.5), full) if pixels.dtype.kind == "u" else colors
    return divided
