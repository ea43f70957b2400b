"""L4: the kernel learned from a picture and its edges, without a bias."""

from __future__ import annotations

import json
import shlex
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.lessons.lesson import planes, printed, shell
from tests.lessons.training import PAIR, learned, trained, trained_by_torch
from tests.support.paths import SAMPLES

DESCENT = "--no-bias --learning-rate 0.001 --steps 400"
SMALL = [(0.01, -0.02), (-0.03, 0.02), (0.1, 0.1), (-0.05, -0.2)]


def test_the_target_is_what_the_kernel_makes_of_the_picture() -> None:
    target = (SAMPLES / "edge-map.csv").read_text(encoding="utf-8")
    assert printed('convcli apply "1 -1" edges.csv -o - --padding valid') == target


def test_from_zeros_the_weights_come_near_one_and_minus_one() -> None:
    found = learned(f"{DESCENT} --init zeros --log-every 100")
    assert found.log == [
        "step 100  loss 1.099",
        "step 200  loss 0.09828",
        "step 300  loss 0.008787",
        "step 400  loss 0.0007856",  # of the weights that the last step was taken from
    ]
    assert found.weights.round(4).tolist() == [0.9920, -0.9920]
    assert round(found.values["loss"], 5) == 0.00079
    assert (found.values["steps"], found.values["bias"], found.values["padding"]) == (400, [0.0], "valid")


def test_the_report_says_so() -> None:
    told = shell(f"convcli learn {PAIR} --size 1x2 --optimizer gd --loss sum {DESCENT}")
    assert (told.returncode, told.stdout) == (0, "")
    rows = {line.split()[0]: line for line in told.stderr.splitlines() if line}
    assert rows["0.9920"].split() == ["0.9920", "-0.9920"]
    assert "0.0007856" in rows["loss"]
    assert "400 steps of gd, learning rate 0.001" in rows["descent"]


@pytest.mark.parametrize("weights", SMALL)
def test_from_small_weights_every_step_is_that_of_a_loop_and_goes_down(weights: tuple[float, float]) -> None:
    start = " ".join(map(str, weights))
    found = learned(f"{DESCENT} --init {shlex.quote(start)} --log-every 1")
    loop = trained(list(weights), None, 0.001, 400)
    assert found.log == loop.lines(1)
    assert found.is_that_of(loop)
    assert all(after < before for before, after in pairwise(found.losses))
    assert np.abs(found.weights - [1, -1]).max() < 0.01


def test_every_hundredth_step_is_that_of_pytorch() -> None:
    found = learned(f"{DESCENT} --init '0.01 -0.02' --log-every 100")
    loop = trained_by_torch([0.01, -0.02], None, 0.001, 400)
    assert found.log == loop.lines(100)
    assert found.is_that_of(loop)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_from_random_weights_every_step_goes_down(seed: int) -> None:
    found = learned(f"{DESCENT} --init random --seed {seed} --log-every 1")
    assert len(found.losses) == 400
    assert all(after < before for before, after in pairwise(found.losses))
    assert np.abs(found.weights - [1, -1]).max() < 0.03


def test_a_learning_rate_that_is_too_large_is_said_in_one_line() -> None:
    told = shell(f"convcli learn {PAIR} --size 1x2 --optimizer gd --loss sum --no-bias --learning-rate 0.2 -q")
    assert told.returncode == 2
    assert told.stderr.splitlines() == [
        "error: the loss grows without end at learning rate 0.2",
        "help: give --learning-rate less than 0.033, or auto",  # 2 / 60, and 60 is the largest curvature
    ]


def test_without_options_the_weights_are_exact() -> None:
    told = shell(f"convcli learn {PAIR}")
    assert told.returncode == 0, told.stderr
    assert "exact form  1 -1;" in told.stderr
    found = json.loads(printed(f"convcli learn {PAIR} --json"))
    assert np.allclose(found["weights"], [[1, -1]], rtol=0, atol=1e-12)
    assert np.allclose(found["bias"], 0, rtol=0, atol=1e-12)
    assert (found["exact"]["weights"], found["exact"]["divisor"], found["exact"]["bias"]) == ([[1, -1]], 1, [0])
    assert found["steps"] == 2


def test_the_learned_kernel_makes_the_target(tmp_path: Path) -> None:
    learning = f"convcli learn {shlex.quote(str(SAMPLES))}/edges.csv {shlex.quote(str(SAMPLES))}/edge-map.csv"
    assert printed(f"{learning} -o learned.yaml", tmp_path) == ""
    applying = f"convcli apply learned.yaml {shlex.quote(str(SAMPLES))}/edges.csv -o -"
    target = planes((SAMPLES / "edge-map.csv").read_text(encoding="utf-8"))
    assert np.allclose(planes(printed(f"{applying} --padding valid", tmp_path)), target, rtol=0, atol=1e-12)
    # The file says itself how the kernel lies on the picture.
    assert "padding: valid\n" in (tmp_path / "learned.yaml").read_text(encoding="utf-8")
    assert np.allclose(planes(printed(applying, tmp_path)), target, rtol=0, atol=1e-12)


def test_its_exact_form_makes_it_to_the_last_digit(tmp_path: Path) -> None:
    learning = f"convcli learn {shlex.quote(str(SAMPLES))}/edges.csv {shlex.quote(str(SAMPLES))}/edge-map.csv"
    assert printed(f"{learning} --snap -o learned.yaml", tmp_path) == ""
    assert "  - [1, -1]\n" in (tmp_path / "learned.yaml").read_text(encoding="utf-8")
    again = printed(f"convcli apply learned.yaml {shlex.quote(str(SAMPLES))}/edges.csv -o -", tmp_path)
    assert again == (SAMPLES / "edge-map.csv").read_text(encoding="utf-8")
