"""Gray that INPUT became before all other steps: INPUT has colors, and TARGET one channel, or three that are alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.ahead.pairs import stored
from convcli.detective.alignment import shares
from convcli.detective.alone.lines import SIDES, line_of
from convcli.detective.checks.levels import is_one_color
from convcli.detective.detected import Detected
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.sentence import sentence_of
from convcli.detective.steps import FilterStep, IdentityStep, NonlinearStep, UnrelatedStep
from convcli.detective.tone.mixes import known_mix
from convcli.detective.tone.table import tables
from convcli.filters import Conv, Kernel, Layer
from convcli.lazy import dataclass
from convcli.learning import LearningPair, LearnSettings, MadePairs, Pairs

USUAL, OTHER = "luma", "luma:bt709"  # of most programs, and of ImageMagick
# Weights of red, green and blue in whole numbers, and the bits that are shifted out, as Pillow and OpenCV round it.
_BY_PROGRAMS = {"pillow": ((19595, 38470, 7471), 16), "opencv": ((4899, 9617, 1868), 14)}
_ROUNDINGS = ("saved", *_BY_PROGRAMS, "none")
_ALIKE = 0.05  # of the weights: channels that one small kernel and a mix leave
_AS_GOOD = 1  # dB
_MUCH, _MOST = 38.6, 0.5  # dB, 3 levels; of the variance of TARGET, that a kernel has to explain to be one
_ENOUGH = 50.0  # dB: a mix that leaves more is not all
_CERTAIN = 60.0  # dB: another mix leaves more
_LIMIT, _WEIGHTS = 0.5, 3.0  # dB from what JPEG allows, and that weights between the channels may make up for of it
_NOTHING = 0.005  # of a scale, and of full scale


@dataclass(frozen=True, eq=False)
class GrayPairs(MadePairs):
    """Pairs whose sources became gray by a mix of channels, rounded to levels or not: one of `_ROUNDINGS`."""

    pairs: Pairs
    mix: str
    rounding: str = _ROUNDINGS[0]

    def made(self, pair: LearningPair) -> LearningPair:
        """Return a pair whose source is gray."""
        source = pair.source
        if source.dtype.kind != "u" or self.rounding == "none":
            return replace(pair, source=apply_text(self.mix, shares(source)))
        if self.rounding not in _BY_PROGRAMS:
            return replace(pair, source=stored(load_filter(self.mix), source))
        weights, bits = _BY_PROGRAMS[self.rounding]
        mixed = (source.astype(np.int64) @ np.array(weights)[:, np.newaxis] + (1 << bits >> 1)) >> bits
        return replace(pair, source=mixed.astype(source.dtype))


@dataclass(frozen=True, eq=False)
class OneOfAlike(MadePairs):
    """Pairs whose targets are gray in three channels, with one of them."""

    pairs: Pairs

    def made(self, pair: LearningPair) -> LearningPair:
        """Return a pair with the first channel of its target."""
        return replace(pair, target=pair.target[..., :1], mask=None if pair.mask is None else pair.mask[..., :1])


def is_gray_of_colors(first: LearningPair, settings: LearnSettings) -> bool:
    """Return whether TARGET is gray in three channels, and INPUT has colors."""
    is_sought = settings.finds_model and not settings.linear and settings.stride in (None, (1, 1))
    if not is_sought or (first.source.shape[2], first.target.shape[2]) != (3, 3):
        return False
    return _is_gray(first.target) and not _is_gray(first.source) and not is_one_color(first.target)


def _is_gray(array: Array) -> bool:
    return all(bool((each[..., 1:] == each[..., :1]).all()) for each in (array[::16, ::16], array))


def in_three(verdict: Detected) -> Detected:
    """Return a verdict on one of three channels that are alike as one on all of them."""
    before, after = verdict.around or ((), ())
    around = tuple(map(_mixed_thrice, before)), tuple(map(_mixed_thrice, after))
    verdict = replace(verdict, around=around if verdict.around else None)
    kernel = _thrice(verdict.kernel)
    if kernel is verdict.kernel:
        return verdict
    errors, undetermined = np.repeat(verdict.errors, 3, axis=0), np.repeat(verdict.undetermined, 3, axis=0)
    return replace(verdict, kernel=kernel, errors=errors, undetermined=undetermined)


def _thrice(kernel: Kernel) -> Kernel:
    """Return a mix of channels to one as that to three that are alike; another kernel as it is."""
    if kernel.weights.ndim != 4 or len(kernel.weights) > 1:
        return kernel
    return replace(kernel, weights=np.repeat(kernel.weights, 3, axis=0), bias=kernel.bias * 3)


def _mixed_thrice(layer: Layer) -> Layer:
    return replace(layer, kernel=_thrice(layer.kernel)) if isinstance(layer, Conv) else layer


def gray_pairs(plain: Detected, pairs: Pairs, settings: LearnSettings, first: LearningPair) -> list[GrayPairs]:
    """Return the pairs with a gray INPUT, by each mix that may be it, the likeliest first; none where that is all.

    `plain` is the verdict by a kernel between the channels.
    """
    if (first.source.shape[2], first.target.shape[2]) != (3, 1) or not settings.finds_model or settings.linear:
        return []
    if settings.stride not in (None, (1, 1)) or _is_all(plain):
        return []
    told = _mix_of(plain.kernel)
    if first.source.shape[:2] != first.target.shape[:2]:
        return [GrayPairs(pairs, told or USUAL)]
    # Of channels that are alike, weights tell little.
    mixes = (told,) if told else (USUAL, OTHER)
    apart = [GrayPairs(pairs, mix, each) for mix in mixes for each in roundings_of(mix)]
    scenes = [Scene.of(gray.made(first)) for gray in apart]
    by_table = next((gray for gray, scene in zip(apart, scenes, strict=True) if tables(scene)), None)
    if by_table:
        return [by_table]
    left = [line_of(scene, SIDES[:2]).rms for scene in scenes]
    ranked = [apart[at] for at in np.argsort(left, kind="stable")]
    return [next(each for each in ranked if each.mix == mix) for mix in dict.fromkeys(each.mix for each in ranked)]


def is_certain(verdict: Detected) -> bool:
    """Return whether no other mix of channels may explain more than a verdict on gray."""
    limit = verdict.psnr_limit
    return verdict.psnr_after > _CERTAIN or (limit is not None and verdict.psnr_after > limit - _LIMIT)


def roundings_of(mix: str) -> tuple[str, ...]:
    """Return the ways in which a mix of channels may have been rounded: of the usual one, those of programs too."""
    return _ROUNDINGS if mix == USUAL else (_ROUNDINGS[0], _ROUNDINGS[-1])


def _is_all(plain: Detected) -> bool:
    """Return whether a mix of channels with a name is all that was done."""
    near = plain.nearest
    return (
        plain.psnr_after > _ENOUGH
        and near is not None
        and abs(near.scale - 1) < _NOTHING
        and max(map(abs, plain.kernel.bias)) < _NOTHING
    )


def _mix_of(kernel: Kernel) -> str | None:
    """Return the mix of channels before one filter that a kernel, (1, 3, height, width), is; None for another."""
    planes = kernel.weights.reshape(3, -1)
    mixes, sizes, _ = np.linalg.svd(planes, full_matrices=False)
    if sizes[1:].max(initial=0) > _ALIKE * sizes[0]:
        return None
    mix = mixes[:, 0] * np.sign(mixes[:, 0].sum())
    found = known_mix(np.repeat(mix[np.newaxis], 3, axis=0))
    return found[0] if found is not None and found[0].startswith(USUAL) else None


def after_gray(verdict: Detected, mix: str, plain: Detected) -> Detected:
    """Return a verdict on pairs with a gray INPUT as one on those of colors; `plain` where that explains more."""
    limit = verdict.psnr_limit
    less = _WEIGHTS if limit is not None and verdict.psnr_after > limit - _LIMIT else _AS_GOOD
    if not verdict.is_explained and verdict.found[0].name == "unrelated" and plain.explained <= _MOST:
        cause = sentence_of((UnrelatedStep(),), plain.psnr_after, None)
        return replace(plain, found=(UnrelatedStep(),), cause=cause, psnr_limit=None, is_explained=False, around=None)
    if not verdict.is_explained or verdict.psnr_after < plain.psnr_after - less:
        return _opened(plain)
    steps = (FilterStep(mix, "full", False, 1.0, 0.0), *(e for e in verdict.found if not isinstance(e, IdentityStep)))
    around = verdict.around and ((*load_filter(mix).layers, *verdict.around[0]), verdict.around[1])
    cause = sentence_of(steps, verdict.psnr_after, verdict.psnr_limit)
    return replace(verdict, found=steps, cause=cause, around=around)


def _opened(plain: Detected) -> Detected:
    """Return the verdict by a kernel between channels that leaves much as one that says so."""
    if plain.psnr_after > _MUCH or plain.found[-1].name in ("nonlinear", "unrelated"):
        return plain
    steps = (FilterStep(None, plain.model, False), NonlinearStep(None))
    cause = sentence_of(steps, plain.psnr_after, None)
    return replace(plain, found=steps, cause=cause, psnr_limit=None, is_explained=plain.explained > _MOST)
