"""Verdict: the steps in their order, from an explanation and the kernel that was learned within it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar

import numpy as np

from convcli.detective.alignment import shares
from convcli.detective.chains.around import layers_around
from convcli.detective.chains.clipped import CLIP
from convcli.detective.chains.order import JOINT, with_order, without_two
from convcli.detective.checks.earlier import noise_ahead
from convcli.detective.checks.left import rms_inside, rms_of, unchanged
from convcli.detective.checks.slight import (
    ANOTHER_GAIN,
    OFFSET,
    amplified,
    is_of_interpolation,
    is_of_noise,
    is_slight,
    is_slight_line,
    unnamed,
)
from convcli.detective.detected import Detected, detected, gain_of, is_identity, psnr_of
from convcli.detective.explanation import Explanation
from convcli.detective.lossy.naming import noise_before
from convcli.detective.lossy.noise import Residual, residual_of
from convcli.detective.lossy.residual_map import compared_rows, residual_map, rounded
from convcli.detective.steps import (
    CurveStep,
    FilterStep,
    IdentityStep,
    JpegStep,
    NoiseStep,
    NonlinearStep,
    PixelateStep,
    RegionStep,
    ShiftStep,
    Step,
)
from convcli.detective.through_jpeg import loss_through_jpeg
from convcli.detective.tone.mixes import gray_words
from convcli.detective.tone.names import line_name
from convcli.detective.tone.saturation import saturation
from convcli.detective.tone.tone import points_of
from convcli.detective.trials.confirming import as_blur, confirmed, with_one_blur
from convcli.detective.trials.pillow import named_as_pillow
from convcli.detective.trials.shapes import shape_words
from convcli.detective.working import WorkingPairs
from convcli.engine import apply_pipeline, full_scale_of
from convcli.filters import Kernel
from convcli.learning import Learned, LearningPair

_Learned = TypeVar("_Learned", bound=Learned)

_POOR = 0.5  # of the error of doing nothing, from which what is left is not explained
_OPEN = 3.0  # levels of what is neither noise nor JPEG, from which it is said
_BEYOND_JPEG = 2.0  # times what a JPEG makes, beside that: no filter before it that was told leaves 1.2
_TOLD = 1.3  # the same of one kernel, behind which nothing but rounding has to be left
_EXACT = 0.45  # levels
_OF_NOISE = (0.5, 0.8)  # levels of white noise that are a step, and times what a kernel makes of rounding before it
_SAME = 0.003  # of weights, and of the bias: a kernel this near to identity is none
_FAINT = 0.05  # of a weight: behind another filter, a Gaussian of sigma 0.33 makes up for what that is not quite
_KEPT, _OF_FLAT = 0.02, 0.03  # of the scale, that the sum of the weights may be off, and that flat blocks may be
_MANY = 3_000_000  # values of a picture
_AT_RIM = 0.5  # of the squared residual: less of it inside leaves the rim out


def words_of(kernel: Kernel) -> str | None:
    """Return the words for what a kernel without a name does, where they are known."""
    return saturation(kernel) or gray_words(kernel) or shape_words(kernel)


def filter_steps(learned: Learned, *, light: bool) -> Iterator[Step]:
    """Yield the step of a learned kernel, in linear `light` or not, or those of the two filters that it is."""
    near = learned.nearest
    if near is None and not light and (line := gain_of(learned.kernel)):
        yield _line_step(*line)
        return
    if near is None:
        words = None if light else words_of(learned.kernel)
        yield FilterStep(None, learned.model, light, words=words)
        return
    line = None if light else _line_after(learned)
    scale = 1.0 if line is not None or is_slight_line(learned.kernel, near.scale) else near.scale
    *before, last = near.text.split(JOINT)
    for text in before:
        if text.startswith("shift"):
            yield _shift(text)
        else:
            yield FilterStep(text, learned.model, light, 1.0, near.difference)
    if last.startswith("shift") and scale == 1:
        yield _shift(last)
    elif last != "identity" or line is None:
        yield FilterStep(last, learned.model, light, scale, near.difference)
    if line is not None:
        yield _line_step(*line)


def _line_step(gain: float, offset: float) -> CurveStep:
    return CurveStep(((0.0, offset), (1.0, gain + offset)), line_name(gain, offset))


def _line_after(learned: Learned) -> tuple[float, float] | None:
    """Return the gain and the offset after a filter that keeps brightness, None where there are none.

    They may as well come before it: only what is clipped between the two tells.
    """
    near, kernel = learned.nearest, learned.kernel
    if near is None or kernel.weights.ndim != 2:
        return None
    gain, offset = near.scale, float(kernel.bias[0])
    keeps_brightness = abs(float((kernel.weights / kernel.divisor).sum()) - gain) < _KEPT * abs(gain)
    is_line = (abs(gain - 1) > ANOTHER_GAIN or abs(offset) > OFFSET) and not is_slight_line(kernel, gain)
    return (gain, offset) if keeps_brightness and is_line else None


def _shift(text: str) -> ShiftStep:
    """Return the step of a shift as `apply` takes it: ``shift:dx=2``."""
    given = dict(each.split("=") for each in text.partition(":")[2].split(",") if each)
    return ShiftStep(int(given.get("dx", 1)), int(given.get("dy", 0)))


def put_together(learned: Learned, working: WorkingPairs, geometry: list[Step], first: LearningPair) -> Detected:
    """Return the steps of `geometry` in the first pair, those of the explanation, and what is left after them."""
    found, frame = working.explanation, working.frame
    given, pair = working.first
    learned = _named_beside(learned, working)
    made = _applied(learned, pair, is_toned=found.tone is not None)
    size = given.target.shape[0], given.target.shape[1]
    compared = compared_rows(given.target.shape)
    rows = slice(None) if compared is None else compared
    target, predicted = given.target[rows], working.after(made[rows])
    counted = working.counted(given)
    counted = counted if counted is None else counted[rows]
    left = residual_of(predicted, shares(target), counted, levels=first.target.dtype.kind == "u")
    error = rounded(predicted, first.target.dtype)
    error -= target
    if given.mask is not None:
        error = np.where(given.mask[rows], error, np.float32(0))
    at = (0, 0) if frame.resized or frame.is_fixed else (max(0, -frame.top), max(0, -frame.left))
    residual = residual_map(error, target, at, None if compared is None else size)
    rms = residual.rms if counted is None else rms_of(error, counted)
    inside = rms_inside(error, residual, max(learned.kernel.size), counted, compared)
    if inside is not None and inside**2 < _AT_RIM * rms**2:
        rms = inside
    rms /= full_scale_of(first.target.dtype)
    last = tuple(_last_steps(found, left, rms, target.shape[2], _least_noise(learned, working)))
    if last and isinstance(last[-1], NoiseStep) and is_of_interpolation(learned.kernel):
        learned = without_two(learned)  # of noise, a blur and a sharpening that nearly undo each other fit by chance
    inner = list(_inner_steps(learned, found))
    if frame.is_turned and (frame.warp or not frame.is_certain) and is_of_interpolation(learned.kernel):
        inner = [each for each in inner if not (isinstance(each, FilterStep) and each.text is None)]
    inner = [each for each in inner if not is_of_noise(each, last)]
    steps = [*geometry, *inner, *last]
    limit, is_beyond = (left.rms, False) if last else (None, False)
    if last and isinstance(last[-1], JpegStep) and predicted.shape == target.shape:
        limit, is_beyond = loss_through_jpeg(working.after(made), given.target, found)
        is_beyond = is_beyond or rms > _BEYOND_JPEG * limit + _OPEN / 255
    is_beyond = is_beyond and not found.before and found.region is None
    is_told = frame.placement is None and not (found.before or found.region or _has_two(learned))
    is_open = rms > (_TOLD if is_told else _OPEN) / 255 and (not last or is_beyond) and not found.nonlinear
    may_be_noise = found.is_kernel and compared is None and not (last or geometry)
    if may_be_noise and (noise := noise_ahead(learned.kernel, predicted, shares(target), counted)):
        steps, limit, is_open = [NoiseStep(round(noise[0], 2)), *inner], noise[1], False
    if is_open:
        steps = [each for each, _ in groupby(map(unnamed, steps))]
        steps.insert(len(steps) - len(last), NonlinearStep(None))
    is_explained = not is_open or rms**2 < _POOR * unchanged(shares(given.source[rows]), shares(target))
    return detected(
        in_values(learned, pair.target.dtype, first.target.dtype),
        tuple(steps) or (IdentityStep(),),
        first,
        is_explained=is_explained,
        around=None if found.nonlinear else layers_around(found, frame, first),
        after=psnr_of(found.rms if found.nonlinear else rms),
        limit=None if limit is None or is_open else psnr_of(limit),
        residual=residual,
    )


def _named_beside(learned: Learned, working: WorkingPairs) -> Learned:
    """Return a learned kernel with the name that it has beside the other steps."""
    found, frame = working.explanation, working.frame
    given, pair = working.first
    if found.quality is not None:
        return without_two(learned)
    shown = replace(pair, target=given.target, mask=working.counted(given))
    if frame.resized:  # of which weights are known so badly that two filters fit what one was
        learned = with_one_blur(learned, shown, working.after)
        learned = learned if frame.is_certain else without_two(learned)
    learned = confirmed(with_order(learned, pair), shown, working.after)
    if found.tone is None:
        return named_as_pillow(learned, shown)
    is_open = found.tone.mix is not None and learned.nearest is None
    return as_blur(learned, shown, working.after) if is_open else learned


def _least_noise(learned: Learned, working: WorkingPairs) -> float:
    """Return the levels from which noise is a step: more than a kernel makes of the rounding of another size."""
    is_resized = working.frame.resized
    return _OF_NOISE[is_resized] * (amplified(learned.kernel) if is_resized else 1.0)


def _has_two(learned: Learned) -> bool:
    """Return whether a kernel is that of two filters: what is rounded between them is left."""
    return learned.nearest is not None and JOINT in learned.nearest.text


def in_values(learned: _Learned, given: np.dtype[Any], wanted: np.dtype[Any]) -> _Learned:
    """Return what was learned from values of one dtype with its errors in those of another."""
    factor = full_scale_of(wanted) / full_scale_of(given)
    border, replay = learned.border, learned.replay
    if border is not None:
        name, rms = border.next_best
        border = replace(border, rms=border.rms * factor, next_best=(name, rms * factor))
    replay = replace(replay, largest=replay.largest * factor)
    if isinstance(learned, Detected) and learned.residual is not None:
        left = learned.residual
        learned = replace(learned, residual=replace(left, cells=left.cells * factor, rms=left.rms * factor))
    return replace(learned, rms=learned.rms * factor, border=border, replay=replay)


def _applied(learned: Learned, pair: LearningPair, *, is_toned: bool) -> Any:
    """Return the source through the learned kernel, in shares of full scale.

    That of a target of bytes needs no double precision, for which fewer loops are compiled.
    """
    source = pair.source if pair.source.dtype == np.float64 else shares(pair.source)
    if is_identity(learned.kernel, _SAME) and (is_toned or pair.source.dtype == np.float64):
        return source  # without the roundings of weights
    is_short = pair.source.dtype in (np.uint8, np.float32) and source.size > _MANY
    dtype = np.float32 if is_short else np.float64
    return apply_pipeline(learned.pipeline, source, full_scale=1.0, dtype=dtype).values


def _inner_steps(learned: Learned, found: Explanation) -> Iterator[Step]:
    """Yield the steps between those of geometry and those at the end."""
    if found.nonlinear:
        yield from _steps_before(found)
        if found.tone is not None and found.tone.before:
            yield CurveStep(points_of(found.tone.before), found.tone.before_name)
        yield NonlinearStep(found.nonlinear)
        yield from _region_step(found)
        return
    yield from _steps_before(found)
    tone, near = found.tone, learned.nearest
    if tone is not None and tone.before:
        yield CurveStep(points_of(tone.before), tone.before_name)
    if tone is not None and tone.mix is not None:
        words = None if tone.mix_name else saturation(Kernel(tone.mix[:, :-1, np.newaxis, np.newaxis]))
        yield FilterStep(tone.mix_name, "full", words=words)
    has_curve = tone is not None and bool(tone.before or tone.after)
    is_plain = near is not None and near.text == "identity" and (has_curve or abs(near.scale - 1) < 0.01)
    is_plain = is_plain or (bool(found.before or tone) and is_slight(learned.kernel))
    # The means of flat blocks, that a JPEG rounds to its steps, lie near many lines.
    line = gain_of(learned.kernel) if found.blocks and found.quality else None
    is_plain = is_plain or (line is not None and abs(line[0] - 1) < _OF_FLAT)
    is_plain = is_plain or (bool(found.before) and is_identity(learned.kernel, _FAINT))
    # With a curve, the scale is the curve's.
    if not is_plain and not is_identity(learned.kernel, _SAME):
        # What JPEG takes from a sharpened picture makes the weights too small: a name would be false.
        has_name = found.quality is None or found.lossy is not None or bool((learned.kernel.weights >= 0).all())
        if has_name:
            yield from filter_steps(learned, light=found.is_light)
        else:
            yield FilterStep(None, learned.model, found.is_light)
    if tone is not None and tone.after:
        yield CurveStep(points_of(tone.after), tone.after_name)
    yield from _region_step(found)


def _region_step(found: Explanation) -> Iterator[Step]:
    if (region := found.region) is not None:
        yield RegionStep(region.x, region.y, region.width, region.height, round(region.share, 4))


def _steps_before(found: Explanation) -> Iterator[Step]:
    """Yield the steps of what INPUT goes through before the kernel."""
    filters = found.before.partition("pixelate:")[0].partition("resize:")[0] if found.blocks else found.before
    texts = [each for each in filters.split(JOINT) if each and each != CLIP.removeprefix(JOINT)]
    yield from (FilterStep(text, "shared", False, 1.0, 0.0) for text in texts)
    if found.blocks:
        yield PixelateStep(found.blocks)


def _last_steps(found: Explanation, residual: Residual, rms: float, channels: int, least: float) -> Iterator[Step]:
    if rms <= _EXACT / 255:
        return
    if found.quality is not None:
        if found.lossy is not None and (noise := noise_before(found.lossy, channels)):
            yield NoiseStep(round(noise, 2))
        yield JpegStep(found.quality)
    elif residual.is_white and residual.rms > least / 255 and found.rms > _EXACT / 255:
        yield NoiseStep(round(255 * residual.rms, 2))
