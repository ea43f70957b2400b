"""Strengths of edges, which are no kernel: magnitudes of gradients, and absolute values of one direction."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.chains.order import JOINT
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.trials.numbers import improved

_SIDE, _RIM = 160, 20  # pixels that they are tried on
_EDGES = (
    "sobel", "prewitt", "scharr", "roberts", "freichen", "farid", "kirsch", "robinson",
    "sobel-x | abs", "sobel-y | abs", "prewitt-x | abs", "prewitt-y | abs", "scharr-x | abs", "scharr-y | abs",
    "laplacian | abs", "laplacian8 | abs", "2 0 2; 0 -8 0; 2 0 2 | abs",
    # OpenCV's of five rows and columns.
    "2 4 4 4 2; 4 0 -8 0 4; 4 -8 -24 -8 4; 4 0 -8 0 4; 2 4 4 4 2 | abs",
    "-1 -2 0 2 1; -4 -8 0 8 4; -6 -12 0 12 6; -4 -8 0 8 4; -1 -2 0 2 1 | abs",
    "-1 -4 -6 -4 -1; -2 -8 -12 -8 -2; 0 0 0 0 0; 2 8 12 8 2; 1 4 6 4 1 | abs",
)  # fmt: skip
_RARE = "roberts", "freichen", "farid", "kirsch", "robinson"
_BLURS = "binomial:size=3", *(f"gaussian:sigma={sigma:g}" for sigma in (0.7, 1, 1.4, 2, 3))
_BLURRED = ("sobel", "prewitt", "scharr", "laplacian | abs")
_NEAREST, _ALIKE = 4, 1.5  # filters, and times the least error
_CLEARLY = 0.5  # of the error of the best so far


def is_rare(text: str) -> bool:
    """Return whether a filter is one of edges that few programs have."""
    return text in _RARE


def edges_first(scene: Scene, rms: float) -> str | None:
    """Return the filter of edges whose strength, in any brightness, leaves clearly less than `rms`, if there is one."""
    if scene.source.shape != scene.target.shape or min(scene.target.shape[:2]) < 3 * _RIM:
        return None
    part = scene.middle(_SIDE)

    def error(text: str) -> float:
        return _error_of_brightness(part, apply_text(text, part.source))

    tried = {text: error(text) for text in _EDGES}
    plain = min(tried, key=lambda text: tried[text])
    if tried[plain] > part.floor:
        tried |= {text: error(text) for text in (f"{blur}{JOINT}{each}" for blur in _BLURS for each in _BLURRED)}
    best, *others = sorted(tried, key=lambda text: tried[text])[:_NEAREST]
    if near := [each for each in others if tried[each] < _ALIKE * tried[best]]:  # a part tells them not apart
        best = min([best, *near], key=lambda text: _error_of_brightness(scene, apply_text(text, scene.source)))
    if best != plain and tried[best] < _CLEARLY * rms / 2:
        best, tried[best] = improved(best, error)
    return best if tried[best] < _CLEARLY * rms else None


def _error_of_brightness(scene: Scene, values: Array) -> float:
    """Return the error that a gain and an offset leave, fitted where TARGET is not clipped."""
    inner = np.s_[_RIM:-_RIM, _RIM:-_RIM]
    shown, target = values[inner], scene.target[inner]
    usable = ((target > 0) & (target < 1)) if scene.levels else np.ones(target.shape, bool)
    if scene.usable is not None:
        usable &= scene.usable[inner][..., np.newaxis]
    if usable.sum() < shown.size // 20:
        return float("inf")
    given, wanted = (each[usable].astype(np.float64) for each in (shown, target))
    deviation = given.std()
    if not deviation:
        return float("inf")
    gain = ((given - given.mean()) * (wanted - wanted.mean())).mean() / deviation**2
    line = np.asarray(gain * values + wanted.mean() - gain * given.mean(), np.float32)
    return scene.rms(line, _RIM, every_row=True)
