"""The numbers of Pillow's Gaussian blur and unsharp mask, where they make a target to the level.

Their kernels are none that a family has: of three boxes, whose ends count in part, with roundings after each; masks are
cut off and compared in whole levels. But the numbers that people gave them make the target to the level, and no others
do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from math import hypot, inf

import numpy as np

from convcli.array_types import Array
from convcli.detective.chains.order import JOINT
from convcli.detective.explanation import Explanation
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.trials.by_pillow import by_pillow, numbers_of
from convcli.detective.trials.grid import SIGMAS, blur_and_mask
from convcli.detective.trials.numbers import Error, improved, with_digits
from convcli.detective.trials.windows import Windows, rms_of
from convcli.learning import Learned, LearningPair, Nearest

LEVELS = 255
_EXACTLY = 0.2 / LEVELS  # what no other filter leaves
# What numbers leave from which they are none, and the shares of them that they are moved by next.
_STEPS = ((12.0 / LEVELS, (0.1,)), (2.0 / LEVELS, (0.03,)), (1.0 / LEVELS, (0.01, 0.003)))
_LITTLE = 0.15 / LEVELS  # the same of numbers with fewer digits
_NAMES = "gaussian:sigma=", "unsharp:"
_THRESHOLDS = (0, 1, 2, 3, 4, 6)  # levels, of unsharp masks whose threshold is not known
_TRIES = 2  # of them
_THRESHOLD = re.compile(r"[,:]threshold=[^,]*$")
_BRIGHT, _NARROW, _WIDEST = 0.02, 0.1, 250.0  # of a sum of 1, and variances of blurs
_REACH, _MORE = 3.5, 4  # standard deviations, and pixels: what three boxes reach
_FEWEST = 1000  # values
_WIDEST_REACH, _REACH_OF_SMALL = 32, 12  # pixels

Program = Callable[[str, Array], Array]


def named_as_pillow(learned: Learned, pair: LearningPair) -> Learned:
    """Return a learned kernel with the name of Pillow's filter that makes TARGET of INPUT to the level, if one does."""
    kernel = learned.kernel
    if kernel.weights.ndim != 2 or learned.padding != "same" or learned.stride != (1, 1):
        return learned
    near = learned.nearest
    known = [near.text] if near is not None and _is_plain(near.text) else starts(kernel.weights / kernel.divisor)
    name = _of_pair(known, pair)
    return replace(learned, nearest=Nearest(name, 1.0, near.difference if near else 0.0)) if name else learned


def told_by_pillow(found: Explanation, pair: LearningPair) -> Explanation:
    """Return an explanation with the numbers of the filter before the kernel that Pillow makes TARGET with."""
    is_alone = found.before and not (found.tone or found.region or found.blocks or found.quality)
    name = _of_pair([found.before], pair) if is_alone else None
    return replace(found, before=name) if name else found


def mask_of_pillow(scene: Scene, masked: str | None) -> tuple[str, float] | None:
    """Return Pillow's unsharp mask that makes TARGET of a scene to the level, and what it leaves; None for none.

    `masked` is the mask with a threshold that comes nearest, if there is one.
    """
    if scene.level != 1 / LEVELS or scene.source.shape != scene.target.shape:
        return None
    for start in chain([masked] if masked else [], _told_by_grid(scene)):
        windows = Windows.within(scene, reach_of(start))
        if windows is not None and (found := exact(start, windows)):
            return found
    return None


def _told_by_grid(scene: Scene) -> Iterator[str]:
    """Yield the unsharp mask with the numbers that a grid tells roughly."""
    windows = Windows.within(scene, _WIDEST_REACH) or Windows.within(scene, _REACH_OF_SMALL)
    if windows is None:
        return
    few = windows.some(one_channel=True)
    texts = {sigma: f"gaussian:sigma={sigma:.4g}" for sigma in SIGMAS}
    blurs = (
        (sigma, few.made(partial(apply_text, text))) for sigma, text in texts.items() if reach_of(text) <= few.margin
    )
    _, (error, mask) = blur_and_mask(few.made(lambda values: values), few.wanted, blurs)
    if error <= _STEPS[0][0]:
        yield mask


def exact(start: str, windows: Windows, program: Program = by_pillow) -> tuple[str, float] | None:
    """Return the filter, its numbers improved, with which a program makes windows to the level; None for none.

    What it leaves is told too, a root mean square in shares of full scale; numbers are ours.
    """
    few = windows.some(one_channel=True)
    found = sought(start, partial(left, few, program), partial(left, windows, program))
    return (as_ours(found[0]), found[1]) if found and program is by_pillow else found


def sought(start: str, few: Error, every: Error, least: float = _EXACTLY) -> tuple[str, float] | None:
    """Return the filter near a first one that leaves less than `least`, and what it leaves; None where none does.

    The errors tell what a filter leaves on a `few` windows, where its numbers are improved, and on `every` one.
    """
    errors = {text: few(text) for text in _with_thresholds(start)}
    for text in sorted(errors, key=lambda text: errors[text])[:_TRIES]:
        name, error = text, errors[text]
        for most, steps in _STEPS:
            if error > most:
                break
            name, error = improved(name, few, steps, is_last=most == _STEPS[-1][0])
        if error < least and (error := every(name)) < least:
            return _shortest(name, error, every, least)
    return None


def _shortest(name: str, error: float, every: Error, least: float) -> tuple[str, float]:
    """Return a filter with the numbers that people give, if it leaves hardly more, and what it leaves."""
    for digits in (1, 2):
        short = with_digits(name, digits)
        if short != name and (now := every(short)) < min(least, hypot(error, _LITTLE)):
            return short, now
    return name, error


def left(windows: Windows, program: Program, text: str) -> float:
    """Return the root mean square that a filter leaves on windows; infinity where too little counts."""
    off = windows.off(partial(program, text))
    return rms_of(off) if off.size >= _FEWEST else inf


def as_ours(name: str) -> str:
    """Return a filter of Pillow's as ours: with a threshold in the middle of two levels, beyond which Pillow's is."""
    level = round(LEVELS * numbers_of(name).get("threshold", 0))
    return _with_threshold(name, level + 0.5) if level else name


def reach_of(text: str) -> int:
    """Return the pixels that a filter reaches."""
    return round(_REACH * numbers_of(text)["sigma"]) + _MORE


def _of_pair(starts: Iterable[str], pair: LearningPair) -> str | None:
    """Return Pillow's filter near one of the first that makes TARGET to the level, if there is one."""
    if pair.target.dtype != np.uint8 or pair.source.shape != pair.target.shape:
        return None
    for start in filter(_is_plain, starts):
        margin = reach_of(start)
        windows = Windows.of(pair, margin) if margin <= min(pair.target.shape[:2]) // 3 else None
        if windows is None or left(windows.some(one_channel=True), apply_text, start) < _EXACTLY:
            return None  # it is ours
        if found := exact(start, windows):
            return found[0]
    return None


def _is_plain(text: str) -> bool:
    return text.startswith(_NAMES) and JOINT not in text and "border" not in text and "size" not in text


def starts(weights: Array) -> Iterator[str]:
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


def _with_thresholds(start: str) -> Iterator[str]:
    """Yield a blur as it is; an unsharp mask with the thresholds of whole levels that it may have."""
    numbers = numbers_of(start)
    if "amount" not in numbers:
        yield start
        return
    yield start
    near = round(LEVELS * numbers["threshold"])
    for level in range(max(near - 1, 0), near + 2) if near else _THRESHOLDS:
        yield _with_threshold(start, level)


def _with_threshold(text: str, level: float) -> str:
    without = _THRESHOLD.sub("", text)
    return f"{without}{',' if ':' in without else ':'}threshold={level / LEVELS:.4g}" if level else without
