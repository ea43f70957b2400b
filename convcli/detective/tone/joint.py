"""Joint: a kernel, a mix of channels and tone curves: target = after(mix · kernel ∗ before(source))."""

from __future__ import annotations

from dataclasses import field, replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.tone.curve import Curve
from convcli.detective.tone.drawn import TONES, Drawn
from convcli.detective.tone.tone import through
from convcli.engine import from_light
from convcli.lazy import dataclass


@dataclass(frozen=True, eq=False)
class Joint:
    """A kernel with what is before and after it.

    `beside` are the weights beside the middle one, (side² − 1,). `before` and `after` are no curve, one for all
    channels, or one for each; `mix` is (channels, channels + 1), offsets last. `is_light` says that samples are of
    light, which becomes levels before the curves after the kernel.
    """

    beside: Array
    before: tuple[Curve, ...] = ()
    mix: Array | None = None
    after: tuple[Curve, ...] = ()
    is_light: bool = False
    rms: float = field(default=np.inf)  # of the samples learned from

    @property
    def kernel(self) -> Array:
        """(side, side), of sum 1."""
        side = round((len(self.beside) + 1) ** 0.5)
        return self.weights.reshape(side, side)

    @property
    def has_curve_after(self) -> bool:
        """There is more than a line after the kernel."""
        return bool(self.after) and len(self.after[0].knots) > 2

    @property
    def weights(self) -> Array:
        """(side²,), of sum 1."""
        weights = np.insert(np.asarray(self.beside, np.float64), len(self.beside) // 2, 0.0)
        weights[len(self.beside) // 2] = 1 - weights.sum()
        return weights

    def predict(self, samples: Drawn) -> Array:
        """Return the values before they are clipped, (count, channels)."""
        return self.finished(self.mixed(self.filtered(samples)))

    def filtered(self, samples: Drawn) -> Array:
        """Return the values after the kernel, (count, channels)."""
        return np.asarray(self.weights.astype(np.float32) @ toned(self.before, samples))

    def mixed(self, values: Array) -> Array:
        """Return values after the mix."""
        if self.mix is None:
            return values
        return np.asarray(values @ self.mix[:, :-1].T.astype(np.float32) + self.mix[:, -1].astype(np.float32))

    def finished(self, values: Array) -> Array:
        """Return values after what follows the mix."""
        return through(self.after, self.levelled(values))

    def levelled(self, values: Array) -> Array:
        """Return the levels of mixed values: themselves, but for light."""
        return np.asarray(from_light(values), np.float32) if self.is_light else values

    def judged(self, samples: Drawn) -> float:
        """Return the root mean square error on samples, in shares of full scale."""
        return float(np.sqrt(np.mean(np.square(self.error(samples), dtype=np.float64))))

    def error(self, samples: Drawn) -> Array:
        """Return the clipped prediction less the target, (count, channels)."""
        predicted = self.predict(samples)
        return np.asarray((np.clip(predicted, 0, 1) if samples.levels else predicted) - samples.target)

    def judged_clipped(self, samples: Drawn) -> float:
        """Return the error where the mix comes first and what it makes is clipped before the kernel."""
        assert self.mix is not None
        mixed = np.clip(self.mixed(toned(self.before, samples)), 0, 1)
        predicted = self.finished(self.weights.astype(np.float32) @ mixed)
        error = (np.clip(predicted, 0, 1) if samples.levels else predicted) - samples.target
        return float(np.sqrt(np.mean(np.square(error, dtype=np.float64))))

    def ended(self, samples: Drawn) -> Joint:
        """Return the fit with curves that go on or stay constant beyond their knots, whichever is nearer."""
        flat = replace(self, after=tuple(replace(curve, is_flat=True) for curve in self.after))
        return flat if self.has_curve_after and flat.judged(samples) < self.judged(samples) else self


def toned(before: tuple[Curve, ...], samples: Drawn) -> Array:
    """Return the taps after the curves before the kernel."""
    if not before:
        return samples.taps
    if len(before) == 1:
        return before[0](TONES)[samples.codes]
    toned = [curve(TONES)[samples.codes[..., channel]] for channel, curve in enumerate(before)]
    return np.stack(toned, axis=-1)
