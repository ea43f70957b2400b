"""The match that is told is that of the file with all of TARGET."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

import convcli
from convcli.catalog import to_yaml
from convcli.detective import Detected, detect
from convcli.detective.chains.rounded import with_rounds
from convcli.filters import Abs, Clip, Conv, Crop, Curve, Kernel, Layer, Median, Mirror, Resize, Round
from convcli.learning import LearningPair, LearnSettings
from tests.support.pictures import harbour_cut

Picture = NDArray[Any]
PHOTO = harbour_cut(288, 100, 200, 220)
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])


def saved(values: Picture) -> Picture:
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)


def blurred(picture: Picture, sigma: float) -> Picture:
    return saved(ndimage.gaussian_filter(picture.astype(float), (sigma, sigma, 0), mode="mirror"))


def boxed(picture: Picture, size: int) -> Picture:
    return saved(ndimage.uniform_filter(picture.astype(float), (size, size, 1), mode="mirror"))


def sharpened(picture: Picture) -> Picture:
    return saved(ndimage.correlate(picture.astype(float), SHARPEN[:, :, np.newaxis], mode="mirror"))


def resized(picture: Picture, scale: float, way: Image.Resampling) -> Picture:
    height, width = picture.shape[:2]
    return np.asarray(Image.fromarray(picture).resize((round(width * scale), round(height * scale)), way))


def gray(picture: Picture) -> Picture:
    return np.asarray(Image.fromarray(picture).convert("L"))[:, :, np.newaxis]


def gamma(picture: Picture, power: float) -> Picture:
    return saved(255 * (picture / 255) ** power)


KINDS: dict[str, Callable[[Picture], Picture]] = {
    "blur, sharpen": lambda x: sharpened(blurred(x, 1.7)),
    "sharpen, resize": lambda x: resized(sharpened(x), 0.5, Image.Resampling.BICUBIC),
    "resize, sharpen": lambda x: sharpened(resized(x, 0.5, Image.Resampling.LANCZOS)),
    "resize, blur": lambda x: blurred(resized(x, 1.5, Image.Resampling.BICUBIC), 1.2),
    "mirror, blur": lambda x: blurred(x[:, ::-1], 1.3),
    "sharpen, crop": lambda x: sharpened(x)[21:171, 33:193],
    "blur, gamma": lambda x: gamma(blurred(x, 1.3), 1.6),
    "gamma, blur": lambda x: blurred(gamma(x, 0.7), 1.5),
    "gray, sharpen": lambda x: sharpened(gray(x)),
    "turn, sharpen": lambda x: sharpened(np.rot90(x)),
    "two boxes": lambda x: boxed(boxed(x, 3), 7),
    "a rim": lambda x: np.asarray(Image.fromarray(x).filter(ImageFilter.SHARPEN)),
}


def found(change: Callable[[Picture], Picture]) -> tuple[Detected, Picture]:
    target = np.ascontiguousarray(change(PHOTO))
    return detect([LearningPair(PHOTO, target)], LearnSettings.of()), target


@pytest.mark.parametrize("name", KINDS)
def test_the_file_gives_what_is_said(tmp_path: Path, name: str) -> None:
    result, target = found(KINDS[name])
    (tmp_path / "learned.yaml").write_text(to_yaml(result.pipeline))
    made: Any = convcli.apply(tmp_path / "learned.yaml", PHOTO, engine="numpy")
    error = made.reshape(target.shape).astype(float) - target
    rim = result.rim or 0
    error = error[rim : len(error) - rim, rim : error.shape[1] - rim]
    psnr = -10 * np.log10(np.mean(np.square(error)) / 255**2) if error.any() else np.inf
    assert psnr == result.psnr_after or abs(psnr - result.psnr_after) < 1
    assert result.psnr_after > 35
    assert ("exact" if np.isinf(psnr) else f"{result.psnr_after:.1f} dB") in result.cause


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("blur, sharpen", ["conv", "round", "conv"]),
        ("gray, sharpen", ["conv", "round", "conv"]),
        ("blur, gamma", ["conv", "round", "curve"]),
        ("mirror, blur", ["mirror", "conv"]),
    ],
)
def test_levels_are_rounded_where_the_pair_shows_it(name: str, layers: list[str]) -> None:
    result, _ = found(KINDS[name])
    assert [layer.name for layer in result.pipeline.layers] == layers
    # What is left is what the file leaves.
    left = result.residual
    assert left is not None
    assert result.psnr_after < 50 or left.rms < 1


def test_levels_are_not_rounded_where_the_pair_was_not() -> None:
    result, _ = found(
        lambda x: saved(
            ndimage.correlate(
                ndimage.gaussian_filter(x.astype(float), (1.7, 1.7, 0), mode="mirror"),
                SHARPEN[:, :, np.newaxis],
                mode="mirror",
            )
        )
    )
    assert "round" not in [layer.name for layer in result.pipeline.layers]


def test_a_rim_that_alone_differs_is_told() -> None:
    result, _ = found(KINDS["a rim"])
    assert result.cause == "pillow:sharpen; exact, a rim of 1 pixel apart"
    assert result.rim == 1


@pytest.mark.parametrize(("mode", "border"), [("nearest", "edge"), ("reflect", "symmetric"), ("mirror", None)])
def test_a_rank_has_the_border_of_the_pair(mode: str, border: str | None) -> None:
    result, target = found(lambda x: ndimage.median_filter(x, (5, 5, 1), mode=mode))
    (layer,) = result.pipeline.layers
    assert isinstance(layer, Median)
    assert (layer.border and layer.border.name) == border
    assert result.cause == "median:5; exact"
    np.testing.assert_array_equal(convcli.apply(result.pipeline, PHOTO), target)


def test_a_resize_to_a_width_and_a_height_is_rounded_between_its_passes() -> None:
    def change(picture: Picture) -> Picture:
        small = Image.fromarray(picture).resize((137, 121), Image.Resampling.LANCZOS)
        return sharpened(np.asarray(small))

    result, target = found(change)
    assert [layer.name for layer in result.pipeline.layers] == ["resize", "round", "resize", "round", "conv"]
    made: Any = convcli.apply(result.pipeline, PHOTO)
    assert np.count_nonzero(made != target) < 0.002 * target.size
    assert result.rim == 0


def test_layers_that_make_values_are_rounded_between() -> None:
    kernel, curve = Conv(Kernel([[1, 1]])), Curve(((0, 0), (1, 0.5)))
    cases: list[tuple[list[Layer], list[Layer]]] = [
        ([kernel], [kernel]),
        ([kernel, curve], [kernel, Round(), curve]),
        ([Mirror(), kernel, Crop(0, 0, 9, 9)], [Mirror(), kernel, Crop(0, 0, 9, 9)]),
        ([kernel, kernel, Abs()], [kernel, Round(), kernel, Abs()]),
        ([kernel, Median((3, 3)), curve], [kernel, Round(), Median((3, 3)), curve]),
        ([kernel, Clip(), Resize(scale=0.5), curve], [kernel, Round(), Resize(scale=0.5), Round(), curve]),
    ]
    for layers, wanted in cases:
        assert list(with_rounds(layers)) == wanted
