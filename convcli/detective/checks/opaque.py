"""Pixels that are left out of a verdict of no change, since INPUT is transparent there: what became of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.detected import Detected
from convcli.detective.steps import IdentityStep
from convcli.engine import full_scale_of
from convcli.learning import LearningPair

_MOST = 0.5  # of the pixels that are left out: a background shows where INPUT is wholly transparent
_NAMES = {"#000000": "black", "#ffffff": "white"}


def where_opaque(verdict: Detected, first: LearningPair) -> Detected:
    """Return a verdict of no change with what became of transparent pixels, where these are others in TARGET."""
    if not isinstance(verdict.found[0], IdentityStep) or first.source_mask is None:
        return verdict
    left_out = ~first.source_mask[..., 0]
    before, after = first.source[left_out], first.target[left_out]
    if before.shape != after.shape or np.array_equal(before, after):
        return verdict
    background = _background(after)
    rest = f"its transparent pixels became {background}" if background else "its transparent pixels became others"
    return replace(verdict, cause=f"nothing where INPUT is opaque; {rest}")


def _background(pixels: Array) -> str | None:
    """Return the color that most of the pixels, (count, channels), have, None where they have several."""
    colors, counts = np.unique(pixels, axis=0, return_counts=True)
    most = int(counts.argmax())
    if counts[most] <= _MOST * len(pixels) or pixels.dtype.kind != "u":
        return None
    levels = np.rint(colors[most] * (255 / full_scale_of(pixels.dtype))).astype(int)
    text = "#" + "".join(f"{each:02x}" for each in (levels if len(levels) == 3 else np.repeat(levels[:1], 3)))
    return _NAMES.get(text, text)
