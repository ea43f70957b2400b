"""``learn --json``: the cause, and the steps by the keys that scripts are written for."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convcli.cli.learn import running
from convcli.detective import Step, steps
from tests.support.console import done
from tests.support.learned import made
from tests.support.pictures import harbour_cut, save

# Each step with its keys in JSON, and their values.
STEPS: tuple[tuple[Step, dict[str, Any]], ...] = (
    (steps.IdentityStep(), {"step": "identity"}),
    (steps.UnrelatedStep(), {"step": "unrelated"}),
    (steps.CropStep(1, 2, 30, 40), {"step": "crop", "x": 1, "y": 2, "width": 30, "height": 40}),
    (steps.MirrorStep("vertical"), {"step": "mirror", "axis": "vertical"}),
    (steps.TurnStep(270), {"step": "turn", "degrees": 270}),
    (steps.RotateStep(-1.5, 1.0), {"step": "rotate", "degrees": -1.5}),
    (steps.ShiftStep(5, -3), {"step": "shift", "dx": 5, "dy": -3}),
    (steps.ResizeStep(0.5, None), {"step": "resize", "scale": 0.5, "text": None}),
    (
        steps.FilterStep("gaussian:sigma=1.5", "shared", False, 1.0, 0.002),
        {
            "step": "filter", "text": "gaussian:sigma=1.5", "model": "shared", "linear": False, "scale": 1.0,
            "weights_within": 0.002,
        },
    ),
    (
        steps.FilterStep(None, "full", True),
        {"step": "filter", "text": None, "model": "full", "linear": True, "scale": None, "weights_within": None},
    ),
    (
        steps.CurveStep(((0.0, 0.1), (1.0, 0.9)), "gamma 0.7"),
        {"step": "curve", "points": [[0.0, 0.1], [1.0, 0.9]], "name": "gamma 0.7"},
    ),
    (
        steps.RegionStep(1, 2, 3, 4, 0.05),
        {"step": "region", "x": 1, "y": 2, "width": 3, "height": 4, "share": 0.05},
    ),
    (steps.NoiseStep(2.5), {"step": "noise", "levels": 2.5}),
    (steps.JpegStep(85), {"step": "jpeg", "quality": 85}),
    (steps.PixelateStep(12), {"step": "pixelate", "size": 12}),
    (steps.NonlinearStep(None), {"step": "nonlinear", "text": None}),
)  # fmt: skip


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save(tmp_path / "photo.png", harbour_cut(300, 0, 60, 70))


def test_every_step_has_the_keys_of_its_kind(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = tuple(step for step, _ in STEPS)
    history = (0.5, 0.25, 0.125)
    result = made(np.eye(3), history, found=found, cause="a sentence; exact", psnr_after=math.inf)
    monkeypatch.setattr(running, "detect", lambda *_, **__: result)
    told = json.loads(done("learn", photo, photo, "--json").stdout)
    assert told["cause"] == "a sentence; exact"
    assert told["history"] == list(history)
    assert len(told["found"]) == len(STEPS)
    for step, (_, wanted) in zip(told["found"], STEPS, strict=True):
        assert {key: step[key] for key in wanted} == wanted
    assert told["psnr"]["after"] is None  # infinite


def test_all_kinds_of_steps_are_looked_at() -> None:
    kinds = {each for each in vars(steps).values() if isinstance(each, type) and issubclass(each, Step)} - {Step}
    assert {type(step) for step, _ in STEPS} == kinds


def test_the_file_and_the_json_are_of_one_answer(tmp_path: Path, photo: Path) -> None:
    told = json.loads(done("learn", photo, photo, "-o", tmp_path / "k.yaml", "--json").stdout)
    assert told["found"] == [{"step": "identity"}]
    assert told["cause"] == "nothing: both hold the same pixels"
    assert told["is_explained"] is True
    assert told["outputs"] == {"kernel": str(tmp_path / "k.yaml")}
