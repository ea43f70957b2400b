"""The descent of kernels of many weights: conjugate gradients on the pictures themselves.

Each gradient is put in units of the picture's correlations (`Correlations.solved`), in which the valley is nearly
round: five to ten steps do what takes fifty in cosine frequencies alone. Directions are conjugate (Polak and Ribière
1969), and the length of a step is the best along its direction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from convcli.array_types import Floats
from convcli.errors import UsageError
from convcli.lazy import dataclass
from convcli.learning.settings import LearnSettings
from convcli.learning.wide.correlations import Correlations
from convcli.learning.wide.planes import Planes

_MOST_STEPS = 200
# A step that changes the loss by less than this share of what chance makes of it changes the weights by about a
# thousandth of their errors.
_CHANCE = 1e-6
# Of the first loss: less is rounding of its terms.
_NOTHING = 1e-15
_DIVERGED = 1e6


@dataclass(frozen=True, eq=False)
class WideDescended:
    """The end of a descent.

    `weights` are (outputs, inputs, height, width), `biases` (outputs), about the middles of the sources; `residuals`
    the rest of each plane's target at the positions learned from, `slopes` half the negative gradient per value, of the
    shape of the weights; `mean_square` is that of the residuals. `history`, `converged` and `learning_rate` are those
    of `Descended`.
    """

    weights: Floats
    biases: Floats
    residuals: list[Floats]
    slopes: Floats
    mean_square: float
    history: Floats
    converged: bool
    learning_rate: float


@dataclass(frozen=True, eq=False)
class Objective:
    """The squared error over the positions of some planes that are learned from, with the best bias or with none.

    `share` is that of the effect of rounding next to clipped values that is taken out (see `Moments.without_rounding`).
    """

    planes: Planes
    bias: bool
    share: float = 0.0

    def without_mean(self, pictures: Sequence[Floats]) -> tuple[list[Floats], Floats]:
        """Return pictures at the positions learned from, less their mean over an output, and the means."""
        planes = self.planes.planes
        counted = [np.where(plane.learned, picture, 0.0) for plane, picture in zip(planes, pictures, strict=True)]
        if not self.bias:
            return counted, np.zeros(self.planes.outputs)
        means = self.planes.added([float(each.sum()) for each in counted]) / self.planes.counts
        for index, plane in enumerate(planes):
            counted[index] -= means[plane.output] * plane.learned
        return counted, means

    def slopes(self, residuals: Sequence[Floats]) -> Floats:
        """Return half the negative gradient per value, (outputs, inputs, height, width)."""
        slopes = self.planes.pulled(residuals)
        if self.share:
            slopes = slopes - self._rounded[0]
        return slopes / self.planes.counts[:, np.newaxis, np.newaxis, np.newaxis]

    def loss(self, residuals: Sequence[Floats], weights: Floats) -> Floats:
        """Return the sum of squares of each output."""
        squares = self.planes.added([float(np.einsum("rc,rc->", each, each)) for each in residuals])
        if self.share:
            squares = squares - 2 * np.einsum("oirc,oirc->o", weights, self._rounded[0])
        return np.maximum(squares, 0.0)

    @property
    def shift_of_bias(self) -> Floats:
        """(outputs): what rounding adds to the bias."""
        return self._rounded[1] / self.planes.counts if self.share else np.zeros(self.planes.outputs)

    @property
    def _rounded(self) -> tuple[Floats, Floats]:
        """The effect of rounding on the sums of target times taps, these less their means, and of the target."""
        taps, ones = self.planes.edges
        scale = self.share * self.planes.level / 12
        means = self.planes.means * self.bias
        return scale * (taps - means * ones[:, np.newaxis, np.newaxis, np.newaxis]), scale * ones * self.bias


def descend_wide(
    objective: Objective,
    correlations: Correlations,
    settings: LearnSettings,
    start: Floats,
    watch: Callable[[int, float], None] | None = None,
) -> WideDescended:
    """Descend the squared error from weights, (outputs, inputs, height, width).

    Raises UsageError where the learning rate is too large.
    """
    planes = objective.planes
    targets = [plane.target for plane in planes.planes]
    filtered = planes.filtered(start) if start.any() else [np.zeros_like(each) for each in targets]
    residuals, biases = objective.without_mean([y - x for y, x in zip(targets, filtered, strict=True)])
    weights, along = start.copy(), np.zeros_like(start)
    slopes, moved, before = objective.slopes(residuals), along, np.zeros(0)
    by_chance = planes.taps / planes.counts
    losses: list[float] = []
    divisor = 1.0 if settings.loss == "sum" else planes.values
    length, converged = np.ones((planes.outputs, 1, 1, 1)), False
    steps = _MOST_STEPS if settings.steps is None else settings.steps
    for step in range(1, steps + 1):
        squares = objective.loss(residuals, weights)
        losses.append(float(squares.sum()) / divisor)
        _check_descent(losses, settings)
        if watch is not None:
            watch(step, losses[-1])
        last, moved = moved, correlations.solved(slopes)
        now = _products(slopes, moved)
        conjugate = _ratio(now - _products(slopes, last), before) if step > 1 else now * 0
        along = moved + np.maximum(conjugate, 0.0) * along
        bent, lifts = objective.without_mean(planes.filtered(along))
        curvature = planes.added([float(np.einsum("rc,rc->", each, each)) for each in bent]) / planes.counts
        length = _ratio(_products(slopes, along), curvature.reshape(now.shape))
        if settings.learning_rate is not None:
            along, length = moved, np.full_like(length, 2 * settings.learning_rate)
        weights = weights + length * along
        flat = length.ravel()
        for index, plane in enumerate(planes.planes):
            residuals[index] -= flat[plane.output] * bent[index]
        biases = biases - flat * lifts
        falls = (length * _products(slopes, along)).ravel() * planes.counts
        before, slopes = now, objective.slopes(residuals)
        largest = float(np.abs(weights).max())
        is_still = float(np.abs(length * along).max()) <= settings.tolerance * largest
        if is_still or (falls <= np.maximum(_CHANCE * by_chance * squares, _NOTHING * losses[0])).all():
            converged = True
            if settings.steps is None:
                break
    return WideDescended(
        weights,
        biases - objective.shift_of_bias,
        residuals,
        slopes,
        float(objective.loss(residuals, weights).sum()) / planes.values,
        np.array(losses),
        converged,
        float(length.mean()) / 2,
    )


def _check_descent(losses: list[float], settings: LearnSettings) -> None:
    if losses[-1] > _DIVERGED * losses[0]:
        raise UsageError(
            f"the loss grows without end at learning rate {settings.learning_rate:g}",
            "give --learning-rate less than 0.8, or auto",
        )


def _products(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.einsum("oirc,oirc->o", one, other)[:, np.newaxis, np.newaxis, np.newaxis])


def _ratio(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.divide(one, other, out=np.zeros_like(one), where=other > 0))
