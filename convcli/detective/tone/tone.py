"""Tone: what is done to light, tones and colors before and after a kernel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.tone.curve import Curve
from convcli.engine import from_light, to_light
from convcli.filters import Clip, Conv, Kernel, Layer
from convcli.filters import Curve as CurveLayer
from convcli.lazy import dataclass

_FLAT = 0.15  # of a curve's mean slope: flatter, a level of the target says little
_POINTS = 129  # of the curve of light
_GRID, _STEPS = (-1.0, 2.0), 3 * 2**15  # of what comes out of kernels, in shares
_LETTERS = "rgba"

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Tone:
    """Curves, a mix of channels and light around a kernel.

    Parameters
    ----------
    before, after
        Before the kernel and after it, in levels: no curve, one for all channels, or one for each.
    mix
        float64 (channels, channels + 1), offsets last, of the source after `before`; None where channels do not mix.
    clips
        What the mix makes is clipped to black and white.
    light
        The kernel works in linear light.
    before_name, after_name, mix_name
        What they are known as: ``gamma 0.7``, ``sepia``; None where they are no known ones.
    """

    before: tuple[Curve, ...] = ()
    mix: Array | None = None
    clips: bool = False
    light: bool = False
    after: tuple[Curve, ...] = ()
    before_name: str | None = None
    after_name: str | None = None
    mix_name: str | None = None

    @property
    def is_nothing(self) -> bool:
        """Nothing is done to tones."""
        return not (self.before or self.after or self.light) and self.mix is None

    @property
    def is_before(self) -> bool:
        """Something is done before the kernel."""
        return bool(self.before) or self.light or self.mix is not None

    def toned(self, source: Array) -> Array:
        """Return the source, in shares of full scale, as the kernel takes it."""
        values = through(self.before, source)
        if self.light:
            values = np.asarray(to_light(values), values.dtype)
        if self.mix is not None:
            mix = self.mix.astype(values.dtype)
            values = np.asarray(values @ mix[:, :-1].T + mix[:, -1])
            values = np.clip(values, 0, 1) if self.clips else values
        return values

    def finished(self, values: Array) -> Array:
        """Return the output of the kernel, in shares, as the target has it."""
        return through(self.after, np.asarray(from_light(values)) if self.light else values)

    def untoned(self, target: Array) -> Array:
        """Return the output of the kernel that a target, in shares, was made of."""
        values = np.asarray(target, np.float64)
        if len(self.after) == 1:
            values = _inverse(self.after[0], values)
        elif self.after:
            each = [_inverse(curve, values[..., channel]) for channel, curve in enumerate(self.after)]
            values = np.stack(each, axis=-1)
        return np.asarray(to_light(values), np.float64) if self.light else values

    def certain(self, values: Array, margin: float) -> Bools:
        """Return where the output of a kernel, in shares, is not clipped, by a margin, and no curve is flat.

        That is found for a grid of values, and looked up, which takes a tenth of the time for a large picture.
        """
        grid = np.linspace(*_GRID, _STEPS + 1)
        table = self._certain(np.repeat(grid[:, np.newaxis], values.shape[-1], axis=1), margin)
        places = np.asarray((values - _GRID[0]) * (_STEPS / (_GRID[1] - _GRID[0])), np.float32)
        places = np.clip(places, 0, _STEPS, out=places).astype(np.int32)
        result = np.empty(values.shape, bool)
        for channel in range(values.shape[-1]):
            result[..., channel] = table[:, channel][places[..., channel]]
        return result

    def _certain(self, values: Array, margin: float) -> Bools:
        levels = np.asarray(from_light(values)) if self.light else values
        finished = through(self.after, levels)
        certain = (finished > margin) & (finished < 1 - margin)
        for channel, curve in enumerate(self.after):
            own = np.s_[...] if len(self.after) == 1 else np.s_[..., channel]
            certain[own] &= np.abs(curve.slope(levels[own])) > _FLAT * curve.mean_slope
        return np.asarray(certain)

    @property
    def layers_before(self) -> tuple[Layer, ...]:
        """The layers that do again what is before the kernel."""
        layers = list(curve_layers(self.before))
        if self.light:
            layers.append(CurveLayer(_points(to_light)))
        if self.mix is not None:
            layers.append(Conv(Kernel(self.mix[:, :-1, np.newaxis, np.newaxis], bias=tuple(self.mix[:, -1].tolist()))))
            layers += [Clip()] if self.clips else []
        return tuple(layers)

    @property
    def layers_after(self) -> tuple[Layer, ...]:
        """The layers that do again what is after the kernel."""
        light = [CurveLayer(_points(from_light))] if self.light else []
        return (*light, *curve_layers(self.after))


def through(curves: tuple[Curve, ...], values: Array) -> Array:
    """Return values, channels last, after no curve, one for all channels, or one for each."""
    if not curves:
        return values
    if len(curves) == 1:
        return curves[0](values)
    return np.stack([curve(values[..., channel]) for channel, curve in enumerate(curves)], axis=-1)


def _inverse(curve: Curve, target: Array) -> Array:
    """Return what a curve, rising or falling, makes values of."""
    at, heights = curve.ends.T
    rises = heights[-1] > heights[0]
    return np.asarray(np.interp(target, heights if rises else heights[::-1], at if rises else at[::-1]))


def points_of(
    curves: tuple[Curve, ...],
) -> tuple[tuple[float, float], ...] | dict[str, tuple[tuple[float, float], ...]]:
    """Return the points of a curve, or those of the curve of each channel, from black to white."""
    each = [tuple((round(x, 5), round(y, 5)) for x, y in curve.ends.tolist() if 0 <= x <= 1) for curve in curves]
    if len(each) == 1:
        return each[0]
    return {
        letter: points for letter, points, curve in zip(_LETTERS, each, curves, strict=False) if not curve.is_identity
    }


def curve_layers(curves: tuple[Curve, ...]) -> list[Layer]:
    """Return the layers of one curve for all channels, or of one for each."""
    if len(curves) == 1:
        return [CurveLayer(tuple(map(tuple, curves[0].ends.tolist())))]
    return [
        CurveLayer(tuple(map(tuple, curve.ends.tolist())), letter)
        for curve, letter in zip(curves, _LETTERS, strict=False)
        if not curve.is_identity
    ]


def _points(curve: Callable[[Array], Array]) -> tuple[tuple[float, float], ...]:
    """Return points of the curve of light, or of that back, more where it bends more."""
    at = np.linspace(0, 1, _POINTS) ** 2
    return tuple(zip(at.tolist(), curve(at).tolist(), strict=True))
