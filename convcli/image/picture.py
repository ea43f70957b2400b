"""Picture: the pixels of a file and its metadata."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np

from convcli.array_types import Array
from convcli.image.animation import Animation
from convcli.image.formats import Format
from convcli.image.metadata import Metadata
from convcli.lazy import dataclass
from convcli.note import Note


class StoredArray(NamedTuple):
    """One array of a Zarr: a picture, or a smaller version of one."""

    path: str  # below the folder; empty for an array that is the folder
    shape: tuple[int, ...]
    metadata: dict[str, Any]  # as its file has it: ``zarr.json`` or ``.zarray``
    attributes: dict[str, Any]  # of the second version of Zarr, which has a file for them


class StackAxis(NamedTuple):
    """An axis of a stack: ``t``, ``c``, ``z``, ``y`` or ``x``; the size of a step along it, 0 where that is not said.

    The `unit` is in words, as OME-Zarr has it: ``micrometer``.
    """

    name: str
    length: int = 1
    step: float = 0.0
    unit: str = ""


class Stack(NamedTuple):
    """The axes along which the frames or pages of a picture lie, the slowest first, and the size of a pixel.

    `channels_apart` is true where channels are no colors, and become pages of their own.
    """

    frames: tuple[StackAxis, ...]
    pixel: tuple[StackAxis, StackAxis]  # down and across
    channels_apart: bool = False

    def enlarged(self, down: float, across: float) -> Stack:
        """Return a stack of pixels that are so many times as high and as wide."""
        y, x = self.pixel
        return self._replace(pixel=(y._replace(step=y.step * down), x._replace(step=x.step * across)))


@dataclass(frozen=True, eq=False)
class Layout:
    """The storage of a picture in chunks, so that another one can be stored alike.

    Parameters
    ----------
    version
        Of Zarr: 2 or 3.
    axes
        ``y``, ``x``, ``c`` of the channels, and names of others, along which there are frames.
    levels
        The array, and smaller versions of it.
    group
        The metadata of an OME-Zarr around them: ``zarr.json`` or ``.zattrs``. None for an array alone.
    pixel
        The height and width of a pixel in those of the file that this was read from.
    planes
        The axes along which the frames lie, in their order; empty for all but ``y``, ``x`` and ``c``.
    """

    version: Literal[2, 3]
    axes: tuple[str, ...]
    levels: tuple[StoredArray, ...]
    group: dict[str, Any] | None = None
    pixel: tuple[float, float] = (1, 1)
    keeps_attributes: bool = True  # whether the other one has all that is said about this
    planes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Picture:
    """The content of one file.

    Parameters
    ----------
    frames
        At least one, each H×W×C and all of one dtype: uint8 or uint16 for a picture, 0 to full scale; float32 or
        float64 for an array file, without a range, or for a picture, whose white is 1 and whose values may lie beyond.
    has_alpha
        The last channel is alpha, not multiplied into the colors.
    axes
        Empty for a picture. The axes of an array file: ``HW``, ``CHW``, or ``NCHW`` whose N are the frames.
    notes
        What was converted or left out while reading, each for a line of warning.
    animation
        The durations of the frames; None where they are items of an array, or there is but one.
    pages
        Those of a document behind this one, each of a size and kind of its own. None of them has pages.
    format
        The format of the file that it was read from; None for none.
    damage
        What is missing of a file that is damaged a little, each for a line of warning; they are among the notes.
    quality
        The quality, 1 to 100, at which its format is written again without losing much more: for JPEG that of the file
        where it is higher than the default, and 100 for a lossless WebP. None for the format's default.
    lossy
        The property of the file's format that altered the pixels: ``compression`` or ``256 colors``. Empty where it
        holds them exactly.
    layout
        The storage of the file that it was read from, where that has chunks.
    numbers
        The type of the whole numbers that the floats are, such as ``int16``, which have no range; empty for levels.
    stack
        The axes along which the frames or pages lie; None where nothing is known of them.
    linear
        The values are light, as of physics, in place of levels; they are floats.

    Raises
    ------
    ValueError
        There is no frame, or one is not H×W×C: an error of the caller, not of a file.
    """

    frames: tuple[Array, ...]
    has_alpha: bool = False
    metadata: Metadata = Metadata()
    axes: str = ""
    notes: tuple[Note, ...] = ()
    animation: Animation | None = None
    pages: tuple[Picture, ...] = ()
    format: Format | None = None
    damage: tuple[Note, ...] = ()
    quality: int | None = None
    lossy: str = ""
    layout: Layout | None = None
    numbers: str = ""
    linear: bool = False
    stack: Stack | None = None

    def __post_init__(self) -> None:
        if not self.frames or any(frame.ndim != 3 for frame in self.frames):
            raise ValueError(f"frames of H×W×C wanted, got shapes {[frame.shape for frame in self.frames]}")

    @property
    def count(self) -> int:
        """The number of frames or pages."""
        return len(self.frames) + len(self.pages)

    @property
    def is_array(self) -> bool:
        """True for an array file, whose values have no range."""
        return bool(self.axes)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values."""
        return self.frames[0].dtype

    @property
    def bits(self) -> int:
        """Bits in a value of one channel."""
        return self.dtype.itemsize * 8

    @property
    def full_scale(self) -> float:
        """The value of white: 255 at 8 bits, 65535 at 16, 1 for floats."""
        return float(np.iinfo(self.dtype).max) if self.dtype.kind == "u" else 1.0

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width, _ = self.frames[0].shape
        return height, width

    @property
    def channels(self) -> int:
        """The number of channels, alpha among them."""
        return int(self.frames[0].shape[2])

    @property
    def colors(self) -> int:
        """The number of channels without alpha."""
        return self.channels - self.has_alpha

    def without_pixels(self, shape: tuple[int, int, int], dtype: np.dtype[Any], count: int = 1) -> Picture:
        """Return a picture of frames of another shape (height, width, channels), which take no memory."""
        return replace(self, frames=(np.broadcast_to(np.zeros((), dtype), shape),) * count)

    def with_pixels(self, frame: Array) -> Picture:
        """Return a picture of one frame."""
        return replace(self, frames=(frame,))
