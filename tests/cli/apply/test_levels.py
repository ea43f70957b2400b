"""Levels on the command line: a number beyond full scale, where a share of it is meant, is wrong usage."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.support.console import done, refused, run
from tests.support.pictures import gray, pixels, save

WRONG = [
    (("box", "--border", "constant:128"), "border constant:128", "write constant:128/255 or constant:50%"),
    (("sobel-x", "--bias", "128"), "bias 128", "write 128/255 or 50%"),
    (("threshold:200",), "threshold level 200", "write 200/255 or 78%"),
    (("clip:0,128",), "clip high 128", "write 128/255 or 50%"),
    (("bias.yaml",), "bias 128", "write 128/255 or 50%"),
    (("layers.yaml",), "threshold level 100", "write 100/255 or 39%"),
    (("keyed.yaml",), "bias 64", "write 64/255 or 25%"),
    (("bordered.yaml",), "border constant:255", "write constant:255/255 or constant:100%"),
]
FILES = {
    "bias.yaml": "weights: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]\nbias: 128\n",
    "layers.yaml": "layers: [gaussian, threshold: 100]\n",
    "keyed.yaml": "layers: [sobel-x: {bias: 64}, relu]\n",
    "bordered.yaml": "weights: [[1, 1]]\nborder: constant:255\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text)
    return tmp_path


def words_of(words: tuple[str, ...]) -> list[str]:
    return [f"./{words[0]}" if words[0].endswith(".yaml") else words[0], *words[1:]]


@pytest.mark.parametrize(("words", "what", "hint"), WRONG)
def test_refused_with_both_ways_to_write_it_and_nothing_written(
    folder: Path, words: tuple[str, ...], what: str, hint: str
) -> None:
    photo = save(folder / "photo.png", gray())
    other = save(folder / "other.png", gray())
    filter_text, *options = words_of(words)
    for more in ((), ("-n",), ("-f", "-j", "2")):
        error, help_ = refused(2, "apply", filter_text, photo, other, "-o", "out/", *options, *more)
        assert what in error
        assert "levels are shares of full scale, and 1 is white" in error
        assert help_ == hint
    assert not (folder / "out").exists()
    error, help_ = refused(2, "explain", filter_text, photo, "--at", "1,1", *options)
    assert what in error
    assert help_ == hint
    answer = run("apply", filter_text, "-", "-o", "out.png", *options, stdin=photo.read_bytes())
    assert answer.code == 2
    assert hint in answer.stderr
    assert not (folder / "out.png").exists()


@pytest.mark.parametrize(("words", "what", "hint"), WRONG)
def test_arrays_and_pictures_of_floats_take_the_number(
    folder: Path, words: tuple[str, ...], what: str, hint: str
) -> None:
    del what, hint
    filter_text, *options = words_of(words)
    array = np.arange(20.0).reshape(4, 5)
    np.save("a.npy", array)
    Path("a.csv").write_text("1,2,3\n4,5,6\n")
    tifffile.imwrite(folder / "a.tif", array.astype(np.float32))
    for name in ("a.npy", "a.csv", "a.tif"):
        done("apply", filter_text, name, "-o", f"out-{name}", "-q", *options)
    done("apply", filter_text, "a.npy", "-o", "again.npy", "-n", *options)


def test_at_16_bits_the_hint_has_their_full_scale(folder: Path) -> None:
    deep = save(folder / "deep.png", gray().astype(np.uint16) * 257)
    _, help_ = refused(2, "apply", "box", deep, "-o", "out.png", "--border", "constant:30000")
    assert help_ == "write constant:30000/65535 or constant:46%"


def test_what_the_hint_says_works(folder: Path) -> None:
    photo = save(folder / "photo.png", gray())
    for written in ("128/255", "50%"):
        done("apply", "box", photo, "-o", "out.png", "-f", "-q", "--padding", "full", "--border", f"constant:{written}")
        level = 128 / 9
        assert abs(int(pixels(folder / "out.png")[0, 0]) - (8 * level + int(gray()[0, 0]) / 9)) <= 1


def test_each_file_of_a_mixed_batch_is_judged(folder: Path) -> None:
    photo = save(folder / "photo.png", gray())
    Path("a.csv").write_text("1,2,3\n4,5,6\n")
    answer = run("apply", "threshold:3", "a.csv", photo, "-o", "out/", "--json")
    assert answer.code == 1
    outcomes = [json.loads(line) for line in answer.stdout.splitlines()]
    assert sorted(each["status"] for each in outcomes) == ["done", "failed"]
    assert f"{photo}: threshold level 3" in answer.stderr
    assert "write 3/255 or 1%" in answer.stderr
    assert np.loadtxt("out/a.csv", delimiter=",").tolist() == [[0, 0, 1], [1, 1, 1]]


def test_learning_with_such_a_border(folder: Path) -> None:
    photo = save(folder / "photo.png", gray())
    _, help_ = refused(2, "learn", photo, photo, "--size", "3", "--border", "constant:128")
    assert help_ == "write constant:128/255 or constant:50%"
    error, _ = refused(2, "learn", photo, photo, "--size", "3", "--border", "constant:-inf")
    assert "--border constant:-inf" in error


@pytest.mark.usefixtures("folder")
def test_an_infinite_border_of_arrays() -> None:
    Path("a.csv").write_text("1,2\n3,4\n")
    out = done("apply", "1 1", "a.csv", "-o", "-", "--border", "constant:-inf", "-q").stdout
    assert out == "-inf,3\n-inf,7\n"
    shown = done("show", "box:1,border=constant:-inf,padding=1", "--yaml").stdout
    assert "border: constant:-inf\n" in shown
    Path("again.yaml").write_text(shown)
    assert done("apply", "./again.yaml", "a.csv", "-o", "-", "-q").stdout.splitlines()[1] == "-inf,1,2,-inf"
    explained = json.loads(done("explain", "1 1", "a.csv", "--at", "0,0", "--border", "constant:-inf", "--json").stdout)
    assert explained["output"] is None
    error, _ = refused(2, "apply", "1 1", "a.csv", "-o", "x.csv", "--border", "constant:nan")
    assert "not a finite number" in error
