from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.console import done, names, refused, run
from tests.support.pictures import gray, harbour, pixels, save

AT = (7, 31)  # row and column of the largest difference


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    first = np.full((20, 40, 3), 100, np.uint8)
    second = first.copy()
    second[(*AT, 1)] = 151
    second[0, 0, 0] = 90
    return save(tmp_path / "a.png", first), save(tmp_path / "b.png", second)


def values(*words: str | Path) -> dict[str, Any]:
    answer = run("compare", *words, "--json")
    loaded: dict[str, Any] = json.loads(answer.stdout)
    return loaded


def test_the_text_for_a_person(pair: tuple[Path, Path]) -> None:
    answer = done("compare", *pair)
    assert answer.lines == []
    lines = answer.stdout.splitlines()
    assert lines[0] == f"{pair[0]} and {pair[1]}: 40×20, RGB, 8 bits a channel"
    assert [line.split() for line in lines[2:]] == [
        ["MSE", "PSNR", "SSIM", "largest", "difference"],
        ["all", "1.125", "47.62", "dB", lines[3].split()[4], "51", "at", "31,7", "in", "green", "(100,", "151)"],
        ["red", "0.125", "57.16", "dB", lines[4].split()[4], "10", "at", "0,0", "(100,", "90)"],
        ["green", "3.251", "43.01", "dB", lines[5].split()[4], "51", "at", "31,7", "(100,", "151)"],
        ["blue", "0", "infinite", "1", "-"],
    ]
    assert all(len(line) <= 80 for line in lines[1:])


def test_identical_pictures_are_said_plainly(pair: tuple[Path, Path], tmp_path: Path) -> None:
    same = save(tmp_path / "same.bmp", pixels(pair[0]))
    assert done("compare", pair[0], same, "--min-psnr", "inf").stdout.splitlines() == [
        f"{pair[0]} and {same} are identical: 40×20, RGB, 8 bits a channel, every value the same (PSNR infinite)"
    ]
    found = values(pair[0], same)
    assert (found["identical"], found["psnr"], found["mse"], found["ssim"]) == (True, None, 0, 1)
    assert found["largest"] == dict.fromkeys(("x", "y", "channel", "frame", "a", "b")) | {"difference": 0}


def test_json_has_all_of_it(pair: tuple[Path, Path]) -> None:
    found = values(*pair)
    assert (found["a"], found["b"], found["width"], found["height"]) == (str(pair[0]), str(pair[1]), 40, 20)
    assert (found["identical"], found["below_minimum"], found["error"], found["notes"]) == (False, False, None, [])
    assert found["mse"] == pytest.approx((51**2 + 10**2) / 2400)
    assert found["largest"] == {
        "difference": 51, "x": 31, "y": 7, "channel": "green", "frame": 0, "a": 100, "b": 151,
    }  # fmt: skip
    assert [each["channel"] for each in found["channels"]] == ["red", "green", "blue"]
    assert [each["identical"] for each in found["channels"]] == [False, False, True]
    assert [each["frame"] for each in found["frames"]] == [0]


def test_a_psnr_below_the_minimum_leaves_with_1(pair: tuple[Path, Path]) -> None:
    assert done("compare", *pair, "--min-psnr", "47").code == 0
    answer = run("compare", *pair, "--min-psnr", "48")
    assert answer.code == 1
    assert answer.lines[0] == f"error: {pair[0]} and {pair[1]}: PSNR 47.62 dB is below 48 dB"
    assert "47.62 dB" in answer.stdout
    answer = run("compare", *pair, "--min-psnr", "inf", "--json")
    assert answer.code == 1
    assert json.loads(answer.stdout)["below_minimum"] is True


def test_animations_frame_by_frame(tmp_path: Path) -> None:
    frames = [np.full((12, 14, 3), 60 * index, np.uint8) for index in range(3)]
    for name, levels in (("a.png", frames), ("b.png", [frames[0], frames[1] + np.uint8(9), frames[2]])):
        first, *others = map(Image.fromarray, levels)
        first.save(tmp_path / name, save_all=True, append_images=others, duration=50)
    lines = done("compare", tmp_path / "a.png", tmp_path / "b.png").stdout.splitlines()
    assert lines[0].endswith("14×12, RGB, 8 bits a channel, 3 frames")
    assert [line.split()[:2] for line in lines[-4:]] == [["frame", "MSE"], ["0", "0"], ["1", "81"], ["2", "0"]]
    found = values(tmp_path / "a.png", tmp_path / "b.png")
    assert [each["mse"] for each in found["frames"]] == [0, 81, 0]
    assert found["mse"] == pytest.approx(27)
    assert found["largest"]["frame"] == 1


def test_of_many_frames_the_worst_are_printed(tmp_path: Path) -> None:
    first, second = np.zeros((30, 1, 12, 12)), np.zeros((30, 1, 12, 12))
    second[:, 0, 3, 4] = np.arange(30)
    np.save(tmp_path / "a.npy", first)
    np.save(tmp_path / "b.npy", second)
    lines = done("compare", tmp_path / "a.npy", tmp_path / "b.npy").stdout.splitlines()
    assert "The 20 frames that differ most; --json has them all:" in lines
    assert [line.split()[0] for line in lines[-20:]] == [str(number) for number in range(10, 30)]


def test_arrays_of_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("0,1,2\n3,4,5\n")
    (tmp_path / "b.csv").write_text("0,1,2\n3,4.5,5\n")
    lines = done("compare", tmp_path / "a.csv", tmp_path / "b.csv").stdout.splitlines()
    assert lines[0].endswith("3×2, numbers, peak 5 (the range of the first)")
    assert lines[-1].split() == ["all", "0.04167", "27.78", "dB", "-", "0.5", "at", "1,1", "(4,", "4.5)"]


def test_notes_are_warnings(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    shade = save(tmp_path / "gray.png", gray(20, 40))
    assert done("compare", pair[0], shade).lines == [
        f"warning: {shade} is gray, and compared with every color of {pair[0]}"
    ]
    assert [each["code"] for each in values(pair[0], shade)["notes"]] == ["gray"]


def test_stdin_is_one_of_them(pair: tuple[Path, Path]) -> None:
    assert "identical" in done("compare", "-", pair[0], stdin=pair[0].read_bytes()).stdout
    assert refused(2, "compare", "-", "-")[0] == "A and B would both come from standard input"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("a.png", "sub/b.png", "c.png"):
        save(tmp_path / "one" / name, harbour())
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    worse = harbour().copy()
    worse[5, 6] ^= 64
    save(tmp_path / "two" / "c.png", worse)
    return tmp_path / "one", tmp_path / "two"


def test_folders_are_matched_by_name(folders: tuple[Path, Path]) -> None:
    lines = done("compare", *folders).stdout.splitlines()
    assert [line.split()[-1] for line in lines[1:-1]] == ["a.png", "c.png", "sub/b.png"]
    assert lines[-1] == "3 compared, 2 identical; the lowest PSNR is 43.21 dB (c.png)"
    objects = [json.loads(line) for line in done("compare", *folders, "--json").stdout.splitlines()]
    assert [(each["name"], each["identical"]) for each in objects] == [
        ("a.png", True), ("c.png", False), ("sub/b.png", True),
    ]  # fmt: skip
    answer = run("compare", *folders, "--min-psnr", "50")
    assert answer.code == 1
    assert answer.lines[0] == "error: 1 of 3 is below 50 dB: c.png"


def test_arrays_beside_pictures_are_counted(folders: tuple[Path, Path]) -> None:
    (folders[0] / "notes.csv").write_text("1,2\n")
    assert done("compare", *folders).lines == ["1 array left out"]


def test_missing_and_broken_files_are_named(folders: tuple[Path, Path]) -> None:
    one, two = folders
    save(one / "only.png", gray())
    save(two / "a.png", gray(9, 9))
    answer = run("compare", one, two)
    assert answer.code == 1
    assert answer.lines == [
        f"error: {one / 'a.png'} is 44×30, and {two / 'a.png'} 9×9: they differ in size",
        answer.lines[1],
        f"warning: {one}: 1 without a counterpart in {two}: only.png",
    ]
    assert answer.lines[1].startswith("help: ")
    assert "2 compared, 1 identical, 1 failed, 1 without a counterpart" in answer.stdout
    objects = [json.loads(line) for line in run("compare", two, one, "--json").stdout.splitlines()]
    assert [each["error"] is None for each in objects] == [False, True, True, False]
    assert objects[-1] == {
        "a": None, "b": str(one / "only.png"), "name": "only.png",
        "error": f"{one / 'only.png'} has no counterpart in {two}",
    }  # fmt: skip


def test_a_picture_of_both_and_their_difference(pair: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "drawn.png"
    assert f"both and their difference → {target}" in done("compare", *pair, "-o", target).stderr
    assert pixels(target).shape[2] == 3
    assert refused(1, "compare", *pair, "-o", target) == (f"{target} exists", "--force overwrites it")
    assert done("compare", *pair, "-o", target, "-f").code == 0
    before = pair[1].read_bytes()
    assert refused(1, "compare", *pair, "-o", pair[1], "--force")[0] == f"{pair[1]} is {pair[1]} itself"
    assert pair[1].read_bytes() == before


def test_a_picture_of_each_pair_of_two_folders(folders: tuple[Path, Path], tmp_path: Path) -> None:
    for folder in folders:
        (folder / "sub/b.png").rename(folder / "sub/b.jpg")  # of which the name is another, not the content
    drawn = tmp_path / "drawn"
    answer = done("compare", *folders, "-o", f"{drawn}/")
    assert answer.lines == [f"3 pictures of both and their difference → {drawn}/"]
    assert names(drawn) == ["a.png", "c.png", "sub/b.jpg.png"]
    done("compare", folders[0] / "c.png", folders[1] / "c.png", "-o", tmp_path / "one.png")
    assert (pixels(drawn / "c.png") == pixels(tmp_path / "one.png")).all()
    answer = run("compare", *folders, "-o", drawn)
    assert answer.code == 1
    assert answer.lines[0] == f"error: {drawn / 'a.png'} exists"
    assert answer.stdout == "", "before anything is compared"
    assert done("compare", *folders, "-o", drawn, "-f").code == 0


@pytest.mark.parametrize(
    ("words", "code", "what", "helps"),
    [
        (("a.png", "missing.png"), 1, "missing.png does not exist", ""),
        (("one", "a.png"), 2, "one is a folder and a.png is none", "give two files, or two folders"),
        (("missing.png", "one"), 1, "missing.png does not exist", "check the name"),
        (("one", "two", "-o", "drawn.png"), 2, "-o drawn.png is one picture, and these are folders", "-o drawn/"),
        (("one", "two", "-o", "two", "-f"), 1, "two is two itself", "write to another folder"),
        (("one", "two", "-o", "one/"), 1, "one/ is one itself", "write to another folder"),
        (("a.png", "b.png", "-o", "drawn.txt"), 2, "drawn.txt is no name for a picture in color", "end it in"),
        (("a.png", "b.png", "--min-psnr", "nan"), 2, "--min-psnr nan is no number", "give it in dB"),
    ],
)
def test_wrong_words(
    pair: tuple[Path, Path], folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...], code: int, what: str, helps: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(pair[0].parent)
    assert folders
    found = refused(code, "compare", *words)
    assert found[0].startswith(what)
    assert helps in found[1]


def test_pictures_of_pairs_do_not_meet(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for title in ("photo.jpg", "photo.jpg.png", "photo.jpg.png.png", "other.png"):
            save(tmp_path / folder / "any.png", gray()).rename(tmp_path / folder / title)
    drawn = tmp_path / "drawn"
    done("compare", tmp_path / "one", tmp_path / "two", "-o", f"{drawn}/")
    doubled = [f"photo.jpg{'.png' * count}" for count in (1, 2, 3)]
    assert sorted(path.name for path in drawn.iterdir()) == ["other.png", *doubled]
