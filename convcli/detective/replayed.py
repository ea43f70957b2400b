"""Filters that are no kernel, replayed with a few parameters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.scene import Scene
from convcli.engine import Settings, apply_pipeline

_RANKS = ("median", "min", "max")
_SIZES = (3, 5, 7)
_MARGIN = 8


def apply_text(text: str, values: Array) -> Array:
    """Return the output of a filter for values in shares of full scale."""
    computed = apply_pipeline(load_filter(text), values, full_scale=1.0, dtype=np.float32, settings=Settings("numpy"))
    return np.asarray(computed.values)


def best_rank(scene: Scene) -> tuple[str, float]:
    """Return the rank filter nearest to the target, as `apply` takes it, and its error."""
    # On every second block of rows the three names and the sizes are compared, one after the other.
    tried = {f"{name}:3": _error(scene, f"{name}:3") for name in _RANKS}
    best = min(tried, key=lambda text: tried[text])
    name = best.partition(":")[0]
    for size in _SIZES[1:]:
        text = f"{name}:{size}"
        tried[text] = _error(scene, text)
        if tried[text] > tried[best]:
            break
        best = text
    return best, tried[best]


def _error(scene: Scene, text: str) -> float:
    return scene.rms(apply_text(text, scene.source), _MARGIN)


def block_size(scene: Scene) -> int | None:
    """Return the side of the blocks of one color that the target consists of, if it does."""
    gray = scene.target
    for axis in (0, 1):
        changes = np.abs(np.diff(gray, axis=axis)).sum(axis=(1 - axis, 2))
        at = np.flatnonzero(changes > 1e-6) + 1
        if not at.size or at.size > len(changes) // 2:
            return None
        size = int(np.gcd.reduce(at))
        if axis == 0:
            first = size
    return size if size == first and size > 1 else None


def named_only(scene: Scene) -> Iterator[tuple[str, Array]]:
    """Yield the names of filters that convcli does not have, and their outputs."""
    for tone in (0.06, 0.12, 0.25):
        for sigma in (1.5, 3.0):
            yield "a bilateral filter", _bilateral(scene.source, sigma, tone)
    for sigma in (6.0, 12.0, 25.0):
        yield "local contrast", _local_contrast(scene.source, sigma, scene.target)


def _bilateral(source: Array, sigma: float, tone: float) -> Array:
    """Return the bilateral filter (Tomasi and Manduchi, 1998), channel by channel."""
    reach = max(1, round(2 * sigma))
    padded = np.pad(source, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    height, width, _ = source.shape
    total, weight = np.zeros_like(source), np.zeros_like(source)
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            other = padded[down : down + height, right : right + width]
            near = np.exp(-((down - reach) ** 2 + (right - reach) ** 2) / (2 * sigma**2))
            share = np.float32(near) * np.exp(np.square(other - source) * np.float32(-1 / (2 * tone**2)))
            total += share * other
            weight += share
    return np.asarray(total / weight)


def _local_contrast(source: Array, sigma: float, target: Array) -> Array:
    """Return mean + gain(spread) · (source − mean), the gain by the local spread, as the target has it."""
    mean = apply_text(f"gaussian:{sigma:g}", source)
    spread = np.sqrt(np.maximum(apply_text(f"gaussian:{sigma:g}", np.square(source)) - np.square(mean), 0))
    detail = source - mean
    edges = np.quantile(spread, np.linspace(0, 1, 13))
    cell = np.clip(np.searchsorted(edges, spread) - 1, 0, len(edges) - 2)
    inside = (target > 0.02) & (target < 0.98)
    result = np.empty_like(source)
    for number in range(len(edges) - 1):
        here = cell == number
        free = here & inside
        design = np.stack([mean[free], detail[free], np.ones(int(free.sum()), np.float32)], axis=1)
        if len(design) < 30:
            result[here] = mean[here]
            continue
        weights = np.linalg.lstsq(design, target[free], rcond=None)[0]
        result[here] = mean[here] * weights[0] + detail[here] * weights[1] + weights[2]
    return result
