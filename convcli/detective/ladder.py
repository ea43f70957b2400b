"""The ladder: what explains an aligned pair, the simplest first.

Every rung is judged on rows that it did not learn from. A rung with more to it has to be better by 3 % and by 0.02
levels, more where TARGET is a JPEG; the first that leaves nothing but rounding ends the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.lossy.jpeg import quality_of
from convcli.detective.regions import Region, find_region
from convcli.detective.replayed import apply_text, best_rank, block_size, named_only
from convcli.detective.scene import Scene
from convcli.detective.tone.curves import name_of
from convcli.detective.tone.fit import Curve, Fit, fitted
from convcli.detective.tone.model import model_errors
from convcli.detective.tone.samples import sampled
from convcli.detective.wide import wide_kernels
from convcli.engine import from_light, to_light
from convcli.learning import Model

_SIDES = (7, 15, 25)
_COUNT, _JUDGING = 7000, 3000
_BETTER, _BETTER_JPEG = 0.97, 0.8
_LEAST = 0.02  # levels
_CLEARLY = 0.7
_EXACT = 1.25  # times the floor, up to which nothing else is sought
_NARROW = 2.0  # pixels: narrower kernels are learned
_ENDS = 0.06  # of the spectrum: a family farther off is none


@dataclass(frozen=True)
class Explanation:
    """An explanation of an aligned pair: the steps around the kernel.

    Parameters
    ----------
    rms
        The error on the rows that judge, in shares of full scale.
    before
        The filter that INPUT goes through before the kernel is learned, as `apply` takes it, or empty.
    model, light, curve
        The kernel's model; whether it works in linear light; the tone curve after it.
    side
        Of the kernel that was tried.
    nonlinear
        The name of a filter that only has a name.
    region, quality
        A part that differs, and the quality of the JPEG that TARGET was.
    """

    rms: float
    before: str = ""
    model: Model = "shared"
    light: bool = False
    curve: Curve | None = None
    side: int = _SIDES[0]
    nonlinear: str = ""
    region: Region | None = None
    quality: int | None = None

    @property
    def curve_points(self) -> tuple[tuple[float, float], ...]:
        """The curve, and that of light before it, through points in shares of full scale."""
        assert self.curve is not None
        return tuple(
            (round(float(x), 4), round(float(y), 4)) for x, y in zip(self.curve.at, self.curve.values, strict=True)
        )

    @property
    def curve_name(self) -> str | None:
        """The name of the curve: a power, a line, or none."""
        assert self.curve is not None
        return name_of(self.curve)


def explained(scene: Scene, *, model: Model | None, may_curve: bool) -> Explanation:
    """Return the simplest explanation of a scene; with a `model`, only kernels of that model."""
    if np.array_equal(scene.source, scene.target):
        return Explanation(0.0)
    quality = _quality(scene)
    if size := block_size(scene):
        rms = scene.rms(apply_text(f"pixelate:{size}", scene.source))
        if rms <= _EXACT * scene.floor or rms < 0.02:
            return Explanation(rms, f"pixelate:{size}", quality=quality)
    best = _line(scene)
    for rung in _rungs(scene, model, may_curve=may_curve):
        if best.rms <= _EXACT * scene.floor:
            break
        for tried in rung(best):
            if _is_better(tried, best, scene, quality):
                best = tried
    return replace(best, quality=quality)


def _quality(scene: Scene) -> int | None:
    if not scene.levels or scene.target.shape[2] not in (1, 3) or scene.level != 1 / 255:
        return None
    return quality_of(np.rint(scene.target * 255))


def _is_better(tried: Explanation, best: Explanation, scene: Scene, quality: int | None) -> bool:
    share = _BETTER if quality is None else _BETTER_JPEG
    if tried.region or tried.nonlinear or tried.before:
        share = _CLEARLY
    return tried.rms < share * best.rms and best.rms - tried.rms > _LEAST * (scene.level or 1 / 255)


def _rungs(
    scene: Scene, model: Model | None, *, may_curve: bool
) -> Iterator[Callable[[Explanation], Iterator[Explanation]]]:
    """Yield the rungs above a kernel; each takes the best explanation so far."""
    if scene.source.shape[2] > 1 and model is None:
        yield lambda _: _models(scene)
    if may_curve:
        yield lambda best: _tones(scene, best)
    yield lambda _: _regions(scene)
    yield lambda _: _wide(scene)
    if scene.source.shape == scene.target.shape:
        yield lambda _: _ranks(scene)
        yield lambda _: _named(scene)


def _line(scene: Scene) -> Explanation:
    """Return the shared kernel, as large as it helps."""
    best = Explanation(np.inf)
    for side in _SIDES:
        if min(scene.target.shape[:2]) < 4 * side:
            break
        now = Explanation(_judged(scene, scene.source, side, knots=2)[1], side=side)
        if now.rms < _BETTER * best.rms:
            best = now
        if best.side < side or best.rms <= _EXACT * scene.floor:
            break
    return best


def _judged(scene: Scene, source: Array, side: int, *, knots: int = 18, fixed: bool = False) -> tuple[Fit, float]:
    shares = (
        sampled(source, scene.target, side, count, judging=judging, levels=scene.levels)
        for count, judging in ((_COUNT, False), (_JUDGING, True))
    )
    learned, judging = shares
    fit = fitted(learned, knots=knots, fixed=from_light if fixed else None)
    return fit, fit.judged(judging, levels=scene.levels)


def _models(scene: Scene) -> Iterator[Explanation]:
    if scene.target.shape[2] != scene.source.shape[2]:
        return
    errors = model_errors(scene.source, scene.target, levels=scene.levels)
    if not errors:
        return
    full, shared = errors["full"], errors["shared"]
    if full < 0.5 * shared and full < 0.6 * errors["depthwise"]:
        yield Explanation(full, model="full", side=3)
    planes = [
        Scene(scene.source[:, :, [index]], scene.target[:, :, [index]], scene.level)
        for index in range(scene.source.shape[2])
    ]
    apart = [_line(plane) for plane in planes]
    yield Explanation(
        float(np.sqrt(np.mean([each.rms**2 for each in apart]))),
        model="depthwise",
        side=max(each.side for each in apart),
    )


def _tones(scene: Scene, best: Explanation) -> Iterator[Explanation]:
    side = min(best.side, 15)
    light = to_light(scene.source)
    yield Explanation(_judged(scene, light, side, fixed=True)[1], light=True, side=side)
    for source, is_light in ((scene.source, False), (light, True)):
        fit, rms = _judged(scene, source, 7)
        yield Explanation(rms, light=is_light, curve=fit.curve, side=7)


def _regions(scene: Scene) -> Iterator[Explanation]:
    region = find_region(scene)
    if region is not None and region.rms < 1.0 * scene.level:
        yield Explanation(region.rms, region=region, side=5)


def _wide(scene: Scene) -> Iterator[Explanation]:
    for wide in wide_kernels(scene)[:1]:
        if wide.error < _ENDS and wide.size > _NARROW:
            yield _simplest(scene, wide.text)


def _simplest(scene: Scene, text: str) -> Explanation:
    """Return the filter with its numbers as short as the error allows."""
    tried = {text: _rms_of(scene, text)}
    name, _, arguments = text.partition(":")
    values = [(key, float(value)) for key, _, value in (each.partition("=") for each in arguments.split(","))]
    for digits in (0, 1):
        shorter = f"{name}:{','.join(f'{key}={round(value, digits):g}' for key, value in values)}"
        tried[shorter] = _rms_of(scene, shorter)
    least = min(tried.values())
    short = min((each for each in tried if tried[each] <= 1.1 * least), key=len)
    return Explanation(tried[short], short)


def _rms_of(scene: Scene, text: str) -> float:
    return scene.rms(apply_text(text, scene.source), margin=16)


def _ranks(scene: Scene) -> Iterator[Explanation]:
    text, rms = best_rank(scene)
    yield Explanation(rms, text)


def _named(scene: Scene) -> Iterator[Explanation]:
    for name, predicted in named_only(scene):
        yield Explanation(scene.rms(predicted, margin=16), nonlinear=name)
