"""Curves of single pixels: their names, and that the straight lines give every level again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

from convcli.detective import detect
from convcli.detective.scene import Scene
from convcli.detective.tone.table import tables
from convcli.detective.tone.tone import Tone
from convcli.engine import apply_pipeline
from convcli.filters import Pipeline
from convcli.learning import LearningPair, LearnSettings
from tests.support.pictures import harbour_cut

Picture = NDArray[np.uint8]


def rounded(values: NDArray[Any]) -> Picture:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def power(picture: Picture, exponent: float) -> NDArray[Any]:
    return np.asarray(255 * (picture / 255) ** exponent)


def by_pillow(change: Callable[[Image.Image], Image.Image]) -> Callable[[Picture], Picture]:
    return lambda picture: np.asarray(change(Image.fromarray(picture)))


def sigmoid(picture: Picture, slope: float, middle: float) -> Picture:
    def raw(values: Any) -> Any:
        return 1 / (1 + np.exp(slope * (middle - values)))

    return rounded(255 * (raw(picture / 255) - raw(0)) / (raw(1) - raw(0)))


NAMED: dict[str, tuple[Callable[[Picture], Picture], str | None]] = {
    "gamma": (lambda x: rounded(power(x, 0.7)), "gamma 0.7"),
    "gamma above 1": (lambda x: rounded(power(x, 2.2)), "gamma 2.2"),
    "digits cut off": (lambda x: power(x, 0.7).astype(np.uint8), "gamma 0.7"),
    "little gamma": (lambda x: rounded(power(x, 1.05)), "gamma 1.05"),
    "brightness": (by_pillow(lambda x: ImageEnhance.Brightness(x).enhance(1.4)), "gain 1.4"),
    "darker": (by_pillow(lambda x: ImageEnhance.Brightness(x).enhance(0.6)), "gain 0.6"),
    "gain and offset": (lambda x: rounded(1.2 * x + 30), "gain 1.2 and offset +30 levels"),
    "offset": (lambda x: rounded(x - 25.0), "offset -25 levels"),
    "contrast": (lambda x: rounded(1.4 * (x - 128.0) + 128), "contrast 1.4 about level 128"),
    "negative": (by_pillow(ImageOps.invert), "negative"),
    "solarize": (by_pillow(lambda x: ImageOps.solarize(x, 100)), "solarize from level 100"),
    "posterize": (by_pillow(lambda x: ImageOps.posterize(x, 3)), "posterize to 8 levels"),
    "threshold": (lambda x: np.where(x >= 110, 255, 0).astype(np.uint8), "threshold at level 110"),
    "levels": (
        lambda x: rounded(255 * np.clip((x - 20.0) / 210, 0, 1) ** 0.8),
        "levels 20 to 230, gamma 0.8",
    ),
    "sigmoid": (lambda x: sigmoid(x, 5, 0.4), "sigmoidal contrast 5 about level 102"),
    "S-curve": (lambda x: rounded(255 * (x / 255 - 0.6 * np.sin(2 * np.pi * x / 255) / (2 * np.pi))), None),
    "equalized": (lambda x: np.asarray(ImageOps.equalize(Image.fromarray(x[..., 0])))[..., np.newaxis], None),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_curve_of_all_channels_has_its_name_and_is_exact(name: str) -> None:
    change, known = NAMED[name]
    source = harbour_cut(0, 0, 300, 300)
    if name == "equalized":
        source = source[..., :1]
    target = change(source)
    (table,) = tables(Scene.of(LearningPair(source, target)))
    assert table.name == known
    replayed = apply_pipeline(Pipeline(Tone((table.curve,)).layers_before), source, full_scale=255.0, dtype=np.uint8)
    np.testing.assert_array_equal(replayed.values, target)


def test_a_line_has_two_points() -> None:
    source = harbour_cut(0, 0, 300, 300)
    (table,) = tables(Scene.of(LearningPair(source, rounded(1.2 * source + 30))))
    assert len(table.curve.knots) == 2


@pytest.mark.parametrize("exponent", [0.97, 1.11])
def test_a_gamma_over_a_few_tones_is_no_line_with_a_kernel(exponent: float) -> None:
    # There a kernel and an offset are as near as rounding, but no table.
    narrow = rounded(100 + 0.2 * harbour_cut(200, 300, 200, 240))
    verdict = detect([LearningPair(narrow, rounded(power(narrow, exponent)))], LearnSettings.of())
    assert verdict.cause == f"gamma {exponent}; exact"


def test_channels_may_have_curves_of_their_own() -> None:
    source = harbour_cut(0, 0, 300, 300)
    target = np.stack([rounded(power(source[..., 0], 0.8)), source[..., 1], rounded(0.8 * source[..., 2])], axis=-1)
    found = tables(Scene.of(LearningPair(source, target)))
    assert [table.name for table in found if not table.is_identity] == ["gamma 0.8", "gain 0.8"]
    layers = Tone(tuple(table.curve for table in found)).layers_before
    assert len(layers) == 2
    replayed = apply_pipeline(Pipeline(layers), source, full_scale=255.0, dtype=np.uint8)
    np.testing.assert_array_equal(replayed.values, target)


@pytest.mark.parametrize("change", [lambda x: np.roll(x, 1, axis=1), lambda x: x[..., ::-1].copy()])
def test_what_neighbors_or_channels_do_is_no_curve(change: Callable[[Picture], Picture]) -> None:
    source = harbour_cut(0, 0, 300, 300)
    assert not tables(Scene.of(LearningPair(source, change(source))))


def test_noise_is_no_curve() -> None:
    source = harbour_cut(0, 0, 300, 300)
    noise = np.random.default_rng(3).normal(0, 1, source.shape)
    assert not tables(Scene.of(LearningPair(source, rounded(source + noise))))


def test_the_colors_of_four_channels_have_curves_and_the_fourth_none() -> None:
    source = np.dstack([harbour_cut(height=180, width=200), np.tile(np.arange(200, dtype=np.uint8), (180, 1))])
    target = np.dstack([rounded(0.9 * source[..., :3]), source[..., 3:]])
    found = detect([LearningPair(source, target)], LearnSettings.of())
    assert found.cause == "red gain 0.9, green gain 0.9, blue gain 0.9; exact"
    assert set(found.found[0].values["points"]) == set("rgb")
    assert not found.has_filter  # layers have curves for three
