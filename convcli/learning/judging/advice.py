"""Advice: warnings about a result, one line each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convcli.array_types import Bools
from convcli.learning.judging.worth import Worth
from convcli.learning.moments.layout import Layout
from convcli.learning.settings import LearnSettings

# Root mean square that a linear filter may leave by rounding, in fractions of full scale; a lossy format leaves more.
_ROUNDING = 1.5 / 255
_LOSSY_ROUNDING = 8 / 255
# The share of the variance below which a kernel explains little, whatever the values are.
LITTLE = 0.9
# The distance from the minimum, as a share of the largest weight, from which a descent is unfinished.
_UNFINISHED = 1e-3
_NAMED = 6


def explains_little(worth: Worth, *, is_rounded: bool, is_lossy: bool) -> bool:
    """Return whether the kernel leaves more unexplained than the rounding of the targets does."""
    rounding = _LOSSY_ROUNDING if is_lossy else _ROUNDING
    return worth.explained < LITTLE or (is_rounded and worth.rms > rounding)


def undetermined(worth: Worth, is_open: Bools, values: int) -> Iterator[str]:
    """Warn of weights that the pair leaves open; `is_open` has the shape of the kernel's weights."""
    count = int(is_open.sum())
    if not count:
        return
    weights = worth.errors.size
    reason = f"{values} target values for {weights} weights" if values < weights else "too little changes in it"
    if count == is_open.size:
        yield f"the pair cannot determine the weights: {reason}; give a picture with detail"
        return
    names = ("output", "input", "row", "column") if is_open.ndim == 4 else ("channel", "row", "column")[-is_open.ndim :]
    weights_open = [
        " ".join(f"{name} {axis}" for name, axis in zip(names, index, strict=True))
        for index in np.argwhere(is_open)[:_NAMED].tolist()
    ]
    named = "; ".join(weights_open) + (f"; and {count - _NAMED} more" if count > _NAMED else "")
    yield f"the pair leaves {count} of {is_open.size} weights open ({named}): {reason}"


def unfinished(worth: Worth, largest: float, steps: int, optimizer: str) -> Iterator[str]:
    """Warn of a descent that ended far from the minimum; `largest` is the largest weight."""
    far = np.abs(worth.remaining[~worth.undetermined])
    if far.size and far.max() > _UNFINISHED * largest:
        more = "more --steps" if optimizer == "dct" else "more --steps, or --optimizer dct"
        taken = f"{steps:,}".replace(",", "\N{NO-BREAK SPACE}") if steps >= 10_000 else str(steps)
        yield f"after {taken} steps a weight is still {far.max():.2g} from where the loss is least: {more}"


def not_linear(worth: Worth, layout: Layout, settings: LearnSettings, shift: tuple[int, int] | None) -> Iterator[str]:
    """Warn that the kernel explains little, and name the probable cause."""
    height, width = layout.size
    digits = 1 if worth.explained < 0.999 else 3
    share = f"the kernel explains {100 * worth.explained:.{digits}f} % of the variance of TARGET"
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
    """Return whether a kernel of this size can make the shift: a weight left of the anchor moves a picture right."""
    return all(
        side - 1 - before >= -step and step <= before
        for step, side, before in zip(shift, layout.size, layout.offset, strict=True)
    )
