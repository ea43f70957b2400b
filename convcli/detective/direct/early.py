"""Borders that came before another size: the picture and its border are blended where they meet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.alignment import gray_of
from convcli.detective.direct.rims import Margins
from convcli.detective.geometry.views import View, seen
from convcli.engine import resized_part
from convcli.filters import Resize
from convcli.lazy import dataclass
from convcli.learning import LearningPair, MadePairs, Pairs

_NEAR = 4  # pixels around the end of a border
_CLEARLY, _LIKE = 0.6, 0.08  # of the error of a border that came last, and an error: more is another picture


@dataclass(frozen=True, eq=False)
class Padded(MadePairs):
    """Pairs whose sources have a border of a width and a color."""

    pairs: Pairs
    width: int
    color: tuple[int, ...]

    def made(self, pair: LearningPair) -> LearningPair:
        """Return a pair with a border around its source."""
        return replace(pair, source=padded(pair.source, self.width, np.array(self.color, pair.source.dtype)))


def padded(source: Array, width: int, color: Array) -> Array:
    """Return a picture, (height, width, channels), with a border."""
    high, wide, channels = source.shape
    made = np.empty((high + 2 * width, wide + 2 * width, channels), source.dtype)
    made[:] = color
    made[width : width + high, width : width + wide] = source
    return made


def width_before(pair: LearningPair, view: View, margins: Margins, color: Array) -> int:
    """Return the width of a border of INPUT that got another size with it; 0 where it came behind that.

    The margins are what is left of it in TARGET where nothing is blended; `view` is that of INPUT.
    """
    if max(margins) - min(margins) > 1:
        return 0
    shown, target = (gray_of(each)[..., np.newaxis] for each in (seen(pair.source, view), pair.target))
    (above, right, below, left), (height, width) = margins, target.shape[:2]
    shade, inner = gray_of(color[np.newaxis, np.newaxis])[0], (height - 2 * above, width - 2 * above)
    last = padded(_resized(shown, inner), above, shade)
    ring = np.zeros((height, width), bool)
    ring[max(0, above - _NEAR) : height - below + _NEAR, max(0, left - _NEAR) : width - right + _NEAR] = True
    ring[above + _NEAR : height - below - _NEAR, left + _NEAR : width - right - _NEAR] = False

    def error(made: Array) -> float:
        return float(np.square(np.clip(made[ring], 0, 1) - target[ring]).mean())

    fewest, most = (round(len(shown) * each / (height - 2 * each)) for each in (min(margins), max(margins) + _NEAR))
    errors = {
        each: error(_resized(padded(shown, each, shade), target.shape)) for each in range(max(1, fewest), most + 2)
    }
    best = min(errors, key=lambda each: errors[each])
    return best if errors[best] < min(_CLEARLY**2 * error(last), _LIKE**2) else 0


def _resized(view: Array, shape: tuple[int, ...]) -> Array:
    layer = Resize(width=shape[1], height=shape[0], filter="bicubic")
    return resized_part(layer, view, slice(0, shape[0]), slice(0, shape[1]))
