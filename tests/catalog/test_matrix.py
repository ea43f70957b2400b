"""Kernels as other programs print them, and rows that may be meant for a square."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from convcli.catalog import check_file, load_filter
from convcli.catalog.expression import parse
from convcli.errors import FilterError
from convcli.filters import Conv

SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]


def weights(text: str, layer: int = 0) -> Any:
    conv = load_filter(text).layers[layer]
    assert isinstance(conv, Conv)
    return conv.kernel.weights.tolist()


@pytest.mark.parametrize(
    "text",
    [
        "[[0,-1,0],[-1,5,-1],[0,-1,0]]",
        " [ [0, -1, 0] , [-1, 5, -1],\n [0, -1, 0] ] \n",
        "[[ 0 -1  0]\n [-1  5 -1]\n [ 0 -1  0]]",
        "[[ 0. -1.  0.]\n [-1.  5. -1.]\n [ 0. -1.  0.]]",
        "array([[ 0, -1,  0],\n       [-1,  5, -1],\n       [ 0, -1,  0]])",
        "np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], dtype=np.float32)",
        "tensor([[ 0., -1.,  0.],\n [-1.,  5., -1.],\n [ 0., -1.,  0.]], dtype=torch.float64, device='cuda:0')",
        "Matrix([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])",
        "((0, -1, 0), (-1, 5, -1), (0, -1, 0))",
        "[(0, -1, 0), (-1, 5, -1), (0, -1, 0)]",
        "{{0,-1,0},{-1,5,-1},{0,-1,0}};",
        "{\n  { 0, -1,  0 },\n  {-1,  5, -1 },\n  { 0, -1,  0 },\n}",
        "{{0.0f, -1.f, 0.0f}, {-1.0f, 5.0f, -1.0f}, {0.0f, -1.0F, 0f}}",
        "([0, -1, 0], [-1, 5, -1], [0, -1, 0])",
        "[0 -1 0; -1 5 -1; 0 -1 0]",
        "[0, -1, 0;\n -1, 5, -1;\n 0, -1, 0];",
        "[0 -1 0\n -1 5 -1\n 0 -1 0]",
        "0\t-1\t0\r\n-1\t5\t-1\r\n0\t-1\t0\r\n",
        "0 \N{MINUS SIGN}1 0; \N{MINUS SIGN}1 5 \N{MINUS SIGN}1; 0 \N{EN DASH}1 0",
        json.dumps(SHARPEN, indent=2),
        repr(SHARPEN),
        str(np.array(SHARPEN)),
        repr(np.array(SHARPEN, np.float32)),
    ],
)
def test_a_matrix_pasted_from_elsewhere(text: str) -> None:
    assert weights(text) == SHARPEN
    assert weights(f"relu | {text} | abs", 1) == SHARPEN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2, 1]", [[1, 2, 1]]),
        ("[1 2 1]", [[1, 2, 1]]),
        ("[\n  1,\n  2,\n  1\n]", [[1, 2, 1]]),
        ("array([1, 2, 1])", [[1, 2, 1]]),
        ("[1; 2; 1]", [[1], [2], [1]]),
        ("[[1/2, 1/4], [-.5, 1e-1]]", [[0.5, 0.25], [-0.5, 0.1]]),
        ("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]),
        ("[[[[1]], [[2]]], [[[3]], [[4]]]]", [[[[1]], [[2]]], [[[3]], [[4]]]]),
        ("1\N{FRACTION SLASH}4 1/2", [[0.25, 0.5]]),
    ],
)
def test_rows_planes_and_fractions(text: str, expected: Any) -> None:
    assert weights(text) == expected


@given(
    array=arrays.arrays(
        st.sampled_from([np.int64, np.float64]),
        arrays.array_shapes(min_dims=1, max_dims=4, max_side=4),
        elements=st.integers(-999, 999),
    )
)
def test_what_numpy_and_json_print_is_read(array: np.ndarray) -> None:
    for text in (str(array), repr(array), str(array.tolist()), json.dumps(array.tolist(), indent=1)):
        np.testing.assert_array_equal(np.reshape(weights(text), array.shape), array)


def test_long_rows_that_numpy_breaks_into_lines_stay_rows() -> None:
    array = np.arange(90.0).reshape(3, 30) / 7
    with np.printoptions(precision=17):
        assert str(array).count("\n") > 2
        np.testing.assert_allclose(weights(str(array)), array, rtol=1e-15)


@pytest.mark.parametrize(
    ("text", "message", "marked"),
    [
        ("[[1,2],[3]]", "row 2 has 1 number, row 1 has 2", "3"),
        ("relu | [[1,2],[3]] | abs", "row 2 has 1 number, row 1 has 2", "3"),
        ("[[1,x]]", "'x' is not a number (row 1, number 2)", "x"),
        ("[[1, nan]]", "'nan' is not a finite number (row 1, number 2)", "nan"),
        ("[[[1],[2]],[[3],[4, 5]]]", "channel 2, row 2 has 2 numbers, channel 1, row 1 has 1", "4, 5"),
        ("[[1,2],[3,4]", "a bracket that is not closed", "["),
        ("relu | [[1,2", "a bracket that is not closed", "["),
        ("array([[1,2]]", "a bracket that is not closed", "("),
        ("[[1,2],[3,4)]", ") closes no bracket", ")"),
        ("[[1,2]]]", "more behind the last bracket", "]"),
        ("[[1,2]] 3", "more behind the last bracket", "3"),
        ("[[],[1]]", "an empty list of numbers", "[]"),
        ("[] | relu", "an empty list of numbers", "[]"),
        ("[[1,,2]]", "a comma without a number", ","),
        ("[,1] | relu", "a comma without a number", ","),
        ("[[1,2],3]", "3 beside a list", "3"),
        ("[[1, ...]]", "'...' is not a number (row 1, number 2)", "..."),
        ("1/9*[[1,1],[1,1]]", "a factor before the list", "1/9*"),
        ("relu | (1/16) * np.array([[1,1]])", "a factor before the list", "(1/16) * "),
        ("relu | " + 17 * "[" + "1" + 17 * "]", "more than 16 brackets in each other", "["),
    ],
)
def test_an_error_points_at_its_place(text: str, message: str, marked: str) -> None:
    with pytest.raises(FilterError) as caught:
        load_filter(text)
    assert caught.value.message == message
    assert caught.value.hint
    line, carets = caught.value.excerpt.splitlines()
    assert "".join(sign for sign, caret in zip(line, carets, strict=False) if caret == "^") == marked


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("0;-1;0\n-1;5;-1\n0;-1;0\n", 'write "0 -1 0; -1 5 -1; 0 -1 0"'),
        ("[[1,1],[1,1]]/4", "leave it out, and give --divisor 4"),
        ("[[[[[1]]]]]", "remove brackets"),
    ],
)
def test_what_is_not_read_is_shown_as_it_is_typed(text: str, hint: str) -> None:
    with pytest.raises(FilterError) as caught:
        load_filter(text)
    assert caught.value.hint == hint


@given(text=st.text(alphabet="[]{}(),; \n10x-/.", max_size=14))
@example("([1])")
@example("[;]")
@example("(0)(")
def test_any_text_of_brackets_is_a_kernel_or_one_error(text: str) -> None:
    with suppress(FilterError):
        parse(text)
        load_filter(text)


ROWS = {
    "0,-1,0,-1,5,-1,0,-1,0": '9 numbers in one row are a kernel of 1×9; for one of 3×3 write "0 -1 0; -1 5 -1; 0 -1 0"',
    " ".join(
        ["1/25"] * 25
    ): f'25 numbers in one row are a kernel of 1×25; for one of 5×5 write "{"; ".join([" ".join(["1/25"] * 5)] * 5)}"',
}


@pytest.mark.parametrize("text", ROWS)
def test_a_row_of_nine_warns_and_is_a_row(text: str, caplog: pytest.LogCaptureFixture) -> None:
    numbers = [float(Fraction(each)) for each in text.replace(",", " ").split()]
    assert weights(text) == [numbers]
    assert [each.getMessage() for each in caplog.records] == [ROWS[text]]
    assert caplog.records[0].levelno == logging.WARNING


@pytest.mark.parametrize("count", [1, 2, 3, 4, 8, 10, 16, 24, 36, 64])
def test_other_rows_do_not_warn(count: int, caplog: pytest.LogCaptureFixture) -> None:
    weights(",".join(["1"] * count))
    assert not caplog.records


def test_nor_do_rows_that_are_marked_as_such(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    nine = "0,-1,0,-1,5,-1,0,-1,0"
    for text in (f"{nine};", f"[{nine}]", f"[[{nine}]]", f"({nine})"):
        assert weights(text) == [[0, -1, 0, -1, 5, -1, 0, -1, 0]]
    (tmp_path / "row.yaml").write_text(f"layers: ['{nine}']\n")
    (tmp_path / "weights.yaml").write_text(f"weights: [[{nine}]]\n")
    for name in ("row.yaml", "weights.yaml"):
        check_file(tmp_path / name)
        load_filter(str(tmp_path / name))
    assert not caplog.records


@pytest.mark.parametrize("side", [3, 5, 7, 9, 11])
def test_squares_of_odd_sides_warn_once_each(side: int, caplog: pytest.LogCaptureFixture) -> None:
    load_filter(f"relu | {' '.join(['1'] * side**2)} | abs")
    (record,) = caplog.records
    assert f"for one of {side}×{side} write" in record.getMessage()
