"""Another size, then a wide blur: a wider one before it makes nearly the same, but for what was rounded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import gaussian, photographs, resized, rounded

QUAY = photographs()["quay"][:360, :420]


def told(made: Any) -> list[tuple[str, str | None]]:
    found = detect([LearningPair(QUAY, np.ascontiguousarray(made))], LearnSettings.of()).found
    return [(step.name, step.values.get("text")) for step in found]


def sigma_of(text: str | None) -> float:
    assert text is not None
    assert text.startswith("gaussian:sigma=")
    return float(text.removeprefix("gaussian:sigma=").partition(",")[0])


@pytest.mark.parametrize(("scale", "name", "sigma"), [(0.6, "lanczos", 3.3), (1.4, "bicubic", 4.0)])
def test_behind_another_size(scale: float, name: str, sigma: float) -> None:
    (resize, resampling), (kind, text) = told(rounded(gaussian(resized(QUAY, scale, name), sigma)))
    assert (resize, kind) == ("resize", "filter")
    assert resampling in (name, None)  # what is blurred tells little of it
    assert sigma_of(text) == pytest.approx(sigma, rel=0.03)


def test_ahead_of_another_size() -> None:
    (kind, text), (resize, _) = told(resized(rounded(gaussian(QUAY, 5.5)), 0.6, "lanczos"))
    assert (kind, resize) == ("filter", "resize")
    assert sigma_of(text) == pytest.approx(5.5, rel=0.03)


def test_tiles_of_a_blurred_picture_are_no_warp() -> None:
    half = Image.fromarray(QUAY).resize((211, 179), Image.Resampling.BICUBIC)
    (resize, _), *_ = told(half.filter(ImageFilter.GaussianBlur(6)))
    assert resize == "resize"
