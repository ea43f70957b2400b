"""Curves, light and mixes of channels around kernels, found on samples of pairs that SciPy and NumPy made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.detective.scene import Scene
from convcli.detective.tone.tones import Tried, curved, mixed
from convcli.learning import LearningPair
from tests.detective.kinds import (
    bilateral,
    correlated,
    gaussian,
    gray,
    levels_of,
    light_of,
    local_contrast,
    noisy,
    rounded,
    s_curve,
    sharpened,
    unsharp,
)
from tests.support.pictures import harbour_cut

Picture = NDArray[np.uint8]
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], float)
SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
LUMA = np.array([[0.299, 0.587, 0.114]] * 3)


def power(values: NDArray[Any], exponent: float) -> NDArray[Any]:
    return np.asarray(255 * np.clip(values / 255, 0, 1) ** exponent)


def apart(values: NDArray[Any]) -> NDArray[Any]:
    red, green, blue = np.moveaxis(values, -1, 0)
    return np.stack([power(red, 0.8), s_curve(green, 0.5), power(blue, 1.3)], axis=-1)


def best(found: list[Tried]) -> Tried:
    return min(found, key=lambda each: each.rms)


def scene_of(change: Callable[[Picture], Picture]) -> Scene:
    source = harbour_cut(288, 0, 400, 400)
    return Scene.of(LearningPair(source, change(source)))


def middle(tried: Tried, side: int) -> NDArray[Any]:
    """Return the middle of a kernel, of sum 1."""
    weights = tried.kernel.weights
    cut = (weights.shape[0] - side) // 2
    return np.asarray((weights / weights.sum())[cut : cut + side, cut : cut + side])


def test_a_curve_after_a_kernel() -> None:
    found = best(list(curved(scene_of(lambda x: rounded(s_curve(sharpened(x), 0.6))), 7, 6 / 255)))
    assert found.tone is not None
    assert (len(found.tone.before), len(found.tone.after), found.tone.light) == (0, 1, False)
    assert 255 * found.rms < 0.3
    np.testing.assert_allclose(middle(found, 3), SHARPEN, rtol=0, atol=0.01)
    at = np.linspace(0.05, 0.95, 50)
    np.testing.assert_allclose(255 * found.tone.after[0](at), s_curve(255 * at, 0.6), rtol=0, atol=0.5)


def test_a_curve_before_a_kernel_has_its_name() -> None:
    scene = scene_of(lambda x: rounded(gaussian(power(x.astype(float), 0.7), 1.2)))
    found = best(list(curved(scene, 7, 4 / 255)))
    assert found.tone is not None
    assert (found.tone.before_name, found.tone.after) == ("gamma 0.7", ())
    assert 255 * found.rms < 0.4


def test_a_power_after_a_kernel_has_its_name() -> None:
    found = best(list(curved(scene_of(lambda x: rounded(power(gaussian(x, 1.2), 2.2))), 7, 6 / 255)))
    assert found.tone is not None
    assert (found.tone.after_name, found.tone.before) == ("gamma 2.2", ())


@pytest.mark.parametrize("is_before", [False, True])
def test_a_curve_of_each_channel(is_before: bool) -> None:
    def change(picture: Picture) -> Picture:
        values = picture.astype(float)
        return rounded(gaussian(apart(values), 1.0) if is_before else apart(gaussian(values, 1.0)))

    found = best(list(curved(scene_of(change), 7, 17 / 255)))
    assert found.tone is not None
    assert [len(found.tone.before), len(found.tone.after)] == ([3, 0] if is_before else [0, 3])
    assert 255 * found.rms < 0.4


@pytest.mark.parametrize(("sigma", "side"), [(0.8, 7), (2.0, 7), (3.0, 15)])
def test_light(sigma: float, side: int) -> None:
    found = best(list(curved(scene_of(lambda x: rounded(levels_of(gaussian(light_of(x), sigma)))), side, 6 / 255)))
    assert found.tone is not None
    assert (found.tone.light, found.tone.after) == (True, ())
    assert 255 * found.rms < 0.45


def test_light_with_a_curve_of_levels_after_it() -> None:
    scene = scene_of(lambda x: rounded(s_curve(levels_of(gaussian(light_of(x), 1.0)), 0.4)))
    found = best(list(curved(scene, 7, 7 / 255)))
    assert found.tone is not None
    assert found.tone.light
    assert 255 * found.rms < 0.4
    at = np.linspace(0.1, 0.9, 50)
    np.testing.assert_allclose(255 * found.tone.after[0](at), s_curve(255 * at, 0.4), rtol=0, atol=0.7)


def test_a_curve_after_a_wide_kernel() -> None:
    found = best(list(curved(scene_of(lambda x: rounded(power(gaussian(x, 3.0), 1.5))), 15, 6 / 255)))
    assert found.tone is not None
    assert found.tone.after_name == "gamma 1.5"
    assert found.kernel.size[0] > 15
    assert 255 * found.rms < 0.4


def test_a_curve_in_noise() -> None:
    found = best(list(curved(scene_of(lambda x: noisy(s_curve(sharpened(x), 0.6), 4.0)), 7, 7.5 / 255)))
    assert found.tone is not None
    assert len(found.tone.after) == 1
    np.testing.assert_allclose(middle(found, 3), SHARPEN, rtol=0, atol=0.25)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: noisy(sharpened(x), 4.0),
        lambda x: noisy(gaussian(x, 1.5), 4.0),
        lambda x: ndimage.median_filter(x, (3, 3, 1)),
        lambda x: bilateral(x, 4, 2.0, 40.0),
        lambda x: unsharp(x, 2.0, 1.0, 10),
        lambda x: local_contrast(x, 12, 1.2),
    ],
    ids=["noise", "blur, noise", "median", "bilateral", "threshold", "local contrast"],
)
def test_no_curve_is_found_where_there_is_none(change: Callable[[Picture], Picture]) -> None:
    from convcli.detective.alone.lines import line_of

    scene = scene_of(change)
    line = line_of(scene, (7,))
    assert not list(curved(scene, 7, line.rms))


MIXES: dict[str, tuple[Callable[[Picture], Picture], str | None, str]] = {
    "sepia and a curve": (lambda x: rounded(s_curve(rounded(x @ SEPIA.T), 0.6)), None, "full"),
    "sepia and a blur": (lambda x: rounded(gaussian(x @ SEPIA.T, 1.2)), "sepia", "shared"),
    "gray and a sharpening": (lambda x: sharpened(gray(x)), "luma", "shared"),
    "gray, a blur and a curve": (lambda x: rounded(s_curve(gaussian(x @ LUMA.T, 1.0), 0.5)), "luma", "shared"),
    "rows of channels": (lambda x: rounded(x @ np.roll(np.eye(3), 1, axis=0)), None, "full"),
}


@pytest.mark.parametrize("name", MIXES)
def test_mixes(name: str) -> None:
    change, known, model = MIXES[name]
    found = best(list(mixed(scene_of(change), 7, 20 / 255, may_curve=True)))
    assert (found.tone and found.tone.mix_name, found.model) == (known, model)
    assert 255 * found.rms < 0.9
    assert bool(found.tone and found.tone.after) == ("curve" in name)


def test_a_mix_in_light() -> None:
    saturation = 1.4 * np.eye(3) - 0.4 * LUMA
    found = best(
        list(mixed(scene_of(lambda x: rounded(levels_of(light_of(x) @ saturation.T))), 7, 12 / 255, may_curve=True))
    )
    assert found.tone is not None
    assert found.tone.light
    np.testing.assert_allclose(found.kernel.weights[:, :, 0, 0], saturation, rtol=0, atol=0.01)


def test_the_kernel_of_a_curve_is_that_of_correlation() -> None:
    """A kernel that is not symmetric comes back as it is, not turned."""
    weights = np.array([[0.0, 0.3, 0.0], [0.0, 0.5, 0.2], [0.0, 0.0, 0.0]])
    found = best(list(curved(scene_of(lambda x: rounded(s_curve(correlated(x, weights), 0.5))), 7, 5 / 255)))
    np.testing.assert_allclose(middle(found, 3), weights, rtol=0, atol=0.01)
