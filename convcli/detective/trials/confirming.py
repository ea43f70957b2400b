"""Names of kernels, confirmed by their replay: a name that leaves more of the target than the weights do is none.

The numbers of such a name are improved first: weights that a picture shows little of tell them badly.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.trials.numbers import improved
from convcli.detective.trials.windows import Replay, Windows, rms_of
from convcli.engine import Settings, apply_pipeline
from convcli.filters import Conv, Kernel, Pipeline
from convcli.learning import Learned, LearningPair, Nearest

_TOLD = 0.12  # levels, that a name may add
_OF_FLOATS = 0.02  # of the error of the weights, the same where there are no levels
_SURE = 3.0  # standard errors
_WIDEST = 48  # pixels around a window
_TAIL = 12  # pixels that a name may reach beyond the weights
_FEWEST = 2000  # values
_ALIKE = 30.0  # values that count as one: neighbors err alike


def confirmed(learned: Learned, pair: LearningPair, finish: Replay | None = None) -> Learned:
    """Return a learned kernel with the name that its replay confirms: its own, one of other numbers, or none.

    `pair` has INPUT as the kernel sees it, and TARGET as `finish` makes it of the kernel's output.
    """
    near = learned.nearest
    if near is None or not _is_one_plane(learned):
        return learned
    margin = max(learned.kernel.size) // 2 + _TAIL
    windows = Windows.of(pair, margin) if margin <= min(_WIDEST, min(pair.target.shape[:2]) // 3) else None
    if windows is None:
        return learned

    def off(kernel: Kernel) -> Array:
        return windows.off(_replay(kernel, finish))

    of_weights = off(learned.kernel)
    if len(of_weights) < _FEWEST:
        return learned
    if _is_as_good(off(_kernel_of(near, learned)), of_weights, windows.level):
        return learned

    def left(text: str, near: Nearest = near) -> float:
        return rms_of(off(_kernel_of(replace(near, text=text), learned)))

    near = replace(near, text=improved(near.text, left)[0])
    is_as_good = _is_as_good(off(_kernel_of(near, learned)), of_weights, windows.level)
    return replace(learned, nearest=near if is_as_good else None)


def _is_one_plane(learned: Learned) -> bool:
    """Return whether weights and name are one plane each, over pictures of one size."""
    is_placed = learned.padding == "same" and learned.stride == (1, 1)
    if learned.nearest is None or not is_placed or learned.kernel.weights.ndim != 2:
        return False
    conv = load_filter(learned.nearest.text).conv
    return conv is not None and conv.kernel.weights.ndim == 2


def _kernel_of(near: Nearest, learned: Learned) -> Kernel:
    """Return the kernel of a name, with its scale and the bias that was learned."""
    conv = load_filter(near.text).conv
    assert conv is not None
    return replace(conv.kernel, divisor=conv.kernel.divisor / near.scale, bias=learned.kernel.bias)


def _replay(kernel: Kernel, finish: Replay | None) -> Replay:
    pipeline = Pipeline((Conv(kernel, padding="same"),))

    def replay(values: Array) -> Array:
        computed = apply_pipeline(pipeline, values, full_scale=1.0, dtype=np.float32, settings=Settings("numpy"))
        return np.asarray(computed.values if finish is None else finish(computed.values))

    return replay


def _is_as_good(named: Array, of_weights: Array, level: float) -> bool:
    """Return whether a name adds no more to what the weights leave than rounding and noise allow."""
    added = np.square(named, dtype=np.float64) - np.square(of_weights, dtype=np.float64)
    told = _TOLD * level if level else _OF_FLOATS * rms_of(of_weights)
    error = float(added.std()) / np.sqrt(len(added) / _ALIKE)
    return bool(added.mean() <= told**2 + _SURE * error)
