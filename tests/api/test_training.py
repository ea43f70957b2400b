"""Networks that are trained from Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convcli
from convcli.errors import OutputRefused, UsageError
from tests.support.console import done
from tests.support.paths import SAMPLES
from tests.support.pictures import gray, save

LAYERS = "conv:4,3 | relu | conv:1,3"
untyped: Any = convcli


@pytest.fixture
def pair() -> tuple[np.ndarray, np.ndarray]:
    """A gray picture and its median."""
    before = gray(90, 100)
    return before, convcli.apply("median:3", before)


def test_a_network_is_that_of_the_command(tmp_path: Path, pair: tuple[np.ndarray, np.ndarray]) -> None:
    files = [save(tmp_path / f"{name}.png", each) for name, each in zip("xy", pair, strict=True)]
    net = convcli.learn(*pair, layers=LAYERS, epochs=3, batch=4, learning_rate="auto", seed=2)
    net.save(tmp_path / "mine.yaml")
    done(
        "learn", *files, "--layers", LAYERS, "--epochs", "3", "--batch", "4", "--seed", "2", "-o", tmp_path / "net.yaml"
    )
    with np.load(tmp_path / "mine.weights.npz") as mine, np.load(tmp_path / "net.weights.npz") as command:
        assert mine.files == command.files
        assert all(np.array_equal(mine[key], command[key]) for key in mine.files)
    assert len(net.history) == 4
    assert net.loss == min(each.judged for each in net.epochs)
    assert net.replay is not None
    assert repr(net).startswith(f"Trained('network of 2 layers, 77 weights: {net.replay.psnr:.1f} dB")
    made = convcli.apply(net.pipeline, pair[0])
    assert np.array_equal(convcli.apply(tmp_path / "mine.yaml", pair[0]), made)
    with pytest.raises(OutputRefused):
        net.save(tmp_path / "mine.yaml")
    net.save(tmp_path / "mine.yaml", force=True)


def test_items_with_classes_are_learned_from_arrays_and_from_files() -> None:
    files = SAMPLES / "digits" / "digits.npy", SAMPLES / "digits" / "labels.csv"
    items, classes = np.load(files[0])[:120], np.loadtxt(files[1], dtype=int)[:120]
    words: Any = {"layers": "conv:4,3 | relu | linear:10", "loss": "cross-entropy", "epochs": 2}
    net = convcli.learn(items, classes, **words)
    assert net.answers is not None
    assert net.answers.count == 12
    assert net.cause.endswith("% of 12 held-out items right")
    assert convcli.apply(net.pipeline, items[0, 0]).shape == (1, 1, 10)
    with pytest.raises(UsageError, match="items have four axes"):
        convcli.learn(items[:, 0], classes, **words)
    with pytest.raises(UsageError, match="y has 119 labels, and x holds 120 items"):
        convcli.learn(items, classes[1:], **words)
    with pytest.raises(UsageError, match=r"label 0 is 0\.5, no number of a class"):
        convcli.learn(items, classes + 0.5, **words)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"epochs": 3}, "epochs is for a network"),
        ({"layers": 3}, "layers 3 is no text"),
        ({"layers": LAYERS, "size": 3}, "size is for a kernel"),
        ({"layers": LAYERS, "epochs": "3"}, "epochs '3' is not a whole number"),
        ({"layers": LAYERS, "epochs": True}, "epochs true is not a whole number"),
        ({"layers": LAYERS, "weight_decay": "much"}, "weight_decay 'much' is not a number"),
        ({"layers": LAYERS, "loss": 3}, "loss 3 is not a text"),
        ({"layers": LAYERS, "optimizer": "dct"}, "optimizer dct is not for a network"),
        ({"layers": "conv:2,3"}, "the network makes 2×90×100"),
        ({"layers": ""}, "layers is empty"),
        ({"layers": LAYERS, "loss": "cross-entropy", "mask": np.ones((90, 100), bool)}, "mask is for pictures"),
    ],
)
def test_what_does_not_fit_is_refused(pair: tuple[np.ndarray, np.ndarray], given: dict[str, Any], fault: str) -> None:
    with pytest.raises(UsageError) as error:
        untyped.learn(*pair, **given)
    assert fault in error.value.message
    assert error.value.hint
    assert "--" not in str(error.value)
