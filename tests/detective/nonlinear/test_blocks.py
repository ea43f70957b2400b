"""Blocks of one color that are found, by NumPy and Pillow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convcli.detective.nonlinear.blocks import Blocks, find_blocks
from convcli.detective.scene import Scene
from convcli.learning import LearningPair
from tests.detective.kinds import boxed, gaussian, gray, jpeg, noisy, photographs, pixelated, rounded, sharpened
from tests.support.pictures import harbour_cut

QUAY = photographs()["quay"]
ROUNDING = 0.36 / 255


def found(target: NDArray[Any], source: NDArray[Any] = QUAY) -> Blocks | None:
    return find_blocks(Scene.of(LearningPair(source, target)))


@pytest.mark.parametrize("size", [2, 3, 8, 13, 64])
def test_sizes(size: int) -> None:
    blocks = found(pixelated(QUAY, size))
    assert blocks is not None
    assert (blocks.text, blocks.side) == (f"pixelate:{size}", size)
    assert blocks.error < ROUNDING


@pytest.mark.parametrize(("size", "first"), [(12, (5, 7)), (9, (0, 4)), (30, (29, 0))])
def test_blocks_that_begin_elsewhere(size: int, first: tuple[int, int]) -> None:
    blocks = found(pixelated(QUAY, size, first))
    assert blocks is not None
    assert blocks.text == f"pixelate:{size},offset={first[0]}x{first[1]}"


def test_the_offset_is_that_of_the_whole_picture() -> None:
    source = harbour_cut(0, 0, 800, 1200)
    blocks = found(pixelated(source, 13, (3, 1)), source)
    assert blocks is not None
    assert blocks.text == "pixelate:13,offset=3x1"


def test_blocks_that_are_no_squares() -> None:
    small = np.asarray(Image.fromarray(QUAY).reduce((16, 8)))
    blocks = found(np.repeat(np.repeat(small, 8, axis=0), 16, axis=1))
    assert blocks is not None
    assert (blocks.text, blocks.side) == ("pixelate:8x16", 0)


@pytest.mark.parametrize("resampling", ["box", "bilinear", "nearest", "lanczos"])
def test_a_picture_made_smaller_and_larger_again(resampling: str) -> None:
    small = Image.fromarray(QUAY).resize((51, 51), Image.Resampling[resampling.upper()])
    blocks = found(np.asarray(small.resize((512, 512), Image.Resampling.NEAREST)))
    assert blocks is not None
    assert blocks.side == 10
    assert blocks.text == (
        f"resize:width=51,height=51,filter={resampling} | resize:width=512,height=512,filter=nearest"
    )


def test_blocks_through_noise_and_jpeg() -> None:
    for target, text in (
        (jpeg(pixelated(QUAY, 8), 75), "pixelate:8"),
        (jpeg(pixelated(QUAY, 12), 60), "pixelate:12"),
        (noisy(pixelated(QUAY, 16), 3), "pixelate:16"),
    ):
        blocks = found(target)
        assert blocks is not None
        assert blocks.text == text


OTHERS: dict[str, Callable[[], NDArray[Any]]] = {
    "JPEG 5": lambda: jpeg(QUAY, 5),
    "JPEG 30": lambda: jpeg(QUAY, 30),
    "blur": lambda: rounded(gaussian(QUAY, 5)),
    "box": lambda: boxed(QUAY, 9),
    "sharpen": lambda: sharpened(QUAY),
    "noise": lambda: noisy(QUAY, 2),
    "gray": lambda: gray(QUAY),
    "one color": lambda: np.full_like(QUAY, 90),
    "other blocks": lambda: pixelated(photographs()["lighthouse"], 16),
}


@pytest.mark.parametrize("name", OTHERS)
def test_no_blocks_are_found_where_there_are_none(name: str) -> None:
    assert found(OTHERS[name]()) is None
