"""The search through JPEG: a kernel, in levels, in linear light, with a curve, with channels apart or mixed.

Each is judged by the noise that it leaves before the JPEG.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.lossy.blocks import Blocks, drawn
from convcli.detective.lossy.fit import Curve, fitted
from convcli.detective.lossy.kernel import LossyKernel, kernel_of, mixed_kernel
from convcli.detective.lossy.means import is_bent, mixed_through_means
from convcli.detective.lossy.tones import tone_of
from convcli.detective.tone.samples import sampled
from convcli.engine import to_light
from convcli.lazy import dataclass
from convcli.learning import Model

_SIDES = (3, 5, 7, 9)
_TONE_SIDES = (3, 7)
_REACH = 4
_BLOCKS, _TONE_BLOCKS, _APART_BLOCKS, _TRIAL_BLOCKS = 1500, 400, 500, 150
_FEWEST = 40
_SAMPLES, _KNOTS = 3000, 14
_CLEARLY = 0.7  # of the noise that another leaves
_NEAR = 6.0  # levels of noise, up to which a plane for each channel may leave less
_BENT = 2.0  # the noise of the first coefficients over that of the others, from which there may be a curve
_ENCODING = 1.4  # levels, up to which the usual encoder may have been one with the fast DCT
_OFF = 0.02  # of the middle weight, for a kernel that is no identity


@dataclass(frozen=True, eq=False)
class LossyExplanation:
    """The steps before the JPEG: a kernel of a model, in linear light or not, with a curve or without."""

    kernel: LossyKernel
    model: Model = "shared"
    is_light: bool = False
    curve: Curve | None = None

    @property
    def is_answer(self) -> bool:
        """Return whether nothing is left but rounding, or noise."""
        return self.kernel.noise.is_rounding or self.kernel.noise.is_white

    @property
    def keeps_brightness(self) -> bool:
        """Return whether no kernel changes it, which is what one for all channels is sought in.

        What is clipped of changed colors may look like a curve.
        """
        return self.model == "shared" and _is_identity(self.kernel)


@dataclass(frozen=True)
class Allowed:
    """The hypotheses that may be tried: one model, kernels of one side, curves and light."""

    model: Model | None = None
    side: int | None = None
    tones: bool = True

    @property
    def is_free(self) -> bool:
        """Return whether kernels may be of any width, and one for all channels."""
        return self.side is None and self.model in (None, "shared")

    @property
    def sides(self) -> tuple[int, ...]:
        """The sides of kernels, the smallest first."""
        return _SIDES if self.side is None else (self.side,)

    @property
    def tone_sides(self) -> tuple[int, ...]:
        """The sides of kernels beside a curve."""
        return _TONE_SIDES if self.side is None else (self.side,)


def explained_through_jpeg(
    source: Array, target: Array, quality: int, usable: Bools | None = None, allowed: Allowed | None = None
) -> LossyExplanation | None:
    """Return what made TARGET before it was a JPEG of this quality, None where nothing of this leaves noise alone.

    `source` and `target`, (height, width, 1 or 3 channels), are in levels of 8 bits; `usable`, (height, width), tells
    which pixels say something.
    """
    allowed = allowed or Allowed()
    blocks = drawn(source, target, quality, _REACH, _BLOCKS, usable)
    if len(blocks) < _FEWEST or max(allowed.sides) > 2 * _REACH + 1:
        return None
    best = _best(blocks, source, target, allowed)
    if best is not None and not best.is_answer and best.kernel.noise.left < _ENCODING:
        best = _best(replace(blocks, is_fast=True), source, target, allowed)
    return best if best is not None and best.is_answer else None


def _best(blocks: Blocks, source: Array, target: Array, allowed: Allowed) -> LossyExplanation | None:
    """Return the first explanation that is an answer, or the one that leaves the least."""
    best: LossyExplanation | None = None
    for tried in _tried(blocks, source, target, allowed):
        if best is None or tried.kernel.noise.left < _CLEARLY * best.kernel.noise.left:
            best = tried
        if best.is_answer:
            break
    return best


def _tried(blocks: Blocks, source: Array, target: Array, allowed: Allowed) -> Iterator[LossyExplanation]:
    trial = _some(blocks, _TRIAL_BLOCKS)
    alone = grown(trial, allowed.sides) if allowed.model in (None, "shared") else None
    mixed = mixed_through_means(source, target) if source.shape[2] == 3 and allowed.model in (None, "full") else None
    if mixed is not None and (alone is None or _is_identity(alone) or not LossyExplanation(alone).is_answer):
        yield LossyExplanation(mixed_kernel(blocks, mixed), "full")
    elif alone is not None:
        alone = _learned_fully(blocks, alone)
        yield LossyExplanation(alone)
    if allowed.tones:
        yield from _tones(blocks, trial, source, target, allowed.tone_sides, may_bend=alone is None or _may_bend(alone))
    is_near = alone is None or max(alone.noise.low, alone.noise.high) < _NEAR
    # Luma alone would take a mix for a plane of each channel.
    if source.shape[2] == 3 and mixed is None and allowed.model in (None, "depthwise") and is_near:
        apart = grown(trial, allowed.sides, apart=True)
        if apart is not None:
            yield LossyExplanation(_learned_fully(_some(blocks, _APART_BLOCKS), apart), "depthwise")


def _some(blocks: Blocks, count: int) -> Blocks:
    """Return about so many of the blocks."""
    return blocks.part(slice(None, None, max(1, len(blocks) // count)))


def _learned_fully(blocks: Blocks, kernel: LossyKernel) -> LossyKernel:
    """Return a kernel of some blocks as that of all, where it is an answer."""
    if not LossyExplanation(kernel).is_answer:
        return kernel
    return kernel_of(blocks, kernel.side, apart=kernel.weights.ndim == 3) or kernel


def _is_identity(kernel: LossyKernel) -> bool:
    plain = np.zeros_like(kernel.weights)
    plain[kernel.side // 2, kernel.side // 2] = 1
    return bool(np.abs(kernel.weights - plain).max() < max(_OFF, 4 * kernel.errors.max()))


def _may_bend(kernel: LossyKernel) -> bool:
    return kernel.noise.first > _BENT * kernel.noise.high


def grown(blocks: Blocks, sides: tuple[int, ...], *, apart: bool = False) -> LossyKernel | None:
    """Return the kernel of the smallest side whose outermost weights are needed, None where blocks are too few."""
    best = None
    for side in sides:
        now = kernel_of(blocks, side, apart=apart)
        if now is None or (best is not None and not now.fills_its_window):
            break
        best = now
    return best


def _tones(
    blocks: Blocks, trial: Blocks, source: Array, target: Array, sides: tuple[int, ...], *, may_bend: bool
) -> Iterator[LossyExplanation]:
    """Yield kernels in linear light, with a curve, and with both, as the means of blocks are bent or not."""
    kinds = [(True, False)]
    if may_bend:
        kinds = [(False, True), (True, True)] if is_bent(source, target) else [(True, False), (False, True)]
    for side in sides:
        for is_light, has_curve in kinds:
            kernel, curve = _begun(source, target, side, is_light=is_light, has_curve=has_curve)
            learned, made = tone_of(trial, kernel, curve, is_light=is_light)
            if LossyExplanation(learned).is_answer:
                learned, made = tone_of(_some(blocks, _TONE_BLOCKS), learned.weights, made, is_light=is_light)
            yield LossyExplanation(learned, is_light=is_light, curve=made)


def _begun(source: Array, target: Array, side: int, *, is_light: bool, has_curve: bool) -> tuple[Array, Curve | None]:
    """Return the kernel and the curve to begin with: those of the pixels."""
    if not has_curve:
        plain = np.zeros((side, side))
        plain[side // 2, side // 2] = 1
        return plain, None
    given, made = (each / np.float32(255) for each in (source, target))
    samples = sampled(to_light(given) if is_light else given, made, side, _SAMPLES, judging=False, levels=True)
    fit = fitted(samples, knots=_KNOTS)
    return fit.kernel, fit.curve
