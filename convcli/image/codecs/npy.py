"""NumPy's array files, to and from the frames of a Picture, unscaled and unclipped."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable
from typing import IO, Any, Literal

import numpy as np
from numpy.lib import format as npy

from convcli.array_types import Array, filtered_dtype
from convcli.errors import ReadError
from convcli.image.codec import Codec, Encoding, RowReader, RowWriter, Source
from convcli.image.limit import over_limit
from convcli.image.memory import Outline
from convcli.image.picture import Picture
from convcli.note import Note
from convcli.words import times

_AXES = {2: "HW", 3: "CHW", 4: "NCHW"}

_Header = tuple[tuple[int, ...], bool, np.dtype[Any]]


class NpyCodec(Codec):
    """Files of .npy: H×W, C×H×W or N×C×H×W real numbers."""

    in_rows = True
    rows_held = 1

    def count(self, source: Source) -> int:
        shape, _, _ = _npy_header(source.stream, source.name)
        return shape[0] if len(shape) == len("NCHW") else 1

    def read(self, source: Source) -> Picture:
        """Return N frames of H×W×C: float32 from 16 and 32 bits, float64 from everything else."""
        stream, name = source.stream, source.name
        shape, by_column, dtype = _checked_header(source)
        wanted = _wanted_dtype(dtype, name)
        expected = math.prod(shape) * dtype.itemsize
        count, channels, height, width = (1,) * (4 - len(shape)) + shape
        source.admit(name, [Outline(height, width, channels, wanted.itemsize, channels * dtype.itemsize, count)])
        data = stream.read(expected)
        array = np.frombuffer(data, dtype).reshape(shape, order="F" if by_column else "C")
        planes = array.reshape((1,) * (4 - len(shape)) + shape)
        frames = tuple(np.ascontiguousarray(each.transpose(1, 2, 0), dtype=wanted) for each in planes)
        return Picture(frames, axes=_AXES[len(shape)], notes=_npy_notes(array, shape))

    def rows(self, source: Source) -> RowReader | None:
        shape, by_column, dtype = _checked_header(source)
        if len(shape) == len("NCHW") and shape[0] > 1:
            return None
        order: Literal["F", "C"] = "F" if by_column else "C"
        if isinstance(source.stream, io.BytesIO):
            whole: Array = np.frombuffer(source.stream.getbuffer(), dtype, math.prod(shape), source.stream.tell())
            whole = whole.reshape(shape, order=order)
        else:
            whole = np.memmap(source.stream, dtype, "r", source.stream.tell(), shape, order)
        return _NpyRows(whole, _wanted_dtype(dtype, source.name))

    def row_writer(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> RowWriter:
        return _NpyWriter(picture, stream, encoding.begun)

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        """Write the frames with the axes that their file had, their values and dtype as they are.

        A picture becomes H×W when it is gray, else C×H×W, as does what came as H×W and has more channels now; several
        frames become N×C×H×W.
        """
        _write_header(picture, stream)
        # Plane by plane, as one array of all would double the memory; and not by numpy.save, which writes a file in C,
        # where a full disk is reported as something else.
        for frame in picture.frames:
            for plane in np.moveaxis(frame, 2, 0):
                stream.write(np.ascontiguousarray(plane).data)


CODEC = NpyCodec


class _NpyRows(RowReader):
    """Rows of an array file, mapped into memory: the system reads what is looked at."""

    in_any_order = True

    def __init__(self, whole: Array, dtype: np.dtype[Any]) -> None:
        self._planes, self._dtype = whole.reshape((1,) * (3 - whole.ndim) + whole.shape[-3:]), dtype
        channels, height, width = self._planes.shape
        empty = Picture((np.zeros((1, 1, 1)),), axes=_AXES[whole.ndim], notes=_notes_on_axes(whole.shape))
        self.picture = empty.without_pixels((height, width, channels), dtype)

    def read(self, first: int, last: int) -> Array:
        return np.ascontiguousarray(self._planes[:, first:last].transpose(1, 2, 0), dtype=self._dtype)


class _NpyWriter(RowWriter):
    """Planes of an array file, frame after frame, of which rows are written side by side."""

    def __init__(self, picture: Picture, stream: IO[bytes], begun: dict[str, Any] | None = None) -> None:
        stream.seek(0)
        _write_header(picture, stream)
        self._stream, self._begin, self._written = stream, stream.tell(), 0
        self._height, width = picture.size
        self._channels = picture.channels
        self._line = width * picture.dtype.itemsize
        if begun is not None:
            self._written = begun["written"]

    def state(self) -> dict[str, Any]:
        self._stream.flush()
        return {"written": self._written}

    def write(self, rows: Array) -> None:
        frame, top = divmod(self._written, self._height)
        for number, plane in enumerate(np.moveaxis(rows, 2, 0), start=frame * self._channels):
            self._stream.seek(self._begin + (number * self._height + top) * self._line)
            self._stream.write(np.ascontiguousarray(plane).data)
        self._written += len(rows)

    def finish(self) -> None:
        self._stream.seek(0, io.SEEK_END)


def _write_header(picture: Picture, stream: IO[bytes]) -> None:
    shape: tuple[int, ...] = (len(picture.frames), picture.channels, *picture.size)
    if shape[0] == 1 and picture.axes != "NCHW":
        shape = shape[1:]
        if shape[0] == 1 and picture.axes != "CHW":
            shape = shape[1:]
    description = {"descr": npy.dtype_to_descr(picture.dtype), "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(stream, description)


def _checked_header(source: Source) -> _Header:
    """Return the header of a file whose values can be read, and leave the stream before them."""
    name = source.name
    shape, by_column, dtype = _npy_header(source.stream, name)
    _wanted_dtype(dtype, name)
    if len(shape) not in _AXES:
        axes = "1 axis" if len(shape) == 1 else f"{len(shape)} axes"
        raise ReadError(f"{name} has {axes}", "save an array of H×W, C×H×W or N×C×H×W")
    if 0 in shape:
        raise ReadError(f"{name} holds no values: its shape is {times(shape)}", "save an array with values")
    pixels = math.prod(shape) // (shape[-3] if len(shape) > 2 else 1)
    if pixels > source.max_pixels:
        raise over_limit(name, f"the shape {times(shape)}", source.max_pixels, pixels)
    _check_length(source.stream, name, math.prod(shape) * dtype.itemsize)
    return shape, by_column, dtype


def _npy_header(stream: IO[bytes], name: str) -> _Header:
    readers: dict[tuple[int, int], Callable[[IO[bytes]], _Header]] = {
        (1, 0): npy.read_array_header_1_0,
        (2, 0): npy.read_array_header_2_0,
    }
    damaged = ReadError(f"{name} is not a .npy file, or its header is damaged", "save it with numpy.save")
    try:
        with warnings.catch_warnings():
            # NumPy has Python read the header, which warns of numbers that are spelt badly or as Python 2 did.
            warnings.simplefilter("ignore")
            version = npy.read_magic(stream)
            shape, by_column, dtype = readers[version](stream)
    except OSError:
        raise
    except Exception as error:  # whatever Python's parser runs into; a MemoryError is that of brackets in brackets
        raise damaged from error
    if any(isinstance(length, bool) or length < 0 for length in shape):
        raise damaged
    return shape, by_column, dtype


def _wanted_dtype(dtype: np.dtype[Any], name: str) -> np.dtype[Any]:
    if dtype.hasobject:
        raise ReadError(f"{name} holds Python objects, which could run code when read", "save an array of numbers")
    wanted = filtered_dtype(dtype)
    if wanted is None:
        raise ReadError(f"{name} holds values of type {dtype}", "save real numbers of at most 64 bits")
    return wanted


def _check_length(stream: IO[bytes], name: str, expected: int) -> None:
    """Raise ReadError where values are missing: the header may promise more than memory holds."""
    start = stream.tell()
    present = stream.seek(0, io.SEEK_END) - start
    if present < expected:
        raise ReadError(f"{name} is truncated: {present} of {expected} bytes of values", "fetch or save it again")
    stream.seek(start)


def _notes_on_axes(shape: tuple[int, ...]) -> tuple[Note, ...]:
    if len(shape) == 3 and shape[2] in (3, 4) and shape[0] > 4:
        text = f"its shape {times(shape)} is read as {shape[0]} channels of {shape[1]}×{shape[2]}"
        return (Note("channels-first", f"{text}; an array with the channels last has to be transposed first"),)
    return ()


def _npy_notes(array: Array, shape: tuple[int, ...]) -> tuple[Note, ...]:
    notes = list(_notes_on_axes(shape))
    largest = 2**53  # beyond it float64 has gaps between whole numbers
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8 and (array.max() > largest or array.min() < -largest):
        notes.append(Note("rounded", "its whole numbers beyond 2^53 are rounded to float64"))
    return tuple(notes)
