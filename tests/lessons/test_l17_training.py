"""L17: the network of the lessons, trained on handwritten digits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.lessons.lesson import shell
from tests.lessons.test_l15_network import NETWORK
from tests.support.paths import SAMPLES

DIGITS = SAMPLES / "digits"


def test_the_digits_are_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets", reason="the origin is compared where it is installed")
    origin = datasets.load_digits()
    assert np.array_equal(np.load(DIGITS / "digits.npy")[:, 0] * 16, origin.images)
    assert np.array_equal(np.loadtxt(DIGITS / "labels.csv", dtype=int), origin.target)


def test_it_names_97_of_100_digits_that_it_has_not_seen(tmp_path: Path) -> None:
    files = f"{DIGITS / 'digits.npy'} {DIGITS / 'labels.csv'}"
    words = "--loss cross-entropy --epochs 30 --holdout 25% --optimizer adam --batch 16 --json"
    done = shell(f"convcli learn {files} --layers {NETWORK} {words} -o digits.yaml", tmp_path)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)["answers"]
    assert answers["count"] == 449
    assert answers["held_out"]
    assert answers["share"] >= 0.97
    # The file names the same digits, and the same wrong ones.
    assert shell(f"convcli apply digits.yaml {DIGITS / 'digits.npy'} -o y.npy -q", tmp_path).returncode == 0
    given = np.load(tmp_path / "y.npy").reshape(1797, 10).argmax(axis=1)
    for item, digit, answer in answers["wrong"]:
        assert given[item] == answer != digit
    item, _, answer = answers["wrong"][0]
    np.save(tmp_path / "one.npy", np.load(DIGITS / "digits.npy")[item])
    explained = shell(f"convcli explain digits.yaml one.npy --at 0,0 --channel {answer} --json", tmp_path)
    assert explained.returncode == 0, explained.stderr
    assert json.loads(explained.stdout)["output"] == pytest.approx(
        np.load(tmp_path / "y.npy")[item, answer, 0, 0], 1e-4
    )
