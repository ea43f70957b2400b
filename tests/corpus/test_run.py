"""The run over a folder of files: what is done, refused and different, on files that are made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.corpus.judges import Bench, difference, shares
from tests.corpus.run import Outcome, files_of, outcomes, table
from tests.formats.corpus import samples
from tests.support.encoding import by_pillow
from tests.support.noise import noise


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of a file of every kind of pixels, and of some that no decoder reads."""
    made = tmp_path_factory.mktemp("files")
    for number, sample in enumerate(samples()):
        (made / f"{number:02}{sample.suffix}").write_bytes(sample.data)
    (made / "text.png").write_text("no picture")
    (made / "cut.png").write_bytes(by_pillow(Image.fromarray(noise(1, 64, 64, 3)), "PNG")[:3000])
    (made / "notes.txt").write_text("not looked at")
    return made


@pytest.fixture(scope="module")
def found(folder: Path) -> list[Outcome]:
    return list(outcomes(files_of(folder, every=False)))


def test_every_kind_of_pixels_is_done_and_equal_to_another_decoding(found: list[Outcome]) -> None:
    odd = [each for each in found if each.status != "done" and Path(each.path).stem.isdecimal()]
    assert not odd
    assert len(found) == len(list(samples())) + 2


def test_files_that_nobody_reads_are_refused_by_reason(found: list[Outcome]) -> None:
    refused = {Path(each.path).name: each for each in found if each.status == "refused"}
    assert set(refused) == {"text.png", "cut.png"}
    assert "not a picture" in refused["text.png"].reason
    assert not refused["text.png"].judges


def test_a_judge_that_is_killed_is_followed_by_another(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(by_pillow(Image.fromarray(noise(1, 9, 9, 3)), "PNG"))
    bench = Bench()
    every = [name for name, _ in bench.decodings(path)]
    assert bench._judge is not None
    bench._judge[0].kill()
    bench._judge[0].join()
    assert [name for name, _ in bench.decodings(path)] == every[1:]  # the first found nobody there
    assert [name for name, _ in bench.decodings(path)] == every
    bench.close()
    assert bench._judge is None


def test_the_table_counts_and_groups_what_is_alike() -> None:
    some = [
        Outcome("a.png", "done", seconds=9.0, judges=["Pillow"]),
        Outcome("b.png", "refused", "FILE is odd", judges=["Pillow", "libvips"]),
        Outcome("c.png", "refused", "FILE is odd"),
        Outcome("d.png", "different", "off by 12%"),
    ]
    lines = table(some, slow=2.0).splitlines()
    assert lines[0] == "4 files: 1 different, 1 done, 2 refused"
    assert lines[1] == "1 of the refused are read by another decoder"
    assert "refused: 2, 1 read by others: FILE is odd" in lines
    assert "    b.png (Pillow, libvips)" in lines
    assert any(line.startswith("slow:") and line.endswith("a.png") for line in lines)


def test_a_wrong_value_is_a_difference_and_a_hidden_one_is_none() -> None:
    picture = shares(noise(2, 6, 7, 4))
    wrong, hidden = picture.copy(), picture.copy()
    wrong[2, 3, 1] = 1 - np.round(wrong[2, 3, 1])
    wrong[2, 3, 3] = picture[2, 3, 3] = 1
    assert difference(picture, picture) == 0
    assert difference(picture, wrong) >= 0.5
    hidden[1, 1, 3] = 0
    opaque = hidden.copy()
    opaque[1, 1, :3] = 1 - opaque[1, 1, :3]
    assert difference(hidden, opaque) == 0
    assert difference(picture, picture[:, :5]) == np.inf
    frames = noise(2, 6, 7, 4)[np.newaxis].repeat(2, 0)
    assert difference(shares(frames[0]), shares(frames)) == 0  # the first of two
