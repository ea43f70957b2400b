"""Pairs of pictures as people make them: a change to a photograph, and the steps that explain it.

Every change is made by SciPy, Pillow or NumPy, none by convcli.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFont
from scipy import ndimage

Picture = NDArray[np.uint8]
Step = dict[str, Any]
Steps = tuple[Step, ...]

_SAMPLES = Path(__file__).parents[2] / "sample_images"
_SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], float)
_SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])


@cache
def photographs() -> Mapping[str, Picture]:
    """Return two photographs, (512, 512, 3), of which nothing can be written to."""
    harbour = np.asarray(Image.open(_SAMPLES / "harbour.jpg").convert("RGB"))
    return MappingProxyType({"quay": harbour[288:800, 0:512], "lighthouse": harbour[100:612, 640:1152]})


@dataclass(frozen=True)
class Kind:
    """A change, and the steps that have to be found in this order: the values given, as far as they are given.

    A value is equal, within a tolerance ``(value, tolerance)``, or one of a set.
    """

    name: str
    change: Callable[..., Picture]
    steps: tuple[Step, ...]


def rounded(values: NDArray[Any]) -> Picture:
    levels: Picture = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return levels


def each_channel(change: Callable[..., NDArray[Any]], picture: NDArray[Any], *given: Any, **named: Any) -> NDArray[Any]:
    planes = [change(picture[..., index].astype(float), *given, **named) for index in range(picture.shape[2])]
    return np.stack(planes, axis=-1)


def correlated(picture: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    return each_channel(ndimage.correlate, picture, weights, mode="mirror")


def gaussian(picture: NDArray[Any], sigma: float) -> NDArray[Any]:
    return each_channel(ndimage.gaussian_filter, picture, sigma, mode="mirror")


def light_of(picture: Picture) -> NDArray[Any]:
    share = picture / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def levels_of(light: NDArray[Any]) -> NDArray[Any]:
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def jpeg(picture: Picture, quality: int) -> Picture:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "JPEG", quality=quality)
    return np.asarray(Image.open(data))


def resized(picture: Picture, scale: float, resampling: str) -> Picture:
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling[resampling.upper()]))


def turned(picture: Picture, degrees: float) -> Picture:
    return np.asarray(Image.fromarray(picture).rotate(degrees, Image.Resampling.BICUBIC))


def s_curve(picture: NDArray[Any], strength: float) -> NDArray[Any]:
    share = picture / 255
    return 255 * (share + strength * np.sin(2 * np.pi * share) / -(2 * np.pi))


def disk(radius: float) -> NDArray[Any]:
    reach = int(np.ceil(radius))
    row, column = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    inside = (np.hypot(row, column) <= radius).astype(float)
    return np.asarray(inside / inside.sum())


def motion(length: int) -> NDArray[Any]:
    return np.full((1, length), 1 / length)


def noisy(picture: NDArray[Any], levels: float) -> Picture:
    return rounded(picture + np.random.default_rng(7).normal(0, levels, picture.shape))


def lettered(picture: Picture, size: int) -> Picture:
    image = Image.fromarray(picture.copy())
    ImageDraw.Draw(image).text((60, 200), "PROPERTY OF", fill=(255, 240, 30), font=ImageFont.load_default(size))
    return np.asarray(image)


def in_region(picture: Picture, change: Callable[[Picture], NDArray[Any]], box: tuple[int, int, int, int]) -> Picture:
    left, top, width, height = box
    result = picture.copy()
    result[top : top + height, left : left + width] = rounded(change(picture))[top : top + height, left : left + width]
    return result


def pixelated(picture: Picture, size: int, first: tuple[int, int] = (0, 0)) -> Picture:
    height, width, _ = picture.shape
    result = np.empty_like(picture)
    for row in range((first[0] - 1) % size + 1 - size, height, size):
        for column in range((first[1] - 1) % size + 1 - size, width, size):
            block = slice(max(row, 0), row + size), slice(max(column, 0), column + size)
            result[block] = rounded(picture[block].astype(float).mean(axis=(0, 1)))
    return result


def bilateral(picture: Picture, reach: int, sigma: float, tone: float) -> Picture:
    given = picture.astype(float)
    padded = np.pad(given, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    total, weight = np.zeros_like(given), np.zeros_like(given)
    height, width, _ = picture.shape
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            other = padded[down : down + height, right : right + width]
            near = np.exp(-((down - reach) ** 2 + (right - reach) ** 2) / (2 * sigma**2))
            share = near * np.exp(-((other - given) ** 2) / (2 * tone**2))
            total += share * other
            weight += share
    return rounded(total / weight)


def unsharp(picture: Picture, sigma: float, amount: float, threshold: float) -> Picture:
    difference = picture - gaussian(picture, sigma)
    return rounded(picture + np.where(np.abs(difference) > threshold, amount * difference, 0))


def local_contrast(picture: Picture, sigma: float, gain: float) -> Picture:
    mean = gaussian(picture, sigma)
    spread = np.sqrt(np.maximum(gaussian(picture.astype(float) ** 2, sigma) - mean**2, 0))
    return rounded(mean + (picture - mean) * gain * 40 / (spread + 20))


def gray(picture: Picture) -> Picture:
    return np.repeat(np.asarray(Image.fromarray(picture).convert("L"))[..., np.newaxis], 3, axis=2)


def saturated(picture: Picture, factor: float) -> Picture:
    return np.asarray(ImageEnhance.Color(Image.fromarray(picture)).enhance(factor))


def blurred_apart(picture: Picture, sigmas: tuple[float, float, float]) -> Picture:
    planes = [
        ndimage.gaussian_filter(picture[..., index].astype(float), sigma, mode="mirror")
        if sigma
        else picture[..., index]
        for index, sigma in enumerate(sigmas)
    ]
    return rounded(np.stack(planes, axis=-1))


def shifted(picture: Picture, right: int, down: int) -> Picture:
    return np.asarray(each_channel(ndimage.shift, picture, (down, right), order=0, mode="nearest")).astype(np.uint8)


def sharpened(picture: NDArray[Any]) -> Picture:
    return rounded(correlated(picture, _SHARPEN))


def boxed(picture: NDArray[Any], side: int) -> Picture:
    return rounded(each_channel(ndimage.uniform_filter, picture, side, mode="mirror"))


def kinds() -> Iterator[Kind]:
    """Yield every kind, with two sets of parameters where it has any."""
    for group in _GROUPS:
        yield from group()


def _plain_kernels() -> Iterator[Kind]:
    yield Kind("identity", lambda x: x, ({"step": "identity"},))
    for name, size, tolerance in (("gaussian", 0.8, 0.02), ("gaussian", 1.5, 0.02), ("gaussian", 4.0, 0.05)):
        yield Kind(f"{name} {size}", lambda x, s=size: rounded(gaussian(x, s)), (named(name, sigma=(size, tolerance)),))
    for side in (3, 5):
        yield Kind(f"box {side}", lambda x, s=side: boxed(x, s), (named("box", size=side),))
    yield Kind("sharpen", sharpened, (named("sharpen"),))
    binomial = np.outer([1, 2, 2, 1], [1, 2, 2, 1]) / 36
    yield Kind("1 2 2 1", lambda x: rounded(correlated(x, binomial)), ({"step": "filter", "text": None},))


def _with_jpeg() -> Iterator[Kind]:
    for quality in (85, 60):
        steps: Steps = (named("sharpen"), {"step": "jpeg", "quality": (quality, 2)})
        yield Kind(f"sharpen, JPEG {quality}", lambda x, q=quality: jpeg(sharpened(x), q), steps)
    steps = (named("gaussian", sigma=(1.2, 0.1)), {"step": "jpeg", "quality": (75, 2)})
    yield Kind("gaussian 1.2, JPEG 75", lambda x: jpeg(rounded(gaussian(x, 1.2)), 75), steps)


def _more_with_jpeg() -> Iterator[Kind]:
    last = {"step": "jpeg", "quality": (75, 2)}
    steps: Steps = ({"step": "curve"}, last)
    yield Kind("gamma 0.7, JPEG 75", lambda x: jpeg(rounded(255 * (x / 255) ** 0.7), 75), steps)
    steps = (named("sharpen"), {"step": "curve"}, last)
    yield Kind("sharpen, S-curve 0.3, JPEG 75", lambda x: jpeg(rounded(s_curve(sharpened(x), 0.3)), 75), steps)
    yield Kind("sepia, JPEG 75", lambda x: jpeg(rounded(x @ _SEPIA.T), 75), (named("sepia"), last))
    yield Kind("box 5, JPEG 75", lambda x: jpeg(boxed(x, 5), 75), (named("box", size=5), last))
    for sigma, quality in ((2.5, 75), (4.0, 85)):
        steps = (named("gaussian", sigma=(sigma, 0.1)), {**last, "quality": (quality, 2)})
        yield Kind(
            f"gaussian {sigma}, JPEG {quality}", lambda x, s=sigma, q=quality: jpeg(rounded(gaussian(x, s)), q), steps
        )
    steps = (named("box", size=15), last)
    yield Kind("box 15, JPEG 75", lambda x: jpeg(boxed(x, 15), 75), steps)
    steps = (named("unsharp", sigma=(4, 0.2), amount=(1, 0.05)), last)
    yield Kind("unsharp 4, JPEG 75", lambda x: jpeg(unsharp(x, 4.0, 1.0, -1), 75), steps)
    for sigma, amount, threshold, quality in ((2.0, 1.0, 6, 85), (1.5, 1.5, 4, 75)):
        mask = named("unsharp", sigma=(sigma, 0.1), amount=(amount, 0.1), threshold=(threshold / 255, 0.5 / 255))
        steps = (mask, {**last, "quality": (quality, 2)})
        yield Kind(
            f"unsharp {sigma}, threshold {threshold}, JPEG {quality}",
            lambda x, s=sigma, a=amount, t=threshold, q=quality: jpeg(unsharp(x, s, a, t), q),
            steps,
        )
    steps = (named("sharpen"), {"step": "region"}, last)
    yield Kind("sharpen, letters 60, JPEG 75", lambda x: jpeg(lettered(sharpened(x), 60), 75), steps)
    steps = ({"step": "noise", "levels": (4.0, 0.4)}, last)
    yield Kind("noise 4, JPEG 75", lambda x: jpeg(noisy(x, 4.0), 75), steps)


def _in_light() -> Iterator[Kind]:
    for sigma in (1.0, 2.0):
        steps: Steps = (named("gaussian", linear=True, sigma=(sigma, 0.05)),)
        yield Kind(f"light, gaussian {sigma}", lambda x, s=sigma: rounded(levels_of(gaussian(light_of(x), s))), steps)
    steps = (named("box", linear=True, size=5),)
    yield Kind("light, box 5", lambda x: rounded(levels_of(boxed_light(x, 5))), steps)


def _with_curves() -> Iterator[Kind]:
    for power in (0.7, 1.6):
        steps: Steps = ({"step": "curve", "name": {f"gamma {power:g}"}},)
        yield Kind(f"gamma {power}", lambda x, p=power: rounded(255 * (x / 255) ** p), steps)
    for strength in (0.3, 0.6):
        curve = {"step": "curve"}
        yield Kind(f"S-curve {strength}", lambda x, s=strength: rounded(s_curve(x, s)), (curve,))
        steps = (named("sharpen"), curve)
        yield Kind(f"sharpen, S-curve {strength}", lambda x, s=strength: rounded(s_curve(sharpened(x), s)), steps)


def _with_tones() -> Iterator[Kind]:
    """Yield curves before kernels, or one for each channel, and mixes of channels with something after them."""
    curve: Step = {"step": "curve"}

    def power(values: NDArray[Any], exponent: float) -> NDArray[Any]:
        return np.asarray(255 * np.clip(values / 255, 0, 1) ** exponent)

    for exponent, sigma in ((0.7, 1.2), (1.8, 1.0)):
        name = {**curve, "name": {f"gamma {exponent:g}"}}
        blur = named("gaussian", sigma=(sigma, 0.02))
        yield Kind(
            f"gamma {exponent}, gaussian {sigma}",
            lambda x, e=exponent, s=sigma: rounded(gaussian(power(x.astype(float), e), s)),
            (name, blur),
        )
        yield Kind(
            f"gaussian {sigma}, gamma {exponent}",
            lambda x, e=exponent, s=sigma: rounded(power(gaussian(x, s), e)),
            (blur, name),
        )
    for strength in (0.4, 0.6):
        yield Kind(
            f"S-curve {strength}, sharpen", lambda x, s=strength: sharpened(s_curve(x, s)), (curve, named("sharpen"))
        )
        yield Kind(
            f"sepia, S-curve {strength}",
            lambda x, s=strength: rounded(s_curve(rounded(x @ _SEPIA.T), s)),
            (named("sepia"), curve),
        )
    yield Kind("gray, gaussian 1.0", lambda x: rounded(gaussian(gray(x), 1.0)), (named("luma"), named("gaussian")))
    yield Kind("sepia, box 3", lambda x: rounded(boxed(rounded(x @ _SEPIA.T), 3)), (named("sepia"), named("box")))
    gains = np.array([1.1, 1.0, 0.8])
    yield Kind("white balance", lambda x: rounded(x * gains), ({**curve, "name": {"red gain 1.1, blue gain 0.8"}},))
    yield Kind("white balance, gaussian 1.0", lambda x: rounded(gaussian(x, 1.0) * gains), ({"step": "filter"},))
    contrast = {**curve, "name": {"contrast 1.3 about level 128"}}
    steps: Steps = (named("unsharp", sigma=(2, 0.1), amount=(1, 0.05)), contrast)
    yield Kind(
        "unsharp 2, contrast 1.3", lambda x: rounded(128 + 1.3 * (unsharp(x, 2, 1, -1).astype(float) - 128)), steps
    )
    steps = (named("gaussian", sigma=(1.4, 0.05)), {**curve, "name": {"gain 1.2"}})
    yield Kind("gaussian 1.4, gain 1.2", lambda x: rounded(1.2 * gaussian(x, 1.4)), steps)
    yield Kind("posterize", lambda x: x & 0xE0, ({**curve, "name": {"posterize to 8 levels"}},))


def _between_channels() -> Iterator[Kind]:
    yield Kind("sepia", lambda x: rounded(x @ _SEPIA.T), (named("sepia"),))
    yield Kind("gray as RGB", gray, (named("luma"),))
    for sigmas in ((1.5, 0.0, 0.0), (0.7, 1.2, 2.0)):
        steps: Steps = ({"step": "filter", "model": "depthwise"},)
        yield Kind(f"blur per channel {sigmas}", lambda x, s=sigmas: blurred_apart(x, s), steps)
    for factor in (0.6, 1.4):
        steps = ({"step": "filter", "model": "full"},)
        yield Kind(f"saturation {factor}", lambda x, f=factor: saturated(x, f), steps)


def _wide_kernels() -> Iterator[Kind]:
    for sigma in (10.0, 20.0):
        steps: Steps = (named("gaussian", sigma=(sigma, 0.05 * sigma)),)
        yield Kind(f"gaussian {sigma}", lambda x, s=sigma: rounded(gaussian(x, s)), steps)
    for side in (33, 75):
        yield Kind(f"box {side}", lambda x, s=side: boxed(x, s), (named("box", size=side),))
    for radius in (12, 30):
        steps = (named("disk", radius=(radius, 0.2)),)
        yield Kind(f"disk {radius}", lambda x, r=radius: rounded(correlated(x, disk(r))), steps)
    steps = (named("unsharp", sigma=(20, 1), amount=(0.5, 0.05)),)
    yield Kind("unsharp 20", lambda x: unsharp(x, 20.0, 0.5, 0), steps)
    for sigma, exponent in ((8.0, 0.7), (14.0, 1.3)):
        blur = named("gaussian", sigma=(sigma, 0.05 * sigma))
        steps = (blur, {"step": "curve", "name": {f"gamma {exponent:g}"}})
        yield Kind(
            f"gaussian {sigma}, gamma {exponent}",
            lambda x, s=sigma, e=exponent: rounded(255 * (gaussian(x, s) / 255) ** e),
            steps,
        )
    steps = (named("box", size=21), {"step": "curve"})
    yield Kind("box 21, S-curve 0.5", lambda x: rounded(s_curve(boxed(x, 21), 0.5)), steps)
    steps = (named("gaussian", linear=True, sigma=(8, 0.4)),)
    yield Kind("light, gaussian 8", lambda x: rounded(levels_of(gaussian(light_of(x), 8))), steps)
    for length in (41, 55):
        steps = (named("motion", length=(length, 1.5), angle=(0, 2)),)
        yield Kind(f"motion {length}", lambda x, n=length: rounded(correlated(x, motion(n))), steps)


def _with_geometry() -> Iterator[Kind]:
    for scale, resampling in ((0.5, "lanczos"), (0.5, "bilinear"), (0.37, "bicubic"), (0.25, "box")):
        steps: Steps = ({"step": "resize", "scale": (scale, 0.005), "text": resampling},)
        yield Kind(f"{resampling} {scale}", lambda x, s=scale, r=resampling: resized(x, s, r), steps)
    for left, top, width, height in ((37, 50, 400, 380), (100, 0, 300, 512)):
        steps = ({"step": "crop", "x": left, "y": top, "width": width, "height": height},)
        box = (slice(top, top + height), slice(left, left + width))
        yield Kind(f"crop {left},{top}", lambda x, b=box: x[b].copy(), steps)
    steps = ({"step": "crop", "x": 37, "y": 50, "width": 400, "height": 380}, named("sharpen"))
    yield Kind("crop of a sharpening", lambda x: sharpened(x)[50:430, 37:437].copy(), steps)
    yield Kind("mirror", lambda x: x[:, ::-1].copy(), ({"step": "mirror", "axis": "horizontal"},))
    yield Kind("upside down", lambda x: x[::-1].copy(), ({"step": "mirror", "axis": "vertical"},))
    for degrees in (90, 180, 270):
        steps = ({"step": "turn", "degrees": degrees},)
        yield Kind(f"turn {degrees}", lambda x, n=degrees // 90: np.rot90(x, n).copy(), steps)
    for angle in (1.5, -3.0):
        steps = ({"step": "rotate", "degrees": (angle, 0.2)},)
        yield Kind(f"rotate {angle}", lambda x, a=angle: turned(x, a), steps)
    for right, down in ((5, -3), (40, 25)):
        step = {"step": "shift", "dx": right, "dy": down}
        yield Kind(f"shift {right},{down}", lambda x, r=right, d=down: shifted(x, r, d), (step,))
        steps = (step, named("box", size=3))
        yield Kind(f"box, shift {right},{down}", lambda x, r=right, d=down: shifted(boxed(x, 3), r, d), steps)


def _with_geometry_and_more() -> Iterator[Kind]:
    def part(picture: Picture, left: int, top: int, width: int, height: int) -> Picture:
        return np.ascontiguousarray(picture[top : top + height, left : left + width])

    for left, top, side, scale in ((41, 60, 400, 0.5), (128, 100, 256, 2.0)):
        steps: Steps = (
            {"step": "crop", "x": left, "y": top, "width": side, "height": side},
            {"step": "resize", "scale": (scale, 1e-4), "text": "bicubic"},
        )
        cut = (left, top, side, side)
        yield Kind(f"crop {side}, resize {scale}", lambda x, c=cut, s=scale: resized(part(x, *c), s, "bicubic"), steps)
    for left, top, scale in ((51, 30, 0.6), (13, 20, 1.1)):
        steps = (
            {"step": "resize", "scale": (scale, 1e-3), "text": "lanczos"},
            {"step": "crop", "x": left, "y": top, "width": 201, "height": 180},
        )
        cut = (left, top, 201, 180)
        yield Kind(f"resize {scale}, crop", lambda x, c=cut, s=scale: part(resized(x, s, "lanczos"), *c), steps)
    for scale in (0.4, 0.8):
        steps = ({"step": "resize", "scale": (scale, 0.002)}, named("sharpen"))
        yield Kind(f"resize {scale}, sharpen", lambda x, s=scale: sharpened(resized(x, s, "bilinear")), steps)
        steps = ({"step": "resize", "scale": (scale, 0.002)}, {"step": "noise", "levels": (4, 0.4)})
        yield Kind(f"resize {scale}, noise", lambda x, s=scale: noisy(resized(x, s, "lanczos"), 4), steps)
    for angle in (2.0, -1.3):
        steps = ({"step": "rotate", "degrees": (angle, 0.03), "scale": (1, 0.001)}, named("sharpen"))
        yield Kind(f"rotate {angle}, sharpen", lambda x, a=angle: sharpened(turned(x, a)), steps)
    for angle, sigma in ((0.3, 1.5), (0.45, 2.0)):
        steps = ({"step": "rotate", "degrees": (angle, 0.06)}, named("gaussian", sigma=(sigma, 0.1)))
        yield Kind(
            f"rotate {angle}, gaussian {sigma}", lambda x, a=angle, s=sigma: rounded(gaussian(turned(x, a), s)), steps
        )
    steps = ({"step": "mirror", "axis": "horizontal"}, {"step": "resize", "scale": (0.37, 0.002), "text": "bicubic"})
    yield Kind("mirror, resize 0.37", lambda x: resized(x[:, ::-1], 0.37, "bicubic"), steps)
    steps = ({"step": "mirror", "axis": "horizontal"}, named("gaussian", sigma=(1.2, 0.02)))
    yield Kind("mirror, gaussian 1.2", lambda x: rounded(gaussian(x[:, ::-1], 1.2)), steps)
    steps = ({"step": "turn", "degrees": 90}, named("sharpen"))
    yield Kind("turn 90, sharpen", lambda x: sharpened(np.rot90(x)), steps)


def _two_filters() -> Iterator[Kind]:
    for sides in ((3, 5), (3, 3), (7, 3)):
        boxes = tuple(named("box", size=side) for side in sides)
        yield Kind(f"boxes {sides}", lambda x, s=sides: boxed(boxed(x, s[0]), s[1]), boxes)
    for sigma in (1.0, 1.5):
        blur = named("gaussian", sigma=(sigma, 0.1))
        steps: Steps = (blur, named("sharpen"))
        yield Kind(f"gaussian {sigma}, sharpen", lambda x, s=sigma: sharpened(rounded(gaussian(x, s))), steps)
        yield Kind(f"sharpen, gaussian {sigma}", lambda x, s=sigma: rounded(gaussian(sharpened(x), s)), steps[::-1])
        steps = (blur, named("box", size=5))
        yield Kind(f"gaussian {sigma}, box 5", lambda x, s=sigma: boxed(rounded(gaussian(x, s)), 5), steps)
    steps = (named("unsharp", sigma=(1.2, 0.1), amount=(2, 0.1)), named("box", size=3))
    yield Kind("unsharp 1.2, box 3", lambda x: boxed(unsharp(x, 1.2, 2, -1), 3), steps)


def _with_noise() -> Iterator[Kind]:
    for sigma, levels in ((1.5, 4.0), (1.0, 2.0)):
        steps: Steps = (named("gaussian", sigma=(sigma, 0.1)), {"step": "noise", "levels": (levels, 0.1 * levels)})
        yield Kind(f"gaussian {sigma}, noise {levels}", lambda x, s=sigma, n=levels: noisy(gaussian(x, s), n), steps)
    steps = (named("sharpen"), {"step": "noise", "levels": (4.0, 0.4)})
    yield Kind("sharpen, noise 4", lambda x: noisy(sharpened(x), 4.0), steps)


def _with_regions() -> Iterator[Kind]:
    for size in (36, 60):
        steps: Steps = (named("sharpen"), {"step": "region"})
        yield Kind(f"sharpen, letters {size}", lambda x, s=size: lettered(sharpened(x), s), steps)
    for box in ((160, 120, 140, 100), (300, 280, 90, 160)):
        steps = ({"step": "region", **{key: (value, 12) for key, value in zip(_BOX, box, strict=True)}},)
        yield Kind(f"blurred at {box}", lambda x, b=box: in_region(x, lambda y: gaussian(y, 3), b), steps)


def _no_kernels() -> Iterator[Kind]:
    for size in (3, 5):
        yield Kind(
            f"median {size}", lambda x, s=size: ndimage.median_filter(x, (s, s, 1)), (named("median", size=size),)
        )
        yield Kind(
            f"maximum {size}", lambda x, s=size: ndimage.maximum_filter(x, (s, s, 1)), (named("max", size=size),)
        )
    for size in (8, 12):
        steps: Steps = ({"step": "pixelate", "size": size},)
        yield Kind(f"pixelate {size}", lambda x, s=size: pixelated(x, s), steps)
    for size, first in ((12, (5, 7)), (30, (0, 11))):
        steps = ({"step": "pixelate", "size": size},)
        yield Kind(f"pixelate {size} from {first}", lambda x, s=size, f=first: pixelated(x, s, f), steps)
    steps = ({"step": "pixelate", "size": 12}, {"step": "jpeg", "quality": (75, 2)})
    yield Kind("pixelate 12, JPEG 75", lambda x: jpeg(pixelated(x, 12), 75), steps)
    box = (150, 120, 140, 110)
    steps = ({"step": "pixelate", "size": 12}, {"step": "region", "x": (box[0], 12), "y": (box[1], 12)})
    yield Kind("pixelate 12, blurred at", lambda x: in_region(pixelated(x, 12), lambda y: gaussian(y, 4), box), steps)
    yield Kind("median 11", lambda x: ndimage.median_filter(x, (11, 11, 1)), (named("median", size=11),))
    yield Kind("minimum 3×7", lambda x: ndimage.minimum_filter(x, (3, 7, 1)), ({"step": "filter", "text": "min:3x7"},))
    steps = (named("min"), named("max"))
    yield Kind("opening 5", lambda x: ndimage.grey_opening(x, (5, 5, 1)), steps)
    steps = (named("median"), {"step": "noise", "levels": (3, 0.3)})
    yield Kind("median 5, noise 3", lambda x: noisy(ndimage.median_filter(x, (5, 5, 1)), 3), steps)
    for threshold in (4, 10):
        steps = ({"step": "filter", "text": Named("unsharp", {})},)
        yield Kind(f"unsharp, threshold {threshold}", lambda x, t=threshold: unsharp(x, 2.0, 1.0, t), steps)
    for tone in (20.0, 40.0):
        yield Kind(f"bilateral {tone}", lambda x, t=tone: bilateral(x, 4, 2.0, t), ({"step": "nonlinear"},))
    yield Kind("local contrast", lambda x: local_contrast(x, 12, 1.2), ({"step": "nonlinear"},))
    yield Kind("unrelated", other_than, ({"step": "unrelated"},))


_BOX = ("x", "y", "width", "height")


def other_than(picture: Picture) -> Picture:
    """Return the other photograph."""
    return next(each for each in photographs().values() if (each != picture).any())


def boxed_light(picture: Picture, side: int) -> NDArray[Any]:
    return each_channel(ndimage.uniform_filter, light_of(picture), side, mode="mirror")


@dataclass(frozen=True)
class Named:
    """A filter by its name, and its parameters: a number, or (number, tolerance)."""

    name: str
    parameters: dict[str, Any]


def named(name: str, *, linear: bool = False, **parameters: Any) -> Step:
    return {"step": "filter", "text": Named(name, parameters), "linear": linear}


_GROUPS = (
    _plain_kernels,
    _with_jpeg,
    _more_with_jpeg,
    _in_light,
    _with_curves,
    _with_tones,
    _between_channels,
    _wide_kernels,
    _with_geometry,
    _with_geometry_and_more,
    _two_filters,
    _with_noise,
    _with_regions,
    _no_kernels,
)
