"""Advice: what the user should know of a result, each in one line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convcli.array_types import Bools
from convcli.learning.judging.worth import Worth
from convcli.learning.moments.layout import Layout
from convcli.learning.settings import LearnSettings

# What a filter leaves unexplained where it is linear and rounded, in fractions of full scale, at most. Files of a
# lossy format leave more.
_ROUNDING = 1.5 / 255
_LOSSY_ROUNDING = 8 / 255
# A kernel that explains less of the variance than this explains little, whatever the values are.
LITTLE = 0.9
# A descent is unfinished when a weight is so much of the largest weight from where it would end.
_UNFINISHED = 1e-3
_NAMED = 6


def explains_little(worth: Worth, *, of_integers: bool, is_lossy: bool) -> bool:
    """Whether more is left unexplained than rounding leaves."""
    return worth.explained < LITTLE or (of_integers and worth.rms > (_LOSSY_ROUNDING if is_lossy else _ROUNDING))


def undetermined(worth: Worth, is_open: Bools, values: int) -> Iterator[str]:
    """Say which weights the pair leaves open; `is_open` has the shape of the kernel's weights."""
    count = int(is_open.sum())
    if not count:
        return
    weights = worth.errors.size
    reason = f"{values} target values for {weights} weights" if values < weights else "too little changes in it"
    if count == is_open.size:
        yield f"the pair cannot determine the weights: {reason}; give a picture with detail"
        return
    places = [_place(tuple(int(axis) for axis in index), is_open.ndim) for index in np.argwhere(is_open)]
    named = "; ".join(places[:_NAMED]) + (f"; and {count - _NAMED} more" if count > _NAMED else "")
    yield f"the pair leaves {count} of {is_open.size} weights open ({named}): {reason}"


def _place(index: tuple[int, ...], axes: int) -> str:
    row, column = index[-2:]
    text = f"row {row} column {column}"
    if axes == 3:
        return f"channel {index[0]} {text}"
    return f"output {index[0]} input {index[1]} {text}" if axes == 4 else text


def unfinished(worth: Worth, largest: float, steps: int, optimizer: str) -> Iterator[str]:
    """Say how far from the minimum the descent ended; `largest` is the largest weight."""
    far = np.abs(worth.remaining[~worth.undetermined])
    if far.size and far.max() > _UNFINISHED * largest:
        more = "more --steps" if optimizer == "dct" else "more --steps, or --optimizer dct"
        taken = f"{steps:,}".replace(",", "\N{NO-BREAK SPACE}") if steps >= 10_000 else str(steps)
        yield f"after {taken} steps a weight is still {far.max():.2g} from where the loss is least: {more}"


def not_linear(worth: Worth, layout: Layout, settings: LearnSettings, shift: tuple[int, int] | None) -> Iterator[str]:
    """Say that the kernel explains little, and why that may be."""
    height, width = layout.size
    share = f"the kernel explains {_percent(worth.explained)} of the variance of TARGET"
    if shift is not None and not _is_inside(shift, layout):
        down, right = shift
        where = " and ".join(
            f"{abs(step)} pixel{'s' if abs(step) > 1 else ''} {there if step > 0 else back}"
            for step, there, back in ((down, "down", "up"), (right, "right", "left"))
            if step
        )
        yield f"{share}, and the pair is not aligned: TARGET lies {where} of INPUT; move one of them, and learn again"
        return
    otherwise = f", or larger than {height}×{width}" if settings.size is not None else ""
    if layout.padding == "valid":
        otherwise += ", or TARGET is not cropped alike on all sides"
    yield f"{share}: the filter is probably not linear{otherwise}"


def _is_inside(shift: tuple[int, int], layout: Layout) -> bool:
    """Whether a kernel of this size can move a picture so far: a weight left of the anchor moves it right."""
    return all(
        side - 1 - before >= -step and step <= before
        for step, side, before in zip(shift, layout.size, layout.offset, strict=True)
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.999 else f"{100 * share:.3f} %"
