"""Networks that ``learn --loss cross-entropy`` trains to name classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.console import done, refused

WORDS = ("--loss", "cross-entropy", "--epochs", "15", "--learning-rate", "0.02")
NETWORK = "conv:4,3 | relu | global-avgpool | linear:2"


@pytest.fixture
def items(tmp_path: Path) -> tuple[Path, Path]:
    """Pictures of stripes, and whether they lie or stand."""
    generator = np.random.default_rng(0)
    classes = generator.integers(0, 2, 80)
    lines = np.sin(np.arange(8)[:, None] * 1.6 + generator.uniform(0, 6, (80, 1, 1))).repeat(8, axis=2)
    stripes = np.stack([each if is_lying else each.T for each, is_lying in zip(lines, classes, strict=True)])
    np.save(tmp_path / "x.npy", stripes[:, np.newaxis] + generator.normal(0, 0.2, (80, 1, 8, 8)))
    np.savetxt(tmp_path / "y.csv", classes, fmt="%d")
    return tmp_path / "x.npy", tmp_path / "y.csv"


def test_a_network_names_classes(tmp_path: Path, items: tuple[Path, Path]) -> None:
    net = tmp_path / "net.yaml"
    values = json.loads(done("learn", *items, *WORDS, "--layers", NETWORK, "-o", net, "--json").stdout)
    assert values["answers"]["share"] == 1
    assert values["answers"]["count"] == 8
    assert values["cause"] == "network of 2 layers, 50 weights: 100.0 % of 8 held-out items right"
    assert values["psnr"] is None
    done("apply", net, items[0], "-o", tmp_path / "out.npy")
    named = np.load(tmp_path / "out.npy")[:, :, 0, 0].argmax(axis=1)
    assert np.array_equal(named, np.loadtxt(items[1]))


def test_a_softmax_at_the_end_is_part_of_the_loss(tmp_path: Path, items: tuple[Path, Path]) -> None:
    outputs = []
    for name, ending in (("plain", ""), ("shares", " | softmax")):
        net = tmp_path / f"{name}.yaml"
        done("learn", *items, *WORDS, "--layers", NETWORK + ending, "-o", net)
        done("apply", net, items[0], "-o", tmp_path / f"{name}.npy")
        outputs.append(np.load(tmp_path / f"{name}.npy")[:, :, 0, 0].astype(np.float64))
    powers = np.exp(outputs[0])
    np.testing.assert_allclose(outputs[1], powers / powers.sum(axis=1, keepdims=True), atol=1e-5)


def test_labels_may_be_an_array(tmp_path: Path, items: tuple[Path, Path]) -> None:
    np.save(tmp_path / "y.npy", np.loadtxt(items[1], dtype=np.int64))
    one, other = (
        done("learn", items[0], labels, *WORDS, "--layers", NETWORK, "--json").stdout.replace("y.npy", "y.csv")
        for labels in (items[1], tmp_path / "y.npy")
    )
    assert one == other


@pytest.mark.parametrize(
    ("labels", "network", "fault"),
    [
        (np.zeros(79), NETWORK, "79 labels, and"),
        (np.full(80, np.nan), NETWORK, "label 0 is nan"),
        (np.arange(80) / 2, NETWORK, "label 1 is 0.5"),
        (np.arange(80) - 1, NETWORK, "label 0 is -1"),
        (np.arange(80) // 20, NETWORK, "has 2 outputs, and TARGET has the class 3"),
        (np.zeros(80), "conv:2,3 | relu", "makes 2×8×8 of INPUT (1×8×8), and classes take one value each"),
        (np.zeros((40, 2)), NETWORK, "shape 40×2"),
        (np.zeros(80), "global-avgpool | pixel-unshuffle:1", "no layer that learns"),
        (np.full(80, "a"), NETWORK, "no numbers of classes"),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    tmp_path: Path, items: tuple[Path, Path], labels: NDArray[Any], network: str, fault: str
) -> None:
    np.save(tmp_path / "y.npy", labels)
    what, hint = refused(2, "learn", items[0], tmp_path / "y.npy", *WORDS, "--layers", network)
    assert fault in what
    assert hint


def test_other_faults_are_named(tmp_path: Path, items: tuple[Path, Path]) -> None:
    network = ("--layers", NETWORK)
    array = np.load(items[0])
    array[7, 0, 2, 2] = np.inf
    np.save(tmp_path / "bad.npy", array)
    assert (
        "item 7 holds values that are not finite"
        in refused(2, "learn", tmp_path / "bad.npy", items[1], *WORDS, *network)[0]
    )
    assert (
        "--predict is for pictures" in refused(2, "learn", *items, *WORDS, *network, "--predict", tmp_path / "p.npy")[0]
    )
    kept = refused(2, "learn", *items, *WORDS, *network, "--augment", "turns")
    assert kept == ("--augment is about patches, and classes are learned from whole items", "leave --augment out")
    _, hint = refused(2, "learn", *items, *network)
    assert hint == "--layers LAYERS --loss cross-entropy learns the classes in a table of 80 rows"
    assert "is one file" in refused(2, "learn", tmp_path, items[1], *WORDS, *network)[0]
    (tmp_path / "text.npy").write_text("no array")
    assert "no array of labels" in refused(1, "learn", items[0], tmp_path / "text.npy", *WORDS, *network)[0]
