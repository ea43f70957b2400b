from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convcli.errors import ReadError
from convcli.image import Picture, format_named, read_picture, write_picture
from tests.support.reading import failure

NPY = format_named("npy")


CSV = format_named("csv")


def save(folder: Path, array: Any, name: str = "a.npy", **settings: Any) -> Path:
    np.save(folder / name, array, **settings)
    return folder / name


@pytest.mark.parametrize(
    ("shape", "axes", "frames", "frame"),
    [
        ((4, 5), "HW", 1, (4, 5, 1)),
        ((1, 1), "HW", 1, (1, 1, 1)),
        ((3, 4, 5), "CHW", 1, (4, 5, 3)),
        ((1, 4, 5), "CHW", 1, (4, 5, 1)),
        ((2, 3, 4, 5), "NCHW", 2, (4, 5, 3)),
        ((1, 1, 4, 5), "NCHW", 1, (4, 5, 1)),
    ],
)
def test_npy_comes_in_frames_and_goes_out_with_its_axes(
    tmp_path: Path, shape: tuple[int, ...], axes: str, frames: int, frame: tuple[int, ...]
) -> None:
    array = np.random.default_rng(1).normal(size=shape)
    picture = read_picture(save(tmp_path, array))
    assert picture.is_array
    assert (picture.axes, len(picture.frames), picture.frames[0].shape) == (axes, frames, frame)
    assert picture.full_scale == 1
    planes = array.reshape((1,) * (4 - array.ndim) + array.shape)
    for index, each in enumerate(picture.frames):
        for channel in range(frame[2]):
            assert np.array_equal(each[:, :, channel], planes[index, channel])
    write_picture(picture, tmp_path / "b.npy", NPY)
    assert np.array_equal(np.load(tmp_path / "b.npy"), array)
    assert np.load(tmp_path / "b.npy").shape == shape


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("bool", "float64"),
        ("uint8", "float64"),
        ("int8", "float64"),
        ("int64", "float64"),
        ("uint16", "float64"),
        (">i4", "float64"),
        ("float16", "float32"),
        ("float32", "float32"),
        (">f4", "float32"),
        ("float64", "float64"),
        (">f8", "float64"),
    ],
)
def test_the_dtype_that_values_are_read_as(tmp_path: Path, dtype: str, expected: str) -> None:
    array = np.array([[0, 1], [1, 0]], dtype=dtype)
    frame = read_picture(save(tmp_path, array)).frames[0]
    assert frame.dtype == np.dtype(expected)
    assert frame.dtype.isnative
    assert np.array_equal(frame[:, :, 0], [[0, 1], [1, 0]])


def test_arrays_by_column_are_read_right(tmp_path: Path) -> None:
    array = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    assert np.array_equal(read_picture(save(tmp_path, array)).frames[0][:, :, 0], array)


def test_values_without_a_range_survive_unscaled_and_unclipped(tmp_path: Path) -> None:
    array = np.array([[-1e300, 300.5, np.nan], [np.inf, -np.inf, -0.25]])
    picture = read_picture(save(tmp_path, array))
    write_picture(picture, tmp_path / "b.npy", NPY)
    assert np.array_equal(np.load(tmp_path / "b.npy"), array, equal_nan=True)
    write_picture(picture, tmp_path / "b.csv", CSV)
    assert np.array_equal(read_picture(tmp_path / "b.csv").frames[0][:, :, 0], array, equal_nan=True)


@pytest.mark.parametrize(
    ("dtype", "message"), [("complex64", "complex64"), ("U3", "<U3"), ("M8[s]", "datetime64"), ("longdouble", "float")]
)
def test_values_that_are_no_real_numbers_are_refused(tmp_path: Path, dtype: str, message: str) -> None:
    assert message in failure(save(tmp_path, np.zeros((2, 2), dtype=dtype))).message


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    path = save(tmp_path, np.array([[{}, []]], dtype=object), allow_pickle=True)
    assert "Python objects" in failure(path).message


def test_a_structured_array_is_refused(tmp_path: Path) -> None:
    assert "holds values of type" in failure(save(tmp_path, np.zeros((2, 2), dtype=[("x", "f4"), ("y", "f4")]))).message


@pytest.mark.parametrize(
    ("shape", "message"),
    [((), "has 0 axes"), ((3,), "has 1 axis"), ((1, 1, 1, 1, 1), "has 5 axes"), ((0, 4), "0×4"), ((2, 0, 4), "2×0×4")],
)
def test_shapes_that_are_no_pictures_are_refused(tmp_path: Path, shape: tuple[int, ...], message: str) -> None:
    assert message in failure(save(tmp_path, np.zeros(shape))).message


def test_a_cut_off_npy_is_never_half_read(tmp_path: Path) -> None:
    whole = save(tmp_path, np.arange(60.0).reshape(3, 4, 5)).read_bytes()
    path = tmp_path / "cut.npy"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert str(path) in failure(path).message


def test_text_named_npy_and_an_archive_of_arrays_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.npy").write_text("1,2,3\n")
    assert "is not a .npy file" in failure(tmp_path / "text.npy").message
    with (tmp_path / "zip.npy").open("wb") as stream:
        np.savez(stream, a=np.zeros((2, 2)))
    assert "is not a .npy file" in failure(tmp_path / "zip.npy").message


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8',",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (True, 4)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-2, -4)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 4in[])}",
        "-" * 9000 + "1",
        "(" * 9000,
        r"'\d'",
    ],
)
def test_a_damaged_header_is_one_line_without_a_word_of_pythons(header: str) -> None:
    assert "its header is damaged" in failure(npy(header)).message


def test_a_header_of_python_2_is_read_without_a_warning() -> None:
    picture = read_picture(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 4L)}"))
    assert picture.size == (2, 4)


def npy(header: str) -> io.BytesIO:
    values = np.zeros(8).tobytes()
    return io.BytesIO(b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header.encode() + values)


def test_a_header_that_promises_more_than_memory_holds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npy"
    with path.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)})
    assert "1000000×1000000, over the limit of 89 478 485" in failure(path).message
    assert "is truncated" in failure(path, max_pixels=10**12).message


def test_the_limit_counts_height_by_width_by_frames(tmp_path: Path) -> None:
    path = save(tmp_path, np.zeros((2, 7, 4, 5)))
    assert read_picture(path, max_pixels=40).channels == 7
    with pytest.raises(ReadError) as caught:
        read_picture(path, max_pixels=39)
    assert caught.value.hint == "--max-pixels 40 allows it"


def test_channels_last_is_read_as_it_stands_and_said(tmp_path: Path) -> None:
    picture = read_picture(save(tmp_path, np.zeros((6, 5, 3))))
    assert picture.channels == 6
    assert "6 channels of 5×3" in picture.notes[0]
    assert not read_picture(save(tmp_path, np.zeros((3, 5, 6)))).notes


def test_whole_numbers_beyond_what_float64_tells_apart_are_said(tmp_path: Path) -> None:
    assert "2^53" in read_picture(save(tmp_path, np.array([[2**53 + 1]]))).notes[0]
    assert not read_picture(save(tmp_path, np.array([[2**53]]))).notes


def test_npy_comes_through_a_stream_by_its_content_and_csv_by_its_format(tmp_path: Path) -> None:
    array = np.arange(6.0).reshape(2, 3)
    stream = io.BytesIO(save(tmp_path, array).read_bytes())
    assert np.array_equal(read_picture(stream).frames[0][:, :, 0], array)
    text = io.BytesIO(b"0,1,2\n3,4,5\n")
    assert np.array_equal(read_picture(text, format=CSV).frames[0][:, :, 0], array)
    assert not text.closed
    assert failure(io.BytesIO(b"1,x\n"), format=CSV).message == "stdin:1:3: 'x' is not a number"


@pytest.mark.parametrize(
    ("shape", "axes", "written"),
    [
        ((4, 5, 1), "", (4, 5)),
        ((4, 5, 3), "", (3, 4, 5)),
        ((4, 5, 1), "HW", (4, 5)),
        ((4, 5, 6), "HW", (6, 4, 5)),
        ((4, 5, 1), "CHW", (1, 4, 5)),
        ((4, 5, 1), "NCHW", (1, 1, 4, 5)),
    ],
)
def test_the_axes_of_a_result(tmp_path: Path, shape: tuple[int, ...], axes: str, written: tuple[int, ...]) -> None:
    frame = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    write_picture(Picture((frame,), axes=axes), tmp_path / "a.npy", NPY)
    array = np.load(tmp_path / "a.npy")
    assert array.shape == written
    assert array.dtype == np.float32
    assert np.array_equal(array.reshape(shape[2], 4, 5), np.moveaxis(frame, 2, 0))


def test_the_pixels_of_a_picture_are_written_as_they_are(tmp_path: Path) -> None:
    frame = np.arange(4 * 5 * 3, dtype=np.uint16).reshape(4, 5, 3) * 1000
    write_picture(Picture((frame,)), tmp_path / "a.npy", NPY)
    array = np.load(tmp_path / "a.npy")
    assert array.dtype == np.uint16
    assert np.array_equal(np.moveaxis(array, 0, 2), frame)
