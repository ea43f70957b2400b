"""The frames of an animated PNG, composed as browsers show them.

Pillow composes them otherwise: a half transparent frame over nothing becomes darker, and what is cleared becomes black
where the file has no alpha channel. It also cuts 16 bits of color down.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

import numpy as np

from convcli.array_types import Array
from convcli.image.animation import Animation
from convcli.image.codecs.png.chunks import chunk, chunks, png_file
from convcli.image.codecs.png.read import decoded_png
from convcli.image.samples import TRANSPARENT_COLOR, Samples
from convcli.lazy import dataclass
from convcli.note import Note

_HEADER, _PLAY, _CONTROL, _PIXELS, _MORE_PIXELS = b"IHDR", b"acTL", b"fcTL", b"IDAT", b"fdAT"
_COLORS, _TRANSPARENT = b"PLTE", b"tRNS"
_NUMBER = 4  # bytes before the pixels of an fdAT chunk

_PALETTE, _WITH_ALPHA = 3, (4, 6)  # color types of the header
_CLEAR, _RESTORE = 1, 2  # disposals: what happens to a frame when its time is over
_OVER = 1  # it is blended over what is there, and does not replace it
_HUNDREDTHS = 100  # of a second, where no part of one is given


class _Control(NamedTuple):
    """The fields of an fcTL chunk, in their order: how a frame is shown."""

    number: int
    width: int
    height: int
    left: int
    top: int
    duration: int
    per_second: int
    disposal: int
    blend: int


@dataclass(frozen=True)
class _Stored:
    """The parts of an animated PNG: the data of IHDR and of the chunks that every frame needs, and the frames.

    Of each frame its control and its compressed pixels; `plays` as in `Animation`.
    """

    header: bytes
    needed: dict[bytes, bytes]
    frames: list[tuple[_Control, bytes]]
    plays: int

    @property
    def kind(self) -> int:
        """The color type."""
        return self.header[9]


def decoded_frames(file: bytes, size: tuple[int, int], wanted: int | Literal["all"]) -> tuple[list[Samples], Animation]:
    """Decode frames of an animated PNG whose `size`, width and height, was checked: one, counted from 0, or all.

    Returns the frames, of one shape and dtype, uint8 or uint16, and the animation of the whole file. Raises ValueError
    or imagecodecs.PngError on damage.
    """
    stored = _parts_of(file)
    if struct.unpack_from(">II", stored.header) != size:
        raise ValueError("the header is not that of the pixels")
    shown = list(_shown(stored) if wanted == "all" else islice(_shown(stored), wanted, wanted + 1))
    # A cleared frame is transparent in a file without an alpha channel, too.
    opaque = all(frame[:, :, -1].min() == np.iinfo(frame.dtype).max for frame in shown)
    has_alpha = stored.kind in _WITH_ALPHA or _TRANSPARENT in stored.needed or not opaque
    gray = stored.kind == _PALETTE and all((frame[:, :, :3] == frame[:, :, :1]).all() for frame in shown)
    channels = ([0] if gray else [*range(shown[0].shape[2] - 1)]) + ([-1] if has_alpha else [])
    notes: tuple[Note, ...] = ()
    if stored.kind == _PALETTE:
        notes = (Note("palette", f"its palette is filtered as {'gray' if gray else 'RGB'}"),)
    elif _TRANSPARENT in stored.needed:
        notes = (TRANSPARENT_COLOR,)
    durations = (1000 * control.duration / (control.per_second or _HUNDREDTHS) for control, _ in stored.frames)
    animation = Animation(tuple(durations), stored.plays)
    return [Samples(frame[:, :, channels], has_alpha, notes) for frame in shown], animation


def _parts_of(file: bytes) -> _Stored:
    header = b""
    count = plays = 0
    needed: dict[bytes, bytes] = {}
    controls: list[_Control] = []
    pixels: list[list[bytes]] = []
    for name, data in chunks(file):
        if name == _HEADER:
            header = data
        elif name == _PLAY:
            count, plays = struct.unpack(">II", data)
        elif name in (_COLORS, _TRANSPARENT):
            needed[name] = data
        elif name == _CONTROL:
            controls.append(_Control._make(struct.unpack(">IIIIIHHBB", data)))
            pixels.append([])
        elif name in (_PIXELS, _MORE_PIXELS) and pixels:  # pixels before the first control
            pixels[-1].append(data if name == _PIXELS else data[_NUMBER:])  # belong to no frame
    if len(controls) != count:
        raise ValueError("frames are missing")
    return _Stored(header, needed, list(zip(controls, map(b"".join, pixels), strict=True)), plays)


def _shown(stored: _Stored) -> Iterator[Array]:
    """Yield each frame as it is shown, (height, width, channels), with alpha as its last channel."""
    width, height = struct.unpack_from(">II", stored.header)
    canvas: Array | None = None
    for control, pixels in stored.frames:
        frame = _with_alpha(_decoded(stored, control, pixels))
        if canvas is None:
            canvas = np.zeros((height, width, frame.shape[2]), frame.dtype)
        before = canvas.copy()
        region = canvas[control.top : control.top + control.height, control.left : control.left + control.width]
        if region.shape != frame.shape:
            raise ValueError("a frame reaches out of the picture")
        region[:] = _blended(frame, region) if control.blend == _OVER else frame
        yield canvas.copy()
        if control.disposal == _CLEAR:
            region[:] = 0
        elif control.disposal == _RESTORE:
            canvas = before


def _decoded(stored: _Stored, control: _Control, pixels: bytes) -> Array:
    header = struct.pack(">II", control.width, control.height) + stored.header[8:]
    needed = (chunk(name, data) for name, data in stored.needed.items())
    decoded = decoded_png(png_file(chunk(_HEADER, header), *needed, chunk(_PIXELS, pixels)))
    return decoded if decoded.ndim == 3 else decoded[:, :, np.newaxis]


def _with_alpha(frame: Array) -> Array:
    if frame.shape[2] in (2, 4):
        return frame
    opaque = np.full((*frame.shape[:2], 1), np.iinfo(frame.dtype).max, frame.dtype)
    return np.concatenate([frame, opaque], axis=2)


def _blended(frame: Array, below: Array) -> Array:
    """Return a frame over what is below it: Porter and Duff's over (1984), for colors not multiplied by alpha."""
    white = float(np.iinfo(frame.dtype).max)
    alpha = frame[:, :, -1:] / white
    rest = below[:, :, -1:] / white * (1 - alpha)
    both = alpha + rest
    total = frame[:, :, :-1] * alpha + below[:, :, :-1] * rest
    colors = np.divide(total, both, out=np.zeros_like(total), where=both > 0)
    return np.floor(np.concatenate([colors, both * white], axis=2) + 0.5).astype(frame.dtype)
