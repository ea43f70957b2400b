"""A sharpening whose values were clipped before the next filter, which no single kernel makes.

A few sharpenings are applied to a part of INPUT, rounded and clipped; a small kernel from there to TARGET tells which
one leaves least. The numbers of an unsharp mask are then improved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.tone.line import fitted_line
from convcli.detective.tone.samples import sampled

_Mask = tuple[float, float]

CLIP = " | clip"
_KNOWN = ("sharpen", "sharpen8", "pillow:sharpen")
_MASKS = ((0.7, 1.5), (1.0, 1.0), (1.5, 1.5), (2.0, 1.0), (3.0, 1.0))  # sigma and amount of unsharp
_PART, _RIM = 256, 16  # pixels
_SIDE = 7  # of the kernel after it
_COUNT, _JUDGING = 3000, 1500
_FEWEST = 0.002  # of the values are clipped
_PROMISING, _CLEARLY = 0.85, 0.75  # of the error without it
_FINEST = 0.01  # step, a share
_LEAST_SIDE = 2 * _RIM + 48  # pixels
_USABLE = 0.25  # of the part: less may tell nothing
_AS_GOOD = 1.03  # times the least error, up to which numbers are shortened


def sharpened(text: str, source: Array) -> Array:
    """Return a picture, in shares of full scale, through a filter, rounded and clipped to 8 bits."""
    return np.asarray(np.clip(np.rint(apply_text(text, source) * 255), 0, 255) / 255, np.float32)


def sharpened_first(scene: Scene) -> Iterator[str]:
    """Yield the sharpening that came first, as `apply` takes it, where it makes another kernel clearly better."""
    part = part_of(scene)
    if not is_large(part) or (part.usable is not None and part.usable.mean() < _USABLE):
        return
    plain = error_after(part, part.source)

    def error(text: str) -> float:
        first = sharpened(text, part.source)
        clipped = ((first <= 0) | (first >= 1)) & (part.source > 0) & (part.source < 1)
        return error_after(part, first) if clipped.mean() >= _FEWEST else np.inf

    def of_mask(values: _Mask) -> float:
        return error(_unsharp(values)) if 0.3 <= values[0] <= 8 and 0.1 <= values[1] <= 8 else np.inf

    known = {text: error(text) for text in _KNOWN}
    best = min(known, key=lambda text: known[text])
    masks = {values: of_mask(values) for values in _MASKS}
    start = min(masks, key=lambda values: masks[values])
    if masks[start] < min(known[best], _PROMISING * plain):
        best, least = _shortened(of_mask, _descended(of_mask, start))
        known[best] = least
    if known[best] < _CLEARLY * plain:
        yield best


def _unsharp(values: _Mask) -> str:
    return f"unsharp:sigma={values[0]:.4g},amount={values[1]:.4g}"


def _descended(error: Callable[[_Mask], float], values: _Mask) -> _Mask:
    """Return the numbers from which no step gets nearer: of one, or of one up and the other down, as they trade."""
    step, least = 0.3, error(values)
    while step > _FINEST:
        for sigma, amount in ((1, -1), (-1, 1), (1, 0), (-1, 0), (0, 1), (0, -1)):
            tried = values[0] * (1 + step) ** sigma, values[1] * (1 + step) ** amount
            if (now := error(tried)) < least:
                least, values = now, tried
                break
        else:
            step /= 3
    return values


def _shortened(error: Callable[[_Mask], float], values: _Mask) -> tuple[str, float]:
    """Return the unsharp mask of the fewest digits that is as good, and its error."""
    least = error(values)
    for digits in ((0, 0), (0, 1), (1, 0), (1, 1), (1, 2)):
        short = round(values[0], digits[0]), round(values[1], digits[1])
        if (now := error(short)) <= _AS_GOOD * least:
            return _unsharp(short), now
    return _unsharp(values), least


def part_of(scene: Scene) -> Scene:
    """Return the middle of a scene, of the channel in the middle."""
    channel = scene.channel(scene.source.shape[2] // 2)
    starts = [max(0, side - _PART) // 2 for side in channel.target.shape[:2]]
    cut = tuple(slice(start, start + _PART) for start in starts)
    usable = None if scene.usable is None else scene.usable[cut]
    return replace(channel, source=channel.source[cut], target=channel.target[cut], usable=usable)


def is_large(part: Scene) -> bool:
    """Return whether rows of both kinds are left within the rim of a part."""
    return bool(min(part.target.shape[:2]) >= _LEAST_SIDE)


def error_after(part: Scene, source: Array) -> float:
    """Return the error that the best kernel from a source to the target leaves."""
    inner = np.s_[_RIM : source.shape[0] - _RIM, _RIM : source.shape[1] - _RIM]
    usable = None if part.usable is None else part.usable[inner]
    learned, judging = (
        sampled(source[inner], part.target[inner], _SIDE, count, judging=each, levels=True, usable=usable)
        for count, each in ((_COUNT, False), (_JUDGING, True))
    )
    return fitted_line(learned).judged(judging, levels=True)
