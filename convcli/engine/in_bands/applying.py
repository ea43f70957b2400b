"""Layers on bands of rows: by several threads, and with all that is made on the way in the processor's cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from convcli.array_types import Array
from convcli.engine.bands import available_threads, for_each_band
from convcli.engine.in_bands.in_place import OF_PIXELS
from convcli.engine.layers import apply_layer, combined
from convcli.engine.networks.in_parts import part_reshaped, rows_below
from convcli.engine.networks.resizing import shuffle_into
from convcli.engine.part import Part, Rows, span
from convcli.engine.pooling import pooled, rows_under
from convcli.filters import (
    Clip,
    Combine,
    Concat,
    Layer,
    Pad,
    PixelShuffle,
    PixelUnshuffle,
    Pool,
    ReLU,
    Reshaping,
    Tanh,
    Unsharp,
    Upsample,
)

# Values of the output in a band, and from which threads pay. Measured on 512×512 pixels of 64 channels, of 2**14 to
# 2**20 values: smaller bands took up to twice as long.
_OF_A_BAND = 1 << 18
_WORTH_THREADS = 1 << 19

_WINDOWED = (Pool, Pad, PixelShuffle, PixelUnshuffle, Upsample)


def goes_in_bands(layer: Layer) -> bool:
    """Return whether a layer, without branches, can be computed here."""
    return isinstance(layer, (*OF_PIXELS, *_WINDOWED)) and not layer.needs_all_rows


def applied_in_bands(
    layer: Layer, values: Array, full_scale: float, threads: int | None, *, in_place: bool = False
) -> Array:
    """Return what `apply_layer` does, to the last bit; in the same array where `in_place`, of a layer of pixels."""
    height, width, channels = values.shape
    if isinstance(layer, OF_PIXELS):
        out = values if in_place else np.empty_like(values)

        def of_pixels(first: int, last: int) -> None:
            _write_pixels(layer, values[first:last], full_scale, out[first:last])

        return _filled(out, of_pixels, threads)
    shape = channels, height, width
    channels, height, width = layer.output_shape(shape)

    out = np.empty((height, width, channels), values.dtype)
    if isinstance(layer, PixelShuffle):

        def moved(first: int, last: int) -> None:
            shuffle_into(layer, values[first // layer.factor : last // layer.factor], out[first:last])

        return _filled(out, moved, threads, layer.factor)

    def windowed(first: int, last: int) -> None:
        wanted = span(first, last)
        if isinstance(layer, Pool):
            part = Part(shape[1], rows_under(layer, shape[1], wanted), wanted)
            out[first:last] = pooled(layer, _rows(values, part.held), part=part)
        else:
            assert isinstance(layer, Reshaping)
            part = Part(shape[1], rows_below(layer, shape, wanted), wanted)
            below = _rows(values, part.held)
            out[first:last] = part_reshaped(layer, below, None, full_scale, part, opaque=False)

    return _filled(out, windowed, threads)


def combined_in_bands(layer: Combine, parts: Sequence[Array], full_scale: float, threads: int | None) -> Array | None:
    """Return what `combined` does, to the last bit; None where parts differ in size or type, or are no floats."""
    first = parts[0]
    if isinstance(layer, Unsharp) or len({(each.shape[:2], each.dtype) for each in parts}) > 1:
        return None
    channels = sum(each.shape[2] for each in parts) if isinstance(layer, Concat) else first.shape[2]
    if first.dtype.kind != "f" or (len({each.shape for each in parts}) > 1 and not isinstance(layer, Concat)):
        return None
    out = np.empty((*first.shape[:2], channels), first.dtype)

    def joined(begin: int, end: int) -> None:
        bands = [each[begin:end] for each in parts]
        if isinstance(layer, Concat):
            np.concatenate(bands, axis=2, out=out[begin:end])
        else:
            out[begin:end] = combined(layer, bands, (), full_scale)

    return _filled(out, joined, threads)


def _rows(values: Array, rows: Rows) -> Array:
    """Return rows, which increase; as a view where they follow each other."""
    first, last = int(rows[0]), int(rows[-1]) + 1
    return values[first:last] if last - first == len(rows) else values[rows]


def _write_pixels(layer: Layer, values: Array, full_scale: float, out: Array) -> None:
    match layer:
        case ReLU():
            np.clip(values, 0, np.inf, out=out)
        case Tanh() if full_scale == 1:
            np.tanh(values, out=out)
        case Clip(low=low, high=high):
            full = values.dtype.type(full_scale)
            np.clip(values, low * full, high * full, out=out)
        case _:
            out[...] = apply_layer(layer, values, full_scale)


def _filled(out: Array, write: Callable[[int, int], None], threads: int | None, unit: int = 1) -> Array:
    """Return the output, after a function has written its rows first … last - 1, multiples of `unit`, in any order."""

    def work(first: int, last: int) -> int:
        write(first, last)
        return 0

    line = out.shape[1] * out.shape[2]
    count = threads or (available_threads() if out.size >= _WORTH_THREADS else 1)
    for_each_band(work, len(out), max(1, _OF_A_BAND // max(line, 1)), count, unit)
    return out
