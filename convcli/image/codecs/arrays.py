"""Array files: .npy and CSV to and from the frames of a Picture, unscaled and unclipped."""

from __future__ import annotations

import csv
import io
import math
import warnings
from collections.abc import Callable, Iterator
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from convcli.errors import ReadError
from convcli.image.limit import over_limit
from convcli.image.memory import Admit, Outline, admit_decoding
from convcli.image.picture import Picture

NPY_SIGNATURE = b"\x93NUMPY"

_AXES = {2: "HW", 3: "CHW", 4: "NCHW"}
_ONE_PLANE = "a CSV file holds one plane of numbers, commas between them; save several planes as .npy"

Header = tuple[tuple[int, ...], bool, np.dtype[Any]]


def read_npy(stream: IO[bytes], name: str, max_pixels: int, admit: Admit = admit_decoding) -> Picture:
    """Read a .npy file of H×W, C×H×W or N×C×H×W real numbers.

    Parameters
    ----------
    stream
        Seekable.
    name
        What messages call the file.
    max_pixels
        The largest N × H × W.
    admit
        Asked before the values are read.

    Returns
    -------
    Picture
        N frames of H×W×C: float32 from 16 and 32 bits, float64 from everything else.

    Raises
    ------
    ReadError
        No .npy file, cut off, too large, or no real numbers of two to four axes.
    """
    shape, by_column, dtype = _npy_header(stream, name)
    wanted = _wanted_dtype(dtype, name)
    if len(shape) not in _AXES:
        axes = "1 axis" if len(shape) == 1 else f"{len(shape)} axes"
        raise ReadError(f"{name} has {axes}", "save an array of H×W, C×H×W or N×C×H×W")
    if 0 in shape:
        raise ReadError(f"{name} holds no values: its shape is {_times(shape)}")
    pixels = math.prod(shape) // (shape[-3] if len(shape) > 2 else 1)
    if pixels > max_pixels:
        raise over_limit(name, f"the shape {_times(shape)}", max_pixels, pixels)
    expected = math.prod(shape) * dtype.itemsize
    _check_length(stream, name, expected)
    count, channels, height, width = (1,) * (4 - len(shape)) + shape
    admit(name, [Outline(height, width, channels, wanted.itemsize, channels * dtype.itemsize, count)])
    data = stream.read(expected)
    array = np.frombuffer(data, dtype).reshape(shape, order="F" if by_column else "C")
    planes = array.reshape((1,) * (4 - len(shape)) + shape)
    frames = tuple(np.ascontiguousarray(each.transpose(1, 2, 0), dtype=wanted) for each in planes)
    return Picture(frames, axes=_AXES[len(shape)], notes=_npy_notes(array, shape))


def read_csv(stream: IO[bytes], name: str, max_pixels: int) -> Picture:
    """Read rows of numbers with commas between them.

    Returns
    -------
    Picture
        One frame of H×W×1, float64.

    Raises
    ------
    ReadError
        Naming the line: no number, a row of another length, an empty line between rows.
    """
    rows: list[NDArray[np.float64]] = []
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        for line, cells in _csv_rows(text, name, max_pixels):
            if rows and len(cells) != len(rows[0]):
                raise ReadError(
                    f"{name}:{line}: {_counted(len(cells), 'value')}, the rows before have {len(rows[0])}",
                    "give every row as many numbers",
                )
            rows.append(_numbers(cells, f"{name}:{line}"))
            if len(rows) * len(rows[0]) > max_pixels:
                raise over_limit(name, "too many values", max_pixels)
    except UnicodeDecodeError as error:
        raise ReadError(f"{name} is not text", _ONE_PLANE) from error
    finally:
        text.detach()  # the stream is the caller's to close
    if not rows:
        raise ReadError(f"{name} holds no values")
    return Picture((np.stack(rows)[:, :, np.newaxis],), axes="HW")


def write_npy(picture: Picture, stream: IO[bytes]) -> None:
    """Write the frames with the axes that their file had, their values and dtype as they are.

    A picture becomes H×W when it is gray, else C×H×W; what came as H×W and has
    more channels now, C×H×W; several frames, N×C×H×W.
    """
    shape: tuple[int, ...] = (len(picture.frames), picture.channels, *picture.size)
    if shape[0] == 1 and picture.axes != "NCHW":
        shape = shape[1:]
        if shape[0] == 1 and picture.axes != "CHW":
            shape = shape[1:]
    description = {"descr": npy.dtype_to_descr(picture.dtype), "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(stream, description)
    # Plane by plane, as one array of all would double the memory; and not by numpy.save, which hands a file to C, which
    # reports a full disk without saying so.
    for frame in picture.frames:
        for plane in np.moveaxis(frame, 2, 0):
            stream.write(np.ascontiguousarray(plane).data)


def write_csv(picture: Picture, stream: IO[bytes]) -> None:
    """Write one row of numbers a line, each in the fewest digits that read back as it.

    Several planes follow each other with an empty line between them: channel after
    channel, frame after frame.
    """
    between = b""
    for frame in picture.frames:
        for plane in np.moveaxis(frame, 2, 0):
            stream.write(between)
            between = b"\n"
            for row in plane:
                stream.write(_csv_row(row))


def _npy_header(stream: IO[bytes], name: str) -> Header:
    readers: dict[tuple[int, int], Callable[[IO[bytes]], Header]] = {
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
    if dtype.kind in "biu" or (dtype.kind == "f" and dtype.itemsize == 8):
        return np.dtype(np.float64)
    if dtype.kind == "f" and dtype.itemsize < 8:
        return np.dtype(np.float32)
    raise ReadError(f"{name} holds values of type {dtype}", "save real numbers of at most 64 bits")


def _check_length(stream: IO[bytes], name: str, expected: int) -> None:
    """Find out whether all values are there: the header may promise more than memory holds."""
    start = stream.tell()
    present = stream.seek(0, io.SEEK_END) - start
    if present < expected:
        raise ReadError(f"{name} is truncated: {present} of {expected} bytes of values", "fetch or save it again")
    stream.seek(start)


def _npy_notes(array: NDArray[Any], shape: tuple[int, ...]) -> tuple[str, ...]:
    notes = []
    if len(shape) == 3 and shape[2] in (3, 4) and shape[0] > 4:
        notes.append(
            f"its shape {_times(shape)} is read as {shape[0]} channels of {shape[1]}×{shape[2]};"
            " an array with the channels last has to be transposed first"
        )
    largest = 2**53  # beyond it float64 has gaps between whole numbers
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8 and (array.max() > largest or array.min() < -largest):
        notes.append("its whole numbers beyond 2^53 are rounded to float64")
    return tuple(notes)


def _csv_rows(text: IO[str], name: str, max_pixels: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_lines_within(text, name, max_pixels))
    started, empty = False, 0
    try:
        for cells in reader:
            if not cells or (len(cells) == 1 and not cells[0].strip()):
                empty = empty or reader.line_num  # fine before the first row and after the last one
                continue
            if started and empty:
                raise ReadError(f"{name}:{empty}: an empty line between rows", _ONE_PLANE)
            started, empty = True, 0
            yield reader.line_num, cells
    except csv.Error as error:
        raise ReadError(f"{name}:{reader.line_num}: {error}", _ONE_PLANE) from error


def _lines_within(text: IO[str], name: str, max_pixels: int) -> Iterator[str]:
    """Yield lines of no more values than the limit; a value takes thirty times as much once it is split off."""
    for line in text:
        if line.count(",") >= max_pixels:
            raise over_limit(name, "too many values", max_pixels)
        yield line


def _numbers(cells: list[str], place: str) -> NDArray[np.float64]:
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        wrong = next(cell for cell in cells if not _is_number(cell))
        what = f"{wrong.strip()[:40]!r} is not a number" if wrong.strip() else "a value is missing"
        raise ReadError(f"{place}: {what}", "write numbers with commas between them, and no line of names") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _csv_row(row: NDArray[Any]) -> bytes:
    # NumPy's text of a value is the shortest for its own dtype: 0.1 as float32 is 0.1, not 0.10000000149.
    # Adding zero takes the sign off a negative zero.
    with np.errstate(invalid="ignore"):  # a NaN may be one of those that NumPy warns of
        texts = (row + row.dtype.type(0)).astype(str)
    return (",".join(text.removesuffix(".0") for text in texts.tolist()) + "\n").encode()


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
