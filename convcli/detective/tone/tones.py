"""Tones: light, curves and mixes of channels around a kernel, each judged on rows held out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.scene import Scene
from convcli.detective.tone.curve import Curve
from convcli.detective.tone.drawn import Drawn, dense, draw, smoothed
from convcli.detective.tone.fitting import fitted
from convcli.detective.tone.joint import Joint
from convcli.detective.tone.mixes import known_mix
from convcli.detective.tone.names import name_of
from convcli.detective.tone.starts import (
    kernel_alone,
    saturated,
    with_curve_after,
    with_curve_before,
    with_curves_apart,
    with_mix,
)
from convcli.detective.tone.tone import Tone
from convcli.engine import to_light
from convcli.filters import Kernel
from convcli.lazy import dataclass
from convcli.learning import Model

_FEW, _MANY, _JUDGING = 2700, 18_000, 7500  # values to try, to fit, and to judge
_PROMISING = 0.97  # of the error without, to be fitted to many
_CLEAR = 0.6  # of the error without, from which a tone is certain; above it only noise may be left
_WHITE = 0.1  # correlation of neighbors in what is left
_SIDE, _STEPS = 7, (1, 2, 3)
_LEAST = 48  # pixels of a side of the pictures, for each pixel of a step
_EXACT = 1.25  # times the floor, up to which nothing else is sought
_GRAY = 2e-3  # the root mean square of color, below which a source has none
_NEAR_ONE, _NO_OFFSET = 0.02, 1.5 / 255  # of a scale, and a share
_APART = 0.03  # of the norm
_SAME = 1.03  # times the error, that a curve by its formula may have
_UNSEEN, _CUT = 0.2, 0.6  # levels that fewer numbers of a mix may leave, and that a program cuts off


@dataclass(frozen=True, eq=False)
class Tried:
    """A kernel and tones around it, with their root mean square error on rows held out, in shares of full scale."""

    rms: float
    tone: Tone | None
    kernel: Kernel
    model: Model


@dataclass(eq=False)
class _Samples:
    """Samples of a scene for kernels of a side, of weights `step` pixels apart, drawn once they are needed."""

    scene: Scene
    side: int
    step: int = 1

    def __post_init__(self) -> None:
        self._drawn: dict[tuple[int, bool, bool, int], Drawn] = {}
        self._sources: dict[bool, Array] = {}

    def __call__(self, values: int, *, light: bool = False, judging: bool = False, right: int = 0) -> Drawn:
        key = values, light, judging, right
        if key not in self._drawn:
            source = self._source(light)
            self._drawn[key] = draw(self.scene, source, self.side, values, judging=judging, right=right, step=self.step)
        return self._drawn[key]

    def _source(self, light: bool) -> Array:
        if light not in self._sources:
            source = np.asarray(to_light(self.scene.source), np.float32) if light else self.scene.source
            self._sources[light] = smoothed(source, self.step)
        return self._sources[light]

    def judged(self, fit: Joint) -> float:
        """Return the error on the rows that judge."""
        return fit.judged(self(_JUDGING, light=fit.is_light, judging=True))

    def refined(self, fit: Joint) -> Joint:
        """Return a fit to many values, from one to few."""
        many = self(_MANY, light=fit.is_light)
        return fitted(many, fit, steps=8).ended(many)

    def is_white(self, fit: Joint) -> bool:
        """Return whether what a fit leaves is alike in neighbors no more than noise is."""
        here, right = (
            fit.error(self(_JUDGING, light=fit.is_light, judging=True, right=right)).astype(np.float64)
            for right in (0, 1)
        )
        return bool(abs((here * right).mean()) < _WHITE * (here**2).mean())


def mixed(scene: Scene, side: int, rms: float, *, may_curve: bool) -> Iterator[Tried]:
    """Yield mixes of channels: of a pixel alone, then with a kernel of `side`; curves and light around them.

    `rms` is the error without; `may_curve` allows curves and light.
    """
    if scene.source.shape[2] != 3 or scene.target.shape != scene.source.shape or _is_gray(scene.source):
        return
    for samples in (_Samples(scene, 1), *_samples(scene, side)):
        for tried in _found(samples, _mixes(samples, may_curve=may_curve), rms):
            if tried.tone is not None and tried.tone.mix is not None and _keeps_apart(tried.tone.mix):
                continue  # a curve alone explains it
            yield tried
            if tried.rms <= _EXACT * scene.floor:
                return


def _keeps_apart(mix: Array) -> bool:
    """Return whether a mix leaves channels as they are, but for a scale."""
    matrix = mix[:, :-1]
    plain = np.eye(len(matrix)) * matrix.trace() / len(matrix)
    return bool(np.linalg.norm(matrix - plain) < _APART * np.linalg.norm(matrix))


def curved(scene: Scene, side: int, rms: float, *, only_light: bool = False) -> Iterator[Tried]:
    """Yield light, and curves around a kernel; `side` and `rms` are the side and the error of a kernel alone.

    With `only_light`, kernels work in linear light.
    """
    for samples in _samples(scene, side):
        for tried in _found(samples, _curves(samples, only_light=only_light), rms):
            yield tried
            if tried.rms <= _EXACT * scene.floor:
                return


def _samples(scene: Scene, side: int) -> Iterator[_Samples]:
    """Yield samples for a narrow kernel, and for one of about a side where that is wider.

    What a curve does to edges may look like a wide kernel, so a narrow one is tried too.
    """
    yield _Samples(scene, min(side, _SIDE))
    wide = max((step for step in _STEPS if _SIDE * step <= side and _fits(scene, step)), default=1)
    if wide > 1:
        yield _Samples(scene, _SIDE, wide)


def _fits(scene: Scene, step: int) -> bool:
    height, width = scene.target.shape[:2]
    return bool(min(height, width) >= _LEAST * step)


def _found(samples: _Samples, fits: Iterator[Joint], rms: float) -> Iterator[Tried]:
    """Yield the fits that are better than an error, the simplest first, up to one that leaves only rounding.

    Where that leaves a little more, the next one may be the right one: a curve before a kernel is nearly one after it.
    """
    best, is_last = None, False
    for few in fits:
        if samples.judged(few) < _PROMISING * rms:
            fit = samples.refined(few)
            now = samples.judged(fit)
            if now < _CLEAR * rms or (now < _PROMISING * rms and (best is not None or samples.is_white(fit))):
                best = _wider(_as_tried(fit, samples, now), fit, samples)
                rms = best.rms
                if rms > _EXACT * samples.scene.floor:
                    yield best
                    best = None
        if best is not None and (is_last or not samples.scene.is_more_than_rounding(rms)):
            break
        is_last = best is not None
    if best is not None:
        yield best


def _wider(tried: Tried, fit: Joint, samples: _Samples) -> Tried:
    """Return a fit with a kernel as wide as it helps."""
    step = samples.step + 1
    is_done = tried.rms <= _EXACT * samples.scene.floor or fit.before or samples.side < _SIDE
    if is_done or step not in _STEPS or not _fits(samples.scene, step):
        return tried
    wide = _Samples(samples.scene, _SIDE, step)
    start = replace(fit, beside=np.zeros_like(fit.beside))
    fit = wide.refined(fitted(wide(_FEW, light=fit.is_light), start))
    now = wide.judged(fit)
    return _wider(_as_tried(fit, wide, now), fit, wide) if now < _PROMISING * tried.rms else tried


def _mixes(samples: _Samples, *, may_curve: bool) -> Iterator[Joint]:
    few = samples(_FEW)
    alone = kernel_alone(few)
    mix = fitted(few, with_mix(alone, few), steps=6)
    yield mix
    if not may_curve:
        return
    yield fitted(few, with_curve_after(mix, few))
    if samples.step == 1:
        yield fitted(few, with_mix(with_curve_before(alone, few), few))
    light = samples(_FEW, light=True)
    yield fitted(light, with_mix(kernel_alone(light, is_light=True), light))


def _curves(samples: _Samples, *, only_light: bool) -> Iterator[Joint]:
    few, light = samples(_FEW), samples(_FEW, light=True)
    alone, in_light = kernel_alone(few), kernel_alone(light, is_light=True)
    yield in_light
    if only_light:
        yield fitted(light, with_curve_after(in_light, light))
        return
    after = fitted(few, with_curve_after(alone, few))
    yield after
    before = fitted(few, with_curve_before(alone, few)) if samples.step == 1 else after
    yield before
    yield fitted(light, with_curve_after(in_light, light))
    channels = few.target.shape[1]
    if channels > 1:
        yield from (fitted(few, with_curves_apart(each, channels)) for each in dict.fromkeys((after, before)))


def _is_gray(source: Array) -> bool:
    color = source - source.mean(axis=2, keepdims=True)
    return bool(np.sqrt(np.mean(color**2)) < _GRAY)


def _as_tried(fit: Joint, samples: _Samples, rms: float) -> Tried:
    """Return a fit as a kernel with tones around it, by their names where they have some."""
    mix_name, clips = None, False
    if fit.mix is not None:
        fit, mix_name, clips, rms = _with_known_mix(fit, samples, rms)
    after, after_name = _named(fit.after if fit.has_curve_after else (), fit, samples, rms, "after")
    if fit.mix is not None and all(each.is_within(_CUT * samples.scene.level) for each in after):
        after, after_name = (), None
    before, before_name = _named(fit.before, fit, samples, rms, "before")
    gain, offset = (1.0, 0.0) if fit.has_curve_after or not fit.after else fit.after[0].line
    tone = Tone(before, fit.mix, light=fit.is_light, after=after, before_name=before_name, after_name=after_name)
    tone = replace(tone, mix_name=mix_name, clips=clips)
    if fit.mix is not None and not len(fit.beside):  # the mix is the kernel
        kernel = Kernel(fit.mix[:, :-1, np.newaxis, np.newaxis], bias=tuple(fit.mix[:, -1].tolist()))
        tone = replace(tone, mix=None, mix_name=None, clips=False)
        return Tried(rms, None if tone.is_nothing else tone, kernel, "full")
    kernel = Kernel(gain * dense(fit.kernel, samples.step), bias=offset)
    return Tried(rms, None if tone.is_nothing else tone, kernel, "shared")


def _with_known_mix(fit: Joint, samples: _Samples, rms: float) -> tuple[Joint, str | None, bool, float]:
    """Return a fit with the numbers of a known mix, its name, whether what it makes is clipped, and the error then.

    Of what a mix and a curve make together, the scale is the curve's.
    """
    assert fit.mix is not None
    known, mix = known_mix(fit.mix[:, :-1]), fit.mix
    scale = known[2] if known else float(mix[:, :-1].sum()) / 3
    if fit.has_curve_after and len(fit.after) == 1 and scale > 0:
        # after(scale · values + offset) is a curve of values.
        offset = float(mix[:, -1].mean())
        curve = replace(fit.after[0], knots=(fit.after[0].knots - offset) / scale)
        mix = np.append(mix[:, :-1], mix[:, -1:] - offset, axis=1) / scale
        fit, scale = replace(fit, mix=mix, after=(curve,)), 1.0
    tried: list[tuple[str | None, Joint]] = [(None, fit)]
    if known is not None:
        scale = 1.0 if abs(scale - 1) < _NEAR_ONE else scale
        exact = np.append(scale * known[1], np.where(np.abs(mix[:, -1:]) < _NO_OFFSET, 0, mix[:, -1:]), axis=1)
        tried.insert(0, (known[0], replace(fit, mix=exact)))
    elif not (fit.is_light or fit.has_curve_after or fit.before):
        tried = [*((None, each) for each in saturated(fit, samples(_MANY))), *tried]
    least, judged = rms, []
    for name, each in tried:
        errors = {False: samples.judged(each)}
        if len(fit.beside) and not fit.is_light and samples.step == 1:
            errors[True] = each.judged_clipped(samples(_JUDGING, judging=True))
        clips = errors.get(True, np.inf) < _PROMISING * errors[False]
        judged.append((errors[clips], name, each, clips))
        least = min(least, errors[clips])
    most = max(_SAME * least + 0.01 * samples.scene.level, np.hypot(least, _UNSEEN * samples.scene.level))
    *exact_ones, free = judged
    now, name, best, clips = min([each for each in exact_ones if each[0] <= most] or [free], key=lambda each: each[0])
    return best, name, clips, now


def _named(
    curves: tuple[Curve, ...], fit: Joint, samples: _Samples, rms: float, place: str
) -> tuple[tuple[Curve, ...], str | None]:
    """Return curves by their formula, and its name, where they have one that explains as much."""
    formulas = [name_of(curve) for curve in curves]
    if not formulas or any(formula is None for formula in formulas):
        return curves, None
    exact = tuple(formula.curve for formula in formulas if formula)
    tried = replace(fit, before=exact) if place == "before" else replace(fit, after=exact)
    if samples.judged(tried) > _SAME * rms + 0.01 * samples.scene.level:
        return curves, None
    return exact, joined_names([formula.name for formula in formulas if formula])


def joined_names(names: Sequence[str | None]) -> str | None:
    """Return the names of one curve, or of those of red, green and blue, as one.

    A name is empty where a curve has none, and None where there is no curve.
    """
    if len(names) == 1 or not any(names):
        return names[0] or None
    each = zip(("red", "green", "blue"), names, strict=False)
    return ", ".join(f"{color} {name or 'by a curve'}" for color, name in each if name is not None)
