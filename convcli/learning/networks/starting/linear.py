"""The best linear layers for a pair, beside which a network begins: a kernel, or several whose outputs are pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.errors import ShapeError, UsageError
from convcli.filters import Border, Conv, Kernel, Layer, PixelShuffle, Size2
from convcli.learning.networks.settings import TrainingSettings
from convcli.learning.pair import LearningPair, Pairs


def best_linear(pairs: Pairs, settings: TrainingSettings) -> tuple[Layer, ...]:
    """Return the linear layers that come nearest to the pairs; none where there are none for their sizes.

    Where TARGET is INPUT n times as large, each of its n × n pixels for one of INPUT has a kernel of its own, so that
    they are the best of all ways to enlarge linearly, bicubic ones included. Where it is smaller, there is a kernel
    with a stride.
    """
    factors = {_factor(pair) for pair in pairs}
    steps = {_step(pair) for pair in pairs}
    if len(factors) != 1 or len(steps) != 1:
        return ()
    (factor,), (step,) = factors, steps
    if not factor:
        conv = None if step is None else _best_kernel(pairs, settings, step)
    else:
        conv = _best_kernel([_smaller(pair, factor) for pair in pairs] if factor > 1 else pairs, settings)
    if conv is None:
        return ()
    return (conv, PixelShuffle(factor)) if factor > 1 else (conv,)


def _factor(pair: LearningPair) -> int:
    """Return how often TARGET is as high and wide as INPUT; 0 where it is not that, or less."""
    (height, width), (tall, wide) = pair.source.shape[:2], pair.target.shape[:2]
    factor = tall // height
    return factor if (tall, wide) == (height * factor, width * factor) else 0


def _step(pair: LearningPair) -> Size2 | None:
    """Return the pixels of INPUT (down, right) for one of TARGET, where there are several; else None."""
    (height, width), (tall, wide) = pair.source.shape[:2], pair.target.shape[:2]
    step = round(height / tall), round(width / wide)
    return step if min(step) >= 1 and max(step) > 1 else None


def _smaller(pair: LearningPair, factor: int) -> LearningPair:
    """Return a pair whose TARGET has as many channels in place of pixels, as `PixelShuffle` takes them."""
    mask: Bools | None = None
    if pair.mask is not None:
        mask = np.asarray(_as_channels(pair.mask, factor).all(axis=2, keepdims=True))
    return replace(pair, target=_as_channels(pair.target, factor), mask=mask)


def _as_channels(array: Array, factor: int) -> Array:
    height, width, channels = array.shape[0] // factor, array.shape[1] // factor, array.shape[2]
    blocks = array.reshape(height, factor, width, factor, channels).transpose(0, 2, 4, 1, 3)
    return blocks.reshape(height, width, channels * factor**2)


def _best_kernel(pairs: Pairs, settings: TrainingSettings, step: Size2 | None = None) -> Conv | None:
    """Return the linear kernel that comes nearest to the pairs, with its border; None where none can be learned."""
    from convcli.learning.from_pairs import learn_pairs
    from convcli.learning.settings import LearnSettings, Model

    first = next(iter(pairs))
    inputs, outputs = first.source.shape[2], first.target.shape[2]
    model: Model = "full" if inputs > 1 or outputs > 1 else "shared"
    try:
        learned = learn_pairs(pairs, LearnSettings(model=model, finds_model=False, stride=step, seed=settings.seed))
    except (UsageError, ShapeError):  # as of pictures that are too small, or of one color, or of no such size
        return None
    conv = learned.pipeline.conv
    assert conv is not None
    if conv.padding != "same":
        return conv
    return replace(conv, border=conv.border or Border("reflect"), kernel=_plain(conv.kernel))


def _plain(kernel: Kernel) -> Kernel:
    return Kernel(kernel.weights / kernel.divisor, bias=kernel.bias, anchor=kernel.anchor)
