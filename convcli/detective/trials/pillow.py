"""The names of Pillow's Gaussian blur and unsharp mask, where they make a target to the level.

Their kernels are none that a family has: of three boxes, whose ends count in part, with roundings after each. But the
numbers that people gave them make the target to the level, and no others do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from convcli.array_types import Array
from convcli.detective.chains.order import JOINT
from convcli.detective.explanation import Explanation
from convcli.detective.trials.by_pillow import by_pillow, numbers_of
from convcli.detective.trials.numbers import improved
from convcli.detective.trials.windows import Windows, rms_of
from convcli.learning import Learned, LearningPair, Nearest

_LEVELS = 255
_EXACTLY = 0.2 / _LEVELS  # what no other filter leaves
_FAR = 3.0 / _LEVELS  # what the first numbers leave at most
_STEPS = (0.1, 0.03, 0.01, 0.003)  # shares of the numbers
_NAMES = "gaussian:sigma=", "unsharp:"
_THRESHOLDS = tuple(each / _LEVELS for each in (1, 2))  # of unsharp masks: smaller ones than a fit tells
_BRIGHT, _NARROW, _WIDEST = 0.02, 0.1, 40.0  # of a sum of 1, and variances of blurs
_REACH, _MORE = 3.5, 4  # standard deviations, and pixels: what three boxes reach


def named_as_pillow(learned: Learned, pair: LearningPair) -> Learned:
    """Return a learned kernel with the name of Pillow's filter that makes TARGET of INPUT to the level, if one does."""
    kernel = learned.kernel
    if kernel.weights.ndim != 2 or learned.padding != "same" or learned.stride != (1, 1):
        return learned
    near = learned.nearest
    known = [near.text] if near is not None and _is_plain(near.text) else _starts(kernel.weights / kernel.divisor)
    name = next(filter(None, (exact_by_pillow(each, pair) for each in known)), None)
    return replace(learned, nearest=Nearest(name, 1.0, near.difference if near else 0.0)) if name else learned


def told_by_pillow(found: Explanation, pair: LearningPair) -> Explanation:
    """Return an explanation with the numbers of the filter before the kernel that Pillow makes TARGET with."""
    is_alone = found.before and not (found.tone or found.region or found.blocks or found.quality)
    name = exact_by_pillow(found.before, pair) if is_alone else None
    return replace(found, before=name) if name else found


def exact_by_pillow(start: str, pair: LearningPair) -> str | None:
    """Return the name, with other numbers than a first one, of Pillow's filter that makes TARGET to the level."""
    if pair.target.dtype != np.uint8 or pair.source.shape != pair.target.shape or not _is_plain(start):
        return None
    numbers = numbers_of(start)
    margin = round(_REACH * numbers["sigma"]) + _MORE
    windows = Windows.of(pair, margin) if margin <= min(pair.target.shape[:2]) // 3 else None
    if windows is None:
        return None
    if name := _exact(start, windows):
        return name
    is_open = "amount" in numbers and numbers["threshold"] < _THRESHOLDS[-1]
    others = (f"{start.partition(',threshold=')[0]},threshold={each:.4g}" for each in _THRESHOLDS)
    return next(filter(None, (_exact(each, windows) for each in others)), None) if is_open else None


def _is_plain(text: str) -> bool:
    return text.startswith(_NAMES) and JOINT not in text and "border" not in text and "size" not in text


def _starts(weights: Array) -> Iterator[str]:
    """Yield the filter whose kernel has the sum and the spread of weights, (height, width)."""
    down, right = np.mgrid[: weights.shape[0], : weights.shape[1]]
    squares = (down - weights.shape[0] // 2) ** 2 + (right - weights.shape[1] // 2) ** 2
    if abs(float(weights.sum()) - 1) > _BRIGHT:
        return
    spread = float((weights * squares).sum()) / 2
    if _NARROW < spread < _WIDEST:
        yield f"gaussian:sigma={spread**0.5:.3g}"
    middle = float(weights[squares == 0].sum()) - 1
    if spread < 0 < middle:
        # Of an amount a and a variance v, the spread is −a·v, and the middle 1 + a − a / 2πv.
        variances = np.geomspace(_NARROW, _WIDEST, 200)
        amounts = -spread / variances
        nearest = int(np.argmin(np.abs(amounts * (1 - 1 / (2 * np.pi * variances)) - middle)))
        sigma = float(variances[nearest]) ** 0.5
        yield f"unsharp:sigma={sigma:.3g},amount={float(amounts[nearest]):.3g}"


def _exact(text: str, windows: Windows) -> str | None:
    """Return the name, its numbers improved, that leaves nothing; None where there is none."""
    first = windows.some(one_channel=True)

    def left(text: str, of: Windows = first) -> float:
        return rms_of(of.off(partial(by_pillow, text)))

    if left(text) > _FAR:
        return None
    name, error = improved(text, left, _STEPS)
    return _as_ours(name) if error < _EXACTLY and left(name, windows) < _EXACTLY else None


def _as_ours(name: str) -> str:
    """Return a name with the threshold in the middle of two levels, where ours does what Pillow does of levels."""
    numbers = numbers_of(name)
    threshold = round(_LEVELS * numbers.get("threshold", 0))
    return f"{name.partition(',threshold=')[0]},threshold={(threshold + 0.5) / _LEVELS:.4g}" if threshold else name
