"""The quality of a JPEG, beside one that INPUT was itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from convcli.detective.lossy.jpeg import quality_of
from tests.detective.kinds import (
    Picture,
    gaussian,
    in_region,
    jpeg,
    lettered,
    noisy,
    photographs,
    rounded,
    saturated,
    sharpened,
)

GIVEN = jpeg(photographs()["lighthouse"], 90)
KEPT: dict[str, Callable[[Picture], Picture]] = {
    "nothing": lambda x: x,
    "letters": lambda x: lettered(x, 60),
    "a region": lambda x: in_region(x, lambda y: gaussian(y, 3), (160, 120, 140, 100)),
    "saturation": lambda x: saturated(x, 0.6),
    "white balance": lambda x: rounded(x * np.array([1.1, 1.0, 0.8])),
    "gain": lambda x: rounded(0.98 * x),
}
LATER: dict[str, Callable[[Picture], Picture]] = {
    "letters": lambda x: lettered(x, 60),
    "sharpen": sharpened,
    "gaussian": lambda x: rounded(gaussian(x, 1.0)),
    "noise": lambda x: noisy(x, 4.0),
}


def told(made: Picture) -> int | None:
    return quality_of(made.astype(float), GIVEN.astype(float))


@pytest.mark.parametrize("name", KEPT)
def test_the_jpeg_that_input_was_is_none_of_the_change(name: str) -> None:
    assert told(KEPT[name](GIVEN)) is None


@pytest.mark.parametrize("quality", [75, 90])
@pytest.mark.parametrize("name", LATER)
def test_a_later_jpeg_is_told_whatever_its_quality(name: str, quality: int) -> None:
    assert told(jpeg(LATER[name](GIVEN), quality)) == quality


@pytest.mark.parametrize(("columns", "quality"), [(16, 83), (0, None)])
def test_few_blocks_without_black_and_white(columns: int, quality: int | None) -> None:
    made = jpeg(photographs()["quay"][:320, :320], 83).astype(float)
    rest = made[:, columns:]
    rest[::8, ::8] = 0
    rest += np.random.default_rng(0).normal(0, 4, rest.shape)
    rest[::8, ::8] = 0
    assert quality_of(np.clip(np.rint(made), 0, 255)) == quality
