"""Activations, compared with PyTorch, and their scale on pictures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from convcli.catalog import load_filter
from convcli.engine import apply_layer, apply_pipeline
from convcli.engine.networks.erf import erf
from convcli.errors import ShareError
from convcli.filters import CELU, ELU, GELU, HardSigmoid, Layer, Softplus, check_shares

SHARES = st.floats(-100, 100)
POSITIVE = st.floats(0.01, 100)
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e30, -1e30, 88.0, -745.0]


def torchs(layer: Layer, values: NDArray[Any]) -> NDArray[Any]:
    """Return what PyTorch makes of values (height, width, channels)."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    functions: dict[str, Any] = {
        "elu": lambda x, each: functional.elu(x, each.alpha),
        "celu": lambda x, each: functional.celu(x, each.alpha),
        "gelu": lambda x, each: functional.gelu(x, approximate=each.approximate),
        "softplus": lambda x, each: functional.softplus(x, each.beta, each.threshold),
        "hard-sigmoid": lambda x, _: functional.hardsigmoid(x),
        "hard-swish": lambda x, _: functional.hardswish(x),
        "softmax": lambda x, _: functional.softmax(x, 2),
        "log-softmax": lambda x, _: functional.log_softmax(x, 2),
    }
    known = functions.get(layer.name) or (lambda x, each: getattr(functional, each.name)(x))
    return known(torch.from_numpy(values), layer).numpy()  # type: ignore[no-any-return]


LAYERS = st.one_of(
    st.sampled_from(["sigmoid", "tanh", "selu", "silu", "mish", "hard-sigmoid", "hard-swish", "softmax", "log-softmax"])
    .map(load_filter)
    .map(lambda pipeline: pipeline.layers[0]),
    st.builds(ELU, SHARES),
    st.builds(CELU, POSITIVE),
    st.builds(GELU, st.sampled_from(["none", "tanh"])),
    st.builds(Softplus, POSITIVE, SHARES),
)


@settings(max_examples=80, deadline=None)
@given(layer=LAYERS, seed=st.integers(0, 99), spread=st.sampled_from([0.1, 1, 30]), dtype=st.sampled_from("fd"))
def test_an_activation_is_that_of_pytorch(layer: Layer, seed: int, spread: float, dtype: str) -> None:
    generator = np.random.default_rng(seed)
    values = np.append(generator.normal(size=51) * spread, SPECIAL).reshape(5, 4, 3).astype(dtype)
    if isinstance(layer, GELU) and dtype == "f":
        values[values == np.inf] = 9  # PyTorch makes NaN of it, and of float64 infinity, as the formula does
    tolerance = 1e-12 if dtype == "d" else 3e-6
    scale = abs(getattr(layer, "alpha", 1)) if layer.name != "hard-sigmoid" else 1
    made = apply_layer(layer, values, 1.0)
    assert made.dtype == values.dtype
    np.testing.assert_allclose(made, torchs(layer, values), rtol=tolerance, atol=tolerance * max(scale, 1))


def test_the_hard_sigmoid_of_onnx_has_another_slope() -> None:
    values = np.array([[[-3.0], [-1.0], [0.0], [1.0], [np.nan]]])
    made = apply_layer(HardSigmoid(0.2, 0.5), values, 1.0)
    np.testing.assert_allclose(made.ravel(), [0, 0.3, 0.5, 0.7, np.nan], rtol=1e-15)


def test_the_error_function_is_that_of_the_standard_library() -> None:
    values = np.concatenate([np.linspace(-7, 7, 20_001), [5e-324, -0.0, np.inf, -np.inf]])
    np.testing.assert_allclose(erf(values), [math.erf(each) for each in values.tolist()], rtol=0, atol=1e-15)
    assert np.isnan(erf(np.array([np.nan]))[0])
    assert math.copysign(1, erf(np.array([-0.0]))[0]) == -1


@pytest.mark.parametrize(
    ("text", "level"), [("sigmoid", 186), ("tanh", 194), ("elu", 255), ("hard-sigmoid", 170), ("softplus", 255)]
)
def test_the_levels_of_a_picture_are_shares(text: str, level: int) -> None:
    # White is 1: 1 / (1 + e⁻¹) = 0.731, tanh 1 = 0.762 (194.2), 1/6 + 1/2 = 0.667, log(1 + e) = 1.313.
    white = np.full((2, 2, 1), 255, np.uint8)
    made = apply_pipeline(load_filter(text), white, full_scale=255.0, dtype=np.uint8).values
    assert made.ravel().tolist() == [level] * 4


def test_softmax_shares_full_scale_among_the_channels() -> None:
    array = np.random.default_rng(5).integers(0, 256, (4, 5, 3), np.uint8)
    made = apply_pipeline(load_filter("softmax"), array, full_scale=255.0, dtype=np.float64).values
    np.testing.assert_allclose(made.sum(axis=2), 255, rtol=1e-6)
    powers = np.exp(array / 255)
    np.testing.assert_allclose(made, 255 * powers / powers.sum(axis=2, keepdims=True), rtol=1e-5)


@pytest.mark.parametrize("text", ["sigmoid", "tanh", "hard-sigmoid", "softmax", "elu", "gelu", "softplus:1", "selu"])
def test_a_level_behind_an_activation_that_none_reaches_is_refused(text: str) -> None:
    with pytest.raises(ShareError):
        check_shares(load_filter(f"{text} | threshold:128"), 255.0)


@pytest.mark.parametrize(("text", "level"), [("selu", 1.7), ("softplus:0.1", 7.9), ("elu:5", 4.9)])
def test_a_level_behind_an_activation_that_reaches_it_is_meant(text: str, level: float) -> None:
    check_shares(load_filter(f"{text} | threshold:{level}"), 255.0)
