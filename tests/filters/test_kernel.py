"""Kernels: what makes one, and what is told about one."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convcli.engine import correlate
from convcli.errors import KernelError
from convcli.filters.kernel import Kernel
from convcli.filters.limits import MAX_KERNEL_SIDE

SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
BINOMIAL = [[1, 2, 1], [2, 4, 2], [1, 2, 1]]


def test_what_is_not_given() -> None:
    kernel = Kernel(BINOMIAL)
    assert kernel.weights.dtype == np.float64
    assert (kernel.divisor, kernel.bias, kernel.anchor, kernel.size) == (1, (0,), (1, 1), (3, 3))
    assert kernel.output_channels is None
    assert kernel.planes.shape == (1, 3, 3)


@pytest.mark.parametrize(("size", "anchor"), [((1, 1), (0, 0)), ((2, 3), (1, 1)), ((4, 2), (2, 1)), ((5, 6), (2, 3))])
def test_the_anchor_is_at_half_the_size(size: tuple[int, int], anchor: tuple[int, int]) -> None:
    assert Kernel(np.ones(size)).anchor == anchor


def test_an_anchor_in_the_corner_is_kept() -> None:
    assert Kernel(BINOMIAL, anchor=(0, 0)).anchor == (0, 0)


def test_weights_are_the_kernels_own() -> None:
    given_weights = np.ones((2, 2))
    kernel = Kernel(given_weights)
    given_weights[0, 0] = 7
    assert kernel.sum == 4
    with pytest.raises(ValueError, match="read-only"):
        kernel.weights[0, 0] = 1


@pytest.mark.parametrize(
    ("shape", "outputs", "planes"), [((3, 4), None, 1), ((3, 3, 4), 3, 3), ((2, 3, 3, 4), 2, 6), ((1, 1, 3, 4), 1, 1)]
)
def test_the_three_shapes(shape: tuple[int, ...], outputs: int | None, planes: int) -> None:
    kernel = Kernel(np.ones(shape))
    assert kernel.size == (3, 4)
    assert kernel.output_channels == outputs
    assert kernel.planes.shape == (planes, 3, 4)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (1, "make no kernel"),
        ([1, 2], "make no kernel"),
        (np.ones((1, 1, 1, 1, 1)), "make no kernel"),
        ([[1, 2], [3]], "not a full table"),
        ([["a"]], "not a full table"),
        ([[None]], "not finite|not a full table"),
        ([[]], "without weights"),
        (np.ones((0, 3, 3)), "without weights"),
        ([[1, np.nan]], r"\(0, 1\) is not finite"),
        ([[1], [-np.inf]], r"\(1, 0\) is not finite"),
        (np.ones((1, MAX_KERNEL_SIDE + 1)), "1×1024 weights"),
    ],
)
def test_weights_that_make_no_kernel(weights: Any, message: str) -> None:
    with pytest.raises(KernelError, match=message) as caught:
        Kernel(weights)
    assert caught.value.hint


def test_the_largest_side() -> None:
    assert Kernel(np.ones((MAX_KERNEL_SIDE, 1))).size == (MAX_KERNEL_SIDE, 1)


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"divisor": 0}, "divisor 0"),
        ({"divisor": np.nan}, "divisor 'nan' is not a finite number"),
        ({"divisor": np.inf}, "divisor 'inf' is not a finite number"),
        ({"bias": np.nan}, "bias 'nan' is not a finite number"),
        ({"bias": [0, 0]}, "2 biases for 1 output channel\n"),
        ({"bias": []}, "0 biases"),
        ({"anchor": (3, 0)}, r"\[3, 0\] lies outside a 3×3"),
        ({"anchor": (0, -1)}, "anchor -1 is not two whole numbers from 0"),
        ({"anchor": (0, 1.5)}, "anchor 1.5 is not two"),
        ({"anchor": 1}, "anchor 1 is not two"),
    ],
)
def test_numbers_that_make_no_kernel(about: dict[str, Any], message: str) -> None:
    with pytest.raises(KernelError, match=message) as caught:
        Kernel(SOBEL, **about)
    assert caught.value.hint


def test_a_bias_for_each_output_channel() -> None:
    assert Kernel(np.ones((2, 3, 1, 1)), bias=[1, 2]).bias == (1, 2)
    assert Kernel(np.ones((2, 3, 1, 1)), bias=0.5).bias == (0.5,)
    with pytest.raises(KernelError, match="3 biases for 2 output channels"):
        Kernel(np.ones((2, 3, 1, 1)), bias=[1, 2, 3])


@pytest.mark.parametrize(
    ("weights", "divisor", "whole"),
    [(SOBEL, 1, True), (BINOMIAL, 16, True), (SOBEL, 0.5, False), ([[0.5]], 1, False), ([[1e300]], 1, True)],
)
def test_is_integer(weights: Any, divisor: float, whole: bool) -> None:
    assert Kernel(weights, divisor).is_integer is whole


@pytest.mark.parametrize(
    ("weights", "divisor", "total", "gain"),
    [
        (BINOMIAL, 16, 16, 1),
        (SOBEL, 1, 0, 0),
        (SHARPEN, 2, 1, 0.5),
        ([[[1, 1]], [[3, 4]]], 1, 9, 2),
        ([[[[1]], [[2]]], [[[5]], [[6]]]], 1, 14, 3),
        ([[1e16, 1, -1e16]], 1, 1, 1),
    ],
)
def test_sum_and_gain(weights: Any, divisor: float, total: float, gain: float) -> None:
    kernel = Kernel(weights, divisor)
    assert kernel.sum == total
    assert kernel.gain == gain


@pytest.mark.parametrize(
    ("weights", "rank"),
    [(BINOMIAL, 1), (SOBEL, 1), (SHARPEN, 2), (np.eye(5), 5), ([[0, 0]], 0), ([BINOMIAL, SHARPEN], 2), ([[7]], 1)],
)
def test_rank(weights: Any, rank: int) -> None:
    assert Kernel(weights).rank == rank


@pytest.mark.parametrize(
    ("weights", "symmetry"),
    [
        (BINOMIAL, "full"),
        (SHARPEN, "full"),
        ([[1, 2, 1]], "horizontal and vertical"),
        ([[1, 2, 1], [3, 4, 3]], "horizontal"),
        ([[1, 2], [3, 4], [1, 2]], "vertical"),
        ([[1, 2], [2, 1]], "point"),
        (SOBEL, "vertical"),
        ([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]], "odd"),
        ([[1, 2], [3, 4]], "none"),
        ([BINOMIAL, SOBEL], "vertical"),
    ],
)
def test_symmetry(weights: Any, symmetry: str) -> None:
    assert Kernel(weights).symmetry == symmetry


@pytest.mark.parametrize(
    ("weights", "about", "expected"),
    [
        (BINOMIAL, {"divisor": 16}, (0, 1)),
        (SOBEL, {}, (-4, 4)),
        (SOBEL, {"divisor": -4, "bias": 0.5}, (-0.5, 1.5)),
        (SHARPEN, {}, (-4, 5)),
        ([[[[1]], [[-1]]], [[[2]], [[0]]]], {"bias": [0, 1]}, (-1, 3)),
    ],
)
def test_output_range(weights: Any, about: dict[str, Any], expected: tuple[float, float]) -> None:
    assert Kernel(weights, **about).output_range == pytest.approx(expected)


shapes = st.sampled_from([(3, 4), (2, 3, 3), (3, 2, 2, 3)])


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), shapes, st.sampled_from([1.0, -2.0, 0.3]))
def test_no_picture_leaves_the_output_range_and_one_reaches_it(
    seed: int, shape: tuple[int, ...], divisor: float
) -> None:
    rng = np.random.default_rng(seed)
    kernel = Kernel(rng.normal(size=shape), divisor, bias=float(rng.normal()))
    low, high = kernel.output_range
    channels = shape[1] if len(shape) == 4 else shape[0] if len(shape) == 3 else 1
    rounding = 1e-12 * (abs(low) + abs(high))
    result = correlate(rng.random((9, 9, channels)), kernel, border="wrap", engine="numpy")
    assert low - rounding <= result.min()
    assert result.max() <= high + rounding
    # The picture that is white under the positive weights, and its negative.
    outputs = kernel.weights if len(shape) == 4 else kernel.planes[:, np.newaxis]
    reached = []
    for output in outputs:
        seen = (output / divisor > 0).transpose(1, 2, 0).astype(float)
        for picture in (seen, 1 - seen):
            wide = np.concatenate([picture] * channels, axis=2) if len(shape) == 3 else picture
            reached.append(correlate(wide, kernel, padding="valid", engine="numpy"))
    assert np.min(reached) == pytest.approx(low)
    assert np.max(reached) == pytest.approx(high)


def test_flipped_is_turned_by_180_degrees() -> None:
    kernel = Kernel([[1, 2, 3, 4], [5, 6, 7, 8]], divisor=3, bias=0.5).flipped()
    assert kernel.weights.tolist() == [[8, 7, 6, 5], [4, 3, 2, 1]]
    assert kernel.anchor == (1, 2)
    assert (kernel.divisor, kernel.bias) == (3, (0.5,))
    back = kernel.flipped()
    assert back.anchor == (1, 2)
    assert back.weights.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert Kernel(np.arange(8).reshape(2, 1, 2, 2)).flipped().weights[0, 0].tolist() == [[3, 2], [1, 0]]


@pytest.mark.parametrize("anchor", [(0, 0), (1, 2), (0, 3)])
def test_an_anchor_that_is_given_names_a_weight_and_turns_with_it(anchor: tuple[int, int]) -> None:
    kernel = Kernel(np.arange(8).reshape(2, 4), anchor=anchor)
    for each in (kernel, replace(kernel, divisor=3), pickle.loads(pickle.dumps(kernel))):
        turned = each.flipped()
        assert turned.anchor == (1 - anchor[0], 3 - anchor[1])
        assert turned.weights[turned.anchor] == kernel.weights[anchor]
        assert turned.flipped().anchor == anchor


def test_the_default_anchor_follows_the_size() -> None:
    kernel = pickle.loads(pickle.dumps(Kernel(np.ones((2, 4)))))
    assert not kernel.has_own_anchor
    assert replace(kernel, weights=np.ones((6, 3))).anchor == (3, 1)
    assert Kernel(np.ones((6, 3)), anchor=kernel.anchor).flipped().anchor == (3, 1)


@pytest.mark.parametrize(
    ("weights", "by", "divisor"),
    [
        (BINOMIAL, "sum", 16),
        (BINOMIAL, "l1", 16),
        (BINOMIAL, "none", 7),
        (SHARPEN, "sum", 1),
        (SHARPEN, "l1", 9),
        (SOBEL, "sum", 7),  # a sum of zero leaves the kernel alone
        (SOBEL, "l1", 8),
        ([[-1, -1]], "sum", -2),
        ([[0.1, 0.2, -0.3]], "sum", 7),  # zero but for the rounding of decimals
        ([[0, 0]], "l1", 7),
        ([[[1, 3]], [[2, 2]]], "sum", 4),
        ([[[[0.1]], [[0.2]]], [[[0.15]], [[0.15]]]], "sum", 0.3),
    ],
)
def test_normalized(weights: Any, by: str, divisor: float) -> None:
    kernel = Kernel(weights, divisor=7).normalized(by)
    assert kernel.divisor == pytest.approx(divisor)
    np.testing.assert_array_equal(kernel.weights, weights)


def test_normalized_has_gain_one() -> None:
    assert Kernel(BINOMIAL).normalized("sum").gain == 1
    assert Kernel([[-1, -1]]).normalized("sum").gain == 1


def test_normalizations_that_cannot_be() -> None:
    with pytest.raises(KernelError, match="normalize 'max' is not one of none, sum, l1") as caught:
        Kernel(BINOMIAL).normalized("max")
    assert caught.value.hint == "give one of none, sum, l1"
    with pytest.raises(KernelError, match="different sums \\(1 to 2\\)") as caught:
        Kernel([[[1]], [[2]]]).normalized("sum")
    assert caught.value.hint


def test_kernels_go_to_other_processes() -> None:
    kernel = Kernel([[1, 2]], 3, 0.5, (0, 0))
    back = pickle.loads(pickle.dumps(kernel))
    assert (back.weights.tolist(), back.divisor, back.bias, back.anchor) == ([[1, 2]], 3, (0.5,), (0, 0))
