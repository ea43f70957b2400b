import os

import pytest

from convcli.catalog.expression import Inline, Named, YamlFile, parse
from convcli.catalog.parameters.arguments import Argument
from convcli.errors import FilterError


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("0 -1 0; -1 5 -1; 0 -1 0", [["0", "-1", "0"], ["-1", "5", "-1"], ["0", "-1", "0"]]),
        ("-1 0 1", [["-1", "0", "1"]]),
        ("1,2;3,4", [["1", "2"], ["3", "4"]]),
        ("1, 2 ; 3 ,4;", [["1", "2"], ["3", "4"]]),
        ("  1/9 1/9\n1/9 1/9\n", [["1/9", "1/9"], ["1/9", "1/9"]]),
        ("1 2;\r\n\r\n3 4;\r\n", [["1", "2"], ["3", "4"]]),
        ("1/9", [["1/9"]]),
        ("+.5e-3", [["+.5e-3"]]),
        ("5", [["5"]]),
        ("0 x", [["0", "x"]]),
        ("x 0", [["x", "0"]]),
        ("nan; 1", [["nan"], ["1"]]),
    ],
)
def test_numbers_are_a_kernel(text: str, rows: list[list[str]]) -> None:
    assert parse(text) == (Inline(rows),)


@pytest.mark.parametrize(
    "text", ["my.yaml", "MY.YML", "a/b", "./sharpen", "3x3/edges.yaml", "/tmp/x", "1 2.yaml", "C:/a/b.yaml"]
)
def test_slash_or_yaml_ending_is_a_file(text: str) -> None:
    assert parse(f" {text} ") == (YamlFile(text),)


def test_the_separator_of_the_system_makes_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sep", "\\")
    assert parse("C:\\kernels\\my") == (YamlFile("C:\\kernels\\my"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sharpen", Named("sharpen")),
        (" Find_Edges\n", Named("find-edges")),
        ("3x3", Named("3x3")),
        ("gaussian:2", Named("gaussian", (Argument("", "2"),))),
        ("Gaussian : Sigma = 1/2 , 9", None),
        ("gaussian:2,size=9", Named("gaussian", (Argument("", "2"), Argument("size", "9")))),
        ("dog:sigma1=1,sigma2=1/2", Named("dog", (Argument("sigma1", "1"), Argument("sigma2", "1/2")))),
        ("gaussian:-1,9", Named("gaussian", (Argument("", "-1"), Argument("", "9")))),
    ],
)
def test_names_with_arguments(text: str, expected: Named | None) -> None:
    if expected is None:
        with pytest.raises(FilterError, match="'9' follows a named argument"):
            parse(text)
    else:
        assert parse(text) == (expected,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a kernel without numbers"),
        (" ; ,\n", "a kernel without numbers"),
        ("1 2;;3 4", "row 2 of the kernel is empty"),
        (";1", "row 1 of the kernel is empty"),
        ("1,,2", "row 1 has a comma without a number"),
        ("1 2; 3,", "row 2 has a comma without a number"),
        ("gaussian:", "gaussian has an argument without a value: ''"),
        ("gaussian:sigma=", "gaussian has an argument without a value: 'sigma='"),
        ("gaussian:=2", "gaussian has an argument without a value: '=2'"),
        ("gaussian:2,", "gaussian has an argument without a value: '2,'"),
        ("|", "a bar without a filter beside it"),
        ("relu |", "a bar without a filter beside it"),
        ("relu || abs", "a bar without a filter beside it"),
        ("|".join(["relu"] * 1001), "1001 filters in one text"),
    ],
)
def test_what_cannot_be_meant(text: str, message: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert caught.value.message == message
    assert caught.value.hint


def test_bars_join_filters() -> None:
    assert parse("gaussian:1.4|1 -1 ; 2 3| my.yaml |relu") == (
        Named("gaussian", (Argument("", "1.4"),)),
        Inline([["1", "-1"], ["2", "3"]]),
        YamlFile("my.yaml"),
        Named("relu"),
    )


@pytest.mark.parametrize(
    ("text", "step", "path", "on_key", "expected"),
    [
        ("  sobel ", 0, (), False, "sobel"),
        ("relu |  sobel : 2", 1, (), False, "sobel"),
        ("relu | dog: 1 , sigma2 = 3 |abs", 1, (0,), False, "1"),
        ("relu | dog: 1 , sigma2 = 3 |abs", 1, (1,), False, "sigma2 = 3"),
        ("relu | dog: 1 , sigma2 = 3 |abs", 1, (1,), True, "sigma2"),
        ("relu | dog:1", 1, (0,), True, "1"),
        ("relu | dog:1", 1, ("sigma1",), False, "dog"),
        ("relu| a/b.yaml ", 1, (), False, "a/b.yaml"),
        ("relu| 1 2 ;\n  3  444 ", 1, (1, 1), False, "444"),
        ("relu| 1 2 ;\n  3  444 ", 1, (1,), False, "3  444"),
        ("relu| 1 2 ;\n  3,444 ", 1, (0, 0), False, "1"),
        ("relu| 1 2 ;\n  3  444 ", 1, (), False, "1 2 ;\n  3  444"),
    ],
)
def test_every_part_knows_its_place(
    text: str, step: int, path: tuple[str | int, ...], on_key: bool, expected: str
) -> None:
    start, end = parse(text)[step].span_of(path, on_key=on_key)
    assert text[start:end] == expected


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("relu || abs", ["relu || abs", "     ^"]),
        ("relu | 1,,2", ["relu | 1,,2", "       ^^^^"]),
        ("relu | 1 2;; 3", ["relu | 1 2;; 3", "           ^"]),
        ("relu | gaussian:1,", ["relu | gaussian:1,", "                  ^"]),
        ("relu | gaussian:1, =2 |abs", ["relu | gaussian:1, =2 |abs", "                   ^^"]),
        ("dog:sigma1=1,2", ["dog:sigma1=1,2", "             ^"]),
        ("dog:", ["dog:", "    ^"]),
    ],
)
def test_an_error_points_at_its_place(text: str, marked: list[str]) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert caught.value.excerpt.splitlines() == marked
