"""The order of two filters, by what is rounded and clipped between them.

Their kernel is the same in both orders. A picture that was saved between them was rounded: the second filter amplifies
that error by the root of the sum of its squared weights, 5.4 times for a sharpening. So the right order, replayed with
rounding, makes TARGET nearly exactly, and the other one does not. Names that leave more than the kernel are none.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.replayed import apply_text
from convcli.engine import Settings, apply_pipeline, full_scale_of
from convcli.filters import Conv, Pipeline
from convcli.learning import Learned, LearningPair

JOINT = " | "
_SIDE = 320  # pixels that are looked at
_AS_GOOD = 1.08  # times the error of the kernel, up to which two names are as good
_ALIKE = 0.98  # of the error of the other order, up to which one is better
_CLEARLY = 0.2  # of the error of the other order, below which a small difference tells too
_ROUNDING = 12**-0.5  # levels, root mean square
_UNEXPLAINED = 0.45  # levels, that no rounding at the end leaves
_MORE = 1.5  # times what was rounded between two filters, from which there is noise
_REACH = 16  # pixels
_LEAST, _EXACT = 0.05 / 255, 1e-3 / 255  # less tells nothing
_BLURS = ("gaussian", "box", "motion", "disk", "pillow:smooth", "pillow:blur")


def with_order(learned: Learned, pair: LearningPair) -> Learned:
    """Return a learned kernel whose name of two filters is in their order, or has no name where they do not fit."""
    near = learned.nearest
    if near is None or JOINT not in near.text:
        return learned
    first, second = near.text.split(JOINT)
    if first.startswith("shift"):
        return learned
    if pair.source.shape != pair.target.shape or abs(near.scale - 1) > 1e-6:
        return replace(learned, nearest=replace(near, text=JOINT.join(_usual(first, second))))
    text = _ordered(learned, pair, _usual(first, second))
    return replace(learned, nearest=replace(near, text=text) if text else None)


def without_two(learned: Learned) -> Learned:
    """Return a learned kernel without a name of two filters: through JPEG, these numbers fit by chance."""
    is_two = learned.nearest is not None and JOINT in learned.nearest.text
    return replace(learned, nearest=None) if is_two else learned


def _usual(first: str, second: str) -> tuple[str, str]:
    """Return a blur before what sharpens."""
    return (second, first) if second.startswith(_BLURS) and not first.startswith(_BLURS) else (first, second)


def _ordered(learned: Learned, pair: LearningPair, usual: tuple[str, str]) -> str | None:
    cut = tuple(slice(max(0, side - _SIDE) // 2, max(0, side - _SIDE) // 2 + _SIDE) for side in pair.target.shape[:2])
    source, target = (array[cut] / np.float32(full_scale_of(array.dtype)) for array in (pair.source, pair.target))
    level = 1 / full_scale_of(pair.target.dtype) if pair.target.dtype.kind == "u" else 0.0
    counts = np.ones((*target.shape[:2], 1), bool) if pair.mask is None else pair.mask[cut]
    # A border is not that of the picture.
    margin = min(2 * max(learned.kernel.size), min(target.shape[:2]) // 3)
    inner = np.s_[margin : target.shape[0] - margin, margin : target.shape[1] - margin]

    def rms(values: Array) -> float:
        error = (_saved(values, level) - target)[inner]
        return float(
            np.sqrt(np.mean(np.square(error, dtype=np.float64), where=np.broadcast_to(counts[inner], error.shape)))
        )

    conv = Conv(learned.kernel, padding="same")
    computed = apply_pipeline(Pipeline((conv,)), source, full_scale=1.0, dtype=np.float32, settings=Settings("numpy"))
    of_kernel = rms(computed.values)
    errors: dict[tuple[str, str], float] = {}
    for first, second in dict.fromkeys((usual, usual[::-1])):
        once = apply_text(first, source)
        between = [once, _saved(once, level)] if level else [once]
        errors[first, second] = min(rms(apply_text(second, each)) for each in between)
    other = min(errors, key=lambda order: errors[order])
    is_better = errors[other] < max(_ALIKE * errors[usual] - _LEAST, _CLEARLY * errors[usual] - _EXACT)
    best = other if is_better else usual
    if errors[best] > _AS_GOOD * of_kernel + _LEAST:
        return None
    # What was rounded between the two, amplified, is all that the kernel leaves: the right numbers make it again.
    amplified = level * _ROUNDING * _gain_of_noise(best[1])
    return None if _UNEXPLAINED * level < errors[best] and of_kernel < _MORE * amplified else JOINT.join(best)


def _gain_of_noise(text: str) -> float:
    """Return the root of the sum of the squared weights of a filter: how much it amplifies white noise."""
    single = np.zeros((2 * _REACH + 1, 2 * _REACH + 1, 1), np.float32)
    single[_REACH, _REACH] = 1
    return float(np.linalg.norm(apply_text(text, single)))


def _saved(values: Array, level: float) -> Array:
    """Return values as a picture holds them."""
    return np.asarray(np.clip(np.floor(values / level + 0.5) * level, 0, 1), np.float32) if level else values
