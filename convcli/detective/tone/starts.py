"""Starts: fits with a curve or a mix more than they had, from which a descent goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.detective.tone.curve import Curve, spread_knots
from convcli.detective.tone.drawn import Drawn
from convcli.detective.tone.fitting import errors, fitted, monotone, moved
from convcli.detective.tone.joint import Joint
from convcli.detective.tone.saturation import GRAYS, nearest_saturation
from convcli.engine import to_light

_KNOTS = 18
_ROUNDS = 2
_MARGIN = 2.5 / 255  # of black and white: targets there are clipped, or nearly


def kernel_alone(samples: Drawn, *, is_light: bool = False) -> Joint:
    """Return the kernel that sums to 1, and the line after it, of least squared error."""
    beside = np.zeros(samples.taps.shape[1] - 1)
    start = Joint(beside, is_light=is_light)
    if is_light and not len(beside):
        return start
    middle = start.levelled(samples.middle)
    slope, offset = np.polyfit(middle.ravel().astype(np.float64), samples.target.ravel(), 1)
    line = Curve(np.array([0.0, 1.0]), np.array([offset, slope + offset]))
    return fitted(samples, replace(start, after=() if is_light else (line,)), steps=6)


def with_curve_after(fit: Joint, samples: Drawn, knots: int = _KNOTS) -> Joint:
    """Return a fit with the curve of many knots that suits it best in place of what is after it."""
    line = fit.after[0] if fit.after else Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    fit = moved(replace(fit, after=(line.on(np.linspace(0, 1, knots)),), rms=np.inf), samples)
    values = fit.mixed(fit.filtered(samples))
    _, free = errors(fit, values, samples, None)
    chosen = free.astype(bool) & (samples.target > 0) & (samples.target < 1) if samples.levels else free.astype(bool)
    basis, wanted = fit.after[0].basis(fit.levelled(values)[chosen]).astype(np.float64), samples.target[chosen]
    gram = basis.T @ basis
    gram[np.diag_indices_from(gram)] += 1e-3 * np.trace(gram) / len(gram)
    values = fit.after[0].values
    solved = values + np.linalg.solve(gram, basis.T @ (wanted - basis @ values))
    return replace(fit, after=(replace(fit.after[0], values=monotone(solved)),))


def with_curve_before(fit: Joint, samples: Drawn, knots: int = _KNOTS) -> Joint:
    """Return a fit with a curve of many knots before the kernel, in place of the line after it."""
    at = spread_knots(samples.middle, knots)
    return replace(fit, before=(fit.after[0].on(at) if fit.after else Curve(at, at),), after=(), rms=np.inf)


def with_mix(fit: Joint, samples: Drawn) -> Joint:
    """Return a fit with the mix of channels of least squared error in place of what is after the kernel."""
    values, target = fit.filtered(samples), samples.target
    if fit.is_light:
        target = to_light(target)
    free = ((target > _MARGIN) & (target < 1 - _MARGIN)).all(axis=1) if samples.levels else slice(None)
    taken = np.append(values[free], np.ones((len(values[free]), 1), np.float32), axis=1)
    mix = np.linalg.lstsq(taken, target[free], rcond=1e-5)[0].T
    return replace(fit, mix=np.asarray(mix, np.float64), after=(), rms=np.inf)


def saturated(fit: Joint, samples: Drawn) -> Iterator[Joint]:
    """Yield the fits with a saturation that suits a fit in place of its mix, and with the kernel that suits that."""
    for gray in GRAYS:
        for _ in range(_ROUNDS):
            mix = nearest_saturation(fit.filtered(samples), samples.target, gray)
            taps = samples.taps @ mix[:, :-1].T.astype(np.float32) + mix[:, -1].astype(np.float32)
            fit = replace(fit, mix=mix, beside=kernel_alone(replace(samples, taps=taps)).beside)
        yield fit


def with_curves_apart(fit: Joint, channels: int) -> Joint:
    """Return a fit with a curve for each channel in place of one for all."""
    return replace(fit, before=fit.before * channels, after=fit.after * channels, rms=np.inf)
