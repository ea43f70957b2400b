"""The rows on the match: before, after, the limit, and where the residual is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from convcli.detective.lossy.residual_map import residual_map
from convcli.detective.steps import JpegStep, NoiseStep, NonlinearStep, RegionStep, UnrelatedStep
from convcli.report.learning.match import match_rows
from tests.support.learned import made

RANDOM = np.random.default_rng(8)
TARGET = RANDOM.integers(0, 256, (240, 320, 3)).astype(np.uint8)


def rows(levels: bool = True, **fields: Any) -> dict[str, str]:
    return dict(match_rows(made([[1.0]], **fields), levels=levels))


def residual(difference: Any, target: Any = TARGET) -> str:
    return rows(residual=residual_map(np.broadcast_to(difference, target.shape).astype(np.float64), target))["residual"]


def test_before_and_after() -> None:
    assert rows(psnr_before=20.04, psnr_after=math.inf) == {
        "before": "20.0 dB between INPUT and TARGET",
        "after": "no difference between the answer and TARGET",
        "residual": "0.4 levels rms",
    }
    assert "before" not in rows(psnr_before=None)
    assert rows(levels=False)["residual"] == "0.4 rms"


def test_what_explains_nothing_is_no_answer() -> None:
    assert (
        rows(found=(UnrelatedStep(),), is_explained=False)["after"] == "52.1 dB between the nearest kernel and TARGET"
    )


def test_a_region_is_left_out() -> None:
    told = rows(found=(RegionStep(1, 2, 3, 4, 0.1),))
    assert told["after"] == "52.1 dB between the answer and TARGET, the region left out"


def test_a_rim_that_was_not_filtered_is_left_out() -> None:
    difference = np.ones(TARGET.shape)
    difference[2:-2, 2:-2] = 0
    told = rows(psnr_after=math.inf, residual=residual_map(difference, TARGET))
    assert told["after"] == "no difference between the answer and TARGET, the rim left out"


@pytest.mark.parametrize(("step", "name"), [(NoiseStep(2.0), "noise"), (JpegStep(80), "JPEG")])
def test_the_limit_and_what_sets_it(step: Any, name: str) -> None:
    assert rows(found=(step,), psnr_limit=36.08)["limit"] == f"36.1 dB, which {name} sets"
    assert "limit" not in rows(found=(step,))


def test_what_is_only_named_has_no_residual() -> None:
    assert list(rows(found=(NonlinearStep("a bilateral filter"),))) == ["before", "after"]
    assert "residual" in rows(found=(NonlinearStep(None),))


def test_no_residual() -> None:
    assert residual(0) == "none: every value of TARGET is met"


def test_noise_is_even() -> None:
    assert residual(RANDOM.normal(0, 4, TARGET.shape)).endswith("levels rms, evenly over the picture")


def test_a_few_roundings() -> None:
    text = residual(RANDOM.random(TARGET.shape) < 0.01)
    assert text.endswith("levels rms, values that are rounded otherwise")


def test_a_part() -> None:
    difference = np.zeros(TARGET.shape)
    difference[40:80, 100:180] = 30
    assert residual(difference) == "6.12 levels rms, 100 % of it at 100,40 (80×40)"


def test_the_rim() -> None:
    difference = np.ones(TARGET.shape)
    difference[2:-2, 2:-2] = 0
    assert residual(difference).endswith("levels rms, 100 % of it at the rim")


def test_detail() -> None:
    lines = np.arange(320) % 16 < 4
    target = np.where(lines[np.newaxis, :, np.newaxis], TARGET, 128)
    text = residual(np.where(lines, 5.0, 0.5)[np.newaxis, :, np.newaxis], target)
    assert text == "2.54 levels rms, half of it in the 13 % with most detail"


def test_every_row_fits_on_a_line() -> None:
    worst = residual_map(np.where(TARGET > 200, 123.4, 0.5), TARGET)
    told = rows(residual=worst, found=(RegionStep(1, 2, 3, 4, 0.1), JpegStep(7)), psnr_limit=30.0)
    assert max(map(len, told.values())) <= 68
