"""Samples at many depths, laid over each other as OpenEXR's own compositor does: the nearest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.note import Note

_FLAT = Note("flattened", "its samples at many depths are laid over each other, the nearest first")
_OVERLAP = Note("volumes-overlap", "some of its volumes overlap, and are laid over each other as a whole")
_WITH_ALPHA = 4  # channels
DISTANCES = ("Z", "ZBack")  # channels of where a sample begins and ends


def flattened(channels: Mapping[str, Any], name: str) -> tuple[dict[str, Array], tuple[Note, ...]]:
    """Return colors, and alpha if there is one, with one sample a pixel, and notes on how they were made.

    Each channel is an array (height, width) of the samples of a pixel, (samples,) or (samples, colors), or None; `name`
    is that of colors, into which alpha is multiplied before and after. Pixels without samples become 0.
    """
    counts = np.fromiter((0 if each is None else len(each) for each in channels[name].flat), np.int64)
    values = _samples(channels[name], counts)
    has_alpha = values.shape[1] == _WITH_ALPHA or "A" in channels
    if values.shape[1] < _WITH_ALPHA:
        opaque = np.ones((len(values), 1), np.float32)
        values = np.concatenate([values, _samples(channels["A"], counts) if has_alpha else opaque], axis=1)
    notes: tuple[Note, ...] = (_FLAT,)
    if "Z" in channels:
        pixel = np.repeat(np.arange(len(counts)), counts)
        near = _samples(channels["Z"], counts)[:, 0]
        far = _samples(channels["ZBack"], counts)[:, 0] if "ZBack" in channels else near
        order = np.lexsort((far, near, pixel))
        values, near, far = values[order], near[order], far[order]
        if ((far[:-1] > near[1:]) & (pixel[:-1] == pixel[1:])).any():
            notes = (_FLAT, _OVERLAP)
    flat = np.zeros((len(counts), values.shape[1]), np.float32)
    flat[counts > 0] = _laid_over(values, counts[counts > 0])
    pixels = flat.reshape(*channels[name].shape, -1)
    if has_alpha and name == "RGBA":
        return {name: pixels}, notes
    return {name: pixels[:, :, :-1]} | ({"A": pixels[:, :, -1]} if has_alpha else {}), notes


def _samples(pixels: Array, counts: Array) -> Array:
    """Return the samples of all pixels, one after the other, as (samples, channels)."""
    parts = [each for each in pixels.flat if each is not None and len(each)]
    if not parts or [len(each) for each in parts] != counts[counts > 0].tolist():
        raise ValueError("channels of other samples than each other, or none")
    whole = np.concatenate(parts).astype(np.float32)
    return whole.reshape(len(whole), -1)


def _laid_over(values: Array, counts: Array) -> Array:
    """Return one of several samples of each pixel, which are next to each other, the nearest first; alpha is last.

    To lay over is associative: neighbors are joined in pairs until one is left.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # light without end stays such
        while len(values) > len(counts):
            rank = np.arange(len(values)) - np.repeat(np.cumsum(counts) - counts, counts)
            is_front = rank % 2 == 0
            front = np.flatnonzero(is_front & (rank + 1 < np.repeat(counts, counts)))
            values[front] += (1 - values[front, -1:]) * values[front + 1]
            values, counts = values[is_front], (counts + 1) // 2
    return values
