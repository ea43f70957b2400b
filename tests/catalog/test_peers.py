"""The catalog against the libraries that define the same filters, on a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from convcli import apply
from tests.support.filters import scaled
from tests.support.paths import SAMPLES

pytestmark = pytest.mark.no_cover


@pytest.fixture(scope="module")
def photo() -> NDArray[np.uint8]:
    with Image.open(SAMPLES / "harbour.jpg") as scene:
        return np.asarray(scene.convert("RGB").crop((100, 60, 300, 220)))


@pytest.fixture(scope="module")
def gray(photo: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray(photo.mean(axis=2) / 255)


@pytest.mark.parametrize(
    "name",
    ["BLUR", "CONTOUR", "DETAIL", "EDGE_ENHANCE", "EDGE_ENHANCE_MORE", "EMBOSS", "FIND_EDGES", "SHARPEN", "SMOOTH",
     "SMOOTH_MORE"],
)  # fmt: skip
def test_pillow(photo: NDArray[np.uint8], name: str) -> None:
    theirs = np.asarray(Image.fromarray(photo).filter(getattr(ImageFilter, name)))
    ours = apply(f"pillow:{name}", photo)
    exact = np.clip(apply(f"pillow:{name}", photo / 255) * 255, 0, 255)
    # Both round it; Pillow leaves up to two pixels at the rim as they are.
    for rounded in (theirs, ours):
        assert np.abs(rounded - exact)[2:-2, 2:-2].max() <= 0.5 + 1e-4


@pytest.mark.parametrize("name", ["sobel", "prewitt", "scharr", "roberts"])
def test_magnitudes_of_scikit_image(gray: NDArray[np.float64], name: str) -> None:
    filters = pytest.importorskip("skimage.filters", reason="scikit-image is compared where it is installed")
    # What scipy, and so scikit-image, calls reflect is symmetric here.
    theirs = getattr(filters, name)(gray)
    ours = apply(name, gray, border="symmetric")
    if (
        name == "roberts"
    ):  # they give the difference of four pixels to the upper left one, the anchor is the lower right
        ours, theirs = ours[1:, 1:], theirs[:-1, :-1]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["sobel", "prewitt", "scharr"])
def test_components_of_scikit_image(gray: NDArray[np.float64], name: str) -> None:
    filters = pytest.importorskip("skimage.filters", reason="scikit-image is compared where it is installed")
    divisor = {"sobel": 4, "prewitt": 3, "scharr": 16}[name]
    for axis, theirs in (("x", getattr(filters, f"{name}_v")), ("y", getattr(filters, f"{name}_h"))):
        ours = apply(f"{name}-{axis}", gray, border="symmetric", divisor=divisor)
        np.testing.assert_allclose(ours, theirs(gray), rtol=0, atol=1e-12)


def test_details_of_scikit_image(gray: NDArray[np.float64]) -> None:
    filters = pytest.importorskip("skimage.filters", reason="scikit-image is compared where it is installed")
    theirs = filters.unsharp_mask(gray, radius=2, amount=1.5, preserve_range=True)
    np.testing.assert_allclose(apply("unsharp:2,1.5", gray)[10:-10, 10:-10], theirs[10:-10, 10:-10], atol=1e-12)
    theirs = filters.difference_of_gaussians(gray, 2)
    # Theirs follows the narrow bell to four of its own sigmas only.
    np.testing.assert_allclose(apply("dog:2", gray)[14:-14, 14:-14], theirs[14:-14, 14:-14], atol=2e-4)
    theirs = -filters.laplace(gray)
    np.testing.assert_allclose(apply("laplacian", gray)[1:-1, 1:-1], theirs[1:-1, 1:-1], atol=1e-12)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("sobel-x", lambda cv2, picture: cv2.Sobel(picture, cv2.CV_64F, 1, 0)),
        ("sobel-y", lambda cv2, picture: cv2.Sobel(picture, cv2.CV_64F, 0, 1)),
        ("scharr-x", lambda cv2, picture: cv2.Scharr(picture, cv2.CV_64F, 1, 0)),
        ("scharr-y", lambda cv2, picture: cv2.Scharr(picture, cv2.CV_64F, 0, 1)),
        ("laplacian", lambda cv2, picture: cv2.Laplacian(picture, cv2.CV_64F)),
        ("box:5", lambda cv2, picture: cv2.blur(picture, (5, 5))),
        ("box:4", lambda cv2, picture: cv2.blur(picture, (4, 4))),
        ("gaussian:size=15", lambda cv2, picture: cv2.GaussianBlur(picture, (15, 15), 0)),
        ("gaussian:2,15", lambda cv2, picture: cv2.GaussianBlur(picture, (15, 15), 2)),
        ("binomial:5", lambda cv2, picture: cv2.GaussianBlur(picture, (5, 5), 0)),
        ("gaussian3", lambda cv2, picture: cv2.GaussianBlur(picture, (3, 3), 0)),
    ],
)
def test_opencv(gray: NDArray[np.float64], text: str, call: Any) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is compared where it is installed")
    np.testing.assert_allclose(apply(text, gray), call(cv2, gray), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "text",
    ["gabor", "gabor:3,0.5,7", "gabor:2,1.57,4,1,0.3", "gabor:5,-0.3,10,2", "gabor:1,3,2,0.3,-1"],
)
def test_gabor_of_opencv(text: str) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is compared where it is installed")
    given = [float(each) for each in text.partition(":")[2].split(",") if each]
    sigma, theta, wavelength, gamma, psi = given + [2, 0, 4, 0.5, 0][len(given) :]
    theirs = cv2.getGaborKernel((0, 0), sigma, theta, wavelength, gamma, psi, cv2.CV_64F)
    np.testing.assert_allclose(scaled(text), theirs, rtol=0, atol=1e-12)


def test_luma_of_opencv_and_pillow(photo: NDArray[np.uint8]) -> None:
    ours = apply("luma", photo)[..., 0].astype(int)
    with Image.fromarray(photo) as picture:
        assert np.abs(ours - np.asarray(picture.convert("L"))).max() <= 1
    cv2 = pytest.importorskip("cv2", reason="OpenCV is compared where it is installed")
    assert np.abs(ours - cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)).max() <= 1
    np.testing.assert_array_equal(apply("bgr", photo), cv2.cvtColor(photo, cv2.COLOR_RGB2BGR))
