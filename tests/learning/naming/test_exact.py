from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from convcli.filters.kernel import Kernel
from convcli.learning.naming.exact import LARGEST_CHANCE, simplest_form
from convcli.learning.result import ExactForm
from tests.support.filters import kernel_of


def learned(kernel: Kernel, error: float, seed: int = 0, bias: Sequence[float] | None = None) -> Kernel:
    """Return the kernel as it might have been learned: floats with noise."""
    weights = kernel.weights / kernel.divisor
    noise = error * np.random.default_rng(seed).standard_normal(weights.shape)
    return Kernel(weights + noise, bias=kernel.bias if bias is None else bias, anchor=kernel.anchor)


def form_of(kernel: Kernel, error: float, bias_errors: tuple[float, ...] = ()) -> ExactForm | None:
    return simplest_form(kernel, np.full(kernel.weights.shape, error), bias_errors)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("identity", 1e-4),
        ("box:3", 1e-4),
        ("box:5", 1e-4),
        ("box:9", 1e-5),
        ("binomial:3", 1e-4),
        ("binomial:5", 1e-5),
        ("sobel-x", 1e-4),
        ("sobel-x:divisor=4", 1e-4),
        ("prewitt-y:divisor=3", 1e-4),
        ("scharr-x:divisor=16", 1e-4),
        ("kirsch:n", 1e-3),
        ("laplacian8", 1e-3),
        ("roberts-1", 1e-4),
        ("emboss-gray", 1e-4),
        ("pillow:smooth", 1e-4),
        ("pillow:smooth-more", 1e-5),
        ("pillow:detail", 1e-4),
        ("pillow:sharpen", 1e-4),
        ("motion:length=5", 1e-4),
        ("sepia", 1e-5),
        ("luma:bt601", 2e-6),
        ("swap-rb", 1e-4),
        ("1 -1", 1e-12),
        ("3 1 4; 1 5 9; 2 6 5", 1e-12),
    ],
)
def test_exact_kernels_are_found(text: str, error: float, seed: int) -> None:
    kernel = kernel_of(text)
    form = form_of(learned(kernel, error, seed), error)
    assert form is not None
    found = form.kernel
    assert found.is_integer
    np.testing.assert_allclose(found.weights / found.divisor, kernel.weights / kernel.divisor, rtol=1e-12, atol=1e-15)
    assert found.anchor == kernel.anchor
    assert form.largest <= 6 * error


def test_the_divisor_is_the_smallest() -> None:
    form = form_of(learned(kernel_of("pillow:sharpen"), 1e-4), 1e-4)
    assert form is not None
    # Its own numbers are −2 and 32 over 16.
    np.testing.assert_array_equal(form.kernel.weights, [[-1, -1, -1], [-1, 16, -1], [-1, -1, -1]])
    assert form.kernel.divisor == 8


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("error", [1e-3, 1e-4, 1e-5])
@pytest.mark.parametrize(
    "text",
    ["freichen-x", "disk:3", "log:1", "dog:1", "unsharp:1.5,0.7", "motion:7,20", "gabor:1.5"]
    + [f"gaussian:{sigma}" for sigma in (0.4, 0.5, 0.65, 0.8, 1, 1.5, 2, 3)],
)
def test_kernels_of_formulas_have_no_exact_form(text: str, error: float, seed: int) -> None:
    assert form_of(learned(kernel_of(text), error, seed), error) is None


def test_an_exact_kernel_known_too_badly_has_none() -> None:
    assert form_of(learned(kernel_of("sepia"), 1e-2), 1e-2) is None


def test_zeros_have_no_form() -> None:
    assert form_of(Kernel(np.zeros((3, 3))), 1e-4) is None


def test_a_weight_that_is_not_known_does_not_hinder() -> None:
    weights = np.array([[1.0, 2, 1], [2, 4, 2], [1, 2, 0.9]]) / 16
    errors = np.full((3, 3), 1e-5)
    errors[2, 2] = np.inf
    form = simplest_form(Kernel(weights), errors, ())
    assert form is not None
    np.testing.assert_array_equal(form.kernel.weights, [[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    assert form.kernel.divisor == 16


def test_planes_share_one_divisor() -> None:
    planes = np.stack([kernel_of("sobel-x").weights / 4, np.ones((3, 3)) / 9])
    form = form_of(Kernel(planes), 1e-6)
    assert form is not None
    assert form.kernel.divisor == 36
    np.testing.assert_allclose(form.kernel.weights, planes * 36, rtol=1e-12)


def test_the_anchor_stays() -> None:
    form = form_of(Kernel([[1, -1]], anchor=(0, 0)), 1e-12)
    assert form is not None
    assert form.kernel.anchor == (0, 0)
    assert form.kernel.divisor == 1


@pytest.mark.parametrize(
    ("bias", "error", "simple"),
    [
        (0.00002, 1e-5, 0),
        (0.4999, 1e-4, 0.5),
        (128 / 255 + 3e-5, 2e-5, 128 / 255),
        (0.30004, 2e-5, 0.3),
        (-0.25003, 2e-5, -0.25),
        (0.123456, 1e-8, 0.123456),
        (0.123456, 1e-3, 0.123456),
        (0.1, 1, 0.1),
        (0.1, float("inf"), 0.1),
        (0.1, float("nan"), 0.1),
    ],
)
def test_a_bias_is_the_simplest_number_in_its_error(bias: float, error: float, simple: float) -> None:
    form = form_of(Kernel(np.eye(3), bias=bias), 1e-5, (error,))
    assert form is not None
    assert form.kernel.bias == pytest.approx((simple,), abs=1e-15)


def test_a_bias_that_was_not_learned_stays() -> None:
    form = form_of(Kernel(np.eye(3), bias=0.49999), 1e-5)
    assert form is not None
    assert form.kernel.bias == (0.49999,)


@given(
    integers=st.lists(st.integers(-20, 20), min_size=9, max_size=9),
    divisor=st.integers(1, 200),
    seed=st.integers(0, 2**32 - 1),
)
def test_small_integers_over_a_divisor_are_found(integers: list[int], divisor: int, seed: int) -> None:
    kernel = Kernel(np.reshape(integers, (3, 3)), divisor)
    # One weight, or one number several times, may be any fraction by chance.
    assume(len({abs(each) for each in integers if each}) > 2)
    form = form_of(learned(kernel, 1e-8, seed), 1e-8)
    assert form is not None
    found = form.kernel
    np.testing.assert_allclose(found.weights / found.divisor, kernel.weights / divisor, rtol=1e-12, atol=1e-15)
    common = np.gcd.reduce([divisor, *integers])
    assert found.divisor == divisor // common


@pytest.mark.parametrize("shape", [(3, 3), (5, 5), (3, 3, 3)])
@pytest.mark.parametrize("error", [1e-3, 1e-4, 1e-6])
def test_numbers_without_a_rule_have_no_form(shape: tuple[int, ...], error: float) -> None:
    draws = 2000
    rng = np.random.default_rng(6)
    found = [form_of(Kernel(rng.standard_normal(shape)), error) for _ in range(draws)]
    # Two ways to find one have that chance each, and what is tried is not quite independent.
    assert sum(form is not None for form in found) <= 4 * LARGEST_CHANCE * draws


@pytest.mark.parametrize("side", [15, 21])
def test_a_large_mean_is_as_many_ones(side: int) -> None:
    form = form_of(learned(kernel_of(f"box:{side}"), 6e-5), 6e-5)
    assert form is not None
    assert form.kernel.divisor == side * side
    assert (form.kernel.weights == 1).all()


def test_weights_that_are_not_known_have_no_form() -> None:
    assert form_of(learned(Kernel(np.eye(3)), 0.1), 0.3) is None


@pytest.mark.parametrize(("divisor", "added"), [(2, 0.25), (16, 1 / 32), (8, 0.0)])
@pytest.mark.parametrize("bias", [0.0, 128 / 255])
def test_halves_rounded_up_are_no_bias(divisor: int, added: float, bias: float) -> None:
    weights = np.array([[-1, 3], [2, divisor - 4]]) / divisor
    form = simplest_form(Kernel(weights, bias=bias + added / 255), np.full((2, 2), 1e-6), (1e-6,), 1 / 255)
    assert form is not None
    assert form.kernel.bias[0] == pytest.approx(bias, abs=1e-12)
