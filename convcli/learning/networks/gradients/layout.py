"""A batch as arrays (height, width, channels), by which the engine computes layers without weights."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.engine import apply_layer
from convcli.filters import Layer


def pixel_by_pixel(layer: Layer, x: Array) -> Array:
    """Apply a layer that looks at one pixel at a time, all of its channels included."""
    items, height, width, channels = x.shape
    return apply_layer(layer, x.reshape(items * height, width, channels), 1.0).reshape(x.shape)


def channel_by_channel(layer: Layer, x: Array) -> Array:
    """Apply a layer that treats every channel alike, by itself."""
    items, height, width, channels = x.shape
    together = np.ascontiguousarray(x.transpose(1, 2, 0, 3)).reshape(height, width, items * channels)
    made = apply_layer(layer, together, 1.0)
    return np.ascontiguousarray(made.reshape(*made.shape[:2], items, channels).transpose(2, 0, 1, 3))


def item_by_item(layer: Layer, x: Array) -> Array:
    """Apply any layer."""
    return np.stack([apply_layer(layer, each, 1.0) for each in x])
