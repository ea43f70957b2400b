"""Folders, masks, augmentation, schedules, decay and patience of networks that are trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convcli.learning import TrainingSettings
from tests.support.console import done, refused
from tests.support.pictures import gray, harbour, save

LAYERS = ("--layers", "conv:3,3 | relu | conv:1,3", "--epochs", "4")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A gray picture and its median."""
    source = save(tmp_path / "photo.png", gray(100, 110))
    done("apply", "median:3", source, "-o", tmp_path / "median.png", "-q")
    return source, tmp_path / "median.png"


def trained(*words: str | Path) -> dict[str, Any]:
    """Return what a training says in JSON."""
    values: dict[str, Any] = json.loads(done("learn", *words, "--json").stdout)
    return values


def test_a_network_learns_from_the_pairs_of_two_folders(tmp_path: Path) -> None:
    for number, shape in enumerate(((60, 70), (80, 64), (70, 70))):
        save(tmp_path / "in" / f"{number}.png", harbour(*shape)[..., 1])
    save(tmp_path / "in" / "alone.png", gray(20, 20))
    done("apply", "median:3", *sorted((tmp_path / "in").glob("?.png")), "-o", f"{tmp_path / 'out'}/", "-q")
    answer = done("learn", tmp_path / "in", tmp_path / "out", *LAYERS, "--json", "-o", tmp_path / "net.yaml")
    values = json.loads(answer.stdout)
    assert values["pairs"] == 3
    assert any("1 file has no counterpart" in line for line in answer.lines)
    # A tenth of the rows of each is held out: 6 of 60, 8 of 80, 7 of 70.
    assert values["replay"]["values"] == 6 * 70 + 8 * 64 + 7 * 70
    assert values["psnr"] >= values["baseline"]["psnr"]
    (tmp_path / "in" / "alone.png").unlink()
    save(tmp_path / "out" / "1.png", gray(30, 30))
    assert "1.png" in refused(2, "learn", tmp_path / "in", tmp_path / "out", *LAYERS)[0]


def test_what_a_mask_leaves_out_is_not_learned_from(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    source, target = pair
    median, photo = (np.array(each) for each in map(_pixels, (target, source)))
    broken = median.copy()
    broken[:, 50:] = 255 - photo[:, 50:]
    save(tmp_path / "broken.png", broken)
    white = np.zeros((100, 110), np.uint8)
    white[:, :50] = 255
    mask = save(tmp_path / "mask.png", white)
    masked = trained(source, tmp_path / "broken.png", *LAYERS, "--mask", mask)
    assert masked["replay"]["values"] == 10 * 50
    assert masked["psnr"] > 25
    assert trained(source, tmp_path / "broken.png", *LAYERS)["psnr"] < masked["psnr"] - 10
    black = save(tmp_path / "black.png", np.zeros((100, 110), np.uint8))
    assert refused(2, "learn", source, target, *LAYERS, "--mask", black)[1]


def test_mirrors_and_turns_are_learned_from_too(pair: tuple[Path, Path]) -> None:
    losses = {kind: trained(*pair, *LAYERS, "--augment", kind)["history"] for kind in ("none", "mirrors", "turns")}
    first = {kind: each[0]["held_out"] for kind, each in losses.items()}
    assert len(set(first.values())) == 1
    assert len({each[-1]["loss"] for each in losses.values()}) == 3
    assert all(min(epoch["held_out"] for epoch in each) <= first["none"] for each in losses.values())


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("cosine", (1.0, 0.01 + 0.99 / 2, 0.01)),
        ("step", (1.0, 1.0, 0.01)),
        ("constant", (1.0, 1.0, 1.0)),
    ],
)
def test_a_schedule_has_its_rates(schedule: Any, rates: tuple[float, ...]) -> None:
    settings = TrainingSettings(schedule=schedule, learning_rate=2.0)
    assert [settings.rate_at(done) for done in (0, 0.5, 1)] == pytest.approx([2 * each for each in rates])
    if schedule == "step":
        assert [settings.rate_at(done) for done in (0.66, 0.67, 0.84)] == pytest.approx([2, 0.2, 0.02])


def test_schedules_are_taken(pair: tuple[Path, Path]) -> None:
    ends = {kind: trained(*pair, *LAYERS, "--schedule", kind)["history"][-1]["loss"] for kind in ("cosine", "constant")}
    assert ends["cosine"] != ends["constant"]


def test_weight_decay_pulls_weights_towards_0_and_biases_nowhere(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    words = ("--layers", "conv:2,3 | relu | conv:1,3", "--epochs", "2")
    sums = []
    for decay in ("0", "30"):
        net = tmp_path / f"net{decay}.yaml"
        done("learn", *pair, *words, "--learning-rate", "0.01", "--weight-decay", decay, "-o", net)
        with np.load(net.with_name(f"net{decay}.weights.npz")) as arrays:
            sums.append(np.abs(arrays["1"]).sum())
    assert sums[1] < sums[0] / 2


def test_patience_ends_a_training_that_gains_no_more(pair: tuple[Path, Path]) -> None:
    words = ("--layers", "conv:1,1", "--epochs", "40", "--patience", "3", "--learning-rate", "1e-9")
    values = trained(*pair, *words)
    assert values["epochs"] == 3
    assert values["settings"]["patience"] == 3


def _pixels(path: Path) -> np.ndarray:
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image)
