"""Commands and matrices for other programs, run where they are installed, against the engine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import convcli
from convcli.errors import UsageError
from convcli.exchange import TARGETS
from convcli.filters import Kernel, Pipeline
from tests.exchange.drawn import picture, pipeline_of
from tests.support.pictures import harbour_cut, save

PROGRAMS = {
    "imagemagick": "convert",
    "graphicsmagick": "gm",
    "vips": "vips",
    "gdal": "gdal_translate",
    "gmic": "gmic",
    "ffmpeg": "ffmpeg",
}
BORDERS = {  # those that a program has
    "imagemagick": ("edge", "symmetric", "wrap", "constant"),
    "graphicsmagick": ("edge", "symmetric", "wrap"),
    "vips": ("edge", "symmetric", "wrap", "constant"),
    "gdal": ("edge",),
    "gmic": ("edge", "symmetric", "wrap", "constant"),
    "ffmpeg": ("edge", "symmetric", "wrap", "constant", "reflect"),
}
# An odd and an even kernel, neither square nor symmetric, and one whose pixel is a corner.
KERNELS = {
    "odd": Kernel(np.array([[1, 2, 0], [0, -1, 1], [2, 1, 1]]), 7),
    "even": Kernel(np.array([[1, 2, 3, 4], [0, 1, 0, 1]]), 24),
    "corner": Kernel(np.array([[1, 2, 3], [3, 2, 1]]), 12, anchor=(1, 0)),
    "dim": Kernel(np.array([[0.1, 0.25, 0.1]])),
    "bright": Kernel(np.array([[0, 1, 0], [1, 1.5, 0]])),
}


def needs(target: str) -> None:
    """Skip a test where the program is missing."""
    if not (shutil.which("sh") and shutil.which(PROGRAMS[target])):
        pytest.skip(f"{PROGRAMS[target]} is not installed")


def run(target: str, pipeline: Pipeline, image: Any, folder: Path) -> Any:
    """Return the picture that the command makes of another."""
    needs(target)
    save(folder / ("input.tif" if target == "gdal" else "input.png"), image)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "VIPS_CONCURRENCY": "1"}
    script = str(TARGETS[target].export(pipeline).content)
    done = subprocess.run(
        ["sh", "-ec", script], cwd=folder, env=environment, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    with Image.open(
        folder / ("output.tif" if target == "gdal" else "output.png")
    ) as made:  # few colors become a palette, and gray may become colors
        return np.asarray(made.convert("RGB" if image.ndim == 3 else "L"))


def near(found: Any, expected: Any, share: float = 0.05, levels: int = 1) -> None:
    """Hold a picture against ours: one level apart where the result lies half-way between two."""
    assert found.shape == expected.shape
    difference = np.abs(found.astype(int) - expected.astype(int))
    assert difference.max() <= levels
    assert (difference > 0).mean() <= share


@pytest.mark.parametrize(("target", "border"), [(name, each) for name, borders in BORDERS.items() for each in borders])
@pytest.mark.parametrize("name", KERNELS)
def test_a_command_gives_our_pixels(target: str, border: str, name: str, tmp_path: Path) -> None:
    pipeline, image = pipeline_of(KERNELS[name], border), picture(3)
    near(run(target, pipeline, image, tmp_path), convcli.apply(pipeline, image))


@pytest.mark.parametrize("target", PROGRAMS)
@pytest.mark.parametrize(
    "text", ["gaussian:1", "gaussian:1 | sharpen", "box:5 | motion:7,20", "invert | box", "binomial:5 | threshold:0.5"]
)
def test_filters_of_several_steps(target: str, text: str, tmp_path: Path) -> None:
    pipeline = convcli.load_filter(text).with_settings(border="edge")
    layer = next((each for each in ("threshold", "invert") if each in text), "")
    if f"{target} {layer}" in ("vips threshold", "gdal threshold", "ffmpeg threshold"):
        with pytest.raises(UsageError, match=" has "):
            TARGETS[target].export(pipeline)
        return
    image = picture(3)
    found = run(target, pipeline, image, tmp_path)
    expected = convcli.apply(pipeline, image)
    if "threshold" in text:
        assert (found != expected).mean() < 0.01
    elif target == "ffmpeg" and "|" in text:
        near(found, expected, share=1, levels=4)  # of the rounding between the steps, which is told
    else:
        near(found, expected)


@pytest.mark.parametrize("target", ["imagemagick", "vips"])
@pytest.mark.parametrize("text", ["sepia", "swap-rb", "luma | box"])
def test_mixes_of_colors(target: str, text: str, tmp_path: Path) -> None:
    pipeline, image = convcli.load_filter(text).with_settings(border="edge"), picture(3)
    expected = np.broadcast_to(np.atleast_3d(convcli.apply(pipeline, image)), image.shape)
    near(run(target, pipeline, image, tmp_path), expected)


@pytest.mark.parametrize("target", PROGRAMS)
def test_a_learned_kernel_on_a_photograph(target: str, tmp_path: Path) -> None:
    kernel = unsharp_as_learned()
    pipeline, image = pipeline_of(kernel, "edge"), harbour_cut(height=150, width=200)
    near(run(target, pipeline, image, tmp_path), convcli.apply(pipeline, image))


def unsharp_as_learned() -> Kernel:
    """Return a large kernel whose weights have errors, with a bias that is one, too."""
    exact = convcli.load_filter("unsharp:1.5,amount=0.8").conv
    assert exact is not None
    plane = exact.kernel.weights[1:-1, 1:-1]
    errors = np.random.default_rng(0).normal(0, 3e-5, plane.shape)
    return Kernel(np.round(plane + errors, 10), bias=3.1e-7)


@pytest.mark.parametrize("target", ["imagemagick", "vips", "gmic", "ffmpeg", "gdal"])
def test_a_bias_of_mid_gray(target: str, tmp_path: Path) -> None:
    # At one pixel from the rim symmetric and edge are the same.
    border = "edge" if target == "gdal" else "symmetric"
    pipeline = convcli.load_filter("emboss-gray").with_settings(border=border, divisor=4)
    near(run(target, pipeline, picture(0), tmp_path), convcli.apply(pipeline, picture(0)))


def test_a_bias_where_nothing_is_negative(tmp_path: Path) -> None:
    pipeline = convcli.load_filter("box").with_settings(border="edge", divisor=18, bias=0.25)
    near(run("graphicsmagick", pipeline, picture(0), tmp_path), convcli.apply(pipeline, picture(0)))
    with pytest.raises(UsageError, match="GraphicsMagick has no bias"):
        TARGETS["graphicsmagick"].export(convcli.load_filter("emboss-gray"))


@pytest.mark.parametrize("text", ["median:3", "min:3", "max:5"])
def test_a_rank_is_refused_with_the_libraries_that_have_it(text: str) -> None:
    with pytest.raises(UsageError, match="ImageMagick has no ") as raised:
        TARGETS["imagemagick"].export(convcli.load_filter(text))
    assert raised.value.hint == "export it --to opencv or scipy"
    for library in ("opencv", "scipy"):
        TARGETS[library].export(convcli.load_filter(text))


@pytest.mark.parametrize("target", ["imagemagick", "vips", "gmic", "ffmpeg"])
@pytest.mark.parametrize("border", ["constant:1", "constant:0.5", "constant:0.2"])
def test_a_constant_border_of_any_level(target: str, border: str, tmp_path: Path) -> None:
    pipeline, image = pipeline_of(KERNELS["even"], border), picture(0)
    near(run(target, pipeline, image, tmp_path), convcli.apply(pipeline, image), share=0.2)
