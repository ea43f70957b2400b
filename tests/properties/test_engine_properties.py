"""What holds for every picture and kernel, on drawn ones, for both engines."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from convcli.engine import correlate
from convcli.engine.planning import making
from convcli.engine.planning.factors import integer_factors, low_rank_factors
from convcli.engine.planning.making import make_plan
from convcli.errors import ShapeError
from convcli.filters import Conv
from convcli.filters.kernel import Kernel

BORDERS = ["constant", "constant:0.4", "edge", "reflect", "symmetric", "wrap"]
ENGINES: list[Any] = ["numpy", "numba"]
seeds = st.integers(0, 2**32 - 1)
steps = st.tuples(st.integers(1, 3), st.integers(1, 3))
paddings = st.one_of(st.sampled_from(["same", "valid", "full"]), st.tuples(st.integers(0, 4), st.integers(0, 4)))

# The first call of a compiled loop takes seconds: no deadline.
both_engines = pytest.mark.parametrize("engine", ENGINES)
quick = settings(deadline=None, max_examples=60)


class Case(NamedTuple):
    """A correlation of floats or, where asked for, of integers."""

    picture: NDArray[Any]
    weights: NDArray[np.float64]
    about: dict[str, Any]


@st.composite
def cases(draw: st.DrawFn, dtype: Any = np.float64, *, whole: bool = False) -> Case:
    rng = np.random.default_rng(draw(seeds))
    channels, groups = draw(st.sampled_from([(1, 1), (2, 1), (3, 1), (4, 2), (3, 3)]))
    size = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    planes = draw(
        st.sampled_from([(), (channels,), (groups, channels // groups), (2 * groups, channels // groups)])
        if groups == 1
        else st.sampled_from([(groups, channels // groups), (2 * groups, channels // groups)])
    )
    shape = (draw(st.integers(1, 12)), draw(st.integers(1, 12)), channels)
    if np.issubdtype(dtype, np.integer):
        picture = rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    else:
        picture = rng.normal(size=shape).astype(dtype)
    weights = rng.integers(-3, 5, (*planes, *size)).astype(float) if whole else rng.normal(size=(*planes, *size))
    # Weights of zero are left out by the engines: some of them in every kernel.
    weights[rng.random(weights.shape) < 0.2] = 0
    about = {
        "border": draw(st.sampled_from(BORDERS)),
        "padding": draw(paddings),
        "stride": draw(steps),
        "dilation": draw(steps),
        "groups": groups,
    }
    case = Case(picture, weights, about)
    assume(fits(case))
    return case


def fits(case: Case) -> bool:
    height, width, channels = case.picture.shape
    conv = Conv(Kernel(case.weights)).with_settings(**{k: v for k, v in case.about.items() if k != "border"})
    try:
        conv.output_shape((channels, height, width))
    except ShapeError:
        return False
    return True


def close(result: NDArray[Any], expected: NDArray[Any], accuracy: float = 1e-12) -> None:
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(result, expected, rtol=0, atol=accuracy * scale * 10)


@both_engines
@quick
@given(case=cases(), seed=seeds, factor=st.floats(-5, 5))
def test_correlation_is_linear_in_the_picture(engine: Any, case: Case, seed: int, factor: float) -> None:
    # A border of another value than 0 is not scaled with the picture.
    about = {**case.about, "border": case.about["border"].partition(":")[0]}
    other = np.random.default_rng(seed).normal(size=case.picture.shape)

    def apply(picture: NDArray[Any]) -> NDArray[Any]:
        return correlate(picture, case.weights, engine=engine, **about)

    close(apply(case.picture + factor * other), apply(case.picture) + factor * apply(other))


@both_engines
@quick
@given(case=cases(), seed=seeds)
def test_correlation_is_linear_in_the_weights(engine: Any, case: Case, seed: int) -> None:
    other = np.random.default_rng(seed).normal(size=case.weights.shape)

    def apply(weights: NDArray[Any]) -> NDArray[Any]:
        return correlate(case.picture, weights, engine=engine, **case.about)

    close(apply(case.weights + other), apply(case.weights) + apply(other))


@both_engines
@quick
@given(case=cases(), rows=st.integers(-9, 9), columns=st.integers(-9, 9))
def test_a_shifted_picture_gives_a_shifted_result(engine: Any, case: Case, rows: int, columns: int) -> None:
    about = {"border": "wrap", "dilation": case.about["dilation"], "groups": case.about["groups"], "engine": engine}
    result = correlate(case.picture, case.weights, **about)
    shifted = correlate(np.roll(case.picture, (rows, columns), (0, 1)), case.weights, **about)
    close(shifted, np.roll(result, (rows, columns), (0, 1)))


@both_engines
@quick
@given(
    seed=seeds,
    shape=st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(1, 4)),
    side=st.integers(1, 7),
    border=st.sampled_from(BORDERS),
    dtype=st.sampled_from([np.uint8, np.uint16, np.float32, np.float64]),
)
def test_identity_gives_the_picture(
    engine: Any, seed: int, shape: tuple[int, int, int], side: int, border: str, dtype: Any
) -> None:
    picture = (np.random.default_rng(seed).random(shape) * 255).astype(dtype)
    identity = np.zeros((side, side))
    identity[side // 2, side // 2] = 1
    np.testing.assert_array_equal(correlate(picture, identity, border=border, engine=engine), picture)


@both_engines
@quick
@given(seed=seeds, size=st.tuples(st.integers(1, 6), st.integers(1, 6)))
def test_convolution_turns_a_point_into_the_kernel(engine: Any, seed: int, size: tuple[int, int]) -> None:
    weights = np.random.default_rng(seed).normal(size=size)
    result = correlate(np.ones((1, 1)), weights, padding="full", border="constant", flip=True, engine=engine)
    np.testing.assert_array_equal(result, weights)
    turned = correlate(np.ones((1, 1)), weights, padding="full", border="constant", engine=engine)
    np.testing.assert_array_equal(turned, weights[::-1, ::-1])


@quick
@given(case=cases(), dtype=st.sampled_from([np.float32, np.float64]))
def test_both_engines_give_the_same_floats(case: Case, dtype: Any) -> None:
    picture = case.picture.astype(dtype)
    ours, theirs = (correlate(picture, case.weights, engine=engine, **case.about) for engine in ENGINES)
    close(ours, theirs, 1e-6 if dtype is np.float32 else 1e-14)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@quick
@given(data=st.data(), divisor=st.integers(1, 40), bias=st.integers(-100, 255))
def test_both_engines_give_the_same_integers(dtype: Any, data: st.DataObject, divisor: int, bias: int) -> None:
    case = data.draw(cases(dtype, whole=True))
    given_bias = bias / np.iinfo(dtype).max
    ours, theirs = (
        correlate(case.picture, case.weights, divisor=divisor, bias=given_bias, engine=engine, **case.about)
        for engine in ENGINES
    )
    np.testing.assert_array_equal(ours, theirs)


@both_engines
@pytest.mark.parametrize("whole", [True, False])
@quick
@given(
    seed=seeds,
    size=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    rank=st.integers(1, 3),
    border=st.sampled_from(BORDERS),
    dilation=steps,
    down=st.integers(1, 3),
)
def test_factors_give_what_the_taps_give(
    engine: Any,
    whole: bool,
    seed: int,
    size: tuple[int, int],
    rank: int,
    border: str,
    dilation: tuple[int, int],
    down: int,
) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (11, 14, 3), np.uint8)
    rank = 1 if whole else rank
    weights = rng.integers(-3, 4, (size[0], rank)) @ rng.integers(-3, 4, (rank, size[1])).astype(float)
    weights = weights if whole else weights + np.outer(rng.normal(size=size[0]), rng.normal(size=size[1]))
    about = {"border": border, "dilation": dilation, "stride": (down, 1), "dtype": np.float64, "engine": engine}
    factors = integer_factors(weights) if whole else low_rank_factors(weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "_factors", lambda *_: ())
        direct = correlate(picture, weights, **about)
        patch.setattr(making, "_factors", lambda *_: factors)
        separable = correlate(picture, weights, **about)
    if whole:
        np.testing.assert_array_equal(separable, direct)
    else:
        close(separable, direct, 1e-13)


@both_engines
@quick
@given(case=cases())
def test_stride_takes_every_so_manieth_pixel(engine: Any, case: Case) -> None:
    down, right = case.about["stride"]
    every = correlate(case.picture, case.weights, engine=engine, **{**case.about, "stride": 1})
    some = correlate(case.picture, case.weights, engine=engine, **case.about)
    close(some, every[::down, ::right])


@both_engines
@quick
@given(case=cases())
def test_dilation_is_zeros_between_the_weights(engine: Any, case: Case) -> None:
    (down, right), (height, width) = case.about["dilation"], case.weights.shape[-2:]
    spread = np.zeros((*case.weights.shape[:-2], down * (height - 1) + 1, right * (width - 1) + 1))
    spread[..., ::down, ::right] = case.weights
    anchor = (down * (height // 2), right * (width // 2))
    expected = correlate(case.picture, Kernel(spread, anchor=anchor), engine=engine, **{**case.about, "dilation": 1})
    close(correlate(case.picture, case.weights, engine=engine, **case.about), expected)


@both_engines
@quick
@given(case=cases(), value=st.floats(-3, 3))
def test_a_constant_border_is_a_larger_picture(engine: Any, case: Case, value: float) -> None:
    about = {**case.about, "padding": (3, 2)}
    assume(fits(case._replace(about=about)))
    result = correlate(case.picture, case.weights, engine=engine, **{**about, "border": f"constant:{value!r}"})
    larger = np.pad(case.picture, ((3, 3), (2, 2), (0, 0)), constant_values=value)
    expected = correlate(larger, case.weights, engine=engine, **{**about, "padding": "valid"})
    close(result, expected)


@both_engines
@quick
@given(case=cases())
def test_channels_in_groups_do_not_see_each_other(engine: Any, case: Case) -> None:
    assume(case.weights.ndim == 4)
    groups, (outputs, inputs) = case.about["groups"], case.weights.shape[:2]
    whole = correlate(case.picture, case.weights, engine=engine, **case.about)
    of_a_group = outputs // groups
    for group in range(groups):
        picture = case.picture[:, :, group * inputs : (group + 1) * inputs]
        mine = slice(group * of_a_group, (group + 1) * of_a_group)
        alone = correlate(picture, case.weights[mine], engine=engine, **{**case.about, "groups": 1})
        close(alone, whole[:, :, mine])


@quick
@given(case=cases(np.uint8, whole=True))
def test_products_are_positive_and_grow_with_the_picture(case: Case) -> None:
    assume(case.weights.any())
    about = {k: v for k, v in case.about.items() if k != "border"}
    conv = Conv(Kernel(case.weights)).with_settings(**about)
    plan = make_plan(conv, case.picture.shape, np.uint8, 255, np.uint8)
    height, width, channels = case.picture.shape
    larger = make_plan(conv, (height + 9, width, channels), np.uint8, 255, np.uint8)
    assert 0 < plan.products < larger.products
