"""Explanations of what was done before TARGET was a JPEG, and the kernels in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.before_jpeg.blurs import blur_before_jpeg
from convcli.detective.before_jpeg.colored import colors_before_jpeg
from convcli.detective.before_jpeg.curves import with_known_curve
from convcli.detective.before_jpeg.few_levels import few_levels_before_jpeg
from convcli.detective.before_jpeg.mixes import mix_before_jpeg
from convcli.detective.before_jpeg.own_curves import own_curves_before_jpeg
from convcli.detective.before_jpeg.unsharp import unsharp_before_jpeg
from convcli.detective.detected import is_identity
from convcli.detective.explanation import Explanation
from convcli.detective.lossy.jpeg import is_reversed
from convcli.detective.lossy.kernel import LossyKernel, Noise
from convcli.detective.lossy.left import left_before
from convcli.detective.lossy.means import are_other_colors
from convcli.detective.lossy.naming import given_weights, leaves_as_little, noise_before
from convcli.detective.lossy.round_trip import loss_of_jpeg
from convcli.detective.lossy.search import Allowed, LossyExplanation, explained_through_jpeg
from convcli.detective.regions import fitting_pixels, rectangle
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.tone.curve import Curve
from convcli.detective.tone.names import name_of
from convcli.detective.tone.tone import Tone
from convcli.detective.trials.blurs import blurs_like, kernels_of
from convcli.detective.trials.numbers import improved
from convcli.detective.wide.search import wide_kernel
from convcli.engine import from_light, full_scale_of
from convcli.filters import Kernel
from convcli.learning import Learned, LearnSettings, Nearest, Pairs, with_weights

_LARGEST = 768  # pixels a side, for covariances and the loss
_NAMING = 384  # pixels a side, where a name is tried
_NO_BIAS = 0.6 / 255
_FAINT = 0.01  # of a weight: a Gaussian of sigma 0.3, by which programs differ that compute in whole numbers
_MUCH = 2.5  # levels of what a kernel and rounding leave before the JPEG
_JPEG_STEPS = (0.06, 0.02)  # shares of a number
_GAIN = 0.004  # of a weight, by which a gain is not told from 1
_POINTS = 129  # of a curve of light


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
    if found is not None and found.model == "shared" and not _has_its_colors(found, scene, quality):
        found = None
    may_mix = allowed.side is None and allowed.model in (None, "full")
    is_open = found is None or found.model == "full" or found.keeps_brightness
    if may_mix and is_open and (mix := mix_before_jpeg(scene, quality)):
        found, order = LossyExplanation(mix, "full"), slice(None)
    if found is None:
        if not allowed.is_free:
            return None
        tried = (
            few_levels_before_jpeg,
            own_curves_before_jpeg,
            colors_before_jpeg,
            _wide_before_jpeg,
            blur_before_jpeg,
            unsharp_before_jpeg,
        )
        return next((made for each in tried if (made := each(scene, quality))), None)
    if allowed.is_free and noise_before(found.kernel, scene.target.shape[2]):
        masked = unsharp_before_jpeg(scene, quality)  # a threshold leaves what looks like noise
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
    if allowed.is_free and (colored := colors_before_jpeg(scene, quality, explanation)):
        return colored
    explanation = with_known_curve(explanation, scene, quality)
    return replace(explanation, rms=scene.rms(explanation.predicted(scene), margin=8))


def _has_its_colors(found: LossyExplanation, scene: Scene, quality: int) -> bool:
    """Return whether a kernel for all channels makes the colors of TARGET too: luma alone told it."""
    kernel = Kernel(found.kernel.weights, bias=tuple(each / 255 for each in found.kernel.bias))
    predicted = Explanation(0.0, kernel=kernel, tone=_tone_of(found)).predicted(scene)
    return not are_other_colors(255 * predicted, 255 * scene.target, quality)


def _wide_before_jpeg(scene: Scene, quality: int) -> Explanation | None:
    """Return the wide kernel of a family that leaves nothing but rounding before the JPEG."""
    wide = wide_kernel(scene, np.inf, is_jpeg=True)
    if wide is None:
        return None
    left = left_before(apply_text(wide.text, scene.source), scene.target, quality, scene.usable)
    if left is None or not left.is_rounding:
        return None
    return Explanation(wide.error, wide.text, quality=quality, is_sure=True)


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

    What is named identity is identity, but for the errors, and so is a kernel that is hardly another.
    """
    lossy, quality = explanation.lossy, explanation.quality
    if lossy is None or quality is None:
        return learned
    rest = scene if explanation.region is None else scene.only(explanation.region.outside(scene))
    part, bias = rest.middle(_NAMING), learned.kernel.bias
    by_weights = replace(explanation, kernel=learned.kernel)
    of_weights = left_before(by_weights.predicted(part), part.target, quality, part.usable) or lossy.noise

    def left(near: Nearest) -> list[Noise | None]:
        made = (each.predicted(part) for each in _by_name(near, explanation, bias))
        return [left_before(values, part.target, quality, part.usable) for values in made]

    def error(text: str) -> float:
        named = _by_name(Nearest(text, 1.0, 0.0), explanation, (0.0,) * len(bias))
        found = (left_before(each.predicted(part), part.target, quality, part.usable) for each in named)
        return min((each.left / 255 for each in found if each), default=np.inf)

    near = learned.nearest
    if learned.kernel.weights.ndim == 2 and (gain := _gain_of(learned.kernel)):
        plain = Nearest("identity", gain, 0.0)
        if any(leaves_as_little(each, of_weights) for each in left(plain)):
            kernel = Kernel([[1]]) if gain == 1 and _is_little(bias) else Kernel([[gain]], bias=bias)
            return replace(learned, kernel=kernel, nearest=plain)
    if near is None or not any(leaves_as_little(each, of_weights) for each in left(near)):
        texts = blurs_like(learned.kernel.weights) if learned.kernel.weights.ndim == 2 else ()
        found = (Nearest(improved(text, error, _JPEG_STEPS)[0], 1.0, _far(lossy)) for text in texts)
        near = next(
            (each for each in found if any(leaves_as_little(left_of, of_weights) for left_of in left(each))), None
        )
        learned = replace(learned, nearest=near)
    is_nothing = near is not None and near.text == "identity" and near.scale == 1
    is_nothing = (is_nothing or is_identity(learned.kernel, _FAINT)) and _is_little(bias)
    return replace(learned, kernel=Kernel([[1]])) if is_nothing else learned


def _gain_of(kernel: Kernel) -> float:
    """Return the sum of the weights, 1 where that is hardly another."""
    gain = float((kernel.weights / kernel.divisor).sum())
    return 1.0 if abs(gain - 1) < _GAIN else gain


def _far(lossy: LossyKernel) -> float:
    """Return the share of weights that is their errors."""
    return float(np.linalg.norm(lossy.errors) / np.linalg.norm(lossy.weights))


def _is_little(bias: tuple[float, ...]) -> bool:
    return max(map(abs, bias)) < _NO_BIAS


def _by_name(near: Nearest, explanation: Explanation, bias: tuple[float, ...]) -> Iterator[Explanation]:
    """Yield an explanation by a name in place of its weights, with their bias, and without one where it is small.

    A small bias makes up for errors of the weights, which the name has not.
    """
    kernels = [_for_outputs(len(bias), each) for each in kernels_of(near.text)]
    if not kernels and explanation.is_light:
        return
    for each in dict.fromkeys((bias, (0.0,) * len(bias)) if _is_little(bias) else (bias,)):
        for kernel in kernels:
            yield replace(explanation, kernel=replace(kernel, divisor=kernel.divisor / near.scale, bias=each))
        if not kernels:  # two filters
            yield replace(explanation, before=near.text, kernel=Kernel([[near.scale]], bias=each))


def _for_outputs(count: int, kernel: Kernel) -> Kernel:
    """Return a kernel between channels with its one output, gray, for each of so many; another as it is."""
    if kernel.weights.ndim != 4 or len(kernel.weights) != 1:
        return kernel
    return replace(kernel, weights=np.repeat(kernel.weights, count, axis=0))


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
    left = left_before(predicted[cut], wanted, quality)
    return loss / 255, left is not None and left.left > _MUCH and not left.is_white
