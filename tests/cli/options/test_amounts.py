"""Amounts of bytes and of pixels, as people write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convcli.cli.options.amounts import parsed_pixels, parsed_size
from convcli.errors import UsageError
from tests.support.console import done, refused
from tests.support.pictures import save


@pytest.mark.parametrize(
    ("text", "size"),
    [("500MB", 500_000_000), ("1.5GB", 1_500_000_000), ("2GiB", 2**31), ("1000000", 10**6), ("3 mb", 3_000_000)],
)
def test_sizes(text: str, size: int) -> None:
    assert parsed_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "500", "-3GB", "1e9", "5 apples", "1.5.2GB", "٣GB", "3IB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--memory"):
        parsed_size(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        *(("1", 1), ("9999", 9999), ("10M", 10_000_000), ("10m", 10_000_000), ("1.5G", 1_500_000_000)),
        *(("250 MP", 250_000_000), ("12Mpx", 12_000_000), ("1Mi", 2**20), ("0.25k pixels", 250)),
        *(("89_478_485", 89_478_485), ("89 478 485", 89_478_485), ("89,478,485", 89_478_485)),
        ("9007199254740993", 9007199254740993),  # which no float is
    ],
)
def test_pixels(text: str, count: int) -> None:
    assert parsed_pixels(text) == count


@pytest.mark.parametrize("text", ["", "M", "0", "0.5", "-3", "1,5M", "10MB", "10i", "many", "1_0", "٣M", "nan", "inf"])
def test_what_is_no_number_of_pixels_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--max-pixels"):
        parsed_pixels(text)


@pytest.mark.parametrize(
    "words",
    [
        ("apply", "invert", "a.png", "-o", "out.png"),
        ("compare", "a.png", "b.png"),
        ("explain", "sharpen", "a.png", "--at", "1,1"),
        ("learn", "a.png", "b.png"),
        ("report", "sharpen", "a.png", "-o", "r.html"),
        ("gallery", "a.png", "blur", "-o", "g.png"),
    ],
)
def test_every_command_that_reads_pictures_takes_them(
    tmp_path: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    picture = np.random.default_rng(1).integers(0, 256, (40, 60), np.uint8)
    save(tmp_path / "a.png", picture)
    save(tmp_path / "b.png", picture)
    assert "over the limit of 2 000" in refused(1, *words, "--max-pixels", "2K")[0]
    message, advice = refused(2, *words, "--max-pixels", "ten")
    assert message == "--max-pixels 'ten' is no number of pixels"
    assert advice == "write 250M, 1.5G or 100000000"
    done(*words, "--max-pixels", "10M")
