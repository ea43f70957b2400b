"""Fitting: a kernel, a mix of channels and tone curves, found together.

The kernel sums to 1, since the scale is that of the mix or the curves. All are improved together by the steps of Gauss
and Newton: near them the target is linear in the weights, in the mix and in the values at the knots.

Samples that are clipped, prediction and target alike, say nothing. After the first steps, only those count whose
prediction is inside the range by three times the error: choosing by the target, whose own noise carries it over the
ends, would bend the kernel (a sharpening with noise of 4 levels: 1.35 off in place of 0.002).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.tone.curve import Curve, spread_knots
from convcli.detective.tone.design import design
from convcli.detective.tone.drawn import Drawn
from convcli.detective.tone.joint import Joint

_STEPS = 16
_HALVINGS = 4
_STANDS = 0.9995  # of the error before: less of a fall ends the descent
_BY_PREDICTION = 3  # steps from which samples are chosen by the prediction
_MARGIN, _WIDEST_MARGIN = 3.0, 0.15
_RIDGE = 1e-7
_LEAST_RISE = 4e-6  # from knot to knot
_FEWEST = 100  # values that knots follow


def fitted(samples: Drawn, start: Joint, *, steps: int = _STEPS) -> Joint:
    """Improve everything that `start` has."""
    best, now, halvings, best_rms = replace(start, rms=np.inf), start, 0, np.inf
    for step in range(steps):
        if step == _BY_PREDICTION:
            now = best  # errors over other samples
            best = replace(best, rms=np.inf)
        filtered = now.filtered(samples)
        values = now.mixed(filtered)
        error, free = errors(now, values, samples, best_rms if step >= _BY_PREDICTION else None)
        rms = float(np.sqrt((error**2).sum() / max(free.sum(), 1)))
        if rms > best.rms:
            if halvings == _HALVINGS:
                break
            halvings += 1
            now = _half_way(best, now)
            continue
        stands = rms > best.rms * _STANDS and step > _BY_PREDICTION
        best, halvings, best_rms = replace(now, rms=rms), 0, rms
        if stands:
            break
        now = moved(_improved(now, samples, (filtered, values), error, free), samples)
    return best


def errors(fit: Joint, values: Array, samples: Drawn, rms: float | None) -> tuple[Array, Array]:
    """Return target less prediction, and 1 for the samples that count.

    With `rms`, samples are chosen by the prediction, else those clipped on both sides do not count.
    """
    target, predicted = samples.target, fit.finished(values)
    free = np.ones(target.shape, bool)
    if samples.levels:
        black, white = target <= 0, target >= 1
        free = ~((black & (predicted <= 0)) | (white & (predicted >= 1)))
        if rms is not None and (black.any() or white.any()):
            margin = min(_MARGIN * rms, _WIDEST_MARGIN)
            free = (predicted > margin) & (predicted < 1 - margin)
        free &= _is_inside(fit, values)
    return np.where(free, target - predicted, np.float32(0)), free.astype(np.float32)


def _is_inside(fit: Joint, values: Array) -> Bools:
    """Return which values have a certain place on the curve: a kernel's are often clipped before the curve."""
    if not fit.has_curve_after or fit.mix is not None:
        return np.ones(values.shape, bool)
    levels = fit.levelled(values)
    return np.asarray((levels >= 0) & (levels <= 1))


def moved(fit: Joint, samples: Drawn) -> Joint:
    """Return a fit whose curves after the kernel have their knots where the values are."""
    if not fit.has_curve_after:
        return fit
    values = fit.mixed(fit.filtered(samples))
    inside = _is_inside(fit, values)
    if samples.levels:
        inside &= (samples.target > 0) & (samples.target < 1)
    levels = fit.levelled(values)
    if len(fit.after) == 1:
        return replace(fit, after=(_on_values(fit.after[0], levels[inside]),))
    chosen = (levels[inside[:, channel], channel] for channel in range(len(fit.after)))
    return replace(fit, after=tuple(_on_values(*each) for each in zip(fit.after, chosen, strict=True)))


def _on_values(curve: Curve, values: Array) -> Curve:
    return curve.on(spread_knots(values, len(curve.knots))) if len(values) > _FEWEST else curve


def _half_way(best: Joint, now: Joint) -> Joint:
    def between(one: tuple[Curve, ...], other: tuple[Curve, ...]) -> tuple[Curve, ...]:
        return tuple(
            replace(first, values=(first.values + second(first.knots)) / 2)
            for first, second in zip(one, other, strict=True)
        )

    mix = None if best.mix is None or now.mix is None else (best.mix + now.mix) / 2
    before, after = between(best.before, now.before), between(best.after, now.after)
    return replace(best, beside=(best.beside + now.beside) / 2, before=before, mix=mix, after=after, rms=np.inf)


def _improved(fit: Joint, samples: Drawn, values: tuple[Array, Array], error: Array, free: Array) -> Joint:
    """Return the fit after a step of Gauss and Newton."""
    slopes = design(fit, samples, *values)
    slopes *= free[:, :, np.newaxis]
    slopes = slopes.reshape(-1, slopes.shape[2])
    gram = (slopes.T @ slopes).astype(np.float64)
    diagonal = np.diag_indices_from(gram)
    gram[diagonal] += _RIDGE * gram[diagonal] + 1e-2 * _RIDGE * len(slopes)
    move = np.linalg.solve(gram, (slopes.T @ error.ravel()).astype(np.float64))
    return _with_move(fit, move)


def _with_move(fit: Joint, move: Array) -> Joint:
    parts = np.split(
        move,
        np.cumsum(
            [
                len(fit.beside),
                sum(len(curve.knots) for curve in fit.before),
                0 if fit.mix is None else fit.mix.size,
            ]
        ),
    )
    mix = None if fit.mix is None else fit.mix + parts[2].reshape(fit.mix.shape)
    return replace(
        fit,
        beside=fit.beside + parts[0],
        before=_raised(fit.before, parts[1]),
        mix=mix,
        after=_raised(fit.after, parts[3]),
        rms=np.inf,
    )


def _raised(curves: tuple[Curve, ...], move: Array) -> tuple[Curve, ...]:
    if not curves:
        return ()
    parts = np.split(move, len(curves))
    raised = (replace(curve, values=curve.values + part) for curve, part in zip(curves, parts, strict=True))
    return tuple(curve if len(curve.knots) == 2 else replace(curve, values=monotone(curve.values)) for curve in raised)


def monotone(values: Array, *, falls: bool | None = None) -> Array:
    """Return the nearest values that only rise, or only fall: by default if the last is below the first.

    By pooling adjacent violators.
    """
    falls = bool(values[-1] < values[0]) if falls is None else falls
    blocks: list[tuple[float, int]] = []
    for value in -values if falls else values:
        blocks.append((float(value), 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (after, many), (before, more) = blocks.pop(), blocks.pop()
            blocks.append(((before * more + after * many) / (more + many), more + many))
    rising = np.concatenate([np.full(count, value) for value, count in blocks]) + _LEAST_RISE * np.arange(len(values))
    return np.asarray(-rising if falls else rising)
