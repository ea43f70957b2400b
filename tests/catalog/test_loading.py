import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convcli.catalog import files_named, filter_names, load_filter, loading
from convcli.catalog.families import FAMILIES
from convcli.catalog.made import from_family
from convcli.catalog.yaml import aliases as yaml_aliases
from convcli.catalog.yaml import file as yaml_file
from convcli.catalog.yaml.source import read_text
from convcli.errors import FilterError
from convcli.filters import Pipeline
from tests.support.filters import kernel_of


def test_inline_kernel() -> None:
    pipeline = load_filter("0 -1 0; -1 5 -1; 0 -1 0")
    assert pipeline.name == "kernel"
    assert kernel_of("0 -1 0; -1 5 -1; 0 -1 0").weights.tolist() == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    assert kernel_of("1/9").weights.tolist() == [[1 / 9]]


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3), min_size=1))
def test_an_inline_kernel_holds_the_numbers_as_written(rows: list[list[float]]) -> None:
    text = "; ".join(" ".join(map(repr, row)) for row in rows)
    assert kernel_of(text).weights.tolist() == rows


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("1 2 3; 4 5", "row 2 has 2 numbers, row 1 has 3", "give every row as many numbers"),
        ("1 2; 3 four", "'four' is not a number (row 2, number 2)", ""),
        ("1 nan", "'nan' is not a finite number (row 1, number 2)", ""),
        ("1e999", "'1e999' is not a finite number (row 1, number 1)", ""),
        ("1/0", "'1/0' divides by zero (row 1, number 1)", ""),
        ("sharpn", "unknown filter 'sharpn'", "did you mean sharpen? `convcli list` shows every filter"),
        ("find-egdes", "unknown filter 'find-egdes'", "did you mean find-edges? `convcli list` shows every filter"),
        ("qqqqqq", "unknown filter 'qqqqqq'", "`convcli list` shows every filter"),
        ("gausian:2", "unknown filter 'gausian'", "did you mean gaussian? `convcli list` shows every filter"),
        ("sharpen:2", "sharpen takes no parameters", "write unsharp:amount=2"),
        ("edge:strong=2", "outline has no parameter 'strong'", "outline has no parameters of its own; settings are"),
        ("no/such.yaml", "no such filter file: no/such.yaml", ""),
        ("1 " * 1024, "a kernel of 1×1024 weights", "at most 1023 on a side"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str, hint: str) -> None:
    with pytest.raises(FilterError) as caught:
        load_filter(text)
    assert caught.value.message == message
    assert caught.value.hint.startswith(hint)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sharpen", "sharpen"),
        ("Find_Edges", "outline"),
        ("gaussian", "gaussian"),
        ("gauss:2", "gaussian-sigma2"),
        ("gaussian:size=9,sigma=3/2", "gaussian-sigma1.5-size9"),
    ],
)
def test_the_name_serves_in_file_names(text: str, name: str) -> None:
    assert load_filter(text).name == name


def test_aliases_belong_to_a_family_not_to_one_of_its_kernels() -> None:
    assert load_filter("gaussian").aliases == FAMILIES["gaussian"].aliases
    assert from_family(FAMILIES["gaussian"], {"sigma": 2.0}).aliases == ()


def test_a_file_is_named_by_itself_or_by_its_stem(tmp_path: Path) -> None:
    anonymous = tmp_path / "my: filter.yaml"
    anonymous.write_text("weights: [[1]]\n")
    named = tmp_path / "b.yml"
    named.write_text("weights: [[1]]\nname: Crème brûlée\n", encoding="utf-8")
    assert load_filter(str(anonymous)).name == "my- filter"
    assert load_filter(str(named)).name == "Crème brûlée"


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_filter_or_a_filter_error(text: str) -> None:
    with contextlib.suppress(FilterError):
        assert isinstance(load_filter(text), Pipeline)


@pytest.mark.parametrize("text", ["sharpen", "edge"])
def test_a_name_reads_no_other_file(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def recorded(file: str) -> str:
        read.append(Path(file).stem)
        return read_text(file)

    loading._builtin.cache_clear()  # of other tests
    for module in (yaml_aliases, yaml_file):
        monkeypatch.setattr(module, "read_text", recorded)
    name = load_filter(text).name
    assert read[-1] == name
    assert len(read) == 1 or text not in filter_names()


def test_families_give_float64_planes() -> None:
    assert kernel_of("box:5").weights.dtype == np.float64


def test_the_files_of_a_filter_are_those_of_names_and_aliases_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "crisp.yaml").write_text("name: crisp\nweights: [[1]]\naliases: [clear]\n")
    monkeypatch.setenv("CONVCLI_PATH", str(tmp_path / "own"))
    named = files_named("clear | sharpen | relu | gaussian:2 | other.yaml")
    assert [each.name for each in named] == ["crisp.yaml", "other.yaml"]
    assert [each.name for each in files_named("crisp|0 1")] == ["crisp.yaml"]
