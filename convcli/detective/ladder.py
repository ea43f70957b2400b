"""The ladder: what explains an aligned pair, the simplest first.

Every rung is judged on rows that it did not learn from. A rung with more to it has to be better by 3 % and by 0.02
levels, more where TARGET is a JPEG; the first that leaves nothing but rounding ends the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from convcli.detective.ahead.blocks import beside_blocks
from convcli.detective.ahead.ranks import rank_and_curve, rank_first, rank_last
from convcli.detective.alone.lines import BETTER, EXACT, SIDES, is_at_floor, kernel_of_model, line_of
from convcli.detective.chains.clipped import CLIP, sharpened, sharpened_first
from convcli.detective.colors.hues import recoloring
from convcli.detective.detected import psnr_of
from convcli.detective.explanation import Explanation, beside, rms_of
from convcli.detective.lossy.flat import quality_of_flat
from convcli.detective.lossy.jpeg import quality_of
from convcli.detective.lossy.round_trip import quality_again
from convcli.detective.lossy.search import Allowed
from convcli.detective.nonlinear.before_webp import before_webp
from convcli.detective.nonlinear.blocks import find_blocks
from convcli.detective.nonlinear.edges import edges_first, is_rare
from convcli.detective.nonlinear.explanations import nonlinear
from convcli.detective.nonlinear.webp import as_webp, webp_of
from convcli.detective.regions import alike_pixels, fitting_pixels, is_by_color, rectangle
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.through_jpeg import explained_before_jpeg
from convcli.detective.tone.model import fitted_models, has_mixed_means
from convcli.detective.tone.table import tables
from convcli.detective.tone.tone import Tone
from convcli.detective.tone.tones import Tried, curved, joined_names, mixed
from convcli.detective.wide.explanations import wide, wide_and_curve
from convcli.engine import to_light
from convcli.learning import Model, Unwatched, Watcher

_BETTER_JPEG = 0.8  # of the error without it, for what has more to it, where TARGET is a JPEG
_LEAST = 0.02  # levels
_CLEARLY = 0.7
_SEVERAL = 2.0  # floors, from which something may be clipped between two filters
_AS_GOOD = 1.02
_TWICE = 1.4  # floors: what a mix and a kernel leave that were rounded each
_RIM = 8  # pixels
_OF_DETAIL = 0.5  # of what a picture shows, that is outside of a region
_REST, _BESIDE = 0.5, 0.8  # of the error with the region: most that the rest may have, and may have had with it

_Rung = Callable[[Explanation], Iterator[Explanation]]


def explained(
    scene: Scene,
    *,
    model: Model | None = None,
    side: int | None = None,
    may_curve: bool = True,
    is_light: bool = False,
    watcher: Watcher | None = None,
) -> Explanation:
    """Return the simplest explanation of a scene; with a `model`, only kernels of that model; only in linear light.

    Through JPEG, a `side` is that of the only kernels that are tried.
    """
    if np.array_equal(scene.source, scene.target):
        return Explanation(0.0)
    if not scene.is_telling:
        return Explanation(np.inf, tone=Tone(light=True) if is_light else None)
    if not is_light and (known := _told_by_itself(scene, model, side, may_curve=may_curve)):
        return known
    quality = _quality(scene)
    if not is_light and (blocks := find_blocks(scene)) and blocks.error < line_of(scene, SIDES[:1]).rms:
        if blocks.error > EXACT * scene.floor and _is_bytes(scene):
            quality = quality_of_flat(np.rint(255 * scene.target)) or quality
        made = Explanation(blocks.error, blocks.text, blocks=blocks.side, quality=quality)
        return _but_a_region(scene, made if quality else beside_blocks(scene, blocks, made))

    if quality is not None and not is_light:
        before = explained_before_jpeg(scene, quality, Allowed(model, side, may_curve))
        if before is not None:
            return before

    def climbed(part: Scene) -> Explanation:
        follower = watcher or Unwatched()
        if is_light:
            return _in_light(part, model, quality, follower, may_curve=may_curve)
        rungs = list(_rungs(part, model, quality, may_curve=may_curve))
        line = kernel_of_model(part, model or "shared")
        first = line if model or is_at_floor(line, part) else of_few_numbers(part, line, quality)
        return _climbed(part, rungs, quality, follower, first)

    return replace(_beside_a_region(scene, climbed(scene), climbed), quality=quality)


def _told_by_itself(scene: Scene, model: Model | None, side: int | None, *, may_curve: bool) -> Explanation | None:
    """Return what each level or color became, or a WebP: explanations that nothing else looks like."""
    if may_curve and (found := tables(scene)):
        name = joined_names([None if each.is_identity else each.name or "" for each in found])
        return Explanation(0.0, tone=Tone(tuple(each.curve for each in found), before_name=name))
    if may_curve and side is None and (ranked := rank_and_curve(scene)):
        return ranked
    if may_curve and model is None and (recolored := recoloring(scene)):
        change, error = recolored
        return Explanation(error, nonlinear=change.words, replay=change.made, is_sure=True)
    if model is None and side is None and (compressed := webp_of(scene)):
        quality, error = compressed
        made = partial(as_webp, quality=quality)
        return Explanation(error, nonlinear=f"WebP of about quality {quality}", replay=made, is_sure=True)
    return before_webp(scene) if may_curve and model is None and side is None else None


def of_few_numbers(scene: Scene, line: Explanation, quality: int | None = None, least: int = SIDES[-1]) -> Explanation:
    """Return the wide kernel of a family that is as good as one of a side of `least` or more, or that one."""
    if line.side < least:
        return line
    families = wide(scene, Explanation(np.inf), quality)
    most = max(_AS_GOOD * line.rms, EXACT * scene.floor)
    return next((each for each in families if each.rms <= most or _rounded_down(each, scene) <= most), line)


def _rounded_down(found: Explanation, scene: Scene) -> float:
    """Return the error of an explanation if the program cut the last digits off, which a kernel's bias makes up for."""
    predicted = found.predicted(scene)
    cut = np.clip((predicted - scene.target).mean(), 0, scene.level / 2)
    return scene.rms(predicted - cut)


def _climbed(
    scene: Scene, rungs: list[_Rung], quality: int | None, watcher: Watcher, first: Explanation
) -> Explanation:
    best = first
    for number, rung in enumerate(rungs):
        if is_at_floor(best, scene):
            break
        for tried in rung(best):
            watcher.hypothesis(tried.name, number / len(rungs), psnr_of(best.rms))
            if _is_better(tried, best, scene, quality):
                best = tried
            if is_at_floor(best, scene):
                break
    return best


def _in_light(
    scene: Scene, model: Model | None, quality: int | None, watcher: Watcher, *, may_curve: bool
) -> Explanation:
    """Return the simplest explanation whose kernel works in linear light."""
    source, target = (np.asarray(to_light(each), np.float32) for each in (scene.source, scene.target))
    light = replace(scene, source=source, target=target, level=0.0)
    if scene.levels:
        light = light.only(np.logical_and.reduce((scene.target > 0) & (scene.target < 1), axis=2))
    has_models = source.shape[2] > 1 and model is None
    rungs: list[_Rung] = [lambda best: _models(light, best, None)] if has_models else []
    best = replace(_climbed(light, rungs, quality, watcher, line_of(light)), tone=Tone(light=True))
    best = replace(best, rms=scene.rms(best.predicted(scene), best.side // 2))
    if may_curve and not is_at_floor(best, scene):
        for tried in map(_with_tone, curved(scene, best.side, best.rms, only_light=True)):
            best = tried if _is_better(tried, best, scene, quality) else best
    return best


def _is_bytes(scene: Scene) -> bool:
    return scene.target.shape[2] in (1, 3) and scene.level == 1 / 255


def was_jpeg_again(scene: Scene) -> bool:
    """Return whether TARGET is a JPEG of INPUT that changed it little, which a small kernel comes near to."""
    return _is_bytes(scene) and quality_again(255 * scene.source, np.rint(255 * scene.target)) is not None


def _quality(scene: Scene) -> int | None:
    if not _is_bytes(scene):
        return None
    target, source = (np.rint(each * 255) for each in (scene.target, scene.source))
    return quality_of(target, source) or quality_again(source, target)


def _is_better(tried: Explanation, best: Explanation, scene: Scene, quality: int | None) -> bool:
    share = BETTER if quality is None else _BETTER_JPEG
    if tried.nonlinear or tried.before:
        share = BETTER if tried.is_sure else _CLEARLY
    return tried.rms < share * best.rms and best.rms - tried.rms > _LEAST * (scene.level or 1 / 255)


def _rungs(scene: Scene, model: Model | None, quality: int | None, *, may_curve: bool) -> Iterator[_Rung]:
    """Yield the rungs above a kernel; each takes the best explanation so far."""
    tones = _Tones(scene) if may_curve and model in (None, "shared") else None
    if scene.source.shape[2] > 1 and model is None:
        yield lambda best: _models(scene, best, tones)
    if tones:
        yield tones
    if scene.level == 1 / 255 and quality is None:
        yield lambda best: _after_another(scene, best)
    yield lambda best: wide(scene, best, quality)
    if tones and quality is None:
        yield lambda best: wide_and_curve(scene, best)
    yield lambda best: nonlinear(scene, best, quality)
    if scene.level == 1 / 255 and quality is None:
        yield lambda best: rank_last(scene, best)


def _beside_a_region(scene: Scene, best: Explanation, climbed: Callable[[Scene], Explanation]) -> Explanation:
    """Return the explanation of all but a region, where that is clearly better than that of the whole."""
    pixels = fitting_pixels(scene)
    if pixels is None and (not best.is_replayed or is_at_floor(best, scene)):
        return best
    predicted = best.predicted(scene)
    whole = scene.rms(predicted, _RIM, every_row=True) if best.is_replayed else best.rms
    if pixels is None and (pixels := alike_pixels(scene, predicted)) is None:
        return best
    rest = scene.only(pixels)
    if rest.detail < _OF_DETAIL * scene.detail:
        return best
    if best.is_replayed and rest.rms(predicted, _RIM, every_row=True) > _BESIDE * whole:
        return best  # what is left is everywhere
    found = climbed(rest)
    predicted = found.predicted(scene)
    if not found.is_replayed or rest.rms(predicted, _RIM, every_row=True) > _REST * whole:
        return best
    region = rectangle(scene, predicted)
    return best if region is None or is_by_color(scene, predicted, region) else replace(found, region=region)


def _but_a_region(scene: Scene, found: Explanation) -> Explanation:
    """Return what was found with the region where it does not hold, if that is all that it leaves."""
    predicted = found.predicted(scene)
    pixels = None if scene.rms(predicted, every_row=True) <= _SEVERAL * scene.floor else alike_pixels(scene, predicted)
    if pixels is None or scene.only(pixels).rms(predicted, every_row=True) > _REST * scene.rms(
        predicted, every_row=True
    ):
        return found
    return replace(found, region=rectangle(scene, predicted))


def _models(scene: Scene, best: Explanation, tones: _Tones | None) -> Iterator[Explanation]:
    """Yield kernels between channels, and one for each, after curves for all where they leave more than rounding."""
    for tried in _between_channels(scene, best, may_curve=tones is not None):
        if tones and scene.is_more_than_rounding(tried.rms):
            yield from tones(best)
        yield tried


def _between_channels(scene: Scene, best: Explanation, *, may_curve: bool) -> Iterator[Explanation]:
    channels = scene.source.shape[2]
    if scene.target.shape[2] != channels:
        return
    fits = fitted_models(scene.source, scene.target, levels=scene.levels, usable=scene.usable)
    if not fits:
        return
    full, shared, depthwise = (fits[name] for name in ("full", "shared", "depthwise"))
    is_mix = full.rms < 0.5 * shared.rms and full.rms < 0.6 * depthwise.rms
    if is_mix or has_mixed_means(scene.source, scene.target, levels=scene.levels, usable=scene.usable):
        for tried in mixed(scene, best.side, best.rms, may_curve=may_curve):
            yield (found := _behind_mix(scene, _with_tone(tried)))
            if found.rms <= _TWICE * scene.floor:
                return
        yield kernel_of_model(scene, "full")
    narrow = [line_of(scene.channel(index), SIDES[:1]) for index in range(channels)]
    if rms_of(narrow) < BETTER * min(best.rms, line_of(scene, SIDES[:1]).rms):
        narrow = [line_of(scene.channel(index)) for index in range(channels)]
        yield beside(narrow)


def _behind_mix(scene: Scene, found: Explanation) -> Explanation:
    """Return an explanation by a mix and a kernel with the kernel, as large as it helps, that suits the mix best."""
    tone = found.tone
    if tone is None or tone.mix is None or tone.light or tone.before or tone.after:
        return found
    line = line_of(replace(scene, source=tone.toned(scene.source)))
    return replace(found, rms=line.rms, kernel=line.kernel) if line.rms < found.rms else found


@dataclass(eq=False)
class _Tones:
    """Light and curves around a kernel, which are tried once."""

    scene: Scene
    are_tried: bool = False

    def __call__(self, best: Explanation) -> Iterator[Explanation]:
        if not self.are_tried:
            self.are_tried = True
            yield from map(_with_tone, curved(self.scene, best.side, best.rms))


def _with_tone(tried: Tried) -> Explanation:
    return Explanation(tried.rms, kernel=tried.kernel, model=tried.model, tone=tried.tone)


def _after_another(scene: Scene, best: Explanation) -> Iterator[Explanation]:
    """Yield kernels after a filter that no kernel goes along with: a sharpening that clips, edges, and a rank."""
    if best.rms <= _SEVERAL * scene.floor:
        return
    for text in sharpened_first(scene):
        found = line_of(replace(scene, source=sharpened(text, scene.source)), SIDES[:2])
        yield replace(found, before=text + CLIP)
    for text in filter(None, (edges_first(scene, best.rms), rank_first(scene))):
        filtered = replace(scene, source=apply_text(text, scene.source))
        found, alone = line_of(filtered, SIDES[:2]), Explanation(scene.rms(filtered.source), text)
        if alone.rms <= _AS_GOOD * found.rms:
            yield alone
        elif not is_rare(text) or found.rms <= _SEVERAL * scene.floor:  # near many filters that are not among these
            yield replace(found, before=text)
