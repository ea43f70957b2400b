"""OpenEXR: light of floats of 16 or 32 bits, gray or RGB, with alpha that is multiplied into it."""

from __future__ import annotations

import re
import struct
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.codec import Encoding, Source
from convcli.image.color_profile import light_profile
from convcli.image.formats import Format
from convcli.image.memory import Outline
from convcli.image.metadata import SRGB_CHROMATICITIES
from convcli.image.picture import Picture
from convcli.image.pillow.silence import without_stderr, without_stdout
from convcli.image.sampled.chroma import from_luminance
from convcli.image.sampled.codec import Described, SampledCodec
from convcli.image.sampled.extras import missing_library
from convcli.image.samples import Samples
from convcli.lazy import dataclass
from convcli.note import Note
from convcli.words import counted

_DEEP = 0x800  # a bit of the version: samples at many depths
_PARTS = 0x1000  # another: several pictures
_FLATTEN = "OpenImageIO makes one sample of them: oiiotool FILE.exr --flatten -o FLAT.exr"
_LONGEST_NAME = 256
_MOST, _MOST_PARTS = 1000, 1000  # attributes and parts
_WIDEST = 4  # bytes of a value
_DATA, _DISPLAY = _WINDOWS = b"dataWindow", b"displayWindow"  # that of the pixels, and that of what is shown
_COLORS = (("RGBA", 4), ("RGB", 3), ("Y", 1))
_DIFFERENCES = {"RY", "BY"}
_CONVERTED = Note("converted", "its luminance and differences of colors are converted to RGB")
_FURTHER = Note("channels-left-out", "it has more channels than colors and alpha; they are left out")


@dataclass(frozen=True)
class _Header:
    width: int
    height: int
    chromaticities: tuple[float, ...]  # x and y of red, green, blue and white; empty for those of sRGB
    is_gray: bool | None  # None for neither colors nor gray by their names
    notes: tuple[Note, ...] = ()
    part: int = 0
    channels: int = 4
    name: str = ""  # of a part
    beside: int = 16  # bytes of a pixel that the library holds


class ExrCodec(SampledCodec[_Header]):
    """OpenEXR."""

    def parsed(self, source: Source) -> _Header:
        return _header(source)

    def outline(self, source: Source, parsed: _Header) -> Outline:
        return Outline(parsed.height, parsed.width, 4, 4, beside=parsed.beside)

    def samples(self, source: Source, parsed: _Header) -> Samples:
        library = _library(self.format)
        with tempfile.TemporaryDirectory() as folder:  # the library reads files alone
            path = Path(folder) / "in.exr"
            path.write_bytes(source.content())
            # The library tells of damage on stdout, where pictures and records go, and on stderr.
            with without_stdout(), without_stderr(), library.File(str(path)) as file:
                channels: dict[str, Any] = {name: each.pixels for name, each in file.channels(parsed.part).items()}
        name = next((name for name, _ in _COLORS if name in channels), None)
        if name is None and len(channels) == 1:
            name = next(iter(channels))
        if name is None or channels[name].dtype.kind != "f":
            held = ", ".join(channels)
            message = f"{source.name} has channels that are no gray or RGB of floats: {held}"
            raise ReadError(message, "name them R, G and B, or Y")
        pixels = np.asarray(channels[name], np.float32)
        pixels = pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis]
        used, notes = 1, tuple[Note, ...]()
        if name == "Y" and channels.keys() >= _DIFFERENCES:
            red, blue = (np.asarray(channels[each], np.float32) for each in ("RY", "BY"))
            pixels = from_luminance(pixels[:, :, 0], red, blue, parsed.chromaticities)
            used, notes = 3, (_CONVERTED,)
        has_alpha = pixels.shape[2] == 4
        if not has_alpha and name != "A" and "A" in channels:
            pixels = np.concatenate([pixels, channels["A"].astype(np.float32)[:, :, np.newaxis]], axis=2)
            has_alpha, used = True, used + 1
        notes += (_FURTHER,) if len(channels) > used else ()
        return Samples(_divided(pixels) if has_alpha else np.ascontiguousarray(pixels), has_alpha, notes)

    def described(self, source: Source, parsed: _Header) -> Described:
        points = (*parsed.chromaticities[6:], *parsed.chromaticities[:6])
        icc = light_profile(points or SRGB_CHROMATICITIES, gray=parsed.is_gray is not False)
        return Described(icc=icc, notes=parsed.notes)

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        library = _library(self.format)
        frame = picture.frames[0].astype(np.float32)
        if picture.has_alpha:
            alpha = np.where(frame[:, :, -1:] == 0, 1, frame[:, :, -1:])
            with np.errstate(over="ignore", invalid="ignore"):
                frame = np.concatenate([frame[:, :, :-1] * alpha, frame[:, :, -1:]], axis=2)
        frame = np.ascontiguousarray(frame.astype(np.float16) if _fit_halves(frame) else frame)
        if picture.colors == 1:
            channels = {"Y": np.ascontiguousarray(frame[:, :, 0])}
            channels |= {"A": np.ascontiguousarray(frame[:, :, 1])} if picture.has_alpha else {}
        else:
            channels = {"RGBA" if picture.has_alpha else "RGB": frame}
        header = {"compression": library.ZIP_COMPRESSION, "type": library.scanlineimage}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "out.exr"
            library.File(header, channels).write(str(path))
            stream.write(path.read_bytes())


CODEC = ExrCodec


def _fit_halves(frame: Array) -> bool:
    with np.errstate(over="ignore"):
        return bool(np.array_equal(frame.astype(np.float16).astype(np.float32), frame, equal_nan=True))


def _divided(pixels: Array) -> Array:
    """Return colors without the alpha that is multiplied into them; those of no alpha stay."""
    alpha = pixels[:, :, -1:]
    with np.errstate(over="ignore", invalid="ignore"):  # light without end, and values that are no numbers, stay such
        colors = np.divide(pixels[:, :, :-1], alpha, out=pixels[:, :, :-1].copy(), where=alpha != 0)
    return np.concatenate([colors, alpha], axis=2)


def _header(source: Source) -> _Header:
    """Read the headers, and return that of the first part with colors or gray; raise ValueError on damage."""
    file = source.content()
    (version,) = struct.unpack_from("<I", file, 4)
    if version & _DEEP:
        raise ReadError(f"{source.name} is a kind of OpenEXR that is not read: samples at many depths", _FLATTEN)
    found: list[_Header] = []
    at = 8
    while len(found) < _MOST_PARTS:
        part, at = _part_header(file, at, len(found))
        found.append(part)
        if not version & _PARTS or file[at : at + 1] in (b"\0", b""):
            break
    chosen = next((each for each in found if each.is_gray is not None), found[0])
    if len(found) == 1:
        return chosen
    for each in found:
        source.check_size((each.width, each.height))
    # The library decodes all of them.
    together = sum(each.width * each.height * each.channels for each in found)
    source.check_together(len(found), sum(each.width * each.height for each in found))
    beside = -(-_WIDEST * together // (chosen.width * chosen.height))
    others = counted(len(found) - 1, "other part")
    note = Note("parts-left-out", f"of its {len(found)} parts {chosen.name or 'the first'} is filtered, {others} not")
    return replace(chosen, beside=beside, notes=(note, *chosen.notes))


def _part_header(file: bytes, at: int, number: int) -> tuple[_Header, int]:
    """Read the header of a part, and return the place behind it."""
    chromaticities: tuple[float, ...] = ()
    windows: dict[bytes, tuple[int, int, int, int]] = {}
    names: set[bytes] = set()
    called, channels = "", 0
    for _ in range(_MOST):
        name, at = _word(file, at)
        if not name:
            break
        _, at = _word(file, at)
        (length,) = struct.unpack_from("<I", file, at)
        at += 4
        if name in _WINDOWS:
            windows[name] = struct.unpack_from("<4i", file, at)
        elif name == b"name":
            called = file[at : at + length].decode("utf-8", "replace")
        elif name == b"channels":
            names = set(re.findall(rb"([\x20-\x7e]{1,255})\0.{16}", file[at : at + length], re.DOTALL))
            channels = len(names)
            if len({each.rpartition(b".")[0] for each in names}) == 1:  # those of one layer, which is read
                names = {each.rpartition(b".")[2] for each in names}
        elif name == b"chromaticities":
            chromaticities = struct.unpack_from("<8f", file, at)
        at += length
    left, top, right, bottom = windows.get(_DATA, (0, 0, -1, -1))
    if min(right - left, bottom - top) < 0:
        raise ValueError("no size")
    notes = _windows_note(windows[_DATA], windows.get(_DISPLAY, windows[_DATA]))
    has_colors = names >= {b"R", b"G", b"B"} or names >= {b"Y", b"RY", b"BY"}
    is_gray = False if has_colors else True if b"Y" in names else None
    size = right - left + 1, bottom - top + 1
    return _Header(*size, chromaticities, is_gray, notes, number, channels, called), at


def _windows_note(data: tuple[int, int, int, int], shown: tuple[int, int, int, int]) -> tuple[Note, ...]:
    """Return a note where the pixels are not those of the picture that is shown, but more, or fewer."""
    if data == shown:
        return ()
    left, top, right, bottom = shown
    size, place = f"{right - left + 1}×{bottom - top + 1}", f"{data[0] - left},{data[1] - top}"
    text = f"its pixels have a place at {place} in a display window of {size}, which is left out: all are filtered"
    return (Note("window-left-out", text),)


def _word(file: bytes, at: int) -> tuple[bytes, int]:
    end = file.index(b"\0", at, at + _LONGEST_NAME)
    return file[at:end], end + 1


def _library(form: Format) -> Any:
    """Import the library of a format; raise FileError where it is not installed."""
    try:
        import OpenEXR
    except ImportError:
        raise missing_library(form) from None
    return OpenEXR
