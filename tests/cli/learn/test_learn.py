from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.support.console import done, names, refused, run
from tests.support.paths import SAMPLES
from tests.support.pictures import gray, harbour, logo, pixels, save

LESSON = (SAMPLES / "edges.csv", "--size", "1x2", "--no-bias")
GD = ("--optimizer", "gd", "--steps", "3")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A picture and the same sharpened, without a value that is clipped."""
    source = save(tmp_path / "photo.png", harbour(60, 70) // 4 + 90)
    done("apply", "sharpen", source, "-o", tmp_path / "sharp.png", "-q")
    return source, tmp_path / "sharp.png"


@pytest.fixture
def edges(tmp_path: Path) -> Path:
    done("apply", "1 -1", SAMPLES / "edges.csv", "-o", tmp_path / "edges.csv", "--padding", "valid", "-q")
    return tmp_path / "edges.csv"


def test_a_kernel_is_learned_and_applied_again(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    kernel = tmp_path / "my filter.yaml"
    answer = done("learn", *pair, "-o", kernel, "--snap", "--predict", tmp_path / "replay.png")
    assert answer.stdout == ""
    assert answer.lines[0] == f"{pair[0]} → {pair[1]}"
    assert any(line.startswith("nearest") and "sharpen" in line for line in answer.lines)
    assert f"kernel → {kernel}" in answer.lines
    assert f"{pair[0]} → {tmp_path / 'replay.png'} (70×60)" in answer.lines
    assert np.array_equal(pixels(tmp_path / "replay.png"), pixels(pair[1]))
    assert done("check", kernel).lines == [f"{kernel}: valid (my filter)"]
    text = kernel.read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert "; written in its exact form" in text
    assert "[-1,  5, -1]" in text
    assert "border: reflect" in text
    hint = answer.lines[-1].removeprefix("next: ")
    words = [str(pair[0]) if each == "OTHER.png" else each for each in shlex.split(hint)[1:]]
    done(*[str(tmp_path / each) if each == "filtered.png" else each for each in words])
    assert np.array_equal(pixels(tmp_path / "filtered.png"), pixels(pair[1]))


def test_the_lesson(edges: Path) -> None:
    words = ("--optimizer", "gd", "--loss", "sum", "--learning-rate", "0.01", "--steps", "250", "--log-every", "100")
    answer = done("learn", LESSON[0], edges, *LESSON[1:], *words)
    steps = [line for line in answer.lines if line.startswith("step ")]
    assert [line.split()[1] for line in steps] == ["100", "200", "250"]
    assert {"  1  -1", "  1.0000  -1.0000"} & set(answer.lines)
    assert answer.lines[-1] == "-o KERNEL.yaml writes it as a filter that apply takes"


def test_the_kernel_on_stdout_reads_back(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    answer = done("learn", *pair, "--size", "3", "-o", "-", "-q")
    assert answer.stderr == ""
    assert answer.stdout.startswith("name: learned\n")
    (tmp_path / "k.yaml").write_text(answer.stdout)
    done("check", tmp_path / "k.yaml")


def test_full_precision_without_snap(tmp_path: Path, edges: Path) -> None:
    answer = done("learn", LESSON[0], edges, *LESSON[1:], "-o", tmp_path / "k.yml", *GD, "--json")
    learned = json.loads(answer.stdout)
    assert str(learned["weights"][0][0]) in (tmp_path / "k.yml").read_text()
    assert "padding: valid" in (tmp_path / "k.yml").read_text()
    assert learned["outputs"] == {"kernel": str(tmp_path / "k.yml")}


def test_json_alone_is_printed(pair: tuple[Path, Path]) -> None:
    answer = done("learn", *pair, "--size", "3", "--json")
    learned = json.loads(answer.stdout)
    assert answer.stderr == ""
    assert learned["input"] == str(pair[0])
    assert learned["model"] == "shared"
    assert np.abs(np.array(learned["weights"]) - [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]).max() < 0.05
    assert set(learned["replay"]) == {"psnr", "largest", "values", "held_out"}


def test_quiet_is_quiet(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    for words in (("-q",), ("-q", "--plot", tmp_path / "p.png"), ("-q", "--log-every", "1")):
        answer = done("learn", *pair, "--size", "3", *words)
        assert (answer.stdout, answer.stderr) == ("", "")


def test_the_plot(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    answer = done("learn", *pair, "--size", "3", "--plot", tmp_path / "curve.png")
    height, width, _ = pixels(tmp_path / "curve.png").shape
    assert f"loss and kernel → {tmp_path / 'curve.png'} ({width}×{height})" in answer.lines


def test_folders(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    for index in range(3):
        (tmp_path / "in" / "sub").mkdir(parents=True, exist_ok=True)
        save(tmp_path / "in" / "sub" / f"{index}.png", np.roll(pixels(pair[0]), 9 * index, axis=0))
    done("apply", "sharpen", tmp_path / "in", "-r", "-o", f"{tmp_path / 'out'}/", "-q")
    save(tmp_path / "in" / "alone.png", gray())
    (tmp_path / "out" / "notes.txt").touch()
    answer = done("learn", tmp_path / "in", tmp_path / "out", "--size", "3", "-o", tmp_path / "k.yaml")
    assert answer.lines[:2] == [
        f"warning: {tmp_path / 'in'}: 1 file has no counterpart, and no part in learning",
        "1 of no format that convcli reads",
    ]
    assert f"{tmp_path / 'in'} → {tmp_path / 'out'} (3 pairs)" in answer.lines
    assert "Learned from 3 pairs of in and out" in (tmp_path / "k.yaml").read_text()


def test_standard_input(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    answer = done("learn", "-", pair[1], "--size", "3", "--predict", tmp_path / "r.png", stdin=pair[0].read_bytes())
    assert answer.lines[0] == f"stdin → {pair[1]}"
    assert np.abs(pixels(tmp_path / "r.png").astype(int) - pixels(pair[1])).max() <= 1


def test_alpha_is_learned_without_and_kept_in_the_prediction(tmp_path: Path) -> None:
    source = save(tmp_path / "logo.png", logo(60, 60))
    target = save(tmp_path / "target.png", logo(60, 60)[:, :, :3])
    answer = done("learn", source, target, "--size", "1", "--predict", tmp_path / "r.png")
    assert len([line for line in answer.lines if "its pixels are transparent" in line]) == 1
    assert pixels(tmp_path / "r.png").shape == (60, 60, 4)
    answer = done("learn", source, target, "--size", "1", "--predict", tmp_path / "r.jpg")
    assert f"warning: {tmp_path / 'r.jpg'}: JPEG holds no alpha channel, which is left out" in answer.lines
    assert pixels(tmp_path / "r.jpg").shape == (60, 60, 3)


def test_gray_to_color(tmp_path: Path) -> None:
    source = save(tmp_path / "gray.png", gray())
    target = save(tmp_path / "rgb.png", np.dstack([gray(), gray() // 2, 255 - gray()]))
    words = ("--model", "full", "--size", "1", "-o", tmp_path / "k.yaml", "--predict", tmp_path / "r.png")
    done("learn", source, target, *words)
    assert np.abs(pixels(tmp_path / "r.png").astype(int) - pixels(target)).max() <= 1


def test_arrays_are_predicted_as_they_are(tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=(2, 1, 20, 30))
    np.save(tmp_path / "a.npy", array)
    np.save(tmp_path / "b.npy", 3 * array + 0.5)
    done("learn", tmp_path / "a.npy", tmp_path / "b.npy", "--size", "1", "--predict", tmp_path / "r.npy")
    assert np.abs(np.load(tmp_path / "r.npy") - np.load(tmp_path / "b.npy")).max() < 1e-4


def test_a_kernel_to_start_from(pair: tuple[Path, Path]) -> None:
    answer = done("learn", *pair, "--init", "-1 0 1; -2 0 2; -1 0 1", "--json")
    assert json.loads(answer.stdout)["size"] == [3, 3]


def test_no_exact_form_is_said(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    done("apply", "0.123 0.456 0.789", pair[0], "-o", tmp_path / "b.png", "-q", "--border", "edge")
    words = ("--size", "1x3", "--snap", "-o", tmp_path / "k.yaml")
    answer = done("learn", pair[0], tmp_path / "b.png", *words)
    if "exact form  none is certain within the errors" in answer.lines:
        assert any("the learned weights are written" in line for line in answer.lines)
    assert (tmp_path / "k.yaml").exists()


def test_overwriting_what_was_offered(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    (tmp_path / "k.yaml").write_text("mine")
    done("learn", *pair, "--size", "3", "-o", tmp_path / "k.yaml", "-f")
    done("check", tmp_path / "k.yaml")


@pytest.mark.parametrize(
    ("words", "says", "helps"),
    [
        (("--size", "0"), "--size 0: a side has 1 to 127 weights", "auto"),
        (("--size", "3x2000"), "1 to 127 weights", "3x5"),
        (("--size", "3x"), "--size '3x' is no size", "3x5"),
        (("--size", "big"), "--size 'big' is no size", "auto"),
        (("--size", "-3"), "--size '-3' is no size", "auto"),
        (("--border", "mirror"), "means different things", "reflect"),
        (("--border", "nowhere"), "unknown border", "reflect"),
        (("--holdout", "0.9"), "--holdout 0.9 is no share of the rows", "0.5"),
        (("--holdout", "some"), "--holdout: 'some' is not a number", "write"),
        (("--learning-rate", "0"), "--learning-rate 0 does not descend", "auto"),
        (("--learning-rate", "fast"), "--learning-rate: 'fast' is not a number", "write"),
        (("--learning-rate", "inf"), "--learning-rate: 'inf' is not a finite number", "finite"),
        (("--steps", "0"), "--steps 0 is no number of steps", "auto"),
        (("--steps", "1.5"), "--steps '1.5' is no number of steps", "whole"),
        (("--tolerance", "-1"), "--tolerance -1 is no share", "1e-7"),
        (("--tolerance", "x"), "--tolerance: 'x' is not a number", "write"),
        (("--seed", "-1"), "--seed", "--help"),
        (("--log-every", "0"), "--log-every", "--help"),
        (("--model", "huge"), "--model", "--help"),
        (("--optimizer", "sgd"), "--optimizer", "--help"),
        (("--loss", "max"), "--loss", "--help"),
        (("--init", "gausian"), "gausian", "gaussian"),
        (("--init", "gaussian:1 | sobel"), "is a pipeline, and one kernel is learned", "identity"),
        (("--init", "relu"), "is a pipeline, and one kernel is learned", "identity"),
        (("--init", "sharpen:stride=2"), "has a stride, dilation or groups", "weights alone"),
        (("--init", "sharpen", "--size", "5"), "--size 5×5, and --init has 3×3 weights", "leave out --size"),
        (("-o", "-", "--json"), "--json and -o - would both write to stdout", "file"),
        (("-o", "k.txt"), "-o k.txt: a kernel is written as YAML", ".yaml"),
        (("-o", "k"), "-o k: a kernel is written as YAML", ".yaml"),
        (("--plot", "p.npy"), "p.npy is no name for a picture in color", ".png"),
        (("--plot", "p"), "p is no name for a picture in color", ".png"),
        (("--predict", "r.txt"), "--predict r.txt: its ending stands for no format", ".png"),
        (("--plot", "x.png", "--predict", "./x.png"), "--plot and --predict would both write", "name of its own"),
    ],
)
def test_what_cannot_be_meant(pair: tuple[Path, Path], words: tuple[str, ...], says: str, helps: str) -> None:
    before = names(pair[0].parent)
    what, hint = refused(2, "learn", *pair, *words)
    assert says in what
    assert helps in hint
    assert names(pair[0].parent) == before


@pytest.mark.parametrize("option", ["-o", "--plot", "--predict"])
def test_an_existing_output_is_kept(tmp_path: Path, pair: tuple[Path, Path], option: str) -> None:
    there = tmp_path / ("k.yaml" if option == "-o" else "k.png")
    there.write_text("mine")
    assert refused(1, "learn", *pair, option, there) == (f"{there} exists", "--force overwrites it")
    assert there.read_text() == "mine"


@pytest.mark.parametrize("option", ["--plot", "--predict"])
@pytest.mark.parametrize("which", [0, 1])
def test_an_output_that_is_an_input(pair: tuple[Path, Path], option: str, which: int) -> None:
    before = pair[which].read_bytes()
    what, hint = refused(1, "learn", *pair, option, pair[which], "--force")
    assert what == f"{pair[which]} is {('INPUT', 'TARGET')[which]} itself"
    assert hint == "write to another file or folder"
    assert pair[which].read_bytes() == before


def test_a_folder_that_is_not_there_or_is_the_output(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    what, hint = refused(1, "learn", *pair, "-o", tmp_path / "none" / "k.yaml")
    assert "there is no folder" in what
    assert hint.startswith("make it first")
    (tmp_path / "k.yaml").mkdir()
    assert "is a folder" in refused(1, "learn", *pair, "-o", tmp_path / "k.yaml")[0]


def test_everything_wrong_is_said_before_learning(
    tmp_path: Path, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convcli.cli.learn.running.detect", lambda *_: pytest.fail("it has begun"))
    deep = tmp_path / "deep.png"
    save(deep, (gray(60, 70).astype(np.uint16) * 257))
    assert "16" in refused(1, "learn", deep, deep, "--predict", tmp_path / "r.jpg")[0]
    assert "CSV holds one plane" in refused(1, "learn", *pair, "--predict", tmp_path / "r.csv")[0]
    assert "exists" in refused(1, "learn", *pair, "--predict", pair[1].with_name("deep.png"))[0]


def test_folders_and_files(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    save(folder / "a.png", gray())
    assert "is a folder and" in refused(2, "learn", folder, pair[1])[0]
    assert "does not exist" in refused(1, "learn", folder, tmp_path / "none")[0]
    assert "does not exist" in refused(1, "learn", tmp_path / "none.png", pair[1])[0]
    (tmp_path / "empty").mkdir()
    assert "has a counterpart in" in refused(2, "learn", folder, tmp_path / "empty")[0]
    what, hint = refused(2, "learn", folder, folder, "--predict", tmp_path / "r.png")
    assert "--predict applies the kernel to one INPUT" in what
    assert "apply" in hint


def test_gray_and_color(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    what, hint = refused(2, "learn", save(tmp_path / "gray.png", gray(60, 70)), pair[1], "--model", "shared")
    assert "is gray" in what
    assert "--model full" in hint


def test_both_from_stdin() -> None:
    assert "both come from standard input" in refused(2, "learn", "-", "-")[0]


def test_one_argument_is_not_enough(pair: tuple[Path, Path]) -> None:
    assert "TARGET" in refused(2, "learn", pair[0])[0]


def test_help_begins_with_examples() -> None:
    told = run("learn", "--help").stdout
    assert told.index("convcli learn photo.png") < told.index("--size")
