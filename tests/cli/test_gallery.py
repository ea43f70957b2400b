from __future__ import annotations

from pathlib import Path

import pytest

from convcli.catalog import list_filters
from tests.support.console import done, refused
from tests.support.pictures import harbour, pixels, save


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return save(tmp_path / "photo.png", harbour(30, 44)).relative_to(tmp_path)


def test_filters_by_name_on_a_page(photo: Path) -> None:
    answer = done("gallery", photo, "sharpen", "-1 0 1", "gaussian:1 | sobel", "-o", "page.html")
    assert answer.lines[0].startswith("page → page.html (")
    text = Path("page.html").read_text(encoding="utf-8")
    assert "photo.png under 3 filters" in text
    assert '<img src="data:image/jpeg;base64,' in text
    assert "<strong>-1 0 1" in text


def test_a_group_as_a_picture(photo: Path) -> None:
    answer = done("gallery", photo, "--group", "relief", "-o", "drawn.png")
    count = len(list_filters("relief"))
    assert answer.lines == [
        f"{count} filters → drawn.png ({pixels(Path('drawn.png')).shape[1]}×{pixels(Path('drawn.png')).shape[0]})"
    ]
    before = photo.read_bytes()
    assert refused(1, "gallery", photo, "-o", photo, "-f")[0] == "photo.png is photo.png itself"
    assert photo.read_bytes() == before
    assert refused(1, "gallery", photo, "-o", "drawn.png") == ("drawn.png exists", "--force overwrites it")


def test_of_the_name_of_a_group_that_group_alone(photo: Path) -> None:
    text = done("gallery", photo, "--group", "edges", "-o", "-").stdout
    assert [each.partition("<")[0] for each in text.split("<h2>")[1:]] == ["edges"]
    assert "<strong>sobel" in text
    assert refused(2, "gallery", photo, "--group", "edgs", "-o", "-")[1] == "did you mean --group edges?"


def test_all_that_are_no_layers(photo: Path) -> None:
    text = done("gallery", photo, "-o", "-").stdout
    assert text.count("<img ") > 50
    assert "<strong>median" in text
    assert "<strong>relu" not in text
    assert [each.partition("<")[0] for each in text.split("<h2>")[1:]] == [
        "smooth", "sharpen", "edges", "stylize", "color",
    ]  # fmt: skip


def test_of_a_group_those_that_make_no_picture_are_left_out(photo: Path) -> None:
    answer = done("gallery", photo, "--group", "layer", "-o", "page.html", "-v")
    assert any(line.startswith("left out: linear has neither ") for line in answer.lines)
    assert "<strong>relu" in Path("page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "what", "helps"),
    [
        (("-o", "page.pdf"), 2, "page.pdf is no name for a page or a picture", "or .html"),
        (("sharpn", "-o", "page.html"), 2, "unknown filter 'sharpn'", "sharpen"),
        (("linear:4", "-o", "page.html"), 1, "linear:4 makes no picture", ""),
        (("sharpen", "--group", "edges", "-o", "page.html"), 2, "FILTER and --group would both", "give one of them"),
        (
            ("--group", "nothing-like-it", "-o", "page.html"),
            2,
            "no filter with 'nothing-like-it' in it",
            "convcli list",
        ),
    ],
)
def test_wrong_words(photo: Path, words: tuple[str, ...], code: int, what: str, helps: str) -> None:
    found = refused(code, "gallery", photo, *words)
    assert what in found[0]
    assert helps in found[1]
    assert not Path("page.html").exists()
