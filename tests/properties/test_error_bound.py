"""The error of sums of products stays within the bound that `convcli.engine.planning.arithmetic` derives."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from convcli.catalog import load_filter
from convcli.engine import correlate, filter_array
from convcli.engine.planning.making import make_plan
from convcli.filters import Conv, Kernel

Floats = NDArray[np.float64]

EPS = float(np.finfo(np.float32).eps)
ENGINES = ["numpy", "numba"]
SIZES = st.tuples(st.integers(3, 41), st.integers(3, 41))
SIGNS = ["random", "positive", "negative", "sorted", "alternating", "halves", "one against all"]
KINDS = ["dense", "separable", "rank 2", "sparse", "equal", "two values", "far apart"]
PICTURES = ["noise", "signed", "white", "ramp", "far apart"]


def weights_of(kind: str, signs: str, size: tuple[int, int], random: np.random.Generator) -> Floats:
    height, width = size
    make: dict[str, Callable[[], Floats]] = {
        "dense": lambda: random.random(size) + 0.01,
        "separable": lambda: np.outer(random.random(height) + 0.01, random.random(width) + 0.01),
        "rank 2": lambda: random.random((height, 2)) @ random.random((2, width)) + 0.01,
        "sparse": lambda: random.random(size) * (random.random(size) < 0.15),
        "equal": lambda: np.full(size, 0.1),
        "two values": lambda: random.choice([0.1, 0.3], size),
        "far apart": lambda: 10.0 ** random.uniform(-6, 2, size),
    }
    weights = make[kind]()
    some: Floats = weights * random.choice([-1, 1], size)
    if signs == "random":
        return some
    if signs == "negative":
        return -weights
    if signs == "sorted":
        return np.sort(some, axis=None).reshape(size)
    if signs == "alternating":
        weights[(np.indices(size).sum(axis=0) % 2) == 1] *= -1
    if signs == "halves":
        weights[: height // 2] *= -1
    if signs == "one against all":
        weights[height // 2, width // 2] -= weights.sum()
    return weights


def picture_of(kind: str, dtype: Any, random: np.random.Generator) -> NDArray[Any]:
    shape = (45, 47)
    make: dict[str, Callable[[], Floats]] = {
        "noise": lambda: random.random(shape),
        "signed": lambda: random.uniform(-1, 1, shape),
        "white": lambda: np.full(shape, 0.7),
        "ramp": lambda: np.linspace(0, 1, shape[0] * shape[1]).reshape(shape),
        "far apart": lambda: 10.0 ** random.uniform(-6, 0, shape),
    }
    values = make[kind]()
    if np.dtype(dtype).kind == "u":
        return np.abs(values * np.iinfo(dtype).max).astype(dtype)
    return values.astype(dtype)


def bound(kernel: Kernel, picture: NDArray[Any]) -> float:
    """Return the documented bound for one channel, with the factor of two passes where there are some."""
    count = int(np.count_nonzero(kernel.weights))
    shape = (*picture.shape, 1)
    by_factors = bool(make_plan(Conv(kernel), shape, picture.dtype, 1, np.float32).factors)
    multiple = (36 + count / 128 + 1 / 2) * (2 if by_factors else 1)
    magnitude = float(np.abs(kernel.weights).sum() / abs(kernel.divisor)) * float(np.abs(picture).max())
    scale = 1.0 if picture.dtype.kind == "f" else float(np.iinfo(picture.dtype).max)
    return multiple * EPS * (magnitude + abs(kernel.bias[0]) * scale)


@pytest.mark.parametrize("engine", ENGINES)
@settings(deadline=None, max_examples=60)
@given(
    size=SIZES,
    kind=st.sampled_from(KINDS),
    signs=st.sampled_from(SIGNS),
    content=st.sampled_from(PICTURES),
    dtype=st.sampled_from([np.float32, np.uint8, np.uint16]),
    numbers=st.sampled_from([(1.0, 0.0), (7.0, 0.25), (0.3, -0.75)]),
    seed=st.integers(0, 2**32 - 1),
)
def test_floats_are_within_the_bound(
    engine: Any,
    size: tuple[int, int],
    kind: str,
    signs: str,
    content: str,
    dtype: Any,
    numbers: tuple[float, float],
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    picture = picture_of(content, dtype, random)
    kernel = Kernel(weights_of(kind, signs, size, random), *numbers)
    full = 1.0 if picture.dtype.kind == "f" else float(np.iinfo(dtype).max)
    wanted = ndimage.correlate(picture.astype(np.float64), kernel.weights, mode="mirror") / kernel.divisor
    found = correlate(picture, kernel, engine=engine, dtype=np.float32)
    assert np.abs(found - (wanted + kernel.bias[0] * full)).max() <= bound(kernel, picture)


@pytest.mark.parametrize("engine", ENGINES)
@settings(deadline=None, max_examples=25)
@given(
    size=st.tuples(st.integers(1, 41), st.integers(1, 9)),
    inputs=st.integers(1, 40),
    holes=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_sums_over_channels_are_within_the_bound(
    engine: Any, size: tuple[int, int], inputs: int, holes: bool, seed: int
) -> None:
    random = np.random.default_rng(seed)
    picture = random.random((43, 12, inputs)).astype(np.float32)
    weights = np.sort(random.normal(size=(2, inputs, *size)), axis=None).reshape(2, inputs, *size)
    if holes:  # which NumPy sums tap by tap where a value is not finite
        weights[:, :, 0, 0] = 0
        picture[0, 0, 0] = np.nan
    wanted = sum(
        np.stack(
            [ndimage.correlate(picture[..., each].astype(np.float64), plane[each], mode="mirror") for plane in weights],
            axis=2,
        )
        for each in range(inputs)
    )
    found = correlate(picture, weights, engine=engine)
    known = np.isfinite(found) & np.isfinite(wanted)
    assert known.any()
    count = int(np.count_nonzero(weights[0]))
    most = (36 + count / 128 + inputs / 2) * EPS * float(np.abs(weights).sum(axis=(1, 2, 3)).max())
    assert np.abs(found - wanted)[known].max() <= most


@pytest.mark.parametrize("engine", ENGINES)
def test_a_large_signed_kernel_is_as_good_as_float32(engine: Any) -> None:
    picture = np.random.default_rng(0).random((128, 128), np.float32)
    gabor = load_filter("gabor:10,0.5,20")
    assert gabor.conv is not None
    wanted = ndimage.correlate(picture.astype(np.float64), gabor.conv.kernel.weights, mode="mirror")
    found = filter_array(gabor, picture, engine=engine)
    assert np.abs(found - wanted).max() < 2e-5


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("side", [3, 9, 15, 25, 41])
def test_errors_are_far_below_the_bound(engine: Any, side: int) -> None:
    # Measured: at most 3.4 eps · sum of |weights| · largest value.
    for kind, signs in product(KINDS, SIGNS):
        random = np.random.default_rng(side)
        picture = random.random((50, 50), np.float32)
        weights = weights_of(kind, signs, (side, side), random)
        wanted = ndimage.correlate(picture.astype(np.float64), weights, mode="mirror")
        error = np.abs(correlate(picture, weights, engine=engine) - wanted).max()
        assert error <= 5 * EPS * np.abs(weights).sum(), (kind, signs)
