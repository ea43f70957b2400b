"""Names of kernels, confirmed by their replay: a name that leaves more of the target than the weights do is none.

The numbers of such a name are improved first: weights that a picture shows little of tell them badly.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.chains.order import JOINT
from convcli.detective.trials.blurs import blurs_like, kernels_of
from convcli.detective.trials.numbers import improved, varied
from convcli.detective.trials.windows import Replay, Windows, rms_of
from convcli.engine import Settings, apply_pipeline
from convcli.filters import Conv, Kernel, Pipeline
from convcli.learning import Learned, LearningPair, Nearest

# Levels, and of what rounding leaves, that a name may add: 0.05 levels before rounding are 0.2 after it, where one
# value in 25 is rounded to another level.
_TOLD, _OF_ROUNDING = 0.2, 0.4
_OF_CONTRAST = 1e-3  # of the spread of the target, the same: names have short numbers
_OF_FLOATS = 0.02  # of the error of the weights, the same where there are no levels
_NEAR = 0.3  # levels
_NO_SCALE = 0.003  # from 1, that no one tells
_SURE = 3.0  # standard errors
_NOISY = 1.5  # levels that weights leave, from which they tell numbers badly
_WIDEST = 48  # pixels around a window
_TAIL = 12  # pixels that a name may reach beyond the weights
_FEWEST = 2000  # values
_LARGE = 128  # pixels a side: in less, what cannot be replayed is not certain
_FINEST, _CLEARLY = 0.03, 4.0  # of a number, that the pixels have to tell, by so many standard errors
_TOGETHER = 4.0  # values that count as one where rounding is what is left
_ALIKE = 30.0  # values that count as one: neighbors err alike


def confirmed(learned: Learned, pair: LearningPair, finish: Replay | None = None, *, is_rough: bool = False) -> Learned:
    """Return a learned kernel with the name that its replay confirms: its own, one of other numbers, or none.

    `pair` has INPUT as the kernel sees it, and TARGET as `finish` makes it of the kernel's output. The numbers of
    a name that `is_rough` are improved in any case.
    """
    near = learned.nearest
    if near is None or not _is_one_plane(learned):
        return learned
    margin, side = max(learned.kernel.size) // 2 + _TAIL, min(pair.target.shape[:2])
    windows = Windows.of(pair, margin) if margin <= min(_WIDEST, side // 3) else None
    if windows is None:
        return learned if side >= _LARGE else replace(learned, nearest=replace(near, is_certain=False))

    def off(kernel: Kernel) -> Array:
        return windows.off(_replay(kernel, finish))

    of_weights = off(learned.kernel)
    if len(of_weights) < _FEWEST:
        return replace(learned, nearest=replace(near, is_certain=False))

    def as_learned(plane: Kernel, *, is_rounded: bool) -> Kernel:
        return _as_learned(plane, near.scale, learned, windows.level if is_rounded else 0.0)

    # Of some programs the halves are not rounded up: there the bias that was learned stands for their way.
    ways = [(index, each) for index, _ in enumerate(kernels_of(near.text)) for each in (True, False)]
    few = windows.some(one_channel=finish is None)
    made = [as_learned(list(kernels_of(near.text))[index], is_rounded=each) for index, each in ways]
    left = [rms_of(few.off(_replay(each, finish))) for each in made]
    nearest = left.index(min(left))

    def kernel_of(text: str) -> Kernel:
        """Return the kernel of a name, as the program makes it that comes nearest."""
        index, is_rounded = ways[nearest]
        return as_learned(list(kernels_of(text))[index], is_rounded=is_rounded)

    text = near.text
    is_rough = is_rough or rms_of(of_weights) > _NOISY * windows.level > 0
    if is_rough or not _is_as_good(off(made[nearest]), of_weights, windows):
        text = improved(text, lambda each: rms_of(few.off(_replay(kernel_of(each), finish))))[0]
        if not _is_as_good(off(kernel_of(text)), of_weights, windows):
            return replace(learned, nearest=None)
    named, *others = (windows.made(_replay(kernel_of(each), finish)) for each in (text, *varied(text, _FINEST)))
    least = _CLEARLY * rms_of(of_weights) / np.sqrt(len(of_weights) / _TOGETHER)
    is_certain = all(rms_of(other - named) > least for other in others)
    return replace(learned, nearest=replace(near, text=text, is_certain=is_certain))


def with_one_blur(learned: Learned, pair: LearningPair, finish: Replay | None = None) -> Learned:
    """Return a learned kernel of two names with that of one blur, where its replay confirms it; else as it is.

    Behind another size, weights are known so badly that two filters fit what one was.
    """
    is_two = learned.nearest is not None and JOINT in learned.nearest.text
    return as_blur(learned, pair, finish, is_rough=False) if is_two else learned


def as_blur(learned: Learned, pair: LearningPair, finish: Replay | None = None, *, is_rough: bool = True) -> Learned:
    """Return a learned kernel with the name of a blur as wide, where its replay confirms it; else as it is."""
    if learned.kernel.weights.ndim != 2:
        return learned
    tried = (replace(learned, nearest=Nearest(text, 1.0, 0.0)) for text in blurs_like(learned.kernel.weights))
    found = (confirmed(each, pair, finish, is_rough=is_rough) for each in tried)
    return next((each for each in found if each.nearest is not None and each.nearest.is_certain), learned)


def _is_one_plane(learned: Learned) -> bool:
    """Return whether weights and name are one plane each, over pictures of one size."""
    is_placed = learned.padding == "same" and learned.stride == (1, 1)
    if learned.nearest is None or not is_placed or learned.kernel.weights.ndim != 2:
        return False
    conv = load_filter(learned.nearest.text).conv
    return conv is not None and conv.kernel.weights.ndim == 2


def _as_learned(plane: Kernel, scale: float, learned: Learned, level: float) -> Kernel:
    """Return the kernel of a name, at a scale and with the bias that was learned, of whole levels where it is near.

    The bias of weights that are a little off is, too, and would round other pixels up.
    """
    scale = 1.0 if abs(scale - 1) < _NO_SCALE else scale
    bias = tuple(_in_levels(each, level) for each in learned.kernel.bias)
    return replace(plane, divisor=plane.divisor / scale, bias=bias)


def _in_levels(bias: float, level: float) -> float:
    whole = round(bias / level) * level if level else bias
    return whole if abs(whole - bias) < _NEAR * level else bias


def _replay(kernel: Kernel, finish: Replay | None) -> Replay:
    pipeline = Pipeline((Conv(kernel, padding="same"),))

    def replay(values: Array) -> Array:
        computed = apply_pipeline(pipeline, values, full_scale=1.0, dtype=np.float32, settings=Settings("numpy"))
        return np.asarray(computed.values if finish is None else finish(computed.values))

    return replay


def _is_as_good(named: Array, of_weights: Array, windows: Windows) -> bool:
    """Return whether a name adds no more to what the weights leave than rounding and noise allow.

    A small bias is none of the name's: some programs round down.
    """
    level = windows.level
    if level:
        named, of_weights = (each - np.clip(each.mean(), -level / 2, level / 2) for each in (named, of_weights))
    added = np.square(named, dtype=np.float64) - np.square(of_weights, dtype=np.float64)
    left = rms_of(of_weights)
    told = max(_TOLD * level, _OF_ROUNDING * left if left < level else 0.0) if level else _OF_FLOATS * left
    told = max(told, _OF_CONTRAST * windows.contrast)
    error = float(added.std()) / np.sqrt(len(added) / _ALIKE)
    return bool(added.mean() <= told**2 + _SURE * error)
