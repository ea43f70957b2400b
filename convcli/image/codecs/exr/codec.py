"""The codec of OpenEXR: light of floats of 16 or 32 bits, gray or RGB, with alpha that is multiplied into it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.codec import Encoding, Source
from convcli.image.codecs.exr.header import Header, header_of
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
from convcli.note import Note

_COLORS = (("RGBA", 4), ("RGB", 3), ("Y", 1))
_DIFFERENCES = {"RY", "BY"}
_CONVERTED = Note("converted", "its luminance and differences of colors are converted to RGB")
_FURTHER = Note("channels-left-out", "it has more channels than colors and alpha; they are left out")


class ExrCodec(SampledCodec[Header]):
    """OpenEXR."""

    def parsed(self, source: Source) -> Header:
        return header_of(source)

    def outline(self, source: Source, parsed: Header) -> Outline:
        return Outline(parsed.height, parsed.width, 4, 4, beside=parsed.beside)

    def samples(self, source: Source, parsed: Header) -> Samples:
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
        count, notes = len(channels), tuple[Note, ...]()
        if name is not None and parsed.is_deep:
            from convcli.image.codecs.exr.deep import DISTANCES, flattened  # here, for such files alone

            count -= sum(each in channels for each in DISTANCES)
            channels, notes = flattened(channels, name)
        if name is None or channels[name].dtype.kind != "f":
            held = ", ".join(channels)
            message = f"{source.name} has channels that are no gray or RGB of floats: {held}"
            raise ReadError(message, "name them R, G and B, or Y")
        return _in_light(channels, name, count, parsed, notes)

    def described(self, source: Source, parsed: Header) -> Described:
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


def _in_light(channels: dict[str, Any], name: str, count: int, parsed: Header, notes: tuple[Note, ...]) -> Samples:
    """Return gray or RGB, with alpha taken out of it, of a part with so many channels, `name` the one of colors."""
    pixels = np.asarray(channels[name], np.float32)
    pixels = pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis]
    used = 1
    if name == "Y" and channels.keys() >= _DIFFERENCES:
        red, blue = (np.asarray(channels[each], np.float32) for each in ("RY", "BY"))
        pixels = from_luminance(pixels[:, :, 0], red, blue, parsed.chromaticities)
        used, notes = 3, (*notes, _CONVERTED)
    has_alpha = pixels.shape[2] == 4
    if not has_alpha and name != "A" and "A" in channels:
        pixels = np.concatenate([pixels, channels["A"].astype(np.float32)[:, :, np.newaxis]], axis=2)
        has_alpha, used = True, used + 1
    notes += (_FURTHER,) if count > used else ()
    return Samples(_divided(pixels) if has_alpha else np.ascontiguousarray(pixels), has_alpha, notes)


def _fit_halves(frame: Array) -> bool:
    with np.errstate(over="ignore"):
        return bool(np.array_equal(frame.astype(np.float16).astype(np.float32), frame, equal_nan=True))


def _divided(pixels: Array) -> Array:
    """Return colors without the alpha that is multiplied into them; those of no alpha stay."""
    alpha = pixels[:, :, -1:]
    with np.errstate(over="ignore", invalid="ignore"):  # light without end, and values that are no numbers, stay such
        colors = np.divide(pixels[:, :, :-1], alpha, out=pixels[:, :, :-1].copy(), where=alpha != 0)
    return np.concatenate([colors, alpha], axis=2)


def _library(form: Format) -> Any:
    """Import the library of a format; raise FileError where it is not installed."""
    try:
        import OpenEXR
    except ImportError:
        raise missing_library(form) from None
    return OpenEXR
