from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.console import done, refused, run
from tests.support.paths import SAMPLES
from tests.support.pictures import harbour, save


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save(tmp_path / "photo.png", harbour(60, 90))


def test_a_page_is_written(photo: Path, tmp_path: Path) -> None:
    target = tmp_path / "sharpen.html"
    answer = done("report", "sharpen", photo, "-o", target)
    assert answer.stdout == ""
    assert len(answer.lines) == 1
    assert answer.lines[0].startswith(f"page → {target} (")
    text = target.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>\n")
    assert "Effect on photo.png" in text


def test_a_filter_with_options_to_stdout_without_a_picture() -> None:
    answer = done("report", "sharpen", "--bias", "50%", "-o", "-")
    assert "Effect on the test picture" in answer.stdout
    assert "Then 0.5 of full scale is added." in answer.stdout
    assert answer.lines == []


def test_a_picture_from_stdin(photo: Path, tmp_path: Path) -> None:
    done("report", "-1 1", "-", "-o", tmp_path / "page.html", stdin=photo.read_bytes())
    assert "Effect on stdin" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_an_existing_page_is_replaced_by_force_alone(photo: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.write_text("mine")
    assert refused(1, "report", "sharpen", photo, "-o", target) == (f"{target} exists", "--force overwrites it")
    assert target.read_text() == "mine"
    done("report", "sharpen", photo, "-o", target, "--force")
    assert "sharpen" in target.read_text(encoding="utf-8")


def test_what_reading_leaves_out_is_told(tmp_path: Path) -> None:
    answer = done("report", "sharpen", SAMPLES / "beacon.gif", "-o", tmp_path / "page.html")
    assert [line.startswith("warning: ") for line in answer.lines] == [True, False]


@pytest.mark.parametrize(
    ("words", "code", "what", "helps"),
    [
        (("sharpen", "-o", "page.pdf"), 2, "-o page.pdf is no name for a page", "end it in .html: -o report.html"),
        (("sharpen",), 2, "Missing option", ""),
        (("sharpn", "-o", "page.html"), 2, "unknown filter 'sharpn'", "sharpen"),
        (("sharpen", "none.png", "-o", "page.html"), 1, "none.png does not exist", "check the name"),
        (("sharpen", "-o", "none/page.html"), 1, "none/page.html cannot be written", ""),
    ],
)
def test_wrong_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, what: str, helps: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = refused(code, "report", *words)
    assert what in found[0]
    assert helps in found[1]
    assert run("report", "--help").code == 0


def test_how_a_filter_was_learned_is_shown(photo: Path, tmp_path: Path) -> None:
    done("apply", "sharpen", photo, "-o", tmp_path / "sharp.png", "-q")
    done("learn", photo, tmp_path / "sharp.png", "-o", tmp_path / "mine.yaml", "-q")
    text = done("report", tmp_path / "mine.yaml", photo, "-o", "-").stdout
    assert "<h2>How it was learned</h2>" in text
    assert "<h2>Loss</h2>" in text
    assert "sharpen; exact." in text


def test_a_network_with_branches(photo: Path, tmp_path: Path) -> None:
    text = "conv:3,4,3,padding=1,as=a | relu | conv:4,4,3,padding=1 | concat:a | conv:8,3,1 | add:input"
    done("report", text, photo, "-o", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for words in ("concat with a", "add with input", "<h3>Layer 5</h3>", "6 layers"):
        assert words in page
