"""Levels where shares of full scale are meant are refused for data with levels, and are numbers for other data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import convcli
from convcli.catalog import load_filter
from convcli.errors import ShareError
from convcli.filters import (
    Border,
    Clip,
    Conv,
    Kernel,
    Linear,
    Magnitude,
    Pipeline,
    ReLU,
    Threshold,
    check_shares,
    parse_number,
)

SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]

# (text of the filter, what is named, hint at 8 bits)
BEYOND = [
    ("box:border=constant:128", "border constant:128", "write constant:128/255 or constant:50%"),
    ("sobel-x:bias=128", "bias 128", "write 128/255 or 50%"),
    ("sobel-x:bias=-128", "bias -128", "write -128/255 or -50%"),
    ("sharpen:bias=2.5", "bias 2.5", "write 2.5/255 or 1%"),
    ("sharpen:bias=150%", "bias 1.5", "write a share: 0.5, 50% or 128/255"),
    ("threshold:200", "threshold level 200", "write 200/255 or 78%"),
    ("threshold:-3", "threshold level -3", "write -3/255 or -1%"),
    ("clip:0,128", "clip high 128", "write 128/255 or 50%"),
    ("clip:-20,1", "clip low -20", "write -20/255 or -8%"),
    ("clip:0,300", "clip high 300", "write a share: 0.5, 50% or 128/255"),
    (
        "box:border=constant:-inf",
        "border constant:-inf",
        "write a share: constant:0.5, constant:50% or constant:128/255",
    ),
    ("gaussian | sobel-x | threshold:128", "threshold level 128", "write 128/255 or 50%"),
    ("sobel | maxpool:2 | threshold:2", "threshold level 2", "write 2/255 or 0.8%"),
    ("relu | sobel-x:bias=128 | normalize", "bias 128", "write 128/255 or 50%"),
]


@pytest.mark.parametrize(("text", "what", "hint"), BEYOND)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_level_is_refused_and_both_ways_to_write_it_are_shown(
    text: str, what: str, hint: str, dtype: type[np.unsignedinteger]
) -> None:
    with pytest.raises(ShareError) as caught:
        convcli.apply(text, np.zeros((8, 8), dtype))
    assert f"{what}: levels are shares of full scale, and 1 is white" in caught.value.message
    assert caught.value.exit_code == 2
    if dtype is np.uint8:
        assert caught.value.hint == hint
    else:
        assert "/65535" in caught.value.hint


@pytest.mark.parametrize("text", [text for text, _, _ in BEYOND])
def test_floats_take_the_same_numbers(text: str) -> None:
    convcli.apply(text, np.zeros((8, 8), np.float32))


@given(level=st.integers(2, 65_535), full=st.sampled_from([255, 65_535]))
@example(level=128, full=255)
@example(level=255, full=255)
@example(level=30_000, full=65_535)
def test_what_the_hint_says_is_the_level(level: int, full: int) -> None:
    for text in (f"threshold:{level}", f"identity:bias={level}", f"box:border=constant:{level}"):
        with pytest.raises(ShareError) as caught:
            check_shares(load_filter(text), full)
        if level > full:
            continue
        head, _, tail = text.rpartition(str(level))
        prefix = "constant:" if "constant:" in text else ""
        exact, percent = caught.value.hint.removeprefix("write ").split(" or ")
        for written, off in ((exact, 0.0), (percent, 0.0051)):
            share = parse_number(written.removeprefix(prefix), percent=True)
            assert abs(share - level / full) <= off
            check_shares(load_filter(f"{head}{written.removeprefix(prefix)}{tail}"), full)


LAWFUL = [
    "sobel-x | threshold:2",  # its values reach 4
    "sharpen | clip:-1,2",
    "sobel-x:bias=50%",
    "sobel-x:bias=-1",
    "box:border=constant:-1",
    "box:border=constant:100%",
    "threshold:1",
    "sobel-x | round | clip:-1,1",
    "sumpool:2 | threshold:3",
    "avgpool:2,divisor=1 | threshold:3",
    "invert | invert | threshold:2",
    "linear:3 | clip:-9,9",
]


@pytest.mark.parametrize("text", LAWFUL)
def test_shares_that_values_can_reach_are_lawful(text: str) -> None:
    check_shares(load_filter(text), 255)


def test_a_bias_of_a_kernel_alone_is_judged_by_what_it_leaves() -> None:
    check_shares(Pipeline((Conv(Kernel([[-2]], bias=2)),)), 255)  # the negative, with twice the contrast
    check_shares(Pipeline((Conv(Kernel([[[1]], [[-3]]], bias=[0, 3])),)), 255)
    for kernel in (Kernel(SHARPEN, bias=128), Kernel([[1]], bias=-2), Kernel([[[1]], [[1]]], bias=[0, 128])):
        with pytest.raises(ShareError, match="bias"):
            check_shares(Pipeline((Conv(kernel),)), 255)


def test_the_biases_of_a_network_are_its_own() -> None:
    layers = (
        Conv(Kernel(np.ones((2, 1, 3, 3)), bias=[7, -40])),
        ReLU(),
        Linear(2, np.ones((2, 8)), np.array([300.0, 2])),
    )
    check_shares(Pipeline(layers), 255)


def test_branches_are_judged_too() -> None:
    with pytest.raises(ShareError, match="threshold level 128"):
        check_shares(Pipeline((Magnitude(((ReLU(),), (Threshold(128),))),)), 255)
    reached = Magnitude(((Conv(Kernel([[1, -1]])),), (Conv(Kernel([[1], [-1]])),)))
    check_shares(Pipeline((reached, Threshold(2.5))), 255)
    with pytest.raises(ShareError):
        check_shares(Pipeline((reached, Threshold(3))), 255)


def test_python_settings_are_judged() -> None:
    picture = np.full((4, 4), 100, np.uint8)
    for settings in ({"border": "constant:128"}, {"bias": 128}, {"border": Border("constant", 2)}, {"bias": [2]}):
        with pytest.raises(ShareError):
            convcli.correlate(picture, SHARPEN, **settings)
        convcli.correlate(picture.astype(np.float64), SHARPEN, **settings)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [-7.5, 128, 1e30, math.inf, -math.inf])
def test_a_border_of_floats_is_any_number(engine: Any, dtype: type[np.floating], value: float) -> None:
    array = np.random.default_rng(3).normal(size=(6, 7)).astype(dtype)
    weights = np.array([[1.0, 0, 2], [0, 0.5, 0], [0, 0, 1]])
    ours = convcli.correlate(array, weights, border=f"constant:{value}", engine=engine)
    padded = np.pad(array.astype(np.float64), 1, constant_values=value)
    expected = sum(
        weights[row, column] * padded[row : row + 6, column : column + 7]
        for row in range(3)
        for column in range(3)
        if weights[row, column]
    )
    np.testing.assert_allclose(ours, expected, rtol=1e-5)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_an_infinite_border_before_a_maxpool_is_torchs_padding(engine: Any) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is compared where it is installed")
    array = np.random.default_rng(4).normal(size=(9, 8)).astype(np.float32) - 5
    ours = convcli.apply("box:1,padding=1,border=constant:-inf | maxpool:3,1", array, engine=engine)
    theirs = torch.nn.functional.max_pool2d(torch.from_numpy(array)[None], 3, 1, 1)[0].numpy()
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("ends", [(-5000, 1e6), (-1e300, 1e300), (2000, 2001)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_clip_of_floats_takes_any_number(ends: tuple[float, float], dtype: type[np.floating]) -> None:
    array = np.array([[-1e4, 0, 2000.5, 3e7]], dtype)
    ours = convcli.apply(f"clip:{ends[0]:g},{ends[1]:g}", array)
    np.testing.assert_array_equal(ours, np.clip(array.astype(np.float64), *ends).astype(dtype))
    assert Clip(*ends) == load_filter(f"clip:{ends[0]:g},{ends[1]:g}").layers[0]
