"""The formulas of activations, on shares of full scale."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.networks.erf import erf
from convcli.filters import (
    CELU,
    ELU,
    GELU,
    SELU_ALPHA,
    SELU_SCALE,
    Activation,
    HardSigmoid,
    OverChannels,
    Softplus,
)


def activated(layer: Activation | OverChannels, values: Array, full_scale: Any) -> Array:
    """Return the values (height, width, channels) after an activation, in levels; NaN and infinities as in PyTorch."""
    made: Array = _FORMULAS[layer.name](values / full_scale if full_scale != 1 else values, layer)
    return made if full_scale == 1 else made * full_scale


def _sigmoid(x: Array, _: object = None) -> Array:
    made: Array = 1 / (1 + np.exp(-x))
    return made


def _elu(x: Array, layer: ELU) -> Array:
    return _bent(x, layer.alpha * np.expm1(_negative(x)))


def _celu(x: Array, layer: CELU) -> Array:
    return _bent(x, layer.alpha * np.expm1(_negative(x) / layer.alpha))


def _selu(x: Array, _: object) -> Array:
    return SELU_SCALE * _bent(x, SELU_ALPHA * np.expm1(_negative(x)))


# Sums in place of a choice for each value, which takes several times as long: one of the two is 0.
def _bent(x: Array, below: Array) -> Array:
    made: Array = np.clip(x, 0, np.inf) + below
    return made


def _negative(x: Array) -> Array:
    made: Array = np.clip(x, -np.inf, 0)
    return made


def _gelu(x: Array, layer: GELU) -> Array:
    if layer.approximate == "tanh":
        inner = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x))
    else:
        inner = erf(x * math.sqrt(0.5))
    made: Array = 0.5 * x * (1 + inner)
    return made


def _softplus(x: Array, layer: Softplus) -> Array:
    scaled = x * layer.beta
    return np.where(scaled > layer.threshold, x, np.log1p(np.exp(scaled)) / layer.beta)


def _mish(x: Array, _: object) -> Array:
    made: Array = x * np.tanh(_softplus(x, Softplus()))
    return made


def _hard_sigmoid(x: Array, layer: HardSigmoid) -> Array:
    made: Array = np.clip(layer.alpha * x + layer.beta, 0, 1)
    return made


def _softmax(x: Array, _: object) -> Array:
    powers = np.exp(x - x.max(axis=2, keepdims=True))
    made: Array = powers / powers.sum(axis=2, keepdims=True)
    return made


def _log_softmax(x: Array, _: object) -> Array:
    less = x - x.max(axis=2, keepdims=True)
    made: Array = less - np.log(np.exp(less).sum(axis=2, keepdims=True))
    return made


_FORMULAS: dict[str, Callable[[Array, Any], Array]] = {
    "sigmoid": _sigmoid,
    "tanh": lambda x, _: np.tanh(x),
    "elu": _elu,
    "celu": _celu,
    "selu": _selu,
    "gelu": _gelu,
    "silu": lambda x, _: x / (1 + np.exp(-x)),
    "mish": _mish,
    "softplus": _softplus,
    "hard-sigmoid": _hard_sigmoid,
    "hard-swish": lambda x, _: x * np.clip(x + 3, 0, 6) / 6,
    "softmax": _softmax,
    "log-softmax": _log_softmax,
}
