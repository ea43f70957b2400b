from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from convcli.errors import ShapeError, UsageError, WriteError
from convcli.filters import AvgPool, Conv, Linear, Pipeline
from convcli.filters.kernel import Kernel
from convcli.image import Picture, format_named
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.treatment import Given, Treatment, decide, treat
from convcli.jobs.one.work import Job

PLANE = Pipeline((Conv(Kernel(np.ones((3, 3)))),))
MIXES_THREE = Pipeline((Conv(Kernel(np.ones((1, 3, 1, 1)))),))
HALVES = Pipeline((AvgPool((2, 2)),))
RGB = Given((6, 8), 3, np.dtype(np.uint8))
RGBA = RGB._replace(has_alpha=True)
GRAY = RGB._replace(colors=1)
DEEP = RGB._replace(dtype=np.dtype(np.uint16))
ARRAY = Given((6, 8), 3, np.dtype(np.float64), is_array=True)


def decided(given: Given, form: str | None = "png", pipeline: Pipeline = PLANE, **options: Any) -> Treatment:
    return decide(given, Recipe(pipeline, **options), format_named(form) if form else None, name="in.png")


@pytest.mark.parametrize(
    ("given", "form", "options", "dtype", "white", "scale", "is_direct"),
    [
        (RGB, "png", {}, np.uint8, 255, 1, True),
        (RGB, "png", {"depth": 16}, np.uint16, 65535, 257, False),
        (RGB, "tiff", {"depth": "float"}, np.float32, 1, 1 / 255, False),
        (RGB, "png", {"range": "abs"}, np.uint8, 255, 1, False),
        (RGB, "png", {"linear": True}, np.uint8, 255, 1, False),
        (RGB, "npy", {"range": "abs"}, np.float32, 255, 1, False),
        (RGB, "png", {"artist": print}, np.float32, 255, 1, True),
        (DEEP, "npy", {}, np.float64, 65535, 1, True),
        (DEEP, "png", {"depth": 8}, np.uint8, 255, 1 / 257, False),
        (ARRAY, "npy", {}, np.float64, 1, 1, True),
        (ARRAY, "png", {}, np.uint8, 255, 1, False),
        (ARRAY, "tiff", {"depth": "float"}, np.float64, 1, 1, True),
        (ARRAY, None, {}, np.float64, 1, 1, True),
        (RGB, None, {}, np.uint8, 255, 1, True),
    ],
)
def test_the_values_of_the_output(
    given: Given, form: str | None, options: dict[str, Any], dtype: Any, white: float, scale: float, is_direct: bool
) -> None:
    treatment = decided(given, form, **options)
    assert treatment.dtype == dtype
    assert treatment.white == white
    assert treatment.scale == pytest.approx(scale)
    assert treatment.is_direct == is_direct


@pytest.mark.parametrize(
    ("given", "channels", "expected"),
    [(RGB, "all", None), (RGB, "luma", "luma"), (GRAY, "luma", None), (RGB, "bgr", None), (RGB, "br", (0, 2))],
)
def test_the_channels_that_are_filtered(given: Given, channels: str, expected: Any) -> None:
    assert decided(given, channels=channels).channels == expected
    assert decided(given, channels=channels).shape == (given.colors, 6, 8)


def test_alpha_is_in_the_output_unless_it_is_dropped_or_missing() -> None:
    assert decided(RGBA).keeps_alpha
    assert decided(RGBA, alpha="filter").keeps_alpha
    assert not decided(RGBA, alpha="drop").keeps_alpha
    assert not decided(RGB).keeps_alpha
    assert decided(RGB).alpha is None


def test_gray_becomes_rgb_for_a_filter_of_three_colors_alone() -> None:
    treatment = decided(GRAY, pipeline=MIXES_THREE)
    assert (treatment.colors, treatment.shape) == (3, (1, 6, 8))
    frame = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)  # gray and alpha
    assert treatment.widened(frame).tolist() == [[[v, v, v, v + 1] for v in row] for row in ([0, 2], [4, 6])]
    gray = treatment.widened(np.ones((6, 8, 1)))
    assert gray.shape == (6, 8, 3)
    assert decided(GRAY).widened(gray[:, :, :1]).shape == (6, 8, 1)
    assert decided(RGB, pipeline=MIXES_THREE).widened(gray).shape == (6, 8, 3)
    with pytest.raises(ShapeError, match="takes 3 input channels"):
        decided(ARRAY._replace(colors=1), "npy", MIXES_THREE)


def test_other_channels_move_where_the_filter_moves_pixels() -> None:
    assert decided(RGB, channels="luma").moves is None
    assert decided(RGB, pipeline=HALVES).moves is None, "all channels are filtered"
    moves = decided(RGB, pipeline=HALVES, channels="r").moves
    assert moves is not None
    assert moves.output_shape((2, 6, 8)) == (2, 3, 4)


@pytest.mark.parametrize(
    ("given", "pipeline", "options", "message"),
    [
        (ARRAY, PLANE, {"linear": True}, "in.png holds numbers, and --linear"),
        (ARRAY, PLANE, {"channels": "luma"}, "in.png holds numbers, and --channels"),
        (RGB, PLANE, {"channels": "a"}, "in.png has no alpha channel"),
        (GRAY, PLANE, {"channels": "gr"}, "in.png is gray and has no green channel"),
        (RGB, Pipeline((Linear(1),)), {"channels": "luma"}, "a linear layer"),
    ],
)
def test_options_that_are_about_other_values(
    given: Given, pipeline: Pipeline, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        decided(given, pipeline=pipeline, **options)


def test_a_filter_that_mixes_channels_filters_no_part_of_them() -> None:
    with pytest.raises(ShapeError, match="filters brightness alone"):
        decided(RGB, pipeline=MIXES_THREE, channels="luma")
    with pytest.raises(ShapeError, match="filters some channels alone"):
        decided(RGB, pipeline=MIXES_THREE, channels="rg")


def test_every_page_is_decided_before_any_is_filtered() -> None:
    gray, rgb = np.zeros((6, 8, 1), np.uint8), np.zeros((2, 3, 3), np.uint8)
    document = Picture((gray,), pages=(Picture((rgb,)),))
    recipe, job = Recipe(PLANE), Job(None, None)
    pages = treat(document, recipe, format_named("tiff"), job, decided(RGB).settings)
    assert [page.shape for page in pages] == [(1, 6, 8), (3, 2, 3)]
    with pytest.raises(WriteError, match="holds no pages"):
        treat(document, recipe, format_named("png"), job, decided(RGB).settings)
    with pytest.raises(ShapeError):
        treat(document, Recipe(Pipeline((AvgPool((4, 4)),))), format_named("tiff"), job, decided(RGB).settings)
