import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convcli import learn
from convcli.catalog import list_filters, load_filter
from convcli.catalog.families import FAMILIES
from convcli.catalog.folders import builtin_files
from convcli.filters.kernel import Kernel
from convcli.learning.naming.nearest import nearest_builtin
from convcli.learning.result import Nearest
from tests.support.filters import kernel_of, scaled
from tests.support.sweeps import repeats, some

FIXED = [name for name in builtin_files() if load_filter(name).conv is not None]

# Those of formulas, as they are to be told: without what is the default.
OF_FORMULAS = [
    *("box", "box:size=4", "box:size=5", "box:size=7"),
    *("binomial", "binomial:size=2", "binomial:size=4", "binomial:size=5", "binomial:size=7"),
    *("gaussian", "gaussian:sigma=0.4", "gaussian:sigma=0.6", "gaussian:sigma=0.75", "gaussian:sigma=0.85"),
    *("gaussian:size=7", "gaussian:size=6", "gaussian:sigma=1.5,size=5", "gaussian:sigma=2,size=7"),
    *("disk", "disk:radius=1", "disk:radius=1.5", "disk:radius=2.2", "disk:radius=3.4"),
    *("motion:length=3", "motion:length=7", "motion:length=5,angle=45", "motion:length=7,angle=90"),
    *("motion:length=5,angle=30", "motion:length=6,angle=160", "motion:length=4.5,angle=100"),
    *(f"kirsch:direction={direction}" for direction in ("n", "ne", "e", "se", "s", "sw", "w", "nw")),
    *("robinson:direction=n", "robinson:direction=ne", "robinson:direction=w", "robinson:direction=nw"),
    *("log:sigma=0.5", "log:sigma=0.7", "log:size=5", "log:sigma=1.2,size=6", "log:sigma=1.4,size=7"),
    *("dog:sigma1=0.5", "dog:sigma1=0.4", "dog:sigma1=0.4,sigma2=0.8", "dog:sigma1=0.5,sigma2=0.7"),
    *(
        "unsharp:sigma=0.5,amount=2",
        "unsharp:sigma=0.7,amount=0.5",
        "unsharp:sigma=0.8",
        "unsharp:sigma=0.6,amount=1.5",
    ),
    *("highpass:sigma=0.5", "highpass:sigma=0.7", "highpass:sigma=0.85"),
    *("gabor:sigma=1,gamma=1", "gabor:sigma=0.8,gamma=1,psi=0.5", "gabor:sigma=1,theta=0.5,lambda=3,gamma=1"),
    *("sobel-x", "sobel-y", "sobel-x:size=5", "sobel-y:size=7"),
    *("shift", "shift:dx=-1", "shift:dx=0,dy=1", "shift:dx=3,dy=-2"),
]
LARGER = [
    *("box:height=3,width=5", "box:height=6,width=2", "gaussian:sigma_x=1.5,sigma_y=0.8"),
    *("gaussian:sigma=1.5", "gaussian:sigma=2.5", "log:sigma=1.4", "dog", "dog:sigma2=3", "dog:sigma1=1.5"),
    *("unsharp", "unsharp:sigma=1.5,amount=0.7", "highpass:sigma=1.5", "disk:radius=5", "binomial:size=11", "motion"),
    *("motion:length=13,angle=30", "gabor", "gabor:theta=0.7,lambda=5,gamma=0.8,psi=0.3", "unsharp:amount=0.3"),
]
# Two names for one kernel up to a scale: neither is wrong.
EQUAL = {
    "pillow:find-edges": {"outline", "laplacian8"},
    "pillow:edge-enhance-more": {"sharpen8"},
    "outline": {"laplacian8"},
    "laplacian8": {"outline"},
    "sobel-x": {"robinson:direction=w"},
    "sobel-y": {"robinson:direction=n"},
    "robinson:direction=w": {"sobel-x"},
    "robinson:direction=n": {"sobel-y"},
    "robinson:direction=ne": {"robinson:direction=sw"},
    "robinson:direction=nw": {"robinson:direction=se", "emboss-gray"},
    # But for its scale, a Gaussian that is cut to a size is one of the same sigma that is not.
    "gaussian:sigma=1.5,size=5": {"gaussian:sigma=1.5"},
    "gaussian:sigma=2,size=7": {"gaussian:sigma=2"},
}


def learned(text: str, error: float = 1e-4, scale: float = 1, seed: int = 0) -> tuple[Kernel, np.ndarray]:
    """Return a kernel as it might have been learned, with errors that are a share of its largest weight."""
    kernel = kernel_of(text)
    weights = kernel.weights / kernel.divisor
    errors = np.full(weights.shape, error * np.abs(weights).max())
    noise = errors * np.random.default_rng(seed).standard_normal(weights.shape)
    return Kernel(scale * (weights + noise), bias=kernel.bias, anchor=kernel.anchor), abs(scale) * errors


def found(text: str, error: float = 1e-4, scale: float = 1) -> Nearest:
    nearest = nearest_builtin(*learned(text, error, scale))
    assert nearest is not None
    return nearest


def windowed(text: str, side: int) -> np.ndarray:
    """Return the weights of a filter in a square window around its anchor, cut or with zeros around."""
    kernel, plane = kernel_of(text), np.zeros((201, 201))
    (height, width), (row, column) = kernel.size, kernel.anchor
    plane[100 - row : 100 - row + height, 100 - column : 100 - column + width] = kernel.weights / kernel.divisor
    return plane[100 - side // 2 :, 100 - side // 2 :][:side, :side]


@pytest.mark.parametrize("text", [*FIXED, *OF_FORMULAS, *LARGER])
def test_every_built_in_is_found_by_name(text: str) -> None:
    nearest = found(text)
    # Even where two are equal but for the scale, this is the one that needs none.
    assert nearest.text == text or (text.startswith("pillow:") and nearest.text in EQUAL[text])
    assert nearest.scale == pytest.approx(1, abs=2e-3)
    assert nearest.difference < 0.003
    # What is found is what apply takes.
    made, wanted = kernel_of(nearest.text), kernel_of(text)
    if made.size == wanted.size:
        np.testing.assert_allclose(made.weights / made.divisor, wanted.weights / wanted.divisor, atol=2e-3)
    else:
        assert text in LARGER


@pytest.mark.parametrize(("text", "scale"), some(list(product([*FIXED, *OF_FORMULAS, *LARGER], [-2, 0.25]))))
def test_every_built_in_is_found_at_any_scale(text: str, scale: float) -> None:
    if text == "binomial:size=2":  # four equal weights: their number is shorter than the name with its scale
        return
    nearest = found(text, scale=scale)
    if nearest.text != text:
        assert nearest.text in EQUAL[text]
    else:
        assert nearest.scale == pytest.approx(scale, rel=2e-3)
    assert nearest.difference < 0.003


def test_no_family_is_left_out() -> None:
    assert {text.partition(":")[0] for text in OF_FORMULAS} == set(FAMILIES) - {"sobel"}  # no kernel but a magnitude
    assert len(FIXED) >= len([entry for entry in list_filters() if "1x1" in entry.tags]) + 20


@pytest.mark.sweep
@pytest.mark.parametrize("text", ["sobel-x", "sharpen", "binomial:size=5", "gaussian", "emboss", "gaussian:sigma=1.5"])
@pytest.mark.parametrize("error", [1e-12, 1e-6, 1e-3, 5e-3])
def test_more_and_less_certain_weights(text: str, error: float) -> None:
    nearest = found(text, error)
    assert nearest.text == text
    assert nearest.difference < 15 * error + 1e-9


def test_less_certain_weights_give_shorter_numbers() -> None:
    assert found("gaussian:sigma=1.23456", 1e-5).text == "gaussian:sigma=1.2346"
    assert found("gaussian:sigma=1.2345", 5e-3).text == "gaussian:sigma=1.23"


@pytest.mark.parametrize("text", ["identity", "sobel-x", "box", "roberts-1", "binomial:size=5", "shift:dx=2,dy=-1"])
@pytest.mark.parametrize("side", [7, 15])
def test_a_window_may_be_larger(text: str, side: int) -> None:
    weights = windowed(text, side)
    noise = 1e-4 * np.random.default_rng(0).standard_normal(weights.shape)
    nearest = nearest_builtin(Kernel(weights + noise), np.full(weights.shape, 1e-4))
    assert nearest is not None
    assert nearest.text == text


@pytest.mark.parametrize(
    ("text", "side", "expected"),
    [
        ("gaussian", 5, "gaussian:sigma=1,size=5"),
        ("gaussian:sigma=1.5", 7, "gaussian:sigma=1.5,size=7"),
        ("unsharp:sigma=1.5", 5, None),
        ("dog:sigma1=1.5", 9, None),
        ("gaussian:sigma=4", 9, "gaussian:sigma=4,size=9"),
        ("gabor:sigma=4,lambda=9", 9, None),
    ],
)
def test_weights_outside_the_window_are_zero(text: str, side: int, expected: str | None) -> None:
    cut = windowed(text, side)
    scale = cut.sum() if expected else 1  # what is learned keeps the brightness
    nearest = nearest_builtin(Kernel(cut / scale), np.full((side, side), 1e-6))
    assert (nearest.text if nearest else None) == expected


def test_a_smaller_built_in_is_compared_whole() -> None:
    line = np.array([1, 2, 2, 1]) / 6
    nearest = nearest_builtin(Kernel(np.outer(line, line)), np.full((4, 4), 1e-5))
    assert nearest is not None
    # The products of a bell with the right ratio are these weights; of binomials none is.
    assert nearest.text.startswith("gaussian:sigma=1.2")
    assert nearest.text.endswith(",size=4")
    assert nearest.scale == 1
    applied = scaled(nearest.text)
    np.testing.assert_allclose(applied, np.outer(line, line), rtol=0, atol=2e-4)


def test_a_window_that_cuts_much_off_makes_another_kernel() -> None:
    cut = windowed("gaussian:sigma=2", 3)
    nearest = nearest_builtin(Kernel(cut / cut.sum()), np.full((3, 3), 1e-5))
    assert nearest is not None
    assert nearest.text == "gaussian:sigma=2,size=3"
    assert nearest_builtin(Kernel([[1, -1]]), np.full((1, 2), 1e-6)) is None


def test_the_anchor_counts() -> None:
    center = nearest_builtin(Kernel(np.ones((3, 3)) / 9), np.full((3, 3), 1e-5))
    corner = nearest_builtin(Kernel(np.ones((3, 3)) / 9, anchor=(0, 0)), np.full((3, 3), 1e-5))
    assert center is not None
    assert center.text == "box"
    assert corner is not None
    assert corner.text == "shift:dx=-1,dy=-1 | box"


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (1, 5)])
def test_identity(shape: tuple[int, int]) -> None:
    weights = np.zeros(shape)
    weights[shape[0] // 2, shape[1] // 2] = 1
    assert nearest_builtin(Kernel(weights), np.full(shape, 1e-6)) == Nearest("identity", 1.0, 0.0)


@pytest.mark.parametrize("shape", [(3, 3), (3, 3, 3), (3, 3, 5, 5)])
def test_zeros_are_near_nothing(shape: tuple[int, ...]) -> None:
    assert nearest_builtin(Kernel(np.zeros(shape)), np.full(shape, 1e-4)) is None


@pytest.mark.parametrize(
    ("text", "bias", "expected"),
    [
        ("emboss-gray", 0.5, "emboss-gray"),
        ("emboss-gray", 0, "robinson:direction=se"),
        ("outline", 0, "outline"),
        ("outline", 1, "pillow:contour"),
    ],
)
def test_the_bias_tells_equal_weights_apart(text: str, bias: float, expected: str) -> None:
    nearest = nearest_builtin(Kernel(kernel_of(text).weights, bias=bias), np.full((3, 3), 1e-5))
    assert nearest is not None
    assert (nearest.text, nearest.scale) == (expected, 1)


@pytest.mark.parametrize("text", ["sobel-x", "gaussian", "sharpen"])
@pytest.mark.parametrize("form", ["depthwise", "full"])
def test_planes_that_agree_are_one(text: str, form: str) -> None:
    plane = windowed(text, 9)
    planes = np.stack([plane] * 3)
    if form == "full":
        planes = np.einsum("oi,oyx->oiyx", np.eye(3), planes)
    noise = 1e-4 * np.random.default_rng(0).standard_normal(planes.shape)
    nearest = nearest_builtin(Kernel(planes + noise), np.full(planes.shape, 1e-4))
    assert nearest is not None
    assert nearest.text == text
    assert nearest.scale == pytest.approx(1, abs=1e-3)
    assert nearest.difference < 0.01


def test_planes_that_differ_are_none() -> None:
    planes = np.stack([windowed("sobel-x", 3), windowed("sobel-y", 3), windowed("box", 3)])
    assert nearest_builtin(Kernel(planes), np.full(planes.shape, 1e-4)) is None
    channels = np.einsum("oi,oyx->oiyx", np.eye(3), planes)
    assert nearest_builtin(Kernel(channels), np.full(channels.shape, 1e-4)) is None


@pytest.mark.parametrize("text", ["sepia", "swap-rb", "luma:bt601", "luma:bt709"])
def test_kernels_of_channels_may_lie_in_a_window(text: str) -> None:
    weights = np.pad(kernel_of(text).weights / kernel_of(text).divisor, ((0, 0), (0, 0), (1, 1), (1, 1)))
    nearest = nearest_builtin(Kernel(weights), np.full(weights.shape, 1e-4))
    assert nearest is not None
    assert nearest.text == text


def test_weights_that_are_not_known_do_not_count() -> None:
    weights, errors = kernel_of("sobel-x").weights.copy(), np.full((3, 3), 1e-4)
    weights[0, 0], errors[0, 0] = 7, math.inf
    nearest = nearest_builtin(Kernel(weights), errors)
    assert nearest is not None
    assert (nearest.text, nearest.difference) == ("sobel-x", 0)


@given(side=st.sampled_from([3, 5, 7]), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=repeats(50))
def test_numbers_without_a_rule_are_near_nothing_that_stands_alone(side: int, seed: int) -> None:
    weights = np.random.default_rng(seed).standard_normal((side, side))
    assert nearest_builtin(Kernel(weights), np.full((side, side), 1e-4)) is None


# Narrower, and at another scale than 1, a difference of Gaussians is as near: its narrow one is a single weight.
@settings(max_examples=repeats(30))
@given(sigma=st.floats(0.6, 2), scale=st.floats(0.1, 10), seed=st.integers(0, 2**32 - 1))
def test_a_sigma_is_found_within_its_error(sigma: float, scale: float, seed: int) -> None:
    nearest = nearest_builtin(*learned(f"highpass:{sigma!r}", 1e-5, scale, seed))
    assert nearest is not None
    name, _, argument = nearest.text.partition(":")
    assert name == "highpass"
    assert float(argument.removeprefix("sigma=") or 1) == pytest.approx(sigma, rel=5e-3)
    assert nearest.scale == pytest.approx(scale, rel=5e-3)


def test_two_mixtures_of_three_channels_are_near_no_built_in() -> None:
    picture, mixture = np.random.default_rng(41).random((40, 50, 3)), np.array([[0.2, 0.5], [0.7, -0.3], [0.1, 0.8]])
    learned = learn(picture, picture @ mixture, size=(1, 1), model="full")
    np.testing.assert_allclose(learned.kernel.weights[:, :, 0, 0], mixture.T, atol=1e-9)
    assert learned.nearest is None
