"""Networks that ``learn --layers`` trains from pairs of pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.console import done, refused
from tests.support.pictures import gray, harbour, pixels, save

QUICK = ("--epochs", "30", "--learning-rate", "0.02")
TINY = ("--layers", "conv:4,3 | relu | conv:3,3", "--epochs", "3")
WHOLE = ("--layers", "conv:3,3 | instance-norm", "--epochs", "1")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A picture and its median."""
    source = save(tmp_path / "photo.png", harbour(120, 130))
    done("apply", "median:3", source, "-o", tmp_path / "median.png", "-q")
    return source, tmp_path / "median.png"


def test_a_network_gains_on_the_best_kernel_and_is_applied_again(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    net = tmp_path / "net.yaml"
    layers = ("--layers", "conv:8,3 | relu | conv:3,3", "--epochs", "8")
    answer = done("learn", *pair, *layers, "-o", net, "--predict", tmp_path / "replay.png", "--json")
    values = json.loads(answer.stdout)
    assert values["cause"].startswith("network of 2 layers, 443 weights: ")
    assert " where the best kernel reaches " in values["cause"]
    assert values["psnr"] > values["baseline"]["psnr"] + 0.2
    assert values["replay"]["held_out"]
    assert len(values["history"]) == 9
    assert values["history"][values["best"]]["held_out"] == min(each["held_out"] for each in values["history"])
    assert values["outputs"] == {
        "network": str(net),
        "weights": str(tmp_path / "net.weights.npz"),
        "predict": str(tmp_path / "replay.png"),
    }
    done("apply", net, pair[0], "-o", tmp_path / "again.png")
    assert np.array_equal(pixels(tmp_path / "again.png"), pixels(tmp_path / "replay.png"))
    assert "valid" in done("check", net).lines[0]
    assert "443" in " ".join(done("show", net, "--input-size", "3x120x130").stdout.split())


def test_the_report_begins_with_the_gain(pair: tuple[Path, Path]) -> None:
    answer = done("learn", *pair, *TINY, "--log-every", "2")
    lines = [line for line in answer.lines if not line.startswith("epoch ")]
    assert lines[0] == f"{pair[0]} → {pair[1]}"
    assert lines[1].startswith("network of 2 layers, 223 weights: ")
    assert [line.split()[1] for line in answer.lines if line.startswith("epoch ")] == ["0", "2", "3"]
    assert lines[-1] == "-o NET.yaml writes it as a filter that apply takes"


def test_a_seed_gives_the_same_bytes_on_any_number_of_processors(
    tmp_path: Path, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for name, threads in (("one", 1), ("two", 2)):
        monkeypatch.setattr("convcli.learning.networks.training.available_threads", lambda count=threads: count)
        (tmp_path / name).mkdir()
        done("learn", *pair, *TINY, "--seed", "5", "-o", tmp_path / name / "net.yaml")
        made.append([(tmp_path / name / each).read_bytes() for each in ("net.yaml", "net.weights.npz")])
    assert made[0] == made[1]


def test_a_network_is_never_worse_than_the_kernel_it_starts_as(pair: tuple[Path, Path]) -> None:
    values = json.loads(done("learn", *pair, *TINY, "--learning-rate", "0.5", "--json").stdout)
    assert values["best"] == 0
    assert values["psnr"] == pytest.approx(values["baseline"]["psnr"], abs=0.05)


def test_values_beyond_white_are_right_where_the_target_is_clipped(tmp_path: Path) -> None:
    source = save(tmp_path / "photo.png", harbour(120, 130))
    bright = save(tmp_path / "bright.png", np.minimum(harbour(120, 130).astype(int) * 3, 255).astype(np.uint8))
    values = json.loads(done("learn", source, bright, *TINY, "--json").stdout)
    assert values["history"][0]["held_out"] < 1e-6
    # The kernel explains all, and Adam's steps are small: of values that are not clipped before, it would be over 0.1.
    assert all(each["loss"] < 0.01 for each in values["history"][1:])


def test_a_network_from_a_file_keeps_the_meaning_of_the_file(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    net = tmp_path / "start.yaml"
    net.write_text(
        "layers:\n  - conv: {in_channels: 3, out_channels: 4, kernel_size: 3, padding: 1}\n  - relu\n"
        "  - conv: {in_channels: 4, out_channels: 3, kernel_size: 3, padding: 1}\n"
    )
    done("learn", *pair, "--layers", net, "--epochs", "2", "-o", tmp_path / "net.yaml")
    text = (tmp_path / "net.yaml").read_text()
    assert "padding: 1" in text
    assert "border: constant" not in text  # it is the default of a conv layer


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--layers", "conv:4,3 | relu | conv:2,3"), "makes 2×120×130 of INPUT (3×120×130), and TARGET has 3×120×130"),
        (("--layers", "conv:3,3,padding=0"), "makes 3×118×128"),
        (("--layers", "conv:3,3 | warble"), "warble"),
        (("--layers", "conv:3,3 | threshold"), "threshold is a layer that has no gradient"),
        (("--layers", "relu"), "no layer that learns"),
        (("--layers", "gaussian:2"), "no layer that learns"),
        (("--layers", " "), "--layers is empty"),
        (("--layers", "conv"), "conv has no out_channels"),
        (("--layers", "conv:3 | relu"), "conv has no kernel_size"),
        (("--layers", "| conv:3,3"), "a bar without a filter beside it"),
        (("--layers", "Conv2d(3,16,5)"), "'Conv2d(3' is not a number"),
        ((*TINY, "--patch", "500"), "do not fit"),
        ((*TINY, "--patch", "4"), "too small"),
        ((*TINY, "--size", "3"), "--size is for a kernel"),
        ((*TINY, "--steps", "9"), "--steps is for a kernel"),
        ((*TINY, "--no-bias"), "--no-bias is for a kernel"),
        ((*TINY, "--snap"), "--snap is for a kernel"),
        ((*TINY, "--loss", "sum"), "--loss sum is for the descent of a kernel"),
        ((*TINY, "--optimizer", "dct"), "--optimizer dct is not for a network"),
        ((*TINY, "--epochs", "0"), "--epochs 0 is out of range"),
        ((*TINY, "--holdout", "25"), "--holdout 25 is out of range"),
        ((*WHOLE, "--augment", "turns"), "--augment is about patches, and a network that sees all of a picture"),
        ((*WHOLE, "--patch", "9"), "--patch is about patches"),
        ((*TINY, "--weight-decay", "much"), "--weight-decay"),
        ((*TINY, "--optimizer", "gd", "--learning-rate", "1e30"), "diverged"),
        ((*TINY, "--scheduler", "local"), "--scheduler is for kernels"),
        (("--loss", "l1"), "--loss l1 trains a network"),
        (("--optimizer", "soap"), "--optimizer soap trains a network"),
        (("--epochs", "3"), "--epochs is for a network"),
    ],
)
def test_what_does_not_fit_is_refused(pair: tuple[Path, Path], words: tuple[str, ...], fault: str) -> None:
    what, hint = refused(2, "learn", *pair, *words)
    assert fault in what
    is_no_text = any(each in fault for each in ("empty", "conv has no", "a bar", "is not a number"))
    assert hint.startswith('write "conv:16,5 | relu | conv:3,3"') if is_no_text else hint


@pytest.mark.parametrize("factor", [2, 3])
def test_the_way_to_a_larger_target_is_one_that_is_taken(tmp_path: Path, factor: int) -> None:
    small, large = (
        save(tmp_path / "small.png", harbour(40, 48)),
        save(tmp_path / "large.png", harbour(40 * factor, 48 * factor)),
    )
    _, hint = refused(2, "learn", small, large, "--layers", "conv:4,3 | relu | conv:3,3")
    end = hint.removeprefix("end it with ")
    assert end == f"conv:{3 * factor**2},3 | pixel-shuffle:{factor}"
    done("learn", small, large, "--layers", f"conv:4,3 | relu | {end}", "--epochs", "1", "-o", tmp_path / "net.yaml")


def test_filters_by_their_names_stay_as_they_are(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    file = tmp_path / "start.yaml"
    file.write_text("layers:\n  - gaussian: 1\n  - conv: {weights: [[0, 1, 0]], padding: [0, 1]}\n")
    for layers in ("sobel | conv:3,1", str(file)):
        values = json.loads(done("learn", *pair, "--layers", layers, "--epochs", "1", "--json").stdout)
        assert values["network"]["layers"] == 1


def test_the_page_on_a_network_tells_its_training(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    net, page = tmp_path / "net.yaml", tmp_path / "page.html"
    lines = done("learn", *pair, *TINY, "-o", net).lines
    done("report", net, "-o", page)
    text = page.read_text(encoding="utf-8")
    learned = text[text.index("<h2>How it was learned</h2>") :]
    assert f"{lines[1]}." in learned
    assert "where the best kernel reaches" in lines[1]
    assert next(line for line in lines if line.startswith("training ")).split(maxsplit=1)[1] in learned
    chart = learned[learned.index('aria-label="The loss of each epoch"') :].partition("</svg>")[0]
    assert chart.count("<polyline") == 4  # two curves, and their samples in the legend
    assert ">held out</text>" in chart


def test_what_stands_at_the_outputs_is_kept(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    weights = tmp_path / "net.weights.npz"
    weights.write_bytes(b"mine")
    refused(1, "learn", *pair, *TINY, "-o", tmp_path / "net.yaml")
    assert weights.read_bytes() == b"mine"
    assert not (tmp_path / "net.yaml").exists()
    done("learn", *pair, *TINY, "-o", tmp_path / "net.yaml", "--force")
    assert weights.read_bytes() != b"mine"


def test_a_small_gray_picture_is_learned_from_whole(tmp_path: Path) -> None:
    source = save(tmp_path / "small.png", gray(12, 14))
    done("apply", "gaussian:1", source, "-o", tmp_path / "blurred.png", "-q")
    answer = done("learn", source, tmp_path / "blurred.png", "--layers", "conv:2,3 | relu | conv:1,3", "--epochs", "2")
    assert any("learned from, since there are few" in line for line in answer.lines)


def test_a_network_may_learn_to_halve_a_picture(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    done("apply", "avgpool:2", pair[0], "-o", tmp_path / "half.png", "-q")
    answer = done("learn", pair[0], tmp_path / "half.png", "--layers", "conv:3,2,stride=2", *QUICK)
    network, kernel = answer.lines[1].split(": ")[1].split(" where the best kernel reaches ")
    # Rounding to levels is all that is left.
    assert all(each == "no difference" or float(each.split()[0]) > 45 for each in (network, kernel))
