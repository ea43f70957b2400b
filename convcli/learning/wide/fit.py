"""The kernel of many weights that makes the targets of the sources, and everything that is known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np

from convcli.array_types import Floats
from convcli.filters import Size2
from convcli.lazy import dataclass
from convcli.learning.descent.coordinates import Coordinates
from convcli.learning.descent.descent import Descended, descend_in
from convcli.learning.descent.model import first_parameters
from convcli.learning.descent.size import KernelWindow, default_descent
from convcli.learning.judging.worth import Worth
from convcli.learning.settings import LearnSettings
from convcli.learning.wide.correlations import Correlations
from convcli.learning.wide.descent import Objective, WideDescended, descend_wide
from convcli.learning.wide.planes import Planes
from convcli.learning.wide.size import WideTrials
from convcli.learning.wide.surface import PictureSurface
from convcli.learning.wide.worth import explained_share, worth_of_wide


@dataclass(frozen=True, eq=False)
class WideFit:
    """The best kernel in the window of some planes, whose `anchor` is given."""

    objective: Objective
    correlations: Correlations
    descended: WideDescended
    settings: LearnSettings
    anchor: Size2

    @classmethod
    def of(cls, planes: Planes, settings: LearnSettings, anchor: Size2, watch: Callable[[int, float], None]) -> WideFit:
        """Return the best kernel by the settings' descent; one that the optimizer reaches, if it is not ``dct``."""
        correlations = Correlations.of(planes, about_means=settings.bias)
        objective = Objective(planes, settings.bias)
        start = first_parameters(settings, planes, anchor)
        if planes.has_edges:
            nothing, _ = planes.split(np.zeros_like(start))
            first = descend_wide(objective, correlations, default_descent(settings), nothing)
            objective = replace(objective, share=min(1.0, 12 * first.mean_square / planes.level**2))
        if settings.optimizer == "dct":
            descended = descend_wide(objective, correlations, settings, planes.split(start)[0], watch)
        else:
            descended = _stepped(objective, settings, start, watch)
        return cls(objective, correlations, descended, settings, anchor)

    def within(
        self, window: KernelWindow, near: Floats, settings: LearnSettings, watch: Callable[[int, float], None]
    ) -> WideFit:
        """Return the best kernel in a part of the window, by the settings' descent.

        It goes on from weights near the best, unless the settings say how to begin or to step.
        """
        if window.size == self.planes.size and settings == self.settings:
            return self
        planes = self.planes.part(window.top, window.left, window.size)
        anchor = self.anchor[0] - window.top, self.anchor[1] - window.left
        if settings != self.settings:
            return self.of(planes, settings, anchor, watch)
        objective, before = replace(self.objective, planes=planes), len(self.descended.history)
        correlations = self.correlations.within(window.size)
        end = descend_wide(objective, correlations, settings, near, lambda step, loss: watch(before + step, loss))
        history = np.concatenate([self.descended.history, end.history])
        return WideFit(objective, correlations, replace(end, history=history), settings, anchor)

    def trials(self, *, is_lossy: bool) -> WideTrials:
        """Return the parts of the window that may do."""
        return WideTrials(self.planes, self.anchor, is_lossy, self.correlations, self.descended)

    @property
    def planes(self) -> Planes:
        """The planes of the pairs."""
        return self.objective.planes

    @property
    def result(self) -> Descended:
        """The end of the descent."""
        end = self.descended
        parameters = self.planes.joined(end.weights, end.biases, bias=self.settings.bias)
        return Descended(parameters, end.history, end.converged, end.learning_rate)

    @property
    def worth(self) -> Worth:
        """The errors of the parameters."""
        return worth_of_wide(self.objective, self.descended, self.correlations)

    @property
    def explained(self) -> float:
        """The share of the variance of the targets that the kernel explains."""
        return explained_share(self.objective, self.descended.mean_square * self.planes.values)

    @property
    def covariances(self) -> Floats:
        """The mean covariances of two values of an input by their distance."""
        return np.asarray(np.einsum("oiirc->orc", self.correlations.table).mean(axis=0) / self.planes.inputs)

    @cached_property
    def held_out_error(self) -> float:
        """The mean squared error on the rows held out, on those learned from where there are none."""
        planes, end = self.planes, self.descended
        count, squares = 0, 0.0
        for plane, filtered in zip(planes.planes, planes.filtered(end.weights), strict=True):
            wrong = (plane.target - filtered - end.biases[plane.output])[plane.held_out]
            count, squares = count + wrong.size, squares + float(wrong @ wrong)
        return squares / count if count else end.mean_square


def _stepped(
    objective: Objective, settings: LearnSettings, start: Floats, watch: Callable[[int, float], None]
) -> WideDescended:
    """Return the end of the descent by an optimizer that steps on the weights."""
    planes = objective.planes
    surface = PictureSurface(planes, settings.bias, settings.loss == "sum")
    end = descend_in(Coordinates(surface), settings, start, watch)
    weights, biases = planes.split(end.parameters)
    residuals = surface.residuals(end.parameters)
    mean_square = float(objective.loss(residuals, weights).sum()) / planes.values
    slopes = objective.slopes(objective.without_mean(residuals)[0])
    return WideDescended(weights, biases, residuals, slopes, mean_square, end.history, end.converged, end.learning_rate)
