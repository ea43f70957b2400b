"""Drawn pipelines: the whole picture, strips of it, and blocks that others compute, to the last bit.

A run draws fifty, with ``CONVCLI_SWEEP=1`` five hundred.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from convcli.array_types import Array
from convcli.engine import Settings, full_scale_of
from convcli.errors import ConvcliError
from convcli.filters import (
    Abs,
    Add,
    AvgPool,
    Border,
    Concat,
    Conv,
    ConvTranspose,
    Invert,
    Kernel,
    Layer,
    LayerNorm,
    LocalResponseNorm,
    MaxPool,
    Median,
    Mirror,
    Normalize,
    Pad,
    Pipeline,
    Pixelate,
    PixelShuffle,
    PixelUnshuffle,
    PReLU,
    ReLU,
    Resize,
    Sigmoid,
    Softmax,
    SumPool,
    Upsample,
)
from convcli.image import Picture
from convcli.image.strips.reading import WholeRows
from convcli.jobs import FilteredRows, Recipe, filter_values, joined
from convcli.jobs.one.strips.frame import StripsOfFrame
from convcli.jobs.one.treatment import Treatment
from convcli.jobs.one.values import treatment_of_values
from tests.support.noise import noise
from tests.support.sweeps import repeats

BORDERS = ("constant", "edge", "reflect", "symmetric", "wrap")
DTYPES = (np.uint8, np.uint16, np.float32, np.float64)
CASES = 500


def conv(draw: np.random.Generator) -> Layer:
    height, width = draw.integers(1, 8, 2).tolist()
    border = Border(str(draw.choice(BORDERS)))
    if border.name == "constant":
        border = Border("constant", float(draw.choice([0, 0.3, 1])))
    match draw.integers(4):
        case 0:  # separable
            weights = np.outer(draw.random(height), draw.random(width))
        case 1:  # equal
            weights = np.ones((height, width))
        case _:
            weights = np.round(draw.normal(size=(height, width)), int(draw.integers(3)))
    if not weights.any():
        weights[0, 0] = 1
    padding: Any = draw.choice(["same", "same", "valid", "full", "some"])
    return Conv(
        Kernel(weights, divisor=float(draw.choice([1, 3, weights.size])), bias=float(draw.choice([0, 0.25]))),
        stride=two(draw, 1, 3),
        padding=two(draw, 0, 4) if padding == "some" else str(padding),  # type: ignore[arg-type]  # one of the names
        dilation=two(draw, 1, 3),
        border=border,
    )


def pool(draw: np.random.Generator) -> Layer:
    kind = (MaxPool, AvgPool, SumPool)[draw.integers(3)]
    size = two(draw, 1, 4)
    padding = int(draw.integers(size[0] // 2 + 1)), int(draw.integers(size[1] // 2 + 1))
    return kind(size, two(draw, 1, 3), padding, two(draw, 1, 2), bool(draw.integers(2)))


def two(draw: np.random.Generator, low: int, high: int) -> tuple[int, int]:
    down, right = draw.integers(low, high + 1, 2).tolist()
    return down, right


LAYERS: tuple[Callable[[np.random.Generator], Layer], ...] = (
    *(conv,) * 4,
    *(pool,) * 2,
    lambda draw: Median(two(draw, 1, 4)),
    lambda draw: Pixelate(two(draw, 1, 6)),
    lambda draw: Resize(scale=float(draw.choice([0.4, 0.9, 1.7]))),
    lambda draw: (Abs(), ReLU(), Invert(), Normalize(), Mirror("vertical"))[draw.integers(5)],
)


def network(draw: np.random.Generator, channels: int) -> Iterator[Layer]:
    """Yield layers of networks for pictures of so many channels and even sides."""
    for _ in range(draw.integers(1, 4)):
        match draw.integers(8):
            case 0:
                margins = draw.integers(-2, 4, 4).tolist()
                top, right, bottom, left = margins
                yield Pad(top, right, bottom, left, Border(str(draw.choice(BORDERS))))
                yield Resize(width=18, height=24)
            case 1:
                scale = float(draw.choice([0.7, 1.5, 2, 3]))
                mode = str(draw.choice(["nearest", "bilinear", "bicubic"]))
                yield Upsample(scale, mode=mode, align_corners=mode != "nearest" and bool(draw.integers(2)))
                yield Resize(width=22, height=40)
            case 2:
                stride, outputs = two(draw, 1, 3), int(draw.integers(1, 4))
                yield ConvTranspose(
                    draw.normal(size=(channels, outputs, *two(draw, 1, 4))), 0.1, stride, (0, int(draw.integers(1))),
                    output_padding=(int(draw.integers(stride[0])), 0), dilation=two(draw, 1, 3),
                )  # fmt: skip
                yield Resize(width=26, height=30)
                channels = outputs
            case 3:
                yield Conv(Kernel(draw.normal(size=(4 * channels, channels, 3, 1))))
                yield PixelShuffle(2, str(draw.choice(["crd", "dcr"])))
            case 4:
                yield Add(((Conv(Kernel(np.ones((3, 3)), divisor=9)), Sigmoid()), ()))
            case 5:
                yield Concat(((), (Softmax(), MaxPool((3, 3), (1, 1), (1, 1)))))
                channels *= 2
            case 6:
                yield PReLU(tuple(draw.normal(size=channels).tolist()))
                yield LocalResponseNorm(3)
                yield LayerNorm(2.0, 0.1, 0.01)
            case _:
                yield PixelUnshuffle(2)
                channels *= 4
                yield Upsample(size=(28, 34))


def drawn(draw: np.random.Generator) -> tuple[Picture, Recipe, np.dtype[Any]]:
    """Return a picture, whose channels are colors where it has alpha, a recipe, and the dtype of the result."""
    layers = [LAYERS[draw.integers(len(LAYERS))](draw) for _ in range(draw.integers(1, 4))]
    dtype = np.dtype(DTYPES[draw.integers(4)])
    channels = int(draw.integers(1, 5))
    array = noise(draw, int(draw.integers(20, 90)), int(draw.integers(10, 40)), channels, dtype=dtype.type)
    has_alpha = channels in (2, 4) and bool(draw.integers(4))
    if has_alpha:
        array[: draw.integers(len(array) + 1), :, -1] = full_scale_of(dtype)  # more or less of it is opaque
        array[-3:, :4, -1] *= int(draw.integers(2))
    into: Any = draw.choice(["clip", "clip", "abs", "stretch", "center"]) if has_alpha else "clip"
    alpha: Any = draw.choice(["keep", "filter", "drop"])
    out = np.dtype(DTYPES[draw.integers(4)]) if draw.integers(3) == 0 else dtype
    recipe = Recipe(Pipeline(tuple(layers)), range=str(into), alpha=str(alpha))  # type: ignore[arg-type]
    return Picture((array,), has_alpha=has_alpha), recipe, out


def in_blocks(rows: FilteredRows, array: Array, height: int) -> Array:
    """Return the result in blocks of so many rows, each computed as by another process."""
    facts: dict[Any, Any] = {}

    def spans(count: int) -> list[tuple[int, int]]:
        step = -(-height // rows.unit) * rows.unit
        return list(pairwise([*range(0, count, step), count]))

    for wanted in rows.wanted:
        parts = []
        for span in spans(rows.rows_of(wanted)):
            needed = rows.needed(wanted, *span)
            other: FilteredRows = pickle.loads(pickle.dumps(rows))
            parts.append(other.part(wanted, needed, array[needed], *span, facts))
        facts[wanted] = joined(wanted, parts)
    found = []
    for span in spans(rows.shape[0]):
        needed = rows.needed(None, *span)
        other = pickle.loads(pickle.dumps(rows))
        found.append(other.computed(needed, array[needed], *span, facts))
    return np.concatenate(found)


def in_strips(picture: Picture, treatment: Treatment, height: int) -> Array:
    """Return the result in strips of so many rows, which find by themselves what depends on all of them."""
    frame = StripsOfFrame(WholeRows(picture), treatment)
    frame.rows_at_once = -(-height // frame.main.unit) * frame.main.unit
    return np.concatenate([frame.computed(*span).values for span in frame.spans])


def compared(picture: Picture, recipe: Recipe, settings: Settings, dtype: np.dtype[Any], height: int) -> bool:
    """Compare strips and blocks with the whole picture; return False where the layers do not fit it."""
    is_array = not picture.has_alpha
    try:
        whole = filter_values(picture, recipe, settings, dtype, name="the array", is_array=is_array).frames[0]
    except ConvcliError:
        return False
    empty = picture.without_pixels(picture.frames[0].shape, picture.dtype)
    rows = FilteredRows(empty, recipe, settings, dtype, "the array", is_array)
    assert not rows.need_all
    assert rows.shape == whole.shape
    treatment = treatment_of_values(picture, recipe, settings, dtype, name="the array", is_array=is_array)
    for found in in_strips(picture, treatment, height), in_blocks(rows, picture.frames[0], height):
        np.testing.assert_array_equal(found, whole, err_msg=str(recipe.pipeline))
    return True


def test_blocks_of_networks_are_the_whole_picture() -> None:
    computed = 0
    for seed in range(repeats(CASES)):
        draw = np.random.default_rng((seed, 3))
        channels = int(draw.integers(1, 4))
        dtype = np.dtype(DTYPES[draw.integers(4)])
        size = 2 * int(draw.integers(10, 30)), 2 * int(draw.integers(8, 15))
        has_alpha = channels in (1, 3) and bool(draw.integers(2))
        array = noise(draw, *size, channels + has_alpha, dtype=dtype.type)
        if has_alpha:
            array[: draw.integers(len(array) + 1), :, -1] = full_scale_of(dtype)
        alpha: Any = draw.choice(["keep", "filter", "drop"])
        recipe = Recipe(Pipeline(tuple(network(draw, channels))), alpha=alpha)
        picture = Picture((array,), has_alpha=has_alpha)
        computed += compared(picture, recipe, Settings("numpy", threads=1), dtype, int(draw.integers(1, 30)))
    assert computed > 0.5 * repeats(CASES)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_blocks_are_the_whole_picture(engine: Any) -> None:
    computed = 0
    for seed in range(repeats(CASES) // 2):
        draw = np.random.default_rng((seed, len(engine)))
        picture, recipe, dtype = drawn(draw)
        settings = Settings(engine, threads=1)
        computed += compared(picture, recipe, settings, dtype, int(draw.integers(1, 40)))
    assert computed > 0.7 * (repeats(CASES) // 2)
