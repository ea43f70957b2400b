"""Thresholds behind a filter: black and white, of what a blur, a median or a strength of edges was before."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.replayed import apply_text
from convcli.detective.trials.numbers import improved, with_digits
from convcli.lazy import dataclass

_SIDE, _RIM = 320, 24  # pixels that are looked at, and of its rim that are left out
_LEVELS = 256
_FILTERS = (
    *(f"gaussian:sigma={sigma}" for sigma in (0.6, 0.8, 1.05, 1.4, 2, 2.8, 4, 5.6, 8)),
    *(f"box:size={side}" for side in (3, 5, 7, 9, 11, 15, 21)),
    *(f"median:{side}" for side in (3, 5, 7)),
    "sharpen", "sobel", "prewitt", "scharr", "laplacian | abs", "sobel-x | abs", "sobel-y | abs",
)  # fmt: skip
_NUMBERED = "gaussian:sigma="
_NEAREST = 2
_WRONG, _OF_NONE = 0.004, 0.25  # the share of wrong pixels, and of those that a threshold alone has wrong
_ALIKE = 0.001  # a share of wrong pixels, up to which fewer digits do
# Levels below one from which values become white: of programs that round first, and of those that do not.
_BELOW = (0.5, 0.001)
_FEWEST = 0.01  # the share of black pixels, and of white ones


@dataclass(frozen=True)
class FilteredThreshold:
    """A filter as `apply` takes it, the level of 8 bits from which its values become white, or black if `is_negative`.

    The text is empty where the threshold is alone. `wrong` is the share of pixels that become the other one, where
    values do from so many levels `below` on.
    """

    text: str
    level: int
    is_negative: bool
    wrong: float
    below: float

    @property
    def becomes(self) -> Array:
        """The level, black or white, that each of 256 becomes."""
        is_white = (np.arange(_LEVELS) >= self.level) != self.is_negative
        return np.asarray(is_white * 255)


def threshold_behind(source: Array, target: Bools) -> FilteredThreshold | None:
    """Return the filter and the threshold that make TARGET, True for white; None where none of those tried does.

    `source` is (height, width, channels) in shares of full scale, and `target` has its shape.
    """
    cut = tuple(slice(max(0, side - _SIDE) // 2, max(0, side - _SIDE) // 2 + _SIDE) for side in target.shape[:2])
    given, wanted = source[cut], target[cut]
    if not _FEWEST < wanted.mean() < 1 - _FEWEST or min(wanted.shape[:2]) < 4 * _RIM:
        return None
    inner = np.s_[_RIM:-_RIM, _RIM:-_RIM]

    def tried(text: str) -> FilteredThreshold:
        values = apply_text(text, given) if text else given
        levels = 255 * np.clip(values[inner], 0, 1)
        return min((_best(text, levels, wanted[inner], each) for each in _BELOW), key=lambda each: each.wrong)

    alone = tried("")
    if not alone.wrong:
        return alone
    ranked = sorted((tried(text) for text in _FILTERS), key=lambda each: each.wrong)[:_NEAREST]
    for each in list(ranked):
        if each.text.startswith(_NUMBERED):
            text = improved(each.text, lambda text: tried(text).wrong)[0]
            ranked += [tried(text), tried(with_digits(text, 1))]
    least = min(each.wrong for each in ranked)
    alike = [each for each in ranked if each.wrong <= least + _ALIKE]
    best = min(alike, key=lambda each: (len(each.text), each.wrong))
    if best.wrong < min(_WRONG, _OF_NONE * alone.wrong):
        return best
    return alone if alone.wrong < _WRONG else None


def _best(text: str, values: Array, wanted: Bools, below: float) -> FilteredThreshold:
    """Return the level that most pixels agree with."""
    levels = np.floor(values + below).astype(np.int64)
    white, black = (np.bincount(levels[each], minlength=_LEVELS + 1) for each in (wanted, ~wanted))
    # White below the level, and black from it on.
    wrong = np.cumsum(white) - white + black.sum() - (np.cumsum(black) - black)
    level, other = int(wrong.argmin()), int(wrong.argmax())
    is_negative = wanted.size - wrong[other] < wrong[level]
    count = wanted.size - wrong[other] if is_negative else wrong[level]
    white_from = other if is_negative else level
    return FilteredThreshold(text, white_from, bool(is_negative), float(count / wanted.size), below)
