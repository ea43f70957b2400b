"""Brightness and differences of colors, as videos store them, to RGB and back.

A file names the matrix between them and the range of their numbers. Where it names no matrix, players take that of HD
television for large frames, and that of older television for small ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.lazy import dataclass

_UNKNOWN, _RGB = 2, 0  # matrices without coefficients
_HD, _SD = 1, 5
_MATRICES = {_HD: _HD, 4: 4, 5: _SD, 6: _SD, 7: 7, 9: 9}  # those of ITU-T H.273 to those of the library
_SMALL = (1024, 576)  # frames of older television, at most
_LIMITED, _FULL = 1, 2
_BYTE = 8  # bits
_HIGH_RANGES = (16, 18)  # the curves PQ and HLG


@dataclass(frozen=True)
class Colors:
    """The numbers by which a video names its colors, of ITU-T H.273, and how it stores them.

    Parameters
    ----------
    matrix, range, primaries, curve
        As they are in the file; 2 for an unknown matrix, primaries or curve, and 0 for an unknown range.
    bits
        Of a sample.
    sampling
        Of the differences of colors: ``420``, ``422`` or ``444``.
    """

    matrix: int = _UNKNOWN
    range: int = 0
    primaries: int = 2
    curve: int = 2
    bits: int = 8
    sampling: str = "420"

    @classmethod
    def of(cls, frame: Any) -> Colors:
        """Return those of a decoded frame."""
        form = frame.format
        is_full = form.name.startswith("yuvj") or frame.color_range == _FULL
        chroma = form.components[1] if len(form.components) > 2 else None
        halves = chroma is not None and form.chroma_width(2) == 1, chroma is not None and form.chroma_height(2) == 1
        sampling = "420" if chroma is None else {(True, True): "420", (True, False): "422"}.get(halves, "444")
        return cls(
            _RGB if form.is_rgb else int(frame.colorspace),
            _FULL if is_full and not form.is_rgb else _LIMITED if frame.color_range == _LIMITED else 0,
            int(frame.color_primaries),
            int(frame.color_trc),
            max(_BYTE, *(each.bits for each in form.components)),  # of 5 and 6 bits are written as 8
            sampling,
        )

    @property
    def is_high_range(self) -> bool:
        """True for the curve of a high dynamic range."""
        return self.curve in _HIGH_RANGES

    def at_depth(self, bits: int) -> Colors:
        """Return these colors of 8 bits, or of 10 where they are deeper."""
        return replace(self, bits=_BYTE if bits == _BYTE else 10)

    @property
    def pixels(self) -> str:
        """The library's name of such pixels, of 8 or 10 bits."""
        return f"yuv{self.sampling}p{'' if self.bits == _BYTE else '10le'}"

    def matrix_for(self, width: int, height: int, name: str) -> int:
        """Return the library's number of the matrix; raise ReadError for one that it does not compute."""
        if self.matrix in (_UNKNOWN, _RGB, 3):
            return _SD if width <= _SMALL[0] and height <= _SMALL[1] else _HD
        if self.matrix not in _MATRICES:
            message = f"{name} has colors of a kind that is not read: matrix {self.matrix} of ITU-T H.273"
            raise ReadError(message, "convert it with ffmpeg first: -vf format=yuv420p -colorspace bt709")
        return _MATRICES[self.matrix]


class Converter:
    """Frames of the library to arrays of RGB and back, by interpolation and rounding that are as exact as it has."""

    def __init__(self, av: Any) -> None:
        from av.video.reformatter import Interpolation, VideoReformatter

        self._av = av
        self._forth, self._back = VideoReformatter(), VideoReformatter()
        kinds = Interpolation
        self._how = kinds.BICUBIC | kinds.ACCURATE_RND | kinds.FULL_CHR_H_INT | kinds.FULL_CHR_H_INP

    def to_rgb(self, frame: Any, colors: Colors, bits: int, name: str) -> Array:
        """Return a frame as RGB of 8 or 16 bits."""
        rgb = self._forth.reformat(
            frame,
            format="rgb24" if bits == _BYTE else "rgb48le",
            src_colorspace=colors.matrix_for(frame.width, frame.height, name),
            src_color_range=_FULL if colors.range == _FULL else _LIMITED,
            dst_color_range=_FULL,
            interpolation=self._how,
        )
        array: Array = rgb.to_ndarray()
        return array

    def from_rgb(self, array: Array, colors: Colors, size: tuple[int, int]) -> Any:
        """Return RGB as a frame of some colors; `size` is the width and height that players go by."""
        frame = self._av.VideoFrame.from_ndarray(array, format="rgb24" if array.itemsize == 1 else "rgb48le")
        made = self._back.reformat(
            frame,
            format=colors.pixels,
            src_color_range=_FULL,
            dst_colorspace=colors.matrix_for(*size, ""),
            dst_color_range=_FULL if colors.range == _FULL else _LIMITED,
            interpolation=self._how,
        )
        made.colorspace = _UNKNOWN if colors.matrix == _RGB else colors.matrix
        made.color_range = colors.range
        made.color_primaries, made.color_trc = colors.primaries, colors.curve
        return made
