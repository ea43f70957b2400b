"""Explanations of what was done before TARGET was a JPEG, and the kernels in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.catalog import load_filter
from convcli.detective.explanation import Explanation
from convcli.detective.lossy.jpeg import is_reversed
from convcli.detective.lossy.kernel import LossyKernel, Noise
from convcli.detective.lossy.left import noise_left
from convcli.detective.lossy.naming import given_weights, leaves_as_little, noise_before
from convcli.detective.lossy.round_trip import loss_of_jpeg
from convcli.detective.lossy.search import Allowed, LossyExplanation, explained_through_jpeg
from convcli.detective.nonlinear.unsharp import best_unsharp
from convcli.detective.regions import fitting_pixels, rectangle
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.tone.curve import Curve
from convcli.detective.tone.names import name_of
from convcli.detective.tone.tone import Tone
from convcli.detective.trials.numbers import improved
from convcli.detective.wide.search import wide_kernel
from convcli.engine import from_light, full_scale_of
from convcli.filters import Kernel
from convcli.learning import Learned, LearnSettings, Nearest, Pairs, with_weights

_LARGEST = 768  # pixels a side, for covariances and the loss
_NAMING = 384  # pixels a side, where a name is tried
_NO_BIAS = 0.5 / 255
_BRIGHT, _NARROW = 0.9, 0.15  # the sum of a blur's weights, and its variance, at least
_MUCH = 2.5  # levels of what a kernel and rounding leave before the JPEG
_JPEG_STEPS = (0.06, 0.02)  # shares of a number
_ROUNDS, _FAR = 8, 3.5  # steps of numbers, and levels left before the JPEG, from which they are none
_POINTS = 129  # of a curve of light

_Numbers = tuple[float, float, int]


def explained_before_jpeg(scene: Scene, quality: int, allowed: Allowed) -> Explanation | None:
    """Return what was done before TARGET was a JPEG, None where that leaves more than rounding and noise.

    It is that of the whole, or of all but a region.
    """
    if scene.source.shape != scene.target.shape:
        return None
    found = _explained(scene, quality, allowed)
    pixels = fitting_pixels(scene) if found is None else None
    if pixels is None:
        return found
    rest = _explained(scene.only(pixels), quality, allowed)
    region = rectangle(scene, rest.predicted(scene)) if rest else None
    return replace(rest, region=region) if rest and region else None


def _explained(scene: Scene, quality: int, allowed: Allowed) -> Explanation | None:
    source, target = (np.float32(255) * each for each in (scene.source, scene.target))
    order = slice(None, None, -1 if is_reversed(np.rint(target), quality) else 1)
    found = explained_through_jpeg(source[..., order], target[..., order], quality, scene.usable, allowed)
    if found is None:
        if not allowed.is_free:
            return None
        return _wide_before_jpeg(scene, quality) or _unsharp_before_jpeg(scene, quality)
    if allowed.is_free and noise_before(found.kernel, scene.target.shape[2]):
        masked = _unsharp_before_jpeg(scene, quality)  # a threshold leaves what looks like noise
        if masked is not None:
            return masked
    lossy = found.kernel.in_order(order)
    kernel = Kernel(lossy.weights, bias=tuple(each / 255 for each in lossy.bias))
    explanation = Explanation(
        0.0,
        kernel=kernel,
        model=found.model,
        tone=_tone_of(found),
        quality=quality,
        lossy=lossy,
    )
    return replace(explanation, rms=scene.rms(explanation.predicted(scene), margin=8))


def _wide_before_jpeg(scene: Scene, quality: int) -> Explanation | None:
    """Return the wide kernel of a family that leaves nothing but rounding before the JPEG."""
    wide = wide_kernel(scene, np.inf, is_jpeg=True)
    if wide is None:
        return None
    left = _left(apply_text(wide.text, scene.source), scene.target, quality, scene.usable)
    if left is None or not left.is_rounding:
        return None
    return Explanation(wide.error, wide.text, quality=quality, is_sure=True)


def _unsharp_before_jpeg(scene: Scene, quality: int) -> Explanation | None:
    """Return the unsharp mask with a threshold that leaves nothing but rounding before the JPEG.

    From what the JPEG makes of its numbers, they go to those that leave less, in steps of people's numbers.
    """
    start = best_unsharp(scene)
    if start is None:
        return None
    part = scene.middle(_NAMING)

    def left(numbers: _Numbers) -> Noise | None:
        return _left(apply_text(_unsharp(numbers), part.source), part.target, quality, part.usable)

    given = dict(each.split("=") for each in start[0].partition(":")[2].split(","))
    best = round(float(given["sigma"]), 1), round(float(given["amount"]), 1), round(255 * float(given["threshold"]))
    least = left(best)
    for _ in range(_ROUNDS):
        if least is None or least.left > _FAR:
            return None
        every = {each: found for each in _beside(best) if (found := left(each)) is not None}
        nearest = min(every, key=lambda each: every[each].left, default=best)
        if nearest == best or every[nearest].left >= least.left:
            break
        best, least = nearest, every[nearest]
    if least is None or not least.is_rounding:
        return None
    without = (*best[:2], 0)
    if best[2] == 1 and (found := left(without)) is not None and found.is_rounding:
        best = without
    text = _unsharp(best)
    return Explanation(scene.rms(apply_text(text, scene.source), 8), text, quality=quality, is_sure=True)


def _unsharp(numbers: _Numbers) -> str:
    sigma, amount, threshold = numbers
    if threshold == 0:
        return f"unsharp:sigma={sigma:.4g},amount={amount:.4g}"
    return f"unsharp:sigma={sigma:.4g},amount={amount:.4g},threshold={threshold / 255:.4g}"


def _beside(numbers: _Numbers) -> Iterator[_Numbers]:
    """Yield the numbers one step up or down, alone or the amount with another."""
    sigma, amount, threshold = numbers
    for wider, more, higher in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (-1, 1, 0), (0, 1, 1), (-1, 1, 1)):
        for sign in (1, -1):
            step = 0.1 * sign
            tried = round(sigma + step * wider, 1), round(amount + step * more, 1), threshold + sign * higher
            if min(tried[:2]) > 0 and tried[2] >= 0:
                yield tried


def _tone_of(found: LossyExplanation) -> Tone | None:
    """Return the light and the curve of an explanation; a curve of light as one of the levels that light is."""
    if found.curve is None:
        return Tone(light=True) if found.is_light else None
    at, values = found.curve.at, found.curve.values
    if found.is_light:
        at = np.linspace(at[0], at[-1], _POINTS)
        at, values = np.asarray(from_light(at)), found.curve(at)
    curve = Curve(at, np.asarray(values, np.float64), is_linear=True)
    formula = name_of(curve)
    return Tone(light=found.is_light, after=(curve,), after_name=formula.name if formula else None)


def through_jpeg(
    learned: Learned, explanation: Explanation, scene: Scene, pairs: Pairs, settings: LearnSettings
) -> Learned:
    """Return what was learned from a JPEG's pixels with the weights that its intervals have, named by their errors.

    Planes of channels stay as they were learned: luma alone does not tell them apart well. `scene` is that which was
    explained, `pairs` are those of the kernel.
    """
    lossy = explanation.lossy
    if lossy is None or lossy.weights.ndim == 3 or learned.kernel.weights.shape != lossy.weights.shape:
        return learned
    first = next(iter(pairs))
    source = first.source[:_LARGEST, :_LARGEST] / np.float32(full_scale_of(first.source.dtype))
    learned = with_weights(learned, given_weights(lossy, source), pairs, settings)
    return _named(learned, explanation, scene)


def _named(learned: Learned, explanation: Explanation, scene: Scene) -> Learned:
    """Return what was learned with a name that leaves no more before the JPEG than the weights do, if there is one.

    What is named identity is identity, but for the errors.
    """
    lossy, quality = explanation.lossy, explanation.quality
    if lossy is None or quality is None:
        return learned
    rest = scene if explanation.region is None else scene.only(explanation.region.outside(scene))
    part, bias = rest.middle(_NAMING), learned.kernel.bias
    by_weights = replace(explanation, kernel=learned.kernel)
    of_weights = _left(by_weights.predicted(part), part.target, quality, part.usable) or lossy.noise

    def left(near: Nearest) -> list[Noise | None]:
        made = (each.predicted(part) for each in _by_name(near, explanation, bias))
        return [_left(values, part.target, quality, part.usable) for values in made]

    def error(text: str) -> float:
        named = next(_by_name(Nearest(text, 1.0, 0.0), explanation, (0.0,) * len(bias)), None)
        found = named and _left(named.predicted(part), part.target, quality, part.usable)
        return found.left / 255 if found else np.inf

    near = learned.nearest
    if near is None or not any(leaves_as_little(each, of_weights) for each in left(near)):
        texts = _blurs(learned.kernel.weights) if learned.kernel.weights.ndim == 2 else ()
        found = (Nearest(improved(text, error, _JPEG_STEPS)[0], 1.0, _far(lossy)) for text in texts)
        near = next(
            (each for each in found if any(leaves_as_little(left_of, of_weights) for left_of in left(each))), None
        )
        learned = replace(learned, nearest=near)
    is_nothing = near is not None and near.text == "identity" and near.scale == 1 and _is_little(bias)
    return replace(learned, kernel=Kernel([[1]])) if is_nothing else learned


def _far(lossy: LossyKernel) -> float:
    """Return the share of weights that is their errors."""
    return float(np.linalg.norm(lossy.errors) / np.linalg.norm(lossy.weights))


def _is_little(bias: tuple[float, ...]) -> bool:
    return max(map(abs, bias)) < _NO_BIAS


def _by_name(near: Nearest, explanation: Explanation, bias: tuple[float, ...]) -> Iterator[Explanation]:
    """Yield an explanation by a name in place of its weights, with their bias, and without one where it is small.

    A small bias makes up for errors of the weights, which the name has not.
    """
    conv = load_filter(near.text).conv
    if conv is None and explanation.is_light:
        return
    for each in dict.fromkeys((bias, (0.0,) * len(bias)) if _is_little(bias) else (bias,)):
        if conv is not None:
            kernel = replace(conv.kernel, divisor=conv.kernel.divisor / near.scale, bias=each)
            yield replace(explanation, kernel=kernel)
        else:  # two filters
            yield replace(explanation, before=near.text, kernel=Kernel([[near.scale]], bias=each))


def _blurs(weights: Array) -> Iterator[str]:
    """Yield the blurs about as wide as weights that a JPEG tells little of."""
    down, right = np.mgrid[: len(weights), : len(weights)] - len(weights) // 2
    total = float(weights.sum())
    variance = float((weights * (down**2 + right**2)).sum()) / total / 2 if total > _BRIGHT else 0.0
    if variance > _NARROW:
        yield f"gaussian:sigma={np.sqrt(variance):.2g}"
        side = 2 * round((np.sqrt(12 * variance + 1) - 1) / 2) + 1
        yield f"box:size={side}" if side != 3 else "box"


def _left(predicted: Array, target: Array, quality: int, usable: Bools | None = None) -> Noise | None:
    """Return the noise before a JPEG that a prediction leaves, both in shares."""
    made, levels = np.float32(255) * predicted, np.rint(255 * target)
    order = slice(None, None, -1 if is_reversed(levels, quality) else 1)
    return noise_left(made[..., order], levels[..., order], quality, usable)


def loss_through_jpeg(predicted: Array, target: Array, explanation: Explanation) -> tuple[float, bool]:
    """Return the root mean square error that the JPEG makes of a prediction, with the noise before it, in shares.

    And whether the prediction leaves more before the JPEG than noise. `predicted` and `target` are
    (height, width, 1 or 3), the first in shares of full scale.
    """
    quality, lossy = explanation.quality, explanation.lossy
    assert quality is not None
    starts = [max(0, side - _LARGEST) // 32 * 16 for side in target.shape[:2]]
    cut = tuple(slice(start, start + _LARGEST) for start in starts)
    wanted = target[cut] / np.float32(full_scale_of(target.dtype))
    made, levels = 255 * predicted[cut], np.rint(255 * wanted)
    order = slice(None, None, -1 if is_reversed(levels, quality) else 1)
    noise = noise_before(lossy, target.shape[2]) if lossy is not None else None
    loss = loss_of_jpeg(made[..., order], levels[..., order], quality, noise or 0.0)
    if lossy is not None:
        return loss / 255, False
    left = _left(predicted[cut], wanted, quality)
    return loss / 255, left is not None and left.left > _MUCH and not left.is_white
