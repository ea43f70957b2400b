"""The layer that rounds to the levels of the input, against the picture that is saved and read again."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import convcli
from tests.support.console import refused

RNG = np.random.default_rng(29)
PICTURE = RNG.integers(0, 256, (23, 31, 3), np.uint8)


def through_a_file(picture: Any) -> Any:
    held = io.BytesIO()
    Image.fromarray(picture).save(held, "PNG")
    return np.asarray(Image.open(held))


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize(("first", "second"), [("sharpen", "gaussian:1.3"), ("box:4", "sharpen"), ("sobel", "box:3")])
def test_it_is_a_file_between_two_filters(engine: Any, first: str, second: str) -> None:
    wanted = convcli.apply(second, through_a_file(convcli.apply(first, PICTURE, engine=engine)), engine=engine)
    np.testing.assert_array_equal(convcli.apply(f"{first} | round | {second}", PICTURE, engine=engine), wanted)
    assert (convcli.apply(f"{first} | {second}", PICTURE, engine=engine) != wanted).any()


def test_levels_are_those_of_the_depth() -> None:
    deep = PICTURE.astype(np.uint16) * 257
    wanted = convcli.apply("sharpen", convcli.apply("gaussian:1", deep))
    np.testing.assert_array_equal(convcli.apply("gaussian:1 | round | sharpen", deep), wanted)


def test_halves_are_rounded_up() -> None:
    pair = np.array([[0, 1, 2, 3, 254, 255]], np.uint8)
    found = convcli.apply("1/2 1/2 | round | 2", pair)
    assert found.ravel()[1:].tolist() == [2, 4, 6, 255, 255]


def test_floats_have_no_levels() -> None:
    values = RNG.normal(size=(9, 11))
    np.testing.assert_array_equal(convcli.apply("round", values), values)
    np.testing.assert_array_equal(convcli.apply("round", values.astype(np.float32)), values.astype(np.float32))


@pytest.mark.parametrize("text", ["round", "sharpen | round | box", "magnitude"])
def test_light_has_no_levels(tmp_path: Path, text: str) -> None:
    Image.fromarray(PICTURE).save(tmp_path / "a.png")
    given: str | Path = text
    if text == "magnitude":  # in a branch
        given = tmp_path / "branches.yaml"
        given.write_text("layers: [magnitude: [[sobel-x, round], [sobel-y]]]\n")
    message, hint = refused(1, "apply", given, tmp_path / "a.png", "-o", tmp_path / "b.png", "--linear")
    assert message == "the layer round keeps the levels of a file, and --linear filters light, which has none"
    assert hint == "leave out --linear or the layer"
