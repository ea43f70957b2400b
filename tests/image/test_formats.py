from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from convcli.errors import UsageError
from convcli.image import FORMATS, READABLE_SUFFIXES, format_named, format_of


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.png", "png"),
        ("folder.jpg/A.JPG", "jpeg"),
        ("a.jpeg", "jpeg"),
        ("a.tar.TiF", "tiff"),
        ("a.webp", "webp"),
        ("a.bmp", "bmp"),
        ("a.gif", "gif"),
        ("a.pgm", "pgm"),
        ("a.ppm", "ppm"),
        ("a.pnm", "pnm"),
        ("a.npy", "npy"),
        ("a.csv", "csv"),
    ],
)
def test_the_suffix_tells_the_format(path: str, name: str) -> None:
    found = format_of(Path(path))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("path", ["png", ".png", "a", "a.", "a.txt", "a.png/b", "a.eps"])
def test_other_names_tell_none(path: str) -> None:
    assert format_of(path) is None


@pytest.mark.parametrize("name", ["jpeg", "JPG", ".jpg", " jpeg "])
def test_a_format_has_its_name_and_its_suffixes(name: str) -> None:
    assert format_named(name).name == "jpeg"


def test_an_unknown_format_is_a_usage_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown format 'xcf'") as caught:
        format_named("xcf")
    assert all(each.name in caught.value.hint for each in FORMATS)
    with pytest.raises(UsageError) as caught:
        format_named("pngg")
    assert caught.value.hint.startswith("did you mean png?")


def test_every_suffix_belongs_to_one_format() -> None:
    suffixes = [suffix for each in FORMATS for suffix in each.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert set(suffixes) - READABLE_SUFFIXES == {each for form in FORMATS if form.moving for each in form.suffixes}
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in suffixes)


def test_arrays_are_npy_and_csv() -> None:
    assert [each.name for each in FORMATS if each.array] == ["npy", "csv"]


def test_the_table_needs_neither_numpy_nor_pillow() -> None:
    code = (
        "import sys; from convcli.image import READABLE_SUFFIXES, format_of, format_named; format_of('a.png');"
        "sys.exit(bool({'numpy', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
