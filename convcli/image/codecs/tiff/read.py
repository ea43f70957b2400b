"""TIFF that Pillow does not decode whole, with tifffile: whole numbers of all sizes, floats, any number of channels."""

from __future__ import annotations

from typing import NoReturn

import numpy as np
from tifffile import TiffFile, TiffPage

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.codec import Source
from convcli.image.codecs.tiff.colors import (
    BLACK_IS_ZERO,
    CIE_LAB,
    ICC_LAB,
    INKS,
    PALETTE,
    RGB,
    SEPARATED,
    WHITE_IS_ZERO,
    YCBCR,
    of_palette,
    photometric,
)
from convcli.image.codecs.tiff.depths import floats, levels, whole_numbers
from convcli.image.codecs.tiff.segments import (
    COMPRESSIONS,
    FAX,
    JPEG_XR,
    PLAIN,
    SGI_LOG,
    THUNDERSCAN,
    check_segments_of,
)
from convcli.image.sampled.inks import of_inks, of_lab
from convcli.image.samples import Samples
from convcli.note import Note
from convcli.words import counted

_COLORS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, SEPARATED: INKS, YCBCR: 3, CIE_LAB: 3, ICC_LAB: 3}
_OTHER_COLORS = {
    4: "a mask",
    YCBCR: "YCbCr colors",
    10: "Lab colors",
    32803: "the colors of a sensor's mosaic",
    34892: "a camera's raw colors",
}

_MOST_SHOWN, _MOST_SAMPLES = 16, 1000  # of a pixel that is decoded, for colors and alpha alone, and for all channels

_HELD = 4  # times the pixels, by the decoder of JPEG XR
_PREMULTIPLIED, _STRAIGHT, _NO_ALPHA = 1, 2, 0  # kinds of a further channel
_OF_COMPLEX = (
    "take their magnitude first: "
    """python -c "import numpy, tifffile as t; t.imwrite('abs.tif', numpy.abs(t.imread('FILE.tif')))\""""
)
_WITHOUT_SIGN = Note("sign-left-out", "its inks are said to have a sign, and are read as if they had none")
MASK = Note("mask", "its mask is filtered as an alpha channel")


def tiff_samples(source: Source, index: int, icc: bytes = b"", mask: int | None = None) -> Samples:
    """Decode one page of a file whose size was checked, and its `mask`, the number of another page.

    Whole numbers become uint8 or uint16, scaled up from fewer bits; floats of up to 32 bits float32, others float64.
    Numbers of more than 16 bits or with a sign become floats where the source asks for `everything`; `icc` is the
    profile of CMYK. Raises ReadError for colors, a compression or numbers of a kind that is not read, and what tifffile
    raises on damage.
    """
    source.stream.seek(0)
    with TiffFile(source.stream) as file:
        page = file.pages[index]
        assert isinstance(page, TiffPage)
        if int(page.compression) in SGI_LOG:
            samples = _light(page, source)
        elif int(page.compression) == THUNDERSCAN:
            samples = _thunder(page, source)
        else:
            _check_kind(page, source)
            samples = _with_colors(_stored(page, source), page, source, icc)
        hidden = None if mask is None else _mask_of(file.pages[mask], source)
    return samples if hidden is None else _masked(samples, hidden)


def tiff_layers(source: Source, index: int, icc: bytes = b"") -> list[Samples]:
    """Decode the layers of a page that is a volume; parameters and errors as of `tiff_samples`."""
    source.stream.seek(0)
    with TiffFile(source.stream) as file:
        page = file.pages[index]
        assert isinstance(page, TiffPage)
        if int(page.compression) not in PLAIN:
            _refuse_volume(page, source)
        _check_kind(page, source, layers=page.imagedepth)
        check_segments_of(page, source)
        stored = page.asarray(squeeze=False, maxworkers=1)
        return [_with_colors(_layer(stored, each), page, source, icc) for each in range(page.imagedepth)]


def _layer(stored: Array, number: int) -> Array:
    """Return a layer (height, width, samples) of (planes, layers, height, width, samples)."""
    return stored[:, number].transpose(1, 2, 0, 3).reshape(stored.shape[2], stored.shape[3], -1)


def _stored(page: TiffPage, source: Source) -> Array:
    check_segments_of(page, source)
    if page.compression in JPEG_XR:
        from convcli.image.apart.decoding import decoded_apart  # here, for such files alone

        file = source.content()
        pixels = page.imagewidth * page.imagelength
        stored = decoded_apart("tiff", file, pixels, 2 * (len(file) + _HELD * page.nbytes), page=page.index)
    else:
        stored = page.asarray(squeeze=False, maxworkers=1)
    return _layer(stored, 0)


def _light(page: TiffPage, source: Source) -> Samples:
    from convcli.image.codecs.tiff.log_light import LOG_L, LOG_LUV, light_samples  # here, for such files alone

    if page.samplesperpixel != {LOG_L: 1, LOG_LUV: 3}.get(int(page.photometric)):
        raise ValueError("light of other channels than its kind has")
    check_segments_of(page, source)
    return light_samples(source.content(), page)


def _thunder(page: TiffPage, source: Source) -> Samples:
    from convcli.image.codecs.tiff.thunder import thunder_values  # here, for such files alone

    _check_kind(page, source)
    check_segments_of(page, source)
    values, damage = thunder_values(source.content(), page)
    samples = _with_colors(values, page, source, b"")
    return samples._replace(notes=(*damage, *samples.notes))


def _with_colors(pixels: Array, page: TiffPage, source: Source, icc: bytes) -> Samples:
    """Return what is stored as gray or RGB, or as channels of their own."""
    kind = photometric(page)
    if kind == PALETTE:
        if page.colormap is None:
            raise ValueError("no palette")
        colors, notes = of_palette(pixels[:, :, :1], page.colormap)
        return Samples(colors, notes=notes)
    numbers, inks = "", tuple[Note, ...]()
    if kind == SEPARATED and pixels.dtype in (np.int8, np.int16):
        pixels, inks = pixels.view(f"u{pixels.dtype.itemsize}"), (_WITHOUT_SIGN,)
    if pixels.dtype.kind == "f":
        pixels, notes = floats(pixels)
    elif pixels.dtype.kind == "b" or (page.bitspersample <= 16 and pixels.dtype.kind == "u"):
        pixels, notes = levels(pixels, page)
    elif source.everything and kind in (BLACK_IS_ZERO, RGB):
        numbers = pixels.dtype.name
        pixels, notes = pixels.astype(np.float32 if pixels.dtype.itemsize < 4 else np.float64), ()
    else:
        pixels, notes = whole_numbers(pixels, page, source.name)
    if kind == WHITE_IS_ZERO:
        gray = pixels[:, :, :1]
        np.subtract(np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1, gray, out=gray)
    if kind in (SEPARATED, CIE_LAB, ICC_LAB):
        colors, further = pixels[:, :, : _COLORS[kind]], pixels[:, :, _COLORS[kind] :]
        rgb, note = of_inks(colors, icc) if kind == SEPARATED else of_lab(colors, is_icc=kind == ICC_LAB)
        pixels, notes = np.concatenate([rgb, further.astype(rgb.dtype)], axis=2), (*notes, *inks, note)
    samples = _with_alpha(pixels, page, notes, everything=source.everything)
    return samples._replace(numbers=numbers)


def _check_kind(page: TiffPage, source: Source, layers: int = 1) -> None:
    name, kind = source.name, photometric(page)
    if kind not in _COLORS or (kind == YCBCR and int(page.compression) in (*PLAIN, *FAX)):
        held = _OTHER_COLORS.get(kind, f"colors of kind {kind}")
        raise ReadError(f"{name} holds {held} in {page.bitspersample} bits a channel", _convert(page))
    if page.compression not in COMPRESSIONS:
        method = getattr(page.compression, "name", page.compression)
        raise ReadError(f"{name} is a kind of TIFF that is not read: compressed with {method}", _convert(page))
    colors, count = _COLORS[kind], page.samplesperpixel
    most = _MOST_SAMPLES if source.everything else _MOST_SHOWN if colors >= 3 or _is_color_by_channels(page) else 2
    if not colors <= count <= most:
        said = "gray" if colors == 1 else "CMYK" if kind == SEPARATED else "RGB"
        hint = "write TIFF or .npy, which hold them" if count > most else "save the values as .npy"
        raise ReadError(f"{name} is said to be {said} and has {counted(count, 'channel')}", hint)
    if page.imagedepth != layers:
        _refuse_volume(page, source)
    if page.dtype is None or page.dtype.kind not in "iufb" or not isinstance(page.bitspersample, int):
        stored = getattr(page.sampleformat, "name", page.sampleformat)
        raise ReadError(
            f"{name} is a kind of TIFF that is not read: numbers of {page.bitspersample} bits, {stored}",
            _OF_COMPLEX if page.dtype is not None and page.dtype.kind == "c" else _convert(page),
        )


def _refuse_volume(page: TiffPage, source: Source) -> NoReturn:
    what = f"{source.name} holds a volume of {page.imagedepth} layers that is packed, or one of several"
    raise ReadError(what, "save its layers as pages of a TIFF, or as .npy")


def _is_color_by_channels(page: TiffPage) -> bool:
    """Return whether a page that is said to be gray has three channels beside alpha, as maps do."""
    kinds = [int(kind) for kind in page.extrasamples]
    return page.samplesperpixel - (kinds[-1:] in ([_STRAIGHT], [_PREMULTIPLIED])) == 3


def _convert(page: TiffPage) -> str:
    return f"convert it to {'gray' if page.samplesperpixel < 3 else 'RGB'} of 16 bits a channel first"


def _mask_of(page: object, source: Source) -> Array:
    assert isinstance(page, TiffPage)
    shown: Array = _stored(page, source)[:, :, :1] != 0
    return shown


def _masked(samples: Samples, shown: Array) -> Samples:
    """Return samples with a mask (height, width, 1) as their alpha, or as a part of it."""
    pixels = samples.pixels
    if shown.shape[:2] != pixels.shape[:2] or samples.numbers:
        return samples._replace(notes=(*samples.notes, Note("mask-left-out", "its mask is left out")))
    full = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1
    alpha = (shown * pixels.dtype.type(full)).astype(pixels.dtype)
    if samples.has_alpha:
        alpha = np.minimum(alpha, pixels[:, :, -1:])
        pixels = pixels[:, :, :-1]
    return samples._replace(
        pixels=np.concatenate([pixels, alpha], axis=2), has_alpha=True, notes=(*samples.notes, MASK)
    )


def _with_alpha(pixels: Array, page: TiffPage, notes: tuple[Note, ...], *, everything: bool) -> Samples:
    """Return colors, or all channels, with the one that is alpha as the last."""
    kind = photometric(page)
    colors = 3 if kind in (SEPARATED, CIE_LAB, ICC_LAB) or _is_color_by_channels(page) else _COLORS[kind]
    count = pixels.shape[2]
    base = 1 if colors == 3 and _COLORS[kind] == 1 else colors
    kinds = [int(each) for each in page.extrasamples][: count - base]
    # A single further channel of no stated kind is alpha, as for Pillow.
    if not kinds and count == colors + 1:
        kinds = [_STRAIGHT]
    kinds = [_NO_ALPHA] * (count - len(kinds)) + kinds
    alpha = next((at for at, each in enumerate(kinds) if each != _NO_ALPHA), None)
    shown = [at for at in range(count) if at != alpha][: count if everything else colors]
    left_out = count - len(shown) - (alpha is not None)
    if left_out:
        notes = (*notes, Note("channels-left-out", "it has more channels than colors and alpha; they are left out"))
    if alpha is None:
        return Samples(pixels[:, :, shown] if left_out else pixels, notes=notes)
    in_order = [*shown, alpha]
    whole = pixels if in_order == list(range(count)) else np.ascontiguousarray(pixels[:, :, in_order])
    if kinds[alpha] == _PREMULTIPLIED:
        whole = _divided(whole)
        text = f"its alpha was multiplied into the {'colors' if len(shown) > 1 else 'gray'}; that is undone"
        notes = (*notes, Note("alpha-undone", text))
    return Samples(whole, has_alpha=True, notes=notes)


def _divided(pixels: Array) -> Array:
    """Return colors divided by their alpha; where that is 0 they stay."""
    full = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1
    alpha = pixels[:, :, -1:].astype(np.float64)
    divided = pixels.copy()
    colors = np.divide(
        pixels[:, :, :-1] * float(full), alpha, out=pixels[:, :, :-1].astype(np.float64), where=alpha > 0
    )
    divided[:, :, :-1] = np.minimum(np.floor(colors + 0.5), full) if pixels.dtype.kind == "u" else colors
    return divided
