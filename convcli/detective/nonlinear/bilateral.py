"""The bilateral filter (Tomasi and Manduchi, 1998): a mean of the neighbors that are near in place and in color.

For a tone, the weights of the colors are summed over the neighbors that lie alike, up to mirroring. From these sums the
output for any falloff with the distance follows, so that few exponentials explore many parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

import numpy as np

from convcli.array_types import Array
from convcli.detective.nonlinear.patches import Patches, Rival
from convcli.lazy import dataclass

_FEW = 100  # positions that all parameters are tried on
_TONES = tuple(tone / 255 for tone in (4, 7, 12, 20, 33, 55, 90, 150))
_FINER = (1.25, 1.1, 1.04)
_SIGMAS = (0.6, 1.0, 1.5, 2.2, 3.2, 5.0, 1e3)
_SHARE, _CLEARLY = 0.8, 0.65


@dataclass(frozen=True)
class Bilateral:
    """The parameters of a bilateral filter: the tone in shares of full scale, distances in pixels.

    `metric` is the difference of two colors: of each channel by itself, the ``sum`` over the channels as in OpenCV, or
    the ``root`` of the squares as in scikit-image.
    """

    metric: str
    tone: float
    sigma: float
    radius: int
    is_round: bool


def find_bilateral(rival: Rival, *, is_jpeg: bool) -> tuple[Bilateral, float] | None:
    """Return the bilateral filter that makes the target, and its error; None where a kernel does, or neither.

    `is_jpeg` tells that the target was a JPEG, which errs more where there is detail; that may be most of what is left.
    """
    few = _Sums(rival.judging.first(_FEW))
    metrics = ("each", "sum", "root") if rival.judging.channels > 1 else ("each",)
    # Rough tones tell metrics apart no better than their numbers do.
    found = min((few.of_metric(each) for each in metrics), key=lambda each: few.patches.error(few.replay(each)))
    predicted = _Sums(rival.judging).replay(found)
    error = rival.judging.error(predicted)
    # Medians and means over similar patches look a little like it: they leave 0.8 of a kernel's error.
    if (error > _CLEARLY * rival.error and not is_jpeg) or not rival.is_surpassed_by(predicted, share=_SHARE):
        return None
    return (found, error) if is_jpeg or rival.judging.is_even(predicted) else None


def bilateral(found: Bilateral, picture: Array) -> Array:
    """Return the output of a filter for a picture, (height, width, channels) in shares of full scale."""
    reach = found.radius
    padded = np.pad(picture, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    total, weight = np.zeros_like(picture), np.zeros((*picture.shape[:2], 1), np.float32)
    height, width, _ = picture.shape
    for down, right in product(range(-reach, reach + 1), repeat=2):
        squared = down * down + right * right
        if found.is_round and squared > reach * reach:
            continue
        off = padded[reach + down : reach + down + height, reach + right : reach + right + width] - picture
        share = np.exp(_distance(found.metric, off) * np.float32(-1 / (2 * found.tone**2)))
        share *= np.float32(np.exp(-squared / (2 * found.sigma**2)))
        total += share * off
        weight = weight + share
    return np.asarray(picture + total / weight)


def _distance(metric: str, off: Array) -> Array:
    """Return the square of the difference of two colors, by `Bilateral.metric`, for channels that are the last axis."""
    if metric == "each":
        return np.asarray(np.square(off))
    if metric == "sum":
        return np.asarray(np.square(np.abs(off).sum(axis=-1, keepdims=True)))
    return np.asarray(np.square(off).sum(axis=-1, keepdims=True))


class _Sums:
    """Sums over the neighbors of patches that lie alike."""

    def __init__(self, patches: Patches) -> None:
        self.patches = patches
        self.half = half = patches.side // 2
        down, right = (np.abs(each).ravel() for each in np.mgrid[-half : half + 1, -half : half + 1])
        places = np.maximum(down, right) * (half + 1) + np.minimum(down, right)
        kinds, of_kind = np.unique(places, return_inverse=True)
        self.far, self.near = kinds // (half + 1), kinds % (half + 1)
        self.is_of_kind = (of_kind[:, np.newaxis] == np.arange(len(kinds))).astype(np.float32)
        count = len(patches.target)
        self.off = patches.values.reshape(count, -1) - patches.middle[:, np.newaxis]
        self.shapes = [
            Bilateral("", 0.0, sigma, radius, is_round)
            for sigma, radius, is_round in product(_SIGMAS, range(1, half + 1), (True, False))
        ]
        self.falloffs = np.stack([self.falloff(shape) for shape in self.shapes], axis=1)

    def falloff(self, found: Bilateral) -> Array:
        """Return the weights of the places by their distance."""
        squares = (self.far**2 + self.near**2).astype(np.float64)
        inside = squares <= found.radius**2 if found.is_round else self.far <= found.radius
        return np.asarray(np.exp(-squares / (2 * found.sigma**2)) * inside, np.float32)

    def sums(self, metric: str, tone: float) -> tuple[Array, Array]:
        """Return the sums of the weights by color times the differences, and of the weights, (count, places)."""
        channels = self.patches.channels
        apart = self.off.reshape(-1, channels, self.off.shape[1])
        if metric == "each":
            square = np.square(apart)
        elif metric == "sum":
            square = np.square(np.abs(apart).sum(axis=1, keepdims=True))
        else:
            square = np.square(apart).sum(axis=1, keepdims=True)
        weights = np.exp(square * np.float32(-1 / (2 * tone**2)))
        totals = np.broadcast_to(weights @ self.is_of_kind, (*apart.shape[:2], len(self.far)))
        products = (weights * apart) @ self.is_of_kind
        return products.reshape(len(self.off), -1), totals.reshape(len(self.off), -1)

    def nearest(self, colors: Iterable[tuple[str, float]]) -> Bilateral:
        """Return the filter of some metrics and tones that is nearest to the target, with the falloff that suits it."""
        return min((self._with_falloff(*each) for each in colors), key=lambda at: at[0])[1]

    def of_metric(self, metric: str) -> Bilateral:
        """Return the filter of a metric that is nearest to the target."""
        found = self.nearest(product((metric,), _TONES))
        for factor in _FINER:
            found = self.nearest([(metric, found.tone * factor**power) for power in (-2, -1, 0, 1, 2)])
        return self.refined(found)

    def _with_falloff(self, metric: str, tone: float) -> tuple[float, Bilateral]:
        products, totals = self.sums(metric, tone)
        made = self.patches.middle[:, np.newaxis] + (products @ self.falloffs) / (totals @ self.falloffs)
        squares = np.square(made - self.patches.target[:, np.newaxis]).mean(axis=0)
        at = int(np.argmin(squares))
        shape = self.shapes[at]
        return float(squares[at]), Bilateral(metric, tone, shape.sigma, shape.radius, shape.is_round)

    def replay(self, found: Bilateral) -> Array:
        """Return the output of a filter."""
        products, totals = self.sums(found.metric, found.tone)
        falloff = self.falloff(found)
        return np.asarray(self.patches.middle + (products @ falloff) / (totals @ falloff))

    def refined(self, found: Bilateral) -> Bilateral:
        """Return the filter with sigma and tone improved in turn by smaller and smaller factors."""
        least = self.patches.error(self.replay(found))
        for factor in _FINER:
            for tried in _beside(found, factor):
                if (now := self.patches.error(self.replay(tried))) < least:
                    least, found = now, tried
        return found


def _beside(found: Bilateral, factor: float) -> Iterator[Bilateral]:
    for tone, sigma in ((factor, 1), (1 / factor, 1), (1, factor), (1, 1 / factor)):
        yield Bilateral(found.metric, found.tone * tone, found.sigma * sigma, found.radius, found.is_round)
