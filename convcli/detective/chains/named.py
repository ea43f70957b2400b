"""Filters by their names, where these say as much as the learned weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.chains.order import JOINT
from convcli.detective.replayed import apply_text
from convcli.engine import Settings, apply_pipeline
from convcli.filters import Border, Conv, Layer, NamedConv, Pipeline
from convcli.learning import Learned

_STANDARD_ERRORS = 4.0  # that a weight may lie off
_TOGETHER = 2.0  # times the expected length of all errors
_LEAST = 1e-4  # of the largest weight: roundings are not quite independent of the picture
_NO_BIAS = 0.002  # of full scale: half a level, for halves that are rounded up
_REACH = 16  # pixels beside the learned weights that are compared


def named_layers(text: str, border: Border | None = None) -> Iterator[Layer]:
    """Yield the layers of filters as `apply` takes them, kernels by their names, with a border."""
    for link in text.split(JOINT):
        arguments = link.partition(":")[2].removeprefix(":").split(",") if ":" in link else []
        for layer in load_filter(link).layers:
            is_named = isinstance(layer, Conv) and all("=" in each for each in arguments if each)
            named = NamedConv.of(layer, link) if is_named and isinstance(layer, Conv) else layer
            yield replace(named, border=border) if border is not None and isinstance(named, Conv) else named


def snapped(learned: Learned) -> tuple[Layer, ...] | None:
    """Return the layers that the name of a learned kernel stands for; None where its errors do not allow that."""
    near, kernel = learned.nearest, learned.kernel
    is_plain = kernel.weights.ndim == 2 and learned.padding == "same" and learned.stride == (1, 1)
    if near is None or near.scale != 1 or not near.is_certain or not is_plain:
        return None
    bias_error = max(learned.bias_errors, default=0.0)
    if abs(kernel.bias[0]) > max(_STANDARD_ERRORS * bias_error, _NO_BIAS):
        return None
    side = 2 * (max(kernel.size) + _REACH) + 1
    point = np.zeros((side, side, 1), np.float32)
    point[side // 2, side // 2] = 1
    # Without the bias: a point through either is its weights, turned.
    weights = replace(kernel, bias=(0.0,))
    difference = np.abs(_through(Pipeline((Conv(weights),)), point) - apply_text(near.text, point))
    errors = learned.errors[np.isfinite(learned.errors)]
    largest = float(np.abs(kernel.weights / kernel.divisor).max())
    allowed = max(_STANDARD_ERRORS * float(errors.max(initial=0)), _LEAST * largest)
    together = max(_TOGETHER * float(np.linalg.norm(errors)), _LEAST * largest * max(kernel.size))
    if float(difference.max()) > allowed or float(np.linalg.norm(difference)) > together:
        return None
    return tuple(named_layers(near.text, learned.border.border if learned.border else learned.given_border))


def _through(pipeline: Pipeline, values: Array) -> Array:
    computed = apply_pipeline(pipeline, values, full_scale=1.0, dtype=np.float32, settings=Settings("numpy"))
    return np.asarray(computed.values)
