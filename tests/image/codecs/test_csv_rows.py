from __future__ import annotations

import io
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from convcli.errors import WriteError
from convcli.image import Picture, check_writable, format_named, read_picture, write_picture
from tests.support.reading import failure

NPY = format_named("npy")


CSV = format_named("csv")


def test_a_line_of_too_many_values_is_refused_before_it_is_split() -> None:
    line = b",".join([b"12.5"] * 300_000)
    tracemalloc.start()
    message = failure(io.BytesIO(line), format=CSV, max_pixels=299_999).message
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "too many values, over the limit of 299 999" in message
    assert peak < 8 * len(line)
    assert read_picture(io.BytesIO(line), format=CSV, max_pixels=300_000).size == (1, 300_000)


def test_every_kind_of_nan_is_written_to_csv_without_a_warning() -> None:
    signaling = np.array([0x7FA00000, 0x3F800000], np.uint32).view(np.float32)
    stream = io.BytesIO()
    write_picture(Picture((signaling.reshape(1, 2, 1),), axes="HW"), stream, CSV)
    assert stream.getvalue() == b"nan,1\n"


def csv_of(array: Any, axes: str = "HW") -> str:
    stream = io.BytesIO()
    write_picture(Picture((np.atleast_3d(array),), axes=axes), stream, CSV)
    return stream.getvalue().decode()


def test_csv_shows_numbers_as_a_person_would() -> None:
    assert csv_of(np.array([[19.0, 25.0], [37.0, 43.0]])) == "19,25\n37,43\n"
    assert csv_of(np.array([[0.1, -0.0, 1e-7, 1 / 3]])) == "0.1,0,1e-07,0.3333333333333333\n"
    assert csv_of(np.array([[0.1, 2.5, 1 / 3]], dtype=np.float32)) == "0.1,2.5,0.33333334\n"
    assert csv_of(np.array([[7, 255]], dtype=np.uint8), "") == "7,255\n"
    assert csv_of(np.array([[np.nan, np.inf, -np.inf]])) == "nan,inf,-inf\n"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_csv_reads_back_as_the_same_numbers(tmp_path: Path, dtype: type) -> None:
    rng = np.random.default_rng(3)
    array: NDArray[Any] = (rng.normal(size=(40, 30)) * 10.0 ** rng.integers(-30, 30, (40, 30))).astype(dtype)
    write_picture(Picture((array[:, :, np.newaxis],), axes="HW"), tmp_path / "a.csv", CSV)
    again: NDArray[Any] = read_picture(tmp_path / "a.csv").frames[0][:, :, 0].astype(dtype)
    assert np.array_equal(again, array)


def test_planes_in_a_stream_of_csv_have_an_empty_line_between_them() -> None:
    two = np.stack([np.arange(4.0).reshape(2, 2), np.arange(4.0, 8.0).reshape(2, 2)], axis=2)
    assert csv_of(two) == "0,1\n2,3\n\n4,5\n6,7\n"
    stream = io.BytesIO()
    write_picture(Picture((two, two + 10), axes="NCHW"), stream, CSV)
    assert stream.getvalue().decode() == "0,1\n2,3\n\n4,5\n6,7\n\n10,11\n12,13\n\n14,15\n16,17\n"


def test_several_planes_make_no_csv_file(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="CSV holds one plane, this result has 3") as caught:
        write_picture(Picture((np.zeros((2, 2, 3)),), axes="CHW"), tmp_path / "a.csv", CSV)
    assert caught.value.hint == "write .npy"
    assert not list(tmp_path.iterdir())
    with pytest.raises(WriteError):
        check_writable(CSV, bits=64, has_alpha=False, channels=1, frames=2)
    check_writable(CSV, bits=64, has_alpha=False, channels=3, frames=2, stream=True)
    check_writable(NPY, bits=64, has_alpha=False, channels=3, frames=2)


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3,4\n",
        "1,2\r\n3,4\r\n",
        "1,2\r3,4",
        " 1 , 2\n3,\t4\n\n\n",
        '"1","2"\n3.0,4e0\n',
        "\n1,2\n3,4",
        "1;2\n3;4",
        "1; 2;\n3; 4;\n",
        "1,2,\n3,4,\n",
        "1\t2\n3\t4",
        "1\t2\t\n3\t4\t\n",
        "1 2\n3 4",
        "  1.0   2.0\n  3.0   4.0  \n",
        "# of two rows\n1 2\n#5 6\n3 4\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("in_stream", [False, True])
def test_csv_as_programs_write_it(tmp_path: Path, text: str, encoding: str, in_stream: bool) -> None:
    data = text.encode(encoding)
    (tmp_path / "a.csv").write_bytes(data)
    picture = read_picture(io.BytesIO(data), format=CSV) if in_stream else read_picture(tmp_path / "a.csv")
    assert picture.axes == "HW"
    assert picture.dtype == np.float64
    assert picture.notes == ()
    assert np.array_equal(picture.frames[0][:, :, 0], [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("text", "rows", "note"),
    [
        ("1,5;2\n3;-,25e1\n", [[1.5, 2], [3, -2.5]], "its commas are read as decimal points: 1,5 is 1.5"),
        ("1,5\t2,5\n", [[1.5, 2.5]], "its commas are read as decimal points: 1,5 is 1.5"),
        ("1 2,5\n3 4\n", [[1, 2.5], [3, 4]], "its commas are read as decimal points: 2,5 is 2.5"),
        ('"1,5","2,5"\n', [[1.5, 2.5]], "its commas are read as decimal points: 1,5 is 1.5"),
        ("x,y\n1,2\n", [[1, 2]], "line 1 has names, and is left out"),
        ('\n"x; 1",y\n1,2\n', [[1, 2]], "line 2 has names, and is left out"),
        ("x y\n1 2\n", [[1, 2]], "line 1 has names, and is left out"),
        ("weights\n1 2\n", [[1, 2]], "line 1 has names, and is left out"),
        ("sep=;\n1;2\n", [[1, 2]], "line 1 has names, and is left out"),
    ],
)
def test_decimal_commas_and_names_over_the_columns_are_read_with_a_note(
    tmp_path: Path, text: str, rows: list[list[float]], note: str
) -> None:
    (tmp_path / "a.csv").write_text(text)
    picture = read_picture(tmp_path / "a.csv")
    assert picture.notes == (note,)
    assert picture.frames[0][:, :, 0].tolist() == rows


def test_names_may_be_of_an_encoding_of_single_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("Größe;Maß\r\n1,5;2\r\n".encode("cp1252"))
    assert read_picture(tmp_path / "a.csv").frames[0].ravel().tolist() == [1.5, 2]


def test_a_comma_between_digits_without_a_blank_is_the_usual_separator(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,5\n2,5\n")
    assert read_picture(tmp_path / "a.csv").frames[0][:, :, 0].tolist() == [[1, 5], [2, 5]]


@given(
    arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 5)), elements=st.floats(width=64)),
    st.sampled_from(",;\t "),
    st.sampled_from(["\n", "\r\n"]),
)
def test_numbers_written_with_any_separator_are_read_as_they_were(
    values: NDArray[np.float64], separator: str, end: str
) -> None:
    text = end.join(separator.join(map(repr, row)) for row in values.tolist())
    picture = read_picture(io.BytesIO(text.encode()), format=CSV)
    assert np.array_equal(picture.frames[0][:, :, 0], values, equal_nan=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n3\n", ":2: 1 value, the rows before have 2"),
        ("1,2\n3,4,5\n", ":2: 3 values, the rows before have 2"),
        ("a,b\n1,2\nc,d\n", ":3:1: 'c' is not a number"),
        ("a,1\n1,2\n", ":1:1: 'a' is not a number"),
        ("a,b\n1,2,3\n", ":1: 2 names over 3 columns"),
        ("1,2\n3,4\n5,6x\n", ":3:3: '6x' is not a number"),
        ("1;2\n3; 6x\n", ":2:4: '6x' is not a number"),
        ("1 2\n3   6x\n", ":2:5: '6x' is not a number"),
        ('"1,5",2\n"1,5",x\n', ":2:7: 'x' is not a number"),
        ("1,,2\n", ":1:3: a value is missing"),
        (",a\n0,1\n", ":1:1: a value is missing"),
        ("1,2\n3;4\n", ":2:1: '3;4' is not a number"),
        ("1.234,5;2\n", ":1:1: '1.234,5' is not a number"),
        ("1,1e400\n", ":1:3: 1e400 is beyond float64"),
        ("1;-1,5e999\n", ":1:3: -1.5e999 is beyond float64"),
        ("1_0,2\n", ":1:1: '1_0' is not a number"),
        ("1,2\n\n3,4\n", ":2: an empty line between rows"),
        ("1,2\n\n\n3,4\n", ":2: an empty line between rows"),
        ("\n \n", " holds no values"),
        ("a,b\n", " holds no values"),
        ("", " is empty"),
    ],
)
def test_what_is_wrong_with_a_csv_file_and_where(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    assert failure(path).message == f"{path}{message}"


def test_bytes_that_are_no_text_are_no_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(bytes(range(128, 256)) * 4)
    assert "is not text" in failure(path).message
    path.write_bytes(b"\0" * 100)
    assert str(path) in failure(path).message
    path.write_bytes(b"1," * 10 + b"1" * 200_000)
    assert f"{path}:1:21: 1111" in failure(path).message


def test_csv_is_held_to_the_limit_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1,2,3\n" * 3)
    assert read_picture(path, max_pixels=9).size == (3, 3)
    assert "over the limit of 8" in failure(path, max_pixels=8).message
