"""The descent from the first weights to the least loss."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from convcli.array_types import Floats
from convcli.errors import UsageError
from convcli.lazy import dataclass
from convcli.learning.descent.coordinates import Coordinates, cosine_coordinates, plain_coordinates
from convcli.learning.descent.optimizers import Adam, GradientDescent
from convcli.learning.descent.quadratic import Surface
from convcli.learning.moments.moments import Moments
from convcli.learning.settings import LearnSettings

# Without a number of steps the descent ends when the weights stand still, or here.
_MOST_STEPS = 10_000
# Directions with less curvature than this share of the largest are flat: they hold nothing but rounding.
FLAT = 1e-11
_ADAM_RATE = 0.01
_MOMENTUM = 0.9
# The multiple of the first loss at which the descent has diverged.
_DIVERGED = 1e6


@dataclass(frozen=True, eq=False)
class Descended:
    """The end of a descent: weights in the order of the taps, then the bias, if any, (outputs, parameters).

    `history` has the loss before each step, `converged` is true where the weights stood still, `learning_rate` is the
    size of the steps.
    """

    parameters: Floats
    history: Floats
    converged: bool
    learning_rate: float


def descend(
    moments: Moments, settings: LearnSettings, start: Floats, watch: Callable[[int, float], None] | None = None
) -> Descended:
    """Descend the squared error from `start`, (outputs, parameters), by the settings' optimizer, rate and steps.

    `watch` is called at every step with its number, from 1, and the loss before it. Raises UsageError where the
    learning rate is too large: the loss grows without end.
    """
    make: Callable[..., Coordinates[Surface]] = cosine_coordinates if settings.optimizer == "dct" else plain_coordinates
    return descend_in(make(moments, bias=settings.bias, total=settings.loss == "sum"), settings, start, watch)


def descend_in(
    coordinates: Coordinates[Surface],
    settings: LearnSettings,
    start: Floats,
    watch: Callable[[int, float], None] | None = None,
) -> Descended:
    """Descend the squared error as `descend` does, in coordinates."""
    optimizer = _optimizer(coordinates, settings)
    point = coordinates.point(start)
    quadratic = coordinates.quadratic
    losses: list[float] = []
    converged = False
    steps = _MOST_STEPS if settings.steps is None else settings.steps
    for step in range(1, steps + 1):
        losses.append(quadratic.loss(point))
        if losses[-1] > _DIVERGED * losses[0]:
            raise _diverged(coordinates, settings, optimizer.learning_rate)
        if watch is not None:
            watch(step, losses[-1])
        before, point = point, optimizer.step(point, quadratic.gradient(point))
        if _moved(coordinates, before, point) <= settings.tolerance:
            converged = True
            if settings.steps is None:
                break
    if settings.optimizer != "adam" and quadratic.loss(point) > 10 * losses[0]:
        raise _diverged(coordinates, settings, optimizer.learning_rate)
    return Descended(coordinates.parameters(point), np.array(losses), converged, optimizer.learning_rate)


def _moved(coordinates: Coordinates[Surface], before: Floats, after: Floats) -> float:
    """Return the largest change of a parameter, as a share of the largest parameter."""
    new = coordinates.parameters(after)
    largest = float(np.abs(new).max())
    return float(np.abs(new - coordinates.parameters(before)).max()) / largest if largest else 0.0


def _optimizer(coordinates: Coordinates[Surface], settings: LearnSettings) -> GradientDescent | Adam:
    given = settings.learning_rate
    if settings.optimizer == "adam":
        return Adam(_ADAM_RATE if given is None else given)
    curvatures = coordinates.quadratic.curvatures()
    steepest = float(curvatures.max()) or 1.0
    rate = 1 / steepest if given is None else given
    looks_ahead = settings.optimizer in ("nesterov", "dct")
    if settings.optimizer != "dct":
        return GradientDescent(rate, 0.0 if settings.optimizer == "gd" else _MOMENTUM, looks_ahead)
    # Nesterov's momentum for a valley whose curvatures are known: (√L − √μ) / (√L + √μ).
    flattest = math.sqrt(float(curvatures[curvatures > FLAT * steepest].min(initial=steepest)))
    root = math.sqrt(steepest)
    return GradientDescent(rate, (root - flattest) / (root + flattest), looks_ahead)


def _diverged(coordinates: Coordinates[Surface], settings: LearnSettings, rate: float) -> UsageError:
    # Gradient descent overshoots when a step is longer than 2 / curvature; with momentum β the bound is (1 + β)
    # times that, with Nesterov's (1 + β) / (1 + 2 β) times.
    steepest = float(coordinates.quadratic.curvatures().max())
    beta = _MOMENTUM
    factor = {"momentum": 1 + beta, "nesterov": (1 + beta) / (1 + 2 * beta)}.get(settings.optimizer, 1.0)
    limit = 2 * factor / steepest
    return UsageError(
        f"the loss grows without end at learning rate {rate:g}",
        f"give --learning-rate less than {limit:.2g}, or auto",
    )
