"""A pipeline on an array: layer after layer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from convcli.engine.alpha import Alpha, next_opacity, weighted_by_alpha
from convcli.engine.correlate import Computed, Settings, run_conv
from convcli.engine.values import to_integers
from convcli.errors import UsageError
from convcli.pipeline import Conv, Layer, Pipeline


def run(
    pipeline: Pipeline,
    array: NDArray[Any],
    *,
    full_scale: float,
    dtype: DTypeLike,
    settings: Settings = Settings(),  # noqa: B008 - a frozen value
) -> Computed:
    """Apply a pipeline to an array (height, width, channels).

    Values between layers are floats and unclipped: float64 for float64 and uint16 input, else float32.

    Parameters
    ----------
    array
        uint8, uint16, float32 or float64.
    full_scale
        What a bias or constant border of 1 is in its values.
    dtype
        Of the result; integers are rounded half up and clipped.

    Raises
    ------
    ShapeError
        The pipeline does not fit the array; raised before anything is computed.
    """
    pipeline.output_shape((array.shape[2], *array.shape[:2]))
    between = between_layers(array.dtype)
    *before, last = pipeline.layers
    for layer in before:
        array = _run_layer(layer, array, full_scale, between, settings).values
    return _run_layer(last, array, full_scale, dtype, settings)


def run_with_alpha(
    pipeline: Pipeline,
    array: NDArray[Any],
    *,
    alpha: Alpha,
    full_scale: float,
    dtype: DTypeLike,
    settings: Settings = Settings(),  # noqa: B008 - a frozen value
) -> Computed:
    """Apply a pipeline to the colours of an array whose last channel is alpha.

    Parameters
    ----------
    alpha
        ``keep``: colours weigh as much as they are seen (see `weighted_by_alpha`), alpha stays as it is;
        ``filter``: the same, and alpha is filtered too; ``drop``: alpha is ignored and left out.

    Returns
    -------
    Computed
        Colours and, unless dropped, alpha as the last channel.
    """
    colours, opacity = array[:, :, :-1], array[:, :, -1:]
    if alpha == "drop":
        return run(pipeline, colours, full_scale=full_scale, dtype=dtype, settings=settings)
    pipeline.output_shape((colours.shape[2], *colours.shape[:2]))
    convs = [layer for layer in pipeline.layers if isinstance(layer, Conv)]
    if len(convs) < len(pipeline.layers):
        raise _unknown(next(layer for layer in pipeline.layers if layer not in convs))
    seen = opacity.astype(np.float64) / full_scale
    # Where nothing is transparent, weighing by alpha changes nothing, and integers stay exact.
    if seen.min() == 1:
        computed = run(pipeline, colours, full_scale=full_scale, dtype=dtype, settings=settings)
    else:
        computed = _run_weighted(convs, colours.astype(np.float64), seen, full_scale, dtype, settings)
    for conv in convs:
        seen = next_opacity(conv, seen, alpha, settings)
    levels, _ = _as_dtype(seen * full_scale, dtype)
    return replace(computed, values=np.concatenate([computed.values, levels], axis=2))


def _run_weighted(
    convs: list[Conv],
    values: NDArray[Any],
    seen: NDArray[Any],
    full_scale: float,
    dtype: DTypeLike,
    settings: Settings,
) -> Computed:
    engine = settings.chosen(values.size * sum(conv.kernel.planes[0].size for conv in convs))
    settings = replace(settings, engine=engine)
    for conv in convs:
        values = weighted_by_alpha(conv, values, seen, full_scale, settings)
        seen = next_opacity(conv, seen, "keep", settings)
    # Quotients of sums miss a half by a rounding; a millionth of a level brings it back.
    return Computed(*_as_dtype(np.round(values, 6), dtype), engine)


def _as_dtype(values: NDArray[Any], dtype: DTypeLike) -> tuple[NDArray[Any], int]:
    return to_integers(values, dtype, "clip") if np.dtype(dtype).kind == "u" else (values.astype(dtype), 0)


def between_layers(dtype: DTypeLike) -> np.dtype[Any]:
    """Return the dtype of the values between layers for input of `dtype`."""
    return np.dtype(np.float32 if np.dtype(dtype) in (np.uint8, np.float32) else np.float64)


def _run_layer(layer: Layer, array: NDArray[Any], full_scale: float, dtype: DTypeLike, settings: Settings) -> Computed:
    if isinstance(layer, Conv):
        return run_conv(layer, array, full_scale=full_scale, dtype=dtype, settings=settings)
    raise _unknown(layer)


def _unknown(layer: Layer) -> UsageError:
    return UsageError(f"the engine has no layer {type(layer).__name__}", "use conv")
