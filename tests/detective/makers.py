"""Pairs as other programs make them: Pillow, OpenCV, ImageMagick and libvips, and the steps that explain each."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from tests.detective.kinds import Kind, Picture, Step, named
from tests.peers.programs import version

_CURVE: Step = {"step": "curve"}
_RESAMPLED: Step = {"step": "resize", "scale": (0.5, 0.005)}


def kinds_of_others() -> Iterator[Kind]:
    """Yield the kinds of every program that is there."""
    yield from _by_pillow()
    if find_spec("cv2"):
        yield from _by_opencv()
    if version("ImageMagick"):
        yield from _by_imagemagick()
    if find_spec("pyvips"):
        yield from _by_libvips()


def _by_pillow() -> Iterator[Kind]:
    def made(name: str, change: Callable[[Image.Image], Image.Image], *steps: Step) -> Kind:
        return Kind(f"Pillow {name}", lambda x: np.asarray(change(Image.fromarray(x))), steps)

    yield made("box blur 2", lambda im: im.filter(ImageFilter.BoxBlur(2)), named("box", size=5))
    yield made("SHARPEN", lambda im: im.filter(ImageFilter.SHARPEN), {"step": "filter"})
    yield made("median 5", lambda im: im.filter(ImageFilter.MedianFilter(5)), named("median", size=5))
    yield made("minimum 3", lambda im: im.filter(ImageFilter.MinFilter(3)), named("min", size=3))
    yield made("contrast 1.4", lambda im: ImageEnhance.Contrast(im).enhance(1.4), {"step": "curve"})
    yield made("brightness 0.8", lambda im: ImageEnhance.Brightness(im).enhance(0.8), {"step": "curve"})
    yield made("color 0.3", lambda im: ImageEnhance.Color(im).enhance(0.3), {"step": "filter", "model": "full"})
    yield made("sharpness 2", lambda im: ImageEnhance.Sharpness(im).enhance(2), {"step": "filter"})
    yield made("negative", ImageOps.invert, {"step": "curve", "name": {"negative"}})
    yield made("gray", lambda im: im.convert("L").convert("RGB"), named("luma"))
    yield made("half by bicubic", lambda im: im.resize((256, 256), Image.Resampling.BICUBIC), _text("bicubic"))
    yield made("thumbnail", lambda im: im.resize((200, 200), Image.Resampling.LANCZOS), {"step": "resize"})
    yield made("turned", lambda im: im.rotate(2.5, Image.Resampling.BICUBIC), {"step": "rotate", "degrees": (2.5, 0.2)})
    yield made("mirrored", ImageOps.mirror, {"step": "mirror", "axis": "horizontal"})
    yield made("JPEG 80", lambda im: _as_jpeg(im, quality=80), {"step": "jpeg", "quality": (80, 2)})


def _as_jpeg(image: Image.Image, **options: Any) -> Image.Image:
    data = io.BytesIO()
    image.save(data, "JPEG", **options)
    return Image.open(data)


def _text(text: str) -> Step:
    return _RESAMPLED | {"text": text}


def _by_opencv() -> Iterator[Kind]:
    import cv2

    def made(name: str, change: Callable[[Picture], Any], *steps: Step) -> Kind:
        return Kind(f"OpenCV {name}", lambda x: np.ascontiguousarray(change(x)), steps)

    yield made("Gaussian 1.7", lambda x: cv2.GaussianBlur(x, (0, 0), 1.7), named("gaussian", sigma=(1.7, 0.05)))
    yield made("Gaussian 6", lambda x: cv2.GaussianBlur(x, (0, 0), 6), named("gaussian", sigma=(6, 0.2)))
    yield made("box 7", lambda x: cv2.blur(x, (7, 7)), named("box", size=7))
    yield made("box 45", lambda x: cv2.blur(x, (45, 45)), named("box", size=45))
    yield made("median 3", lambda x: cv2.medianBlur(x, 3), named("median", size=3))
    yield made("median 7", lambda x: cv2.medianBlur(x, 7), named("median", size=7))
    yield made("bilateral", lambda x: cv2.bilateralFilter(x, 9, 40, 3), {"step": "nonlinear", "text": _BILATERAL})
    yield made("dilation 5", lambda x: cv2.dilate(x, np.ones((5, 5), np.uint8)), named("max", size=5))
    yield made("gain and offset", lambda x: cv2.convertScaleAbs(x, alpha=0.8, beta=20), {"step": "curve"})
    yield made("half by area", lambda x: cv2.resize(x, (256, 256), interpolation=cv2.INTER_AREA), _text("box"))
    for name, scale in _RESIZED:
        step = {"step": "resize", "scale": (scale, 0.003), "text": f"OpenCV {name.lower()}"}
        yield made(f"{name} {scale}", partial(_by_factor, cv2, name, scale), step)
    yield made("CUBIC to 200×300", lambda x: cv2.resize(x, (200, 300), interpolation=2), _CUBIC)
    yield made("sharpened", lambda x: cv2.addWeighted(x, 1.8, cv2.GaussianBlur(x, (0, 0), 2), -0.8, 0), _UNSHARP)
    yield made(
        "JPEG 70", lambda x: cv2.imdecode(cv2.imencode(".jpg", x, [1, 70])[1], 1), {"step": "jpeg", "quality": (70, 2)}
    )
    yield made("equalized locally", lambda x: _equalized(cv2, x), {"step": "nonlinear"})


_RESIZED = (("LINEAR", 0.62), ("CUBIC", 0.37), ("AREA", 0.8), ("AREA", 1.3), ("LANCZOS4", 1.3), ("NEAREST", 0.62))
_CUBIC: Step = {"step": "resize", "text": "OpenCV cubic"}
_UNSHARP = named("unsharp", sigma=(2, 0.1), amount=(0.8, 0.05))
_BILATERAL: set[str] = {"a bilateral filter"}


def _by_factor(cv2: Any, name: str, factor: float, picture: Picture) -> Any:
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=getattr(cv2, f"INTER_{name}"))


def _equalized(cv2: Any, picture: Picture) -> Any:
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(3, (8, 8)).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


def _by_imagemagick() -> Iterator[Kind]:
    def made(options: str, *steps: Step) -> Kind:
        return Kind(f"ImageMagick {options}", lambda x: _converted(x, options.split()), steps)

    yield made("-blur 0x2", named("gaussian", sigma=(2, 0.1)))
    yield made("-blur 0x12", named("gaussian", sigma=(12, 0.6)))
    yield made("-unsharp 0x1.5+0.8+0", named("unsharp", sigma=(1.5, 0.1), amount=(0.8, 0.05)))
    yield made("-gamma 1.4", {"step": "curve", "name": {"gamma 0.714"}})
    yield made("-negate", {"step": "curve", "name": {"negative"}})
    yield made("-level 10%,90%", _CURVE)
    yield made("-sigmoidal-contrast 4x50%", _CURVE)
    yield made("-colorspace Gray -colorspace sRGB -type TrueColor", named("luma"))
    yield made("-modulate 100,60", {"step": "filter", "model": "full"})
    yield made("-filter Lanczos -resize 50%", _text("lanczos"))
    for name, percent in (("Mitchell", 70), ("Hermite", 37), ("Mitchell", 140), ("Catrom", 50)):
        text = {"Catrom": "bicubic"}.get(name, name.lower())
        step = {"step": "resize", "scale": (percent / 100, 0.003), "text": text}
        yield made(f"-filter {name} -resize {percent}%", step)
    yield made("-scale 25%", {"step": "resize", "scale": (0.25, 0.005), "text": "box"})
    yield made("-rotate 90", {"step": "turn", "degrees": 270})
    yield made("-flip", {"step": "mirror", "axis": "vertical"})
    yield made("-crop 300x280+40+60 +repage", {"step": "crop", "x": 40, "y": 60, "width": 300, "height": 280})
    yield made("-statistic Median 5x5", named("median", size=5))
    # Its blur begins at the pixel, and ends to one side of it.
    yield made("-motion-blur 0x4+45", {"step": "filter", "text": None})
    yield made("-blur 0x1 -gamma 1.3", named("gaussian", sigma=(1, 0.1)), _CURVE)
    yield made("-scale 12.5% -scale 800%", {"step": "pixelate", "size": 8})


def _converted(picture: Picture, options: list[str]) -> Picture:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    run = subprocess.run(
        ["convert", "png:-", *options, "png24:-"], input=data.getvalue(), capture_output=True, check=True
    )
    return np.asarray(Image.open(io.BytesIO(run.stdout)).convert("RGB"))


def _by_libvips() -> Iterator[Kind]:
    def made(name: str, change: Callable[[Any], Any], *steps: Step) -> Kind:
        return Kind(f"libvips {name}", partial(_by_vips, change), steps)

    # Its Gaussian of whole numbers is cut where it falls below a fifth of its middle.
    yield made("gaussblur 1.5", lambda x: x.gaussblur(1.5), named("gaussian", sigma=(1.5, 0.05)))
    yield made("gaussblur 4", lambda x: x.gaussblur(4, precision="float").rint(), named("gaussian", sigma=(4, 0.1)))
    for factor, kernel, text in _VIPS_RESIZED:
        step: Step = {"step": "resize", "scale": (factor, 0.003), "text": f"libvips {text}"}
        yield made(f"resize {factor} {kernel}", partial(_vips_resized, factor, kernel), step)
    yield made("shrink 2", lambda x: x.shrink(2, 2), _text("box"))
    yield made("median 5", lambda x: x.median(5), named("median", size=5))
    yield made("gamma 1.5", lambda x: x.gamma(exponent=1.5), {"step": "curve", "name": {"gamma 0.667"}})
    yield made("similarity 3", lambda x: x.similarity(angle=3).crop(20, 20, 480, 480), _TURNED)
    yield made(
        "gaussblur 2, JPEG 80",
        lambda x: (
            x.gaussblur(2, precision="float").rint().cast("uchar").copy(interpretation="srgb").jpegsave_buffer(Q=80)
        ),
        named("gaussian", sigma=(2, 0.1)),
        {"step": "jpeg", "quality": (80, 2)},
    )


_VIPS_RESIZED = (
    (0.37, "lanczos3", "lanczos"),
    (0.43, "cubic", "cubic"),
    (0.7, "mitchell", "mitchell"),
    (0.61, "linear", "linear"),
    (1.5, "lanczos3", "cubic"),
    (1.3, "linear", "linear"),
)
_TURNED: Step = {"step": "rotate", "degrees": (-3, 0.1)}


def _vips_resized(factor: float, kernel: str, picture: Any) -> Any:
    return picture.resize(factor, kernel=kernel)


def _by_vips(change: Callable[[Any], Any], picture: Picture) -> Picture:
    import pyvips

    height, width, channels = picture.shape
    made = change(pyvips.Image.new_from_memory(picture.tobytes(), width, height, channels, "uchar"))
    made = pyvips.Image.new_from_buffer(made, "") if isinstance(made, bytes) else made.cast("uchar")
    return np.frombuffer(made.write_to_memory(), np.uint8).reshape(made.height, made.width, channels)
