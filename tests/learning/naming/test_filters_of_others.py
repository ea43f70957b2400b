"""Pairs that other programs made: their weights, borders and names are found."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter

from convcli import learn
from convcli.learning import Learned
from tests.support.pictures import harbour_cut

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

UNEVEN = np.array([[0.1, -0.2, 0.05], [0.3, 0.6, 0.0], [-0.1, 0.2, 0.05]])
MEAN = np.ones((5, 5)) / 25
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
SCHARR = np.array([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]])
PILLOWS = {
    "BLUR": "pillow:blur",
    "CONTOUR": "pillow:contour",
    "DETAIL": "pillow:detail",
    "EDGE_ENHANCE": "pillow:edge-enhance",
    "EDGE_ENHANCE_MORE": "sharpen8",  # the same weights, and a name without a library
    "EMBOSS": "pillow:emboss",
    "FIND_EDGES": "outline",
    "SHARPEN": "pillow:sharpen",
    "SMOOTH": "pillow:smooth",
    "SMOOTH_MORE": "pillow:smooth-more",
}
# What each borderType of OpenCV and each mode of SciPy is called here.
OPENCV = {"CONSTANT": "constant", "REPLICATE": "edge", "REFLECT": "symmetric", "REFLECT_101": "reflect"}
SCIPY = {
    "constant": "constant", "nearest": "edge", "reflect": "symmetric", "mirror": "reflect", "wrap": "wrap",
    "grid-constant": "constant", "grid-mirror": "symmetric", "grid-wrap": "wrap",
}  # fmt: skip


@cache
def gray() -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(harbour_cut()).convert("L"))


@cache
def learned_of_pillow(name: str) -> Learned:
    return learn(harbour_cut(), pillow(getattr(ImageFilter, name)))


def pillow(made: Any) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(harbour_cut()).filter(made))


def rounded(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def checked(
    learned: Learned, weights: ArrayLike | None = None, *, near: str | None = None, border: str | None = None
) -> Learned:
    """Check what holds of every linear filter, and what is known of this one."""
    assert learned.warnings == ()
    assert learned.replay.psnr > 50
    if weights is not None:
        true = np.asarray(weights, float)
        is_integer = bool((true == np.rint(true)).all())
        np.testing.assert_allclose(learned.kernel.weights, true, rtol=0, atol=1e-5 if is_integer else 5e-4)
    if near is not None:
        assert learned.nearest is not None
        assert learned.nearest.text == near
    if border is not None:
        assert learned.border is not None
        assert learned.border.misfit is None
        found = {str(learned.border.border)} | (set() if learned.border.certain else {learned.border.next_best[0]})
        assert border in found
    return learned


def centered(weights: NDArray[np.float64], learned: Learned) -> NDArray[np.float64]:
    """The part of weights that the learned kernel has, whose outer rows of zeros were left out."""
    (row, column), (height, width) = learned.kernel.anchor, learned.kernel.size
    top, left = len(weights) // 2 - row, len(weights) // 2 - column
    part = weights[top : top + height, left : left + width]
    assert np.abs(part).sum() == np.abs(weights).sum()
    return part


@pytest.mark.parametrize("name", PILLOWS)
def test_the_filters_of_pillow(name: str) -> None:
    size, scale, _, numbers = getattr(ImageFilter, name).filterargs
    true = np.reshape(numbers, size)[::-1] / scale  # Pillow's first row is the lowest
    learned = learned_of_pillow(name)
    if name == "DETAIL":  # sixths in float32: a half is rounded up or down as the values are large or small
        np.testing.assert_allclose(learned.kernel.weights, true, rtol=0, atol=1e-3)
    else:
        np.testing.assert_allclose(
            learned.kernel.weights, centered(true, learned), rtol=0, atol=1e-5 if scale == 1 else 5e-4
        )
        assert learned.exact is not None
        exact = learned.exact.kernel
        assert np.array_equal(exact.weights / exact.divisor, centered(true, learned))
        # 0.5 is level 128, as the offset of EMBOSS is.
        assert exact.bias[0] == pytest.approx({"CONTOUR": 1.0, "EMBOSS": 0.5}.get(name, 0.0))
    checked(learned, near=PILLOWS[name])


@pytest.mark.parametrize("name", PILLOWS)
def test_the_rim_that_pillow_copies_tells_no_border(name: str) -> None:
    border = learned_of_pillow(name).border
    assert border is not None
    assert border.misfit == "copied"
    assert str(border.border) == "reflect"
    assert not border.certain


@pytest.mark.parametrize("name", ["BLUR", "SHARPEN", "SMOOTH"])
def test_what_rounding_leaves_is_said_where_some_values_are_clipped(name: str) -> None:
    learned = learned_of_pillow(name)
    assert 0 < learned.clipped < 0.05
    assert learned.rms == pytest.approx(1 / 12**0.5, rel=0.05)  # of values spread evenly over a level
    assert 255 * learned.loss**0.5 == pytest.approx(1 / 12**0.5, rel=0.05)
    assert np.abs(learned.errors).max() > 1e-5


def test_a_rim_of_another_kind_is_none_of_the_five() -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    target = rounded(ndimage.correlate(gray().astype(float), MEAN, mode="mirror"))
    target[:2] = target[-2:] = target[:, :2] = target[:, -2:] = 255 - target[2, 2]
    border = learn(gray(), target).border
    assert border is not None
    assert border.misfit == "unlike"
    assert not border.certain


@pytest.mark.parametrize("scale", [45, 50])
def test_a_kernel_of_ones_own_in_pillow(scale: int) -> None:
    numbers = np.arange(1, 10).reshape(3, 3)
    learned = learn(harbour_cut(), pillow(ImageFilter.Kernel((3, 3), numbers.ravel().tolist(), scale=scale, offset=3)))
    checked(learned, numbers[::-1] / scale)
    assert learned.kernel.bias[0] == pytest.approx(3 / 255, abs=1e-3)
    assert learned.exact is not None
    assert learned.exact.kernel.divisor == scale


def test_the_blurs_of_pillow() -> None:
    for radius, near in ((1, "box"), (2, "box:size=5")):
        side = 2 * radius + 1
        learned = learn(harbour_cut(), pillow(ImageFilter.BoxBlur(radius)))
        checked(learned, np.ones((side, side)) / side**2, near=near, border="edge")
    # A bell made of boxes, within 3 %, and its sharpening, rounded twice.
    blurred = checked(learn(harbour_cut(), pillow(ImageFilter.GaussianBlur(1))))
    assert blurred.nearest is not None
    assert blurred.nearest.text.startswith("gaussian")
    sharp = checked(learn(harbour_cut(), pillow(ImageFilter.UnsharpMask(1, 100, 0))))
    assert sharp.nearest is not None
    assert sharp.nearest.text.startswith("unsharp")


@pytest.mark.parametrize("border", OPENCV)
@pytest.mark.parametrize("weights", [UNEVEN, MEAN], ids=["uneven", "mean"])
def test_opencvs_borders(weights: NDArray[np.float64], border: str) -> None:
    cv2 = pytest.importorskip("cv2")
    target = cv2.filter2D(harbour_cut(), -1, weights, borderType=getattr(cv2, f"BORDER_{border}"))
    learned = checked(learn(harbour_cut(), target), weights, border=OPENCV[border])
    assert learned.exact is not None
    assert learned.exact.kernel.divisor == (20 if weights is UNEVEN else 25)


def test_opencvs_kernels() -> None:
    cv2 = pytest.importorskip("cv2")
    corner = [[0.1, 0.2], [0.3, 0.4]]
    checked(learn(harbour_cut(), cv2.filter2D(harbour_cut(), -1, np.array(corner))), corner, border="reflect")
    aside = learn(harbour_cut(), cv2.filter2D(harbour_cut(), -1, UNEVEN, anchor=(0, 0)))
    checked(aside, UNEVEN, border="reflect")
    assert aside.kernel.anchor == (0, 0)
    for size, near in (((3, 3), "box"), ((4, 4), "box:size=4"), ((5, 3), "box:height=3,width=5")):
        learned = learn(harbour_cut(), cv2.blur(harbour_cut(), size))
        checked(learned, np.full(size[::-1], 1 / (size[0] * size[1])), near=near, border="reflect")
    rows, columns = np.array([1, 4, 6, 4, 1]) / 16, np.array([1, 2, 1]) / 4
    learned = learn(harbour_cut(), cv2.sepFilter2D(harbour_cut(), -1, rows, columns))
    checked(learned, np.outer(columns, rows), border="reflect")


@pytest.mark.parametrize(("side", "sigma"), [(3, 0), (5, 0), (5, 1), (7, 1.5), (9, 2)])
def test_opencvs_gaussian(side: int, sigma: float) -> None:
    cv2 = pytest.importorskip("cv2")
    bell = cv2.getGaussianKernel(side, sigma)
    fractions = gray() / 255
    checked(learn(fractions, cv2.GaussianBlur(fractions, (side, side), sigma)), bell @ bell.T, border="reflect")
    # Of 8 bits OpenCV's weights are whole numbers over 256, some per cent from the bell: its pixels say which.
    learned = checked(learn(harbour_cut(), cv2.GaussianBlur(harbour_cut(), (side, side), sigma)), border="reflect")
    assert learned.replay.psnr > 70
    assert learned.nearest is not None
    assert learned.nearest.text.startswith(("gaussian", "binomial"))


@pytest.mark.parametrize("depth", [np.uint8, np.uint16, np.float32])
def test_opencvs_derivatives(depth: Any) -> None:
    cv2 = pytest.importorskip("cv2")
    source = harbour_cut().astype(depth) * depth({np.uint8: 1, np.uint16: 257, np.float32: 1}[depth])
    middle = {np.uint8: 128, np.uint16: 32768, np.float32: 0}[depth]
    bias = {np.uint8: 128 / 255, np.uint16: 32768 / 65535, np.float32: 0}[depth]
    for target, weights, near in (
        (cv2.Sobel(source, -1, 1, 0, delta=middle), SOBEL, "sobel-x"),
        (cv2.Scharr(source, -1, 0, 1, delta=middle), SCHARR.T, "scharr-y"),
        (cv2.Laplacian(source, -1, delta=middle), [[0, 1, 0], [1, -4, 1], [0, 1, 0]], "laplacian"),
        (cv2.filter2D(source, -1, SOBEL.T[::-1].astype(float), delta=middle), SOBEL.T[::-1], "robinson:direction=n"),
    ):
        learned = checked(learn(source, target), weights, near=near, border="reflect")
        assert learned.kernel.bias[0] == pytest.approx(bias, abs=1e-3)
        assert learned.exact is not None
        assert learned.exact.kernel.divisor == 1


@pytest.mark.parametrize("mode", SCIPY)
def test_scipys_modes(mode: str) -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    fractions, levels = gray() / 255, gray().astype(float)
    border = SCIPY[mode]
    checked(learn(fractions, ndimage.correlate(fractions, UNEVEN, mode=mode)), UNEVEN, border=border)
    if mode.startswith("grid-"):  # another name for one of the others: the same values
        return
    checked(learn(gray(), rounded(ndimage.convolve(levels, UNEVEN, mode=mode))), UNEVEN[::-1, ::-1], border=border)
    checked(
        learn(gray(), rounded(ndimage.uniform_filter(levels, 5, mode=mode))), MEAN, near="box:size=5", border=border
    )
    for source, target in (
        (fractions, ndimage.gaussian_filter(fractions, 1, mode=mode)),
        (gray(), rounded(ndimage.gaussian_filter(levels, 1, mode=mode))),
    ):
        checked(learn(source, target), near="gaussian", border=border)


def test_scipys_constant_and_even_sizes() -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    fractions = gray() / 255
    checked(
        learn(fractions, ndimage.correlate(fractions, UNEVEN, mode="constant", cval=0.5)), UNEVEN, border="constant:0.5"
    )
    checked(learn(fractions, ndimage.uniform_filter(fractions, 4)), np.full((4, 4), 1 / 16), near="box:size=4")
    corner = np.array([[0.1, 0.2], [0.3, 0.4]])
    checked(learn(fractions, ndimage.convolve(fractions, corner)), corner[::-1, ::-1])
