"""The fully connected layer: ``linear``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from convcli.catalog.parameters.arguments import Bound
from convcli.catalog.parameters.conv_layer import check_not_made, has_made_bias
from convcli.catalog.parameters.weights import given_bias, given_table
from convcli.catalog.words.problem import Problem, at
from convcli.filters import Linear


def linear_layer(bound: Bound, folder: Path | None) -> Linear:
    """Return, as `kernel_layer`, a fully connected layer: its weights given, or to be made when its input is known."""
    values = bound.values
    if "weights" in values:
        return _given(bound, folder)
    if "out_features" not in values:
        raise Problem((), "linear has neither weights nor out_features", "write linear: {out_features: 10}")
    init = values.get("init", "random")
    seed = values.get("seed", None if init == "random" else 0)
    return Linear(values["out_features"], init=init, seed=seed, has_bias=has_made_bias(bound))


def _given(bound: Bound, folder: Path | None) -> Linear:
    check_not_made("linear", bound, ("init", "seed"))
    with at(*bound.paths["weights"]):
        weights = np.asarray(given_table(bound.values["weights"], folder), np.float64)
        if weights.ndim != 2 or not weights.size or not np.isfinite(weights).all():
            raise Problem((), f"weights of shape {weights.shape}", "give a row of finite numbers per output")
    bias = None
    if bound.values.get("bias", False) is not False:
        with at(*bound.paths["bias"]):
            bias = np.array(given_bias(bound.values["bias"], folder))
    with at():
        return Linear(bound.values.get("out_features", len(weights)), weights, bias)
