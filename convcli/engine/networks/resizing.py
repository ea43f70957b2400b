"""Layers that pad, pool or change the size of arrays (height, width, channels), as PyTorch does."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Floats
from convcli.engine.color.alpha import seen
from convcli.engine.part import OUTSIDE, Part
from convcli.engine.planning.borders import border_sources
from convcli.filters import (
    DEFAULT_BORDER,
    AdaptivePool,
    Pad,
    PixelShuffle,
    PixelUnshuffle,
    Upsample,
)

_CUBIC = -0.75  # of the bicubic kernel, as in PyTorch and OpenCV


def padded(layer: Pad, values: Array, full_scale: float) -> Array:
    """Return values with their margins."""
    border = layer.border or DEFAULT_BORDER
    for axis, (before, after) in enumerate(layer.margins):
        length = values.shape[axis]
        sources = border_sources(border, before, length + before + after, length)
        values = values.take(sources, axis)  # OUTSIDE takes the last, which is overwritten
        outside = np.flatnonzero(sources == OUTSIDE)
        values[(slice(None),) * axis + (outside,)] = border.value * full_scale
    return values


def adaptively_pooled(layer: AdaptivePool, values: Array, opacity: Array | None) -> Array:
    """Return the mean or the largest value of each window, of visible values where there are any."""
    if opacity is None or opacity.min() >= 1:
        return _over_windows(layer, values)
    if layer.is_largest:
        visible = opacity > 0
        best = _over_windows(layer, np.where(visible, values, values.dtype.type(-np.inf)))
        has_any = _over_windows(layer, visible.astype(values.dtype)) > 0
        return np.where(has_any, best, _over_windows(layer, values))
    share = _over_windows(layer, opacity.astype(np.float64))
    total = _over_windows(layer, seen(values.astype(np.float64), opacity))
    mean = np.divide(total, share, out=_over_windows(layer, values.astype(np.float64)), where=share > 0)
    return mean.astype(values.dtype, copy=False)


def _over_windows(layer: AdaptivePool, values: Array) -> Array:
    made = values if layer.is_largest else values.astype(np.float64)
    for axis in (0, 1):
        windows = (
            made[(slice(None),) * axis + (slice(first, end),)] for first, end in layer.bounds(axis, values.shape[axis])
        )
        made = np.stack([each.max(axis) if layer.is_largest else each.mean(axis) for each in windows], axis)
    return made.astype(values.dtype, copy=False)


def shuffled(layer: PixelShuffle, values: Array) -> Array:
    """Return channels as pixels."""
    height, width, channels = values.shape
    made = np.empty((height * layer.factor, width * layer.factor, channels // layer.factor**2), values.dtype)
    shuffle_into(layer, values, made)
    return made


def shuffle_into(layer: PixelShuffle, values: Array, out: Array) -> None:
    """Write channels as pixels into a contiguous array."""
    height, width, channels = values.shape
    factor, outputs = layer.factor, channels // layer.factor**2
    if outputs == 1:  # of the others, such slices take as long
        for place in range(channels):
            out[place // factor :: factor, place % factor :: factor, 0] = values[:, :, place]
        return
    if layer.order == "crd":
        blocks = values.reshape(height, width, outputs, factor, factor).transpose(0, 3, 1, 4, 2)
    else:
        blocks = values.reshape(height, width, factor, factor, outputs).transpose(0, 2, 1, 3, 4)
    out.reshape(height, factor, width, factor, outputs)[...] = blocks


def unshuffled(layer: PixelUnshuffle, values: Array) -> Array:
    """Return pixels as channels."""
    factor = layer.factor
    height, width, channels = values.shape[0] // factor, values.shape[1] // factor, values.shape[2]
    blocks = values.reshape(height, factor, width, factor, channels)
    order = (0, 2, 4, 1, 3) if layer.order == "crd" else (0, 2, 1, 3, 4)
    return blocks.transpose(order).reshape(height, width, channels * factor**2)


def upsampled(
    layer: Upsample, values: Array, opacity: Array | None, part: Part | None = None, *, opaque: bool = False
) -> Array:
    """Return values in another size, weighed by opacity; of a `part`, which is `opaque` if all of the picture is."""
    if opacity is None or (opacity.min() >= 1 if part is None else opaque):
        return _resampled(layer, values, part)
    plain, shares = values.astype(np.float64), opacity.astype(np.float64)
    weighed = seen(plain, opacity)
    # Shares by weights of both signs may come near 0: means by their magnitudes never do, as for `resize`.
    mean_share = _resampled(layer, shares, part, by_magnitudes=True)
    mean_total = _resampled(layer, weighed, part, by_magnitudes=True)
    mean = np.divide(mean_total, mean_share, out=_resampled(layer, plain, part), where=mean_share > 0)
    made = _resampled(layer, weighed, part) + mean * (1 - _resampled(layer, shares, part))
    return np.asarray(made).astype(values.dtype, copy=False)


def _resampled(layer: Upsample, values: Array, part: Part | None = None, *, by_magnitudes: bool = False) -> Array:
    lengths = values.shape[0] if part is None else part.height, values.shape[1]
    _, *wanted = layer.output_shape((values.shape[2], *lengths))
    for axis, count in enumerate(wanted):
        sources, weights = upsampling_taps(layer, lengths[axis], count)
        if part is not None and axis == 0:
            sources = part.places(sources[part.wanted])
            weights = None if weights is None else weights[part.wanted]
        parts = [values.take(each, axis) for each in sources.T]
        if weights is None:
            values = parts[0]
            continue
        weights = np.abs(weights) if by_magnitudes else weights
        columns = [column.reshape((-1, 1, 1) if axis == 0 else (1, -1, 1)).astype(values.dtype) for column in weights.T]
        total = parts[0] * columns[0]
        for part, column in zip(parts[1:], columns[1:], strict=True):
            total += part * column
        values = total
    return values


def upsampling_taps(layer: Upsample, length: int, count: int) -> tuple[Array, Floats | None]:
    """Return for each of `count` outputs the pixels (count, taps) of an axis, and their weights."""
    index = np.arange(count)
    if layer.mode == "nearest":
        # In float32, as PyTorch computes it; a size of its own, twice as large or not, gives the same pixels.
        step = np.float32(1 / layer.scale) if layer.scale is not None else np.float32(length) / np.float32(count)
        nearest = index if count == length else np.floor(index.astype(np.float32) * step).astype(np.intp)
        return np.minimum(nearest, length - 1)[:, np.newaxis], None
    if layer.align_corners:
        place = index * ((length - 1) / (count - 1) if count > 1 else 0.0)
    else:
        place = (index + 0.5) * (1 / layer.scale if layer.scale is not None else length / count) - 0.5
    if layer.mode == "bilinear":
        # A scale that leaves an axis as long as it is moves nothing there, as in PyTorch.
        place = index.astype(np.float64) if count == length else np.maximum(place, 0)
        first = np.minimum(np.floor(place).astype(np.intp), length - 1)
        share = np.clip(place - first, 0, 1)
        return np.stack([first, np.minimum(first + 1, length - 1)], 1), np.stack([1 - share, share], 1)
    first = np.floor(place).astype(np.intp)
    distance = np.abs(place[:, np.newaxis] - first[:, np.newaxis] - np.arange(-1, 3))
    near = ((_CUBIC + 2) * distance - (_CUBIC + 3)) * distance**2 + 1
    far = ((_CUBIC * distance - 5 * _CUBIC) * distance + 8 * _CUBIC) * distance - 4 * _CUBIC
    weights: Floats = np.where(distance <= 1, near, far)
    return np.clip(first[:, np.newaxis] + np.arange(-1, 3), 0, length - 1), weights
