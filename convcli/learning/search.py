"""Search: the window of the kernel, larger and larger until it holds the kernel, and the descent in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import field

import numpy as np

from convcli.array_types import Floats
from convcli.engine import Settings
from convcli.filters import Size2
from convcli.lazy import dataclass
from convcli.learning.descent.descent import descend
from convcli.learning.descent.model import first_parameters, kernel_of
from convcli.learning.descent.size import LOSSY_FALL, KernelWindow, Trials, default_descent
from convcli.learning.fit import Fit
from convcli.learning.judging.worth import worth_of
from convcli.learning.moments.choice import Choice
from convcli.learning.moments.layout import Layout
from convcli.learning.moments.moments import Moments
from convcli.learning.naming.effects import covariances_of
from convcli.learning.pair import Pairs
from convcli.learning.settings import LearnSettings
from convcli.learning.survey import Survey
from convcli.learning.watcher import Watcher
from convcli.learning.wide.fit import WideFit
from convcli.learning.wide.planes import Planes

# Sides of the windows in which a kernel of unknown size is searched, in this order.
_SIDES = (7, 15, 31, 63)
_SIDES_OF_FULL = (5, 9, 21, 43)
# Values per weight below which every value that is not clipped is needed.
_FEW = 4
# Root mean square error, in levels, above which TARGET has errors beside rounding (0.29), and the share of its variance
# that the first kernel explains at least: a worse one predicts nothing.
_EXACT, _FAR = 0.5, 0.2
# Distance from black and white of what counts as inside the range: so many errors, but at most a share of full scale.
_MARGIN, _WIDEST_MARGIN = 3.0, 0.3
_STANDS = 0.97  # of the error before: a choice that leaves more is the last


@dataclass(frozen=True, eq=False)
class Search:
    """The search for a kernel in some pairs."""

    pairs: Pairs
    settings: LearnSettings
    watcher: Watcher
    executor: Executor
    _found: dict[Planes, WideFit] = field(default_factory=dict, init=False)

    def fit(self) -> Fit:
        """Return the kernel of the size that is given, or of the smallest window that holds it."""
        wide: tuple[Survey, WideFit] | None = None
        sizes: list[tuple[Size2, float]] = []
        choice: Choice | None = None
        sides = self._sides()
        for side in sides:
            survey = self._surveyed(side, choice, scouts=True)
            is_last = side == sides[-1] or survey.layout.size[0] < side
            if survey.planes is None:
                if survey.size_is_given:
                    return self._of_shapes(survey)
                held = self._held(survey, is_last=is_last)
                if held is not None and survey.rows_used < 1:
                    survey = self._surveyed(side, choice)
                    held = self._held(survey, is_last=is_last)
                if held is not None:
                    return held
                choice = survey.choice
                continue
            choice = survey.choice
            found = self._wide(survey, survey.planes)
            if survey.size_is_given:
                return _of_wide(self.settings, survey, found, ())
            sizes.append((survey.layout.size, found.held_out_error))
            if wide is not None and found.held_out_error >= wide[1].held_out_error:
                break
            wide = survey, found
            if is_last or not found.trials(is_lossy=survey.is_lossy).is_cut_off:
                break
        assert wide is not None
        return self._trimmed(*wide, sizes)

    def _held(self, survey: Survey, *, is_last: bool) -> Fit | None:
        """Return the kernel by the moments of a window, None where it may be larger; the `is_last` window has to do."""
        trials = self._trials(survey)
        best, sizes = trials.grown()
        if not is_last and self._may_be_larger(trials, best):
            return None
        window = trials.trimmed(best)
        groups = [window.of(group) for group in survey.groups]
        return self._dense(survey, window.of(survey.learned), groups, _moved(survey.layout, window), sizes)

    def _sides(self) -> tuple[int, ...]:
        sides = _SIDES_OF_FULL if self.settings.model == "full" else _SIDES
        largest = self.settings.largest or sides[-1]
        return tuple(side for side in sides if side <= largest) or sides[:1]

    def _surveyed(self, side: int, choice: Choice | None, *, scouts: bool = False) -> Survey:
        """Survey the pairs with a window, and choose the values to learn from, if they are not chosen yet."""
        survey = self._read(Survey(self.settings, side, self.executor, choice=choice, scouts=scouts))
        if choice is not None:
            return survey
        if not _are_enough(survey):
            survey = self._read(Survey(self.settings, side, self.executor, margin=False, scouts=scouts))
        return self._by_prediction(survey)

    def _read(self, survey: Survey) -> Survey:
        survey.read(self.pairs, self.watcher)
        return survey

    def _by_prediction(self, survey: Survey) -> Survey:
        """Return a survey of the values that a kernel predicts inside the range, where TARGET has errors of its own.

        The first kernel is learned from the values that are not clipped, as surveyed; each other from its choice.
        """
        rms, settings = math.inf, default_descent(self.settings)
        while survey.extent.clipped and survey.extent.level:
            parameters, now, explained = self._first(survey, settings)
            level, anchor = survey.extent.level, survey.layout.anchor
            if now <= _EXACT * level or explained <= _FAR or now > _STANDS * rms:
                break
            rms = now
            kernel = kernel_of(parameters, settings.model, survey.extent, anchor, bias=settings.bias)
            choice = Choice(kernel, survey.layout, level / 2 + min(_MARGIN * rms, _WIDEST_MARGIN), Settings().settled())
            chosen = self._read(Survey(self.settings, survey.limit, self.executor, choice=choice, scouts=survey.scouts))
            if not _are_enough(chosen):
                break
            survey = chosen
        return survey

    def _first(self, survey: Survey, settings: LearnSettings) -> tuple[Floats, float, float]:
        """Return the parameters of a kernel, the root mean square of what it leaves, and the share that it explains."""
        if survey.planes is not None:
            found = self._wide(survey, survey.planes)
            return found.result.parameters, math.sqrt(found.descended.mean_square), found.explained
        moments = survey.learned
        zeros = np.zeros((moments.outputs, moments.taps + settings.bias))
        parameters = descend(moments, settings, zeros).parameters
        worth = worth_of(moments, parameters, bias=settings.bias)
        return parameters, worth.rms, worth.explained

    def _wide(self, survey: Survey, planes: Planes) -> WideFit:
        """Return the kernel in the whole window, by the settings' descent where its size is the kernel's."""
        if planes not in self._found:
            descent = self.settings if survey.size_is_given else default_descent(self.settings)
            self._found[planes] = WideFit.of(planes, descent, survey.layout.anchor, self.watcher.step)
        return self._found[planes]

    def _of_shapes(self, survey: Survey) -> Fit:
        """Return the kernel of the size that was given, or that follows from the shapes, which a stride leaves open."""
        layout, (down, right) = survey.layout, self.settings.stride or (1, 1)
        if self.settings.size is not None or (down, right) == (1, 1):
            return self._dense(survey, survey.learned, survey.groups, layout, ())
        height, width = layout.size
        trials = Trials(survey.learned, (0, 0), survey.is_lossy, survey.learned, default_descent(self.settings))
        least = max(1, height - down + 1), max(1, width - right + 1)
        trimmed = trials.trimmed(KernelWindow(0, 0, layout.size), least)
        anchor = trimmed.size[0] // 2, trimmed.size[1] // 2
        groups = [trimmed.of(group) for group in survey.groups]
        layout = Layout(layout.padding, trimmed.size, anchor)
        return self._dense(survey, trimmed.of(survey.learned), groups, layout, ())

    def _trials(self, survey: Survey) -> Trials:
        judge = survey.held_out if survey.held_out.counts.all() else survey.learned
        descent = default_descent(self.settings)
        return Trials(survey.learned, survey.layout.anchor, survey.is_lossy, judge, descent)

    def _may_be_larger(self, trials: Trials, best: KernelWindow) -> bool:
        """Return whether a kernel may reach beyond the window; a mix of channels has many weights by chance."""
        if best.size[0] < trials.extent.size[0]:
            return False
        inner = trials.errors(trials.square(best.size[0] // 2 - 1))[0]
        return self.settings.model != "full" or inner > (1 + LOSSY_FALL) * trials.errors(best)[0]

    def _dense(
        self,
        survey: Survey,
        learned: Moments,
        groups: Sequence[Moments],
        layout: Layout,
        sizes: Sequence[tuple[Size2, float]],
    ) -> Fit:
        """Return the kernel of the layout, by moments."""
        moments = self._corrected(learned)
        start = first_parameters(self.settings, moments, layout.anchor)
        descended = descend(moments, self.settings, start, self.watcher.step)
        worth = worth_of(moments, descended.parameters, groups, bias=self.settings.bias)
        covariances = covariances_of(survey.learned)
        return Fit(self.settings, survey, moments, layout, tuple(sizes), descended, worth, covariances)

    def _corrected(self, moments: Moments) -> Moments:
        """Return moments without the effect of rounding on targets that are clipped."""
        if not moments.edges.any():
            return moments
        bias = self.settings.bias
        start = np.zeros((moments.outputs, moments.taps + bias))
        first = descend(moments, default_descent(self.settings), start)
        mean_square = worth_of(moments, first.parameters, bias=bias).rms ** 2
        return moments.without_rounding(mean_square, first.parameters)

    def _trimmed(self, survey: Survey, found: WideFit, sizes: Sequence[tuple[Size2, float]]) -> Fit:
        """Return the kernel in the smallest window that does."""
        trials = found.trials(is_lossy=survey.is_lossy)
        window = trials.smallest()
        fit = found.within(window, trials.weights(window), self.settings, self.watcher.step)
        return _of_wide(self.settings, survey, fit, (*sizes, (window.size, fit.held_out_error)))


def _of_wide(settings: LearnSettings, survey: Survey, fit: WideFit, sizes: Sequence[tuple[Size2, float]]) -> Fit:
    layout = Layout(survey.layout.padding, fit.planes.size, fit.anchor)
    return Fit(settings, survey, fit.planes, layout, tuple(sizes), fit.result, fit.worth, fit.covariances)


def _moved(layout: Layout, window: KernelWindow) -> Layout:
    anchor = layout.anchor[0] - window.top, layout.anchor[1] - window.left
    return Layout(layout.padding, window.size, anchor)


def _are_enough(survey: Survey) -> bool:
    extent = survey.extent
    return extent.values >= _FEW * extent.taps and bool(extent.counts.all())
