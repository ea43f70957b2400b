"""The formulas against what defines them; against the libraries, see test_peers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from convcli import apply, load_filter
from convcli.catalog.formulas.edges import DIRECTIONS
from tests.support.filters import kernel_of, scaled

pytestmark = pytest.mark.no_cover


def impulse_like(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    impulse = np.zeros_like(kernel)
    impulse[kernel.shape[0] // 2, kernel.shape[1] // 2] = 1
    return impulse


@pytest.mark.parametrize("radius", [0.8, 1, 1.5, 2.25, 3, 7.1, 40])
def test_the_parts_of_pixels_that_a_disk_covers_add_up_to_its_area(radius: float) -> None:
    # The pixel at the center is covered whole: its weight is one over the sum of all parts.
    weights = scaled(f"disk:{radius}")
    assert math.isclose(1 / weights.max(), math.pi * radius**2, rel_tol=1e-12)
    np.testing.assert_allclose(weights, weights.T, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(weights, weights[::-1])


@pytest.mark.parametrize("radius", [0.3, 0.5, 1, 2.25, 3])
def test_a_disk_is_what_counting_points_gives(radius: float) -> None:
    weights = scaled(f"disk:{radius}")
    reach, fine = len(weights) // 2, 101
    points = (np.arange((2 * reach + 1) * fine) + 0.5) / fine - reach - 0.5
    inside = (points[:, np.newaxis] ** 2 + points**2 <= radius**2).astype(float)
    counted = inside.reshape(2 * reach + 1, fine, 2 * reach + 1, fine).sum(axis=(1, 3))
    np.testing.assert_allclose(weights, counted / counted.sum(), atol=2e-3)
    assert weights[0].any()


@pytest.mark.parametrize("length", [1, 2, 5, 9, 10])
def test_motion_along_the_pixels_is_a_row_or_a_column(length: int) -> None:
    row = scaled(f"motion:{length}")
    assert row.shape[0] == 1
    if length % 2:
        np.testing.assert_allclose(row, np.full((1, length), 1 / length), rtol=1e-15)
    np.testing.assert_array_equal(scaled(f"motion:{length},90"), row.T)
    np.testing.assert_allclose(scaled(f"motion:{length},180"), row, atol=1e-15)


@pytest.mark.parametrize(("length", "angle"), [(9, 45), (9, 30), (15, -20), (4.5, 100), (21, 359), (3, 30)])
def test_motion_falls_off_beside_its_line(length: float, angle: float) -> None:
    weights = scaled(f"motion:{length},{angle}")
    rows, columns = (side // 2 for side in weights.shape)
    y, x = np.mgrid[-rows : rows + 1, -columns : columns + 1]
    # The picture's y runs down, angles are counted upwards.
    end = (length - 1) / 2 * np.exp(-1j * math.radians(angle))
    places = x + 1j * y
    # MATLAB counts the distance to the end from where a pixel is as far from the center as the end.
    to_line = np.abs((places * np.exp(1j * math.radians(angle))).imag)
    to_ends = np.minimum(np.abs(places - end), np.abs(places + end))
    oracle = np.maximum(0, 1 - np.where(np.abs(places) >= abs(end), to_ends, to_line))
    np.testing.assert_allclose(weights, oracle / oracle.sum(), rtol=0, atol=1e-12)
    assert weights[0].any()
    assert weights[:, 0].any()


@given(length=st.floats(1, 60), angle=st.floats(-360, 360))
@settings(deadline=None)
def test_motion_is_never_negative_and_sums_to_one(length: float, angle: float) -> None:
    weights = scaled(f"motion:{length},{angle}")
    assert (weights >= 0).all()
    assert math.isclose(weights.sum(), 1, rel_tol=1e-12)
    np.testing.assert_allclose(weights, weights[::-1, ::-1], atol=1e-12)


def test_a_disk_of_matlab() -> None:
    # fspecial('disk', 1), as MATLAB prints it
    printed = [[0.0251, 0.1453, 0.0251], [0.1453, 0.3183, 0.1453], [0.0251, 0.1453, 0.0251]]
    np.testing.assert_allclose(scaled("disk:1"), printed, rtol=0, atol=5e-5)


@pytest.mark.parametrize(("size", "center"), [(1, 1), (3, 0.25), (5, 0.140625), (7, 0.0791015625), (9, 0.054931640625)])
def test_small_gaussians_of_a_size_are_opencvs(size: int, center: float) -> None:
    assert scaled(f"gaussian:size={size}")[size // 2, size // 2] == center
    assert kernel_of(f"gaussian:size={size}").is_integer


@pytest.mark.parametrize(("sigma_x", "sigma_y"), [(2, 0.7), (0.4, 3), (0, 1.5), (1.2, 0), (0, 0), (1.3, 1.3)])
def test_a_sigma_for_each_axis_is_that_of_scipy(sigma_x: float, sigma_y: float) -> None:
    picture = np.random.default_rng(3).random((30, 32))
    theirs = ndimage.gaussian_filter(picture, (sigma_y, sigma_x))
    ours = apply(f"gaussian:sigma_x={sigma_x},sigma_y={sigma_y}", picture, border="symmetric")
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("height", "width"), [(3, 5), (1, 4), (6, 2), (1, 1), (7, 7)])
def test_a_box_may_be_a_rectangle(height: int, width: int) -> None:
    picture = np.random.default_rng(4).random((20, 21))
    theirs = ndimage.uniform_filter(picture, (height, width))
    ours = apply(f"box:height={height},width={width}", picture, border="symmetric")
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_sobel_of_size_5_by_hand() -> None:
    weights = np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1])
    np.testing.assert_array_equal(kernel_of("sobel-x:size=5").weights, weights)
    np.testing.assert_array_equal(kernel_of("sobel-y:5").weights, weights.T)
    picture = np.random.default_rng(5).random((12, 13))
    assert "each divided by the sum of its positive weights" in load_filter("sobel:5").source
    positive = weights[weights > 0].sum()  # 48
    x, y = (ndimage.correlate(picture, each / positive, mode="mirror") for each in (weights, weights.T))
    np.testing.assert_allclose(apply("sobel:5", picture), np.sqrt((x**2 + y**2) / 2), rtol=0, atol=1e-12)


def test_compass_kernels_turn_clockwise() -> None:
    assert scaled("kirsch:n").tolist() == [[5, 5, 5], [-3, 0, -3], [-3, -3, -3]]
    assert scaled("kirsch:ne").tolist() == [[-3, 5, 5], [-3, 0, 5], [-3, -3, -3]]
    for name in ("kirsch", "robinson"):
        for here, quarter_on in zip(DIRECTIONS, DIRECTIONS[2:] + DIRECTIONS[:2], strict=True):
            np.testing.assert_array_equal(scaled(f"{name}:{quarter_on}"), np.rot90(scaled(f"{name}:{here}"), -1))


def test_robinson_is_sobel_turned() -> None:
    np.testing.assert_array_equal(scaled("robinson:e"), scaled("sobel-x"))
    np.testing.assert_array_equal(scaled("robinson:s"), scaled("sobel-y"))


@pytest.mark.parametrize("name", ["kirsch", "robinson"])
def test_without_a_direction_the_strongest_counts(name: str) -> None:
    picture = np.random.default_rng(0).random((9, 8))
    eight = [apply(f"{name}:{direction}", picture) for direction in DIRECTIONS]
    np.testing.assert_allclose(apply(name, picture), np.max(eight, axis=0), rtol=1e-12)


@pytest.mark.parametrize("text", ["log", "log:0.125", "log:0.6", "log:2.5", "log:5,9", "log:1.5,8", "log:size=5"])
def test_log_has_a_zero_sum_and_a_negative_center(text: str) -> None:
    weights = scaled(text)
    assert abs(weights.sum()) <= 1e-12 * np.abs(weights).sum()
    assert weights[len(weights) // 2, len(weights) // 2] < 0


@pytest.mark.parametrize("sigma", [0.6, 1, 2.5])
def test_log_is_that_of_scipy_but_for_its_sum(sigma: float) -> None:
    weights = scaled(f"log:{sigma}")
    theirs = ndimage.gaussian_laplace(impulse_like(weights), sigma, mode="constant")
    np.testing.assert_allclose(weights, theirs - theirs.mean(), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "one", "two"), [("dog", 1, 1.6), ("dog:2", 2, 3.2), ("dog:2,3", 2, 3), ("dog:3,1", 3, 1)]
)
def test_dog_is_the_difference_of_scipys(text: str, one: float, two: float) -> None:
    weights = scaled(text)
    impulse = impulse_like(weights)
    narrow, wide = (ndimage.gaussian_filter(impulse, sigma, mode="constant") for sigma in (one, two))
    np.testing.assert_allclose(weights, narrow - wide, rtol=0, atol=1e-12)
    assert abs(weights.sum()) < 1e-12


@pytest.mark.parametrize(("sigma", "amount"), [(1, 1), (2.5, 0.5), (0.4, 3)])
def test_unsharp_adds_what_a_blur_takes_away(sigma: float, amount: float) -> None:
    picture = np.random.default_rng(1).random((12, 14))
    blurred = ndimage.gaussian_filter(picture, sigma, mode="mirror")
    np.testing.assert_allclose(
        apply(f"unsharp:{sigma},{amount}", picture), picture + amount * (picture - blurred), atol=1e-12
    )
    np.testing.assert_allclose(apply(f"highpass:{sigma}", picture), picture - blurred, atol=1e-12)


@pytest.mark.parametrize(("dx", "dy"), [(1, 0), (0, 1), (-3, 2), (0, 0), (5, -4)])
def test_shift_moves_right_and_down(dx: int, dy: int) -> None:
    picture = np.random.default_rng(2).integers(0, 256, (11, 13), np.uint8)
    np.testing.assert_array_equal(apply(f"shift:{dx},{dy}", picture, border="wrap"), np.roll(picture, (dy, dx), (0, 1)))


def test_a_step_of_height_one_does_not_clip() -> None:
    step = np.zeros((8, 8), np.uint8)
    step[:, 4:] = 255
    corner = np.zeros((8, 8), np.uint8)
    corner[4:, 4:] = 255
    for name in ("sobel", "sobel:5", "sobel:31", "prewitt", "scharr", "roberts", "freichen", "farid"):
        for picture in (step, step.T, corner, np.eye(8, dtype=np.uint8) * 255):
            assert apply(name, picture / 255).max() <= 1 + 1e-12
        if name in ("sobel:31", "farid"):  # larger than the picture; a derivative, not a difference of means
            continue
        np.testing.assert_allclose(
            apply(name, step / 255).max(), math.sqrt(0.5) if name != "roberts" else 1, rtol=1e-12
        )
