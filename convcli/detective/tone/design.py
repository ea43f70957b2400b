"""The design of a step of Gauss and Newton: the change of a prediction with each of its parameters."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.tone.drawn import TONES, Drawn
from convcli.detective.tone.joint import Joint, toned
from convcli.engine import from_light

_NUDGE = 1e-3


def design(fit: Joint, samples: Drawn, filtered: Array, values: Array) -> Array:
    """Return the change of the prediction with each parameter, (count, channels, parameters)."""
    count, channels = samples.target.shape
    inner = toned(fit.before, samples)
    slope = _slope(fit, values)
    mix = np.eye(channels, dtype=np.float32) if fit.mix is None else fit.mix[:, :-1].astype(np.float32)
    parts = []
    if len(fit.beside):
        half = len(fit.beside) // 2
        taps = inner - inner[:, [half]]
        taps = np.delete(taps, half, axis=1)
        parts.append(_mixed(taps, None if fit.mix is None else mix) * slope[:, :, np.newaxis])
    if fit.before:
        parts.append(_mixed_knots(fit, samples, mix) * slope[:, :, np.newaxis])
    if fit.mix is not None:
        own = np.zeros((count, channels, channels, channels + 1), np.float32)
        for channel in range(channels):
            own[:, channel, channel, :-1] = filtered * slope[:, [channel]]
            own[:, channel, channel, -1] = slope[:, channel]
        parts.append(own.reshape(count, channels, -1))
    levels = fit.levelled(values)
    if len(fit.after) == 1:
        parts.append(fit.after[0].basis(levels))
    elif fit.after:
        parts.append(_apart([curve.basis(levels[:, channel]) for channel, curve in enumerate(fit.after)]))
    return np.concatenate(parts, axis=2, dtype=np.float32)


def _slope(fit: Joint, values: Array) -> Array:
    """Return the change of the prediction with the mixed values."""
    slope = np.ones_like(values)
    if fit.is_light:
        slope = np.asarray((from_light(values + _NUDGE) - from_light(values - _NUDGE)) / (2 * _NUDGE), np.float32)
    if not fit.after:
        return slope
    curves, levels = fit.after * (values.shape[1] if len(fit.after) == 1 else 1), fit.levelled(values)
    return np.asarray(
        slope * np.stack([curve.slope(levels[:, channel]) for channel, curve in enumerate(curves)], axis=1)
    )


def _mixed(taps: Array, mix: Array | None) -> Array:
    """Return (count, outputs, taps) of taps (count, taps, channels)."""
    mixed = taps if mix is None else taps @ mix.T
    return np.asarray(mixed.transpose(0, 2, 1))


def _mixed_knots(fit: Joint, samples: Drawn, mix: Array) -> Array:
    """Return the change of the mixed values with those at the knots before the kernel."""
    weights = fit.weights.astype(np.float32)
    count, _, channels = samples.taps.shape
    number = np.arange(count)[:, np.newaxis]
    of_channels = []
    for channel in range(channels):
        curve = fit.before[channel if len(fit.before) > 1 else 0]
        cell, share = curve.cells(TONES)
        codes, ends = samples.codes[:, :, channel], len(curve.at)
        at, upper = (number * ends + cell[codes]).ravel(), share[codes] * weights
        low = np.bincount(at, (weights - upper).ravel(), count * ends)
        high = np.bincount(at + 1, upper.ravel(), count * ends)
        of_channels.append(((low + high).reshape(count, ends) @ curve.matrix).astype(np.float32))
    if len(fit.before) == 1:
        return np.asarray(np.einsum("cnk,oc->nok", np.array(of_channels), mix))
    return np.concatenate([each[:, np.newaxis] * mix[:, [channel]] for channel, each in enumerate(of_channels)], axis=2)


def _apart(bases: list[Array]) -> Array:
    """Return (count, channels, knots of all channels) of one basis for each channel."""
    count, knots = bases[0].shape
    apart = np.zeros((count, len(bases), len(bases), knots), np.float32)
    for channel, basis in enumerate(bases):
        apart[:, channel, channel] = basis
    return apart.reshape(count, len(bases), -1)
