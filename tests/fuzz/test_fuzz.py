"""Few of the damaged files that `fuzz.py` has by the thousand when it is run by hand, and what it looks for."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.fuzz.commands import Command
from tests.fuzz.files import files
from tests.fuzz.judge import Answer, complaints
from tests.support.damage import damaged, fields_of, repaired
from tests.support.encoding import by_pillow
from tests.support.noise import noise
from tests.support.sweeps import repeats

FAILED = Answer(1, b"", "error: in.png is truncated or damaged\nhelp: fetch it or save it again\n", max_pixels=100)
PNG = by_pillow(Image.fromarray(noise(9, 20, 24, 3)), "PNG")
DONE = Answer(0, b"", "in.png → out.png (24×20, 0.01 s)\n", {"out.png": PNG}, max_pixels=100)
APPLY = Command(("apply", "identity", "in.png", "-o", "out.png"), {"in.png": b""})


@pytest.mark.sweep
@pytest.mark.skipif("sys.platform == 'win32'", reason="memory is bounded and measured by what POSIX has for it")
def test_damaged_files_end_in_a_result_or_a_line(tmp_path: Path) -> None:
    from tests.fuzz.fuzz import fuzz

    number = repeats(4000)
    tally = fuzz(tmp_path, number)
    assert tally.found == []
    assert tally.codes.total() == number
    assert tally.codes[0] > 0.15 * number, "too much is refused"
    assert tally.codes[1] > 0.3 * number, "too little is damaged"


@pytest.mark.parametrize("answer", [FAILED, DONE])
def test_a_result_and_a_line_are_good(answer: Answer) -> None:
    assert complaints(APPLY, answer) == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (replace(FAILED, died="ended with -11"), "ended with -11"),
        (replace(FAILED, code=3), "exit code 3"),
        (replace(FAILED, code=0, written=DONE.written), "errors, and exit code 0"),
        (replace(FAILED, stderr=""), "no error"),
        (replace(FAILED, stderr=FAILED.stderr * 2), "2 errors"),
        (replace(FAILED, stderr="error: in.png is damaged\nhelp: a\nhelp: b\n"), "more help than errors"),
        (replace(FAILED, stderr=f"libpng error: bad adaptive filter\n{FAILED.stderr}"), "noise: libpng error"),
        (replace(FAILED, stderr="Traceback (most recent call last):\n"), "noise: Traceback"),
        (replace(FAILED, stderr="error: this should not happen: KeyError: 3\n"), "noise: error: this should"),
        (replace(DONE, stderr="a.py:3: RuntimeWarning: overflow\n"), "noise: a.py:3"),
        (replace(FAILED, stderr="error: in\x1b[2J.png is damaged\n"), "cannot be printed"),
        (replace(FAILED, written={".convcli-0123456789abcdef.tmp": b""}), "left behind"),
        (replace(FAILED, written=DONE.written), "an output of what failed"),
        (replace(FAILED, seconds=5.1), "5.1 s"),
        (replace(FAILED, memory=101_000_000), "101 MB"),
        (replace(FAILED, stderr=f"Corrupt JPEG data: 3 extraneous bytes\n{FAILED.stderr}"), "noise: Corrupt"),
        (replace(DONE, written={}), "no output"),
        (replace(DONE, written={"out.png": DONE.written["out.png"][:200]}), "does not decode"),
    ],
)
def test_all_else_is_found(answer: Answer, words: str) -> None:
    assert any(words in wrong for wrong in complaints(APPLY, answer))


def test_every_file_of_a_batch_has_an_output_or_an_error() -> None:
    batch = Command(("apply", "identity", "a.png", "b.png", "-o", "out/"), {"a.png": b"", "b.png": b""})
    one_of_two = replace(FAILED, written={"out/a.png": DONE.written["out.png"]})
    assert complaints(batch, one_of_two) == []
    assert complaints(batch, FAILED) == ["1 errors and 0 outputs of 2 files"]


def test_most_damage_to_a_png_gets_past_its_checksums() -> None:
    whole = files()[0][1]
    place = whole.index(b"IDAT") + 9
    broken = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
    with pytest.raises(SyntaxError, match="broken PNG file"):
        Image.open(io.BytesIO(broken)).verify()
    Image.open(io.BytesIO(repaired(broken))).verify()


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tif", "webp", "avif"])
def test_the_width_of_every_format_is_among_its_fields(suffix: str) -> None:
    data = next(data for name, data in files() if name == suffix)
    numbers = {int.from_bytes(data[at : at + size], order) for at, size, order in fields_of(data)}
    assert numbers & {23, 24}, "WebP has one less in its header"


def test_damage_follows_from_the_seed_and_is_of_many_kinds() -> None:
    wholes = [data for _, data in files()]
    whole = wholes[0]
    first, again = ({damaged(whole, wholes, random.Random(seed)) for seed in range(50)} for _ in range(2))
    assert first == again
    assert len(first) > 30
    assert {len(each) < len(whole) for each in first} == {True, False}
