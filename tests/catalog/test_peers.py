"""The catalog against the libraries that define the same filters, on a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from convcli import apply
from tests.support.filters import scaled
from tests.support.paths import KERNELS, SAMPLES

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
    # Pillow leaves the pixels at the rim as they are.
    rim = (KERNELS / "pillow" / f"{name.lower().replace('_', '-')}.yaml").read_text("utf-8").count("rim of 2") + 1
    inside = slice(rim, -rim), slice(rim, -rim)
    np.testing.assert_array_equal(theirs[rim - 1], photo[rim - 1])
    differ = (ours != theirs)[inside]
    # Where a division by 6 or 100 gives halves, Pillow rounds some down.
    assert not differ.any() or name in ("DETAIL", "SMOOTH_MORE")
    np.testing.assert_allclose(exact[inside][differ] % 1, 0.5, rtol=0, atol=1e-9)
    assert np.abs(ours.astype(int) - theirs)[inside].max() <= 1


@pytest.mark.parametrize("name", ["sobel", "prewitt", "scharr", "roberts", "farid"])
def test_magnitudes_of_scikit_image(gray: NDArray[np.float64], name: str) -> None:
    filters = pytest.importorskip("skimage.filters", reason="scikit-image is compared where it is installed")
    # What scipy, and so scikit-image, calls reflect is symmetric here.
    theirs = getattr(filters, name)(gray)
    ours = apply(name, gray, border="symmetric")
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_roberts_is_that_of_scikit_image_at_the_same_pixel() -> None:
    # The cross of skimage.filters.roberts at a pixel has it and its neighbors to the right and below.
    point = np.zeros((5, 6))
    point[2, 3] = 1
    assert np.argwhere(apply("roberts-1", point)).tolist() == [[1, 2], [2, 3]]
    assert np.argwhere(apply("roberts-2", point)).tolist() == [[1, 3], [2, 2]]


def test_crosses_of_scikit_image(gray: NDArray[np.float64]) -> None:
    filters = pytest.importorskip("skimage.filters", reason="scikit-image is compared where it is installed")
    for name, theirs in (("roberts-1", filters.roberts_pos_diag), ("roberts-2", filters.roberts_neg_diag)):
        np.testing.assert_allclose(-apply(name, gray, border="symmetric"), theirs(gray), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["sobel", "prewitt", "scharr", "farid"])
def test_components_of_scikit_image(gray: NDArray[np.float64], name: str) -> None:
    filters = pytest.importorskip("skimage.filters", reason="scikit-image is compared where it is installed")
    divisor = {"sobel": 4, "prewitt": 3, "scharr": 16, "farid": 1}[name]
    for axis, theirs in (("x", getattr(filters, f"{name}_v")), ("y", getattr(filters, f"{name}_h"))):
        ours = apply(f"{name}-{axis}", gray, border="symmetric", divisor=divisor)
        np.testing.assert_allclose(ours, theirs(gray), rtol=0, atol=1e-12)


def test_details_of_scikit_image(gray: NDArray[np.float64]) -> None:
    filters = pytest.importorskip("skimage.filters", reason="scikit-image is compared where it is installed")
    theirs = filters.unsharp_mask(gray, radius=2, amount=1.5, preserve_range=True)
    np.testing.assert_allclose(apply("unsharp:2,1.5", gray, border="symmetric"), theirs, rtol=0, atol=1e-12)
    for text, sigmas in (("dog", (1,)), ("dog:2", (2,)), ("dog:1.3,4", (1.3, 4)), ("dog:2,0.7", (2, 0.7))):
        # Theirs refuses a second sigma smaller than the first.
        low, high = min(sigmas), max(sigmas) if len(sigmas) > 1 else None
        theirs = filters.difference_of_gaussians(gray, low, high, mode="reflect") * (-1 if sigmas[0] > low else 1)
        np.testing.assert_allclose(apply(text, gray, border="symmetric"), theirs, rtol=0, atol=1e-12)
    theirs = -filters.laplace(gray)
    np.testing.assert_allclose(apply("laplacian", gray)[1:-1, 1:-1], theirs[1:-1, 1:-1], atol=1e-12)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("sobel-x", lambda cv2, picture: cv2.Sobel(picture, cv2.CV_64F, 1, 0)),
        ("sobel-y", lambda cv2, picture: cv2.Sobel(picture, cv2.CV_64F, 0, 1)),
        ("sobel-x:size=5", lambda cv2, picture: cv2.Sobel(picture, cv2.CV_64F, 1, 0, ksize=5)),
        ("sobel-y:7", lambda cv2, picture: cv2.Sobel(picture, cv2.CV_64F, 0, 1, ksize=7)),
        ("box:height=3,width=6", lambda cv2, picture: cv2.blur(picture, (6, 3))),
        (
            "gaussian:sigma_x=2,sigma_y=0.8,size=9",
            lambda cv2, picture: cv2.GaussianBlur(picture, (9, 9), 2, sigmaY=0.8),
        ),
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


def test_tables_of_opencv() -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is compared where it is installed")
    for size in range(1, 34, 2):
        line = cv2.getGaussianKernel(size, 0)
        # Before OpenCV 5 the row of 9 followed from the formula.
        if size != 9 or line[4] == 60 / 256:
            np.testing.assert_allclose(scaled(f"gaussian:size={size}"), line @ line.T, rtol=0, atol=1e-15)
    for size in range(3, 32, 2):
        for name, orders in (("sobel-x", (1, 0)), ("sobel-y", (0, 1))):
            right, down = cv2.getDerivKernels(*orders, size, ktype=cv2.CV_64F)
            np.testing.assert_allclose(scaled(f"{name}:{size}"), down @ right.T, rtol=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "gabor",
        "gabor:size=9",
        "gabor:2,1,5,0.7,0.3,21",
        "gabor:3,0.5,7",
        "gabor:2,1.57,4,1,0.3",
        "gabor:5,-0.3,10,2",
        "gabor:1,3,2,0.3,-1",
    ],
)
def test_gabor_of_opencv(text: str) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is compared where it is installed")
    given = [float(each) for each in text.partition(":")[2].replace("size=", "2,0,4,0.5,0,").split(",") if each]
    sigma, theta, wavelength, gamma, psi, *size = given + [2, 0, 4, 0.5, 0][len(given) :]
    side = int(size[0]) if size else -1
    theirs = cv2.getGaborKernel((side, side), sigma, theta, wavelength, gamma, psi, cv2.CV_64F)
    np.testing.assert_allclose(scaled(text), theirs, rtol=0, atol=1e-12)


def test_luma_of_opencv_and_pillow(photo: NDArray[np.uint8]) -> None:
    ours = apply("luma", photo)[..., 0].astype(int)
    with Image.fromarray(photo) as picture:
        assert np.abs(ours - np.asarray(picture.convert("L"))).max() <= 1
    cv2 = pytest.importorskip("cv2", reason="OpenCV is compared where it is installed")
    assert np.abs(ours - cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)).max() <= 1
    np.testing.assert_array_equal(apply("bgr", photo), cv2.cvtColor(photo, cv2.COLOR_RGB2BGR))
