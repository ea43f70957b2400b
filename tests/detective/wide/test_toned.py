"""Wide kernels before tone curves, and in linear light."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.detective.scene import Scene
from convcli.detective.wide.toned import wide_before_curve
from convcli.learning import LearningPair
from tests.detective.kinds import (
    Picture,
    boxed,
    each_channel,
    gaussian,
    levels_of,
    light_of,
    noisy,
    photographs,
    rounded,
    s_curve,
)

PICTURE = photographs()["quay"]


def power(values: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    return np.asarray(255 * np.clip(values / 255, 0, 1) ** exponent)


def scene(target: Picture) -> Scene:
    return Scene.of(LearningPair(PICTURE, target))


@pytest.mark.parametrize(("sigma", "exponent"), [(8.0, 0.7), (12.0, 1.5), (20.0, 1.2)])
def test_a_gaussian_before_a_power_has_its_width(sigma: float, exponent: float) -> None:
    found = wide_before_curve(scene(rounded(power(gaussian(PICTURE, sigma), exponent))))
    assert found
    assert (found.text, found.is_light) == (f"gaussian:sigma={sigma:.4g}", False)
    values = np.linspace(0.3, 0.6, 20)
    np.testing.assert_allclose(found.curve(values), values**exponent, atol=0.5 / 255)


@pytest.mark.parametrize("side", [15, 31])
def test_a_box_before_an_s_curve_has_its_side(side: int) -> None:
    blurred = each_channel(ndimage.uniform_filter, PICTURE, side, mode="mirror")
    found = wide_before_curve(scene(rounded(s_curve(blurred, 0.5))))
    assert found
    assert found.text == f"box:size={side}"


def test_a_gaussian_in_light_is_told_from_one_before_a_curve() -> None:
    found = wide_before_curve(scene(rounded(levels_of(gaussian(light_of(PICTURE), 8.0)))))
    assert found
    assert (found.text, found.is_light, found.curve.is_identity) == ("gaussian:sigma=8", True, True)


@pytest.mark.parametrize(
    "target",
    [
        rounded(power(gaussian(boxed(PICTURE, 21), 6.0), 0.8)),
        noisy(power(gaussian(PICTURE, 8.0), 0.8), 3.0),
        ndimage.median_filter(PICTURE, (9, 9, 1)),
    ],
    ids=["two blurs", "noise", "median"],
)
def test_what_leaves_more_than_rounding_has_no_name(target: Picture) -> None:
    assert wide_before_curve(scene(target)) is None
