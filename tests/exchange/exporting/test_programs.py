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


def with_ranks(text: str, border: str) -> Pipeline:
    return convcli.load_filter(text).with_settings(border=border)


@pytest.mark.parametrize(
    ("target", "border"), [(name, each) for name, borders in BORDERS.items() if name != "gdal" for each in borders]
)
def test_a_median_gives_our_pixels(target: str, border: str, tmp_path: Path) -> None:
    # A row alone is as high as the window: the border is seen at every pixel.
    pipeline, image = with_ranks("median:5", border), picture(3, height=6)
    assert np.array_equal(run(target, pipeline, image, tmp_path), convcli.apply(pipeline, image))


@pytest.mark.parametrize("target", ["imagemagick", "vips", "gmic", "ffmpeg"])
@pytest.mark.parametrize("text", ["min:3x5", "max:5x3", "median:3 | max:3", "min:3 | gaussian:1 | median:3"])
def test_ranks_of_any_window_and_between_other_steps(target: str, text: str, tmp_path: Path) -> None:
    pipeline, image = with_ranks(text, "edge"), picture(3)
    near(run(target, pipeline, image, tmp_path), convcli.apply(pipeline, image), share=0.05)


@pytest.mark.parametrize("target", ["imagemagick", "vips"])
@pytest.mark.parametrize("text", ["median:4", "median:2x5", "min:1x4", "max:4x3"])
@pytest.mark.parametrize("border", ["symmetric", "constant:0.5"])
def test_ranks_of_even_windows(target: str, text: str, border: str, tmp_path: Path) -> None:
    pipeline, image = with_ranks(text, border), picture(0)
    assert np.array_equal(run(target, pipeline, image, tmp_path), convcli.apply(pipeline, image))


@pytest.mark.parametrize(
    ("target", "text", "why"),
    [
        ("graphicsmagick", "min:3", "GraphicsMagick has no min"),
        ("graphicsmagick", "median:4", "GraphicsMagick has windows of odd sides alone, and median has one of 4×4"),
        ("graphicsmagick", "median:3x5", "GraphicsMagick has medians of squares alone"),
        ("gmic", "max:2x3", "G'MIC has windows of odd sides alone, and max has one of 2×3"),
        ("gmic", "median:3x5", "G'MIC has medians of squares alone"),
        ("ffmpeg", "median:1x3", "ffmpeg has windows of 3 to 255 pixels a side, and median has one of 1×3"),
        ("gdal", "median:3", "GDAL has no median"),
        ("svg", "min:3", "SVG has no min"),
    ],
)
def test_a_rank_is_refused_with_programs_that_have_it(target: str, text: str, why: str) -> None:
    pipeline = convcli.load_filter(text)
    with pytest.raises(UsageError, match=f"^{why}\n") as raised:
        TARGETS[target].export(pipeline)
    hint = raised.value.hint
    named = [name for name in ("imagemagick", "opencv", "scipy") if name in hint]
    assert named
    for name in named:
        if name != "opencv" or text in ("min:3", "median:3"):
            TARGETS[name].export(pipeline)


@pytest.mark.parametrize("target", ["imagemagick", "vips", "gmic", "ffmpeg"])
@pytest.mark.parametrize("border", ["constant:1", "constant:0.5", "constant:0.2"])
def test_a_constant_border_of_any_level(target: str, border: str, tmp_path: Path) -> None:
    pipeline, image = pipeline_of(KERNELS["even"], border), picture(0)
    near(run(target, pipeline, image, tmp_path), convcli.apply(pipeline, image), share=0.2)
