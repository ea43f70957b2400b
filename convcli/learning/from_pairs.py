"""Learning: from pairs of pictures to a kernel and how far it is to be trusted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from convcli.engine import available_threads
from convcli.filters import Kernel, Size2
from convcli.learning.descent.descent import Descended, descend
from convcli.learning.descent.model import first_parameters, in_shape, kernel_of
from convcli.learning.descent.size import KernelWindow, Trials, default_descent
from convcli.learning.judging import advice
from convcli.learning.judging.judge import Judge
from convcli.learning.judging.worth import Worth, worth_of
from convcli.learning.moments.choice import Choice
from convcli.learning.moments.layout import Layout
from convcli.learning.moments.moments import Moments
from convcli.learning.naming.exact import simplest_form
from convcli.learning.pair import Pairs
from convcli.learning.result import Learned
from convcli.learning.settings import LearnSettings
from convcli.learning.stride import SpreadPairs
from convcli.learning.survey import Survey
from convcli.learning.watcher import Unwatched, Watcher

# Sides of the windows in which a kernel of unknown size is searched, in this order.
_SIDES = (7, 15, 31)
_SIDES_OF_FULL = (5, 9)
# Values per weight below which every value that is not clipped is needed.
_FEW = 4
# Root mean square error, in levels, above which TARGET has errors beside rounding (0.29), and the share of its variance
# that the first kernel explains at least: a worse one predicts nothing.
_EXACT, _FAR = 0.5, 0.5
# Distance from black and white of what counts as inside the range: so many errors, but at most a share of full scale.
_MARGIN, _WIDEST_MARGIN = 3.0, 0.15
_STANDS = 0.97  # of the error before: a choice that leaves more is the last


@dataclass(frozen=True, eq=False)
class _Window:
    """The window of the kernel: its moments, whole and in groups, its layout on the pairs, and the sizes tried."""

    moments: Moments
    groups: Sequence[Moments]
    layout: Layout
    sizes: tuple[tuple[Size2, float], ...] = ()


@dataclass(frozen=True, eq=False)
class _Fit:
    """The parameters that were learned, and everything that they were learned from."""

    settings: LearnSettings
    survey: Survey
    window: _Window
    descended: Descended
    worth: Worth


def learn_pairs(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None = None) -> Learned:
    """Find the kernel that makes the targets of the sources.

    Parameters
    ----------
    pairs
        Read twice or more, one in memory at a time.
    watcher
        Callbacks at every pair and step.

    Raises
    ------
    ShapeError
        A pair does not fit the model, the size or the other pairs.
    UsageError
        There is nothing to learn from, or the learning rate is too large.
    """
    # One level of parallelism: matrix products in our threads start none of their own, and small ones need none.
    with threadpool_limits(1, user_api="blas"):
        watcher = watcher or Unwatched()
        if settings.stride not in (None, (1, 1)):
            pairs = SpreadPairs(pairs, settings.stride, settings.size)
        with ThreadPoolExecutor(available_threads()) as executor:
            executor.submit(_import_naming)
            survey, window = _surveyed(pairs, settings, watcher, executor)
        layout = window.layout
        moments = _corrected(window.moments, settings)
        descended = descend(moments, settings, first_parameters(settings, moments, layout.anchor), watcher.step)
        worth = worth_of(moments, descended.parameters, window.groups, bias=settings.bias)
        kernel = kernel_of(descended.parameters, settings.model, moments, layout.anchor, bias=settings.bias)
        judge = Judge(kernel, layout, survey.layout, settings, advice.explains_little(worth, survey))
        judge.read(pairs, watcher)
        return _result(_Fit(settings, survey, window, descended, worth), kernel, judge)


def _import_naming() -> None:
    """Import what names a kernel, 60 ms, while sums over the pictures leave the interpreter free."""
    from convcli.catalog import import_reader
    from convcli.learning.naming.nearest import nearest_builtin

    import_reader()
    del nearest_builtin


def _corrected(moments: Moments, settings: LearnSettings) -> Moments:
    """Return moments without the effect of rounding on targets that are clipped."""
    if not moments.edges.any():
        return moments
    first = descend(moments, default_descent(settings), np.zeros((len(moments.sums), moments.taps + settings.bias)))
    mean_square = worth_of(moments, first.parameters, bias=settings.bias).rms ** 2
    return moments.without_rounding(mean_square, first.parameters)


def _surveyed(pairs: Pairs, settings: LearnSettings, watcher: Watcher, executor: Executor) -> tuple[Survey, _Window]:
    """Survey the pairs with larger and larger windows, until one is larger than the kernel."""
    sides: tuple[int, ...] = _SIDES_OF_FULL if settings.model == "full" else _SIDES
    if settings.largest is not None:
        sides = tuple(side for side in sides if side <= settings.largest) or sides[:1]
    choice: Choice | None = None
    for side in sides:
        survey = Survey(settings, side, executor, choice=choice)
        survey.read(pairs, watcher)
        if choice is None:
            if not _are_enough(survey):
                survey = Survey(settings, side, executor, margin=False)
                survey.read(pairs, watcher)
            survey = _by_prediction(survey, pairs, settings, watcher)
            choice = survey.choice
        if survey.size_is_given:
            return survey, _window_of_shapes(survey, settings)
        judge = survey.held_out if survey.held_out.counts.all() else survey.learned
        trials = Trials(survey.learned, judge, default_descent(settings), survey.layout.anchor, survey.is_lossy)
        best, sizes = trials.grown()
        if best.size[0] < side or survey.layout.size[0] < side or side == sides[-1]:
            break
    trimmed = trials.trimmed(best)
    anchor = survey.layout.anchor[0] - trimmed.top, survey.layout.anchor[1] - trimmed.left
    layout = Layout(survey.layout.padding, trimmed.size, anchor)
    groups = [trimmed.of(group) for group in survey.groups]
    return survey, _Window(trimmed.of(survey.learned), groups, layout, tuple(sizes))


def _are_enough(survey: Survey) -> bool:
    return survey.learned.values >= _FEW * survey.learned.taps and bool(survey.learned.counts.all())


def _by_prediction(survey: Survey, pairs: Pairs, settings: LearnSettings, watcher: Watcher) -> Survey:
    """Return a survey of the values that a kernel predicts inside the range, where TARGET has errors of its own.

    The first kernel is learned from the values that are not clipped, as surveyed; each other from its choice.
    """
    rms = math.inf
    while survey.learned.clipped and survey.learned.level:
        moments, anchor = survey.learned, survey.layout.anchor
        zeros = np.zeros((len(moments.sums), moments.taps + settings.bias))
        parameters = descend(moments, default_descent(settings), zeros).parameters
        worth = worth_of(moments, parameters, bias=settings.bias)
        is_explained = worth.rms > _EXACT * moments.level and worth.explained > _FAR
        if not is_explained or worth.rms > _STANDS * rms:
            break
        rms = worth.rms
        kernel = kernel_of(parameters, settings.model, moments, anchor, bias=settings.bias)
        choice = Choice(kernel, survey.layout, moments.level / 2 + min(_MARGIN * rms, _WIDEST_MARGIN))
        chosen = Survey(settings, survey.limit, survey.executor, choice=choice)
        chosen.read(pairs, watcher)
        if not _are_enough(chosen):
            break
        survey = chosen
    return survey


def _window_of_shapes(survey: Survey, settings: LearnSettings) -> _Window:
    """Return the window of the size that was given, or that follows from the shapes, which a stride leaves open."""
    layout, (down, right) = survey.layout, settings.stride or (1, 1)
    if settings.size is not None or (down, right) == (1, 1):
        return _Window(survey.learned, survey.groups, layout)
    height, width = layout.size
    trials = Trials(survey.learned, survey.learned, default_descent(settings), (0, 0), survey.is_lossy)
    least = max(1, height - down + 1), max(1, width - right + 1)
    trimmed = trials.trimmed(KernelWindow(0, 0, layout.size), least)
    anchor = trimmed.size[0] // 2, trimmed.size[1] // 2
    groups = [trimmed.of(group) for group in survey.groups]
    return _Window(trimmed.of(survey.learned), groups, Layout(layout.padding, trimmed.size, anchor))


def _warnings(fit: _Fit) -> Iterator[str]:
    survey, moments, worth = fit.survey, fit.window.moments, fit.worth
    yield from survey.notes
    if survey.rows_used < 1:
        yield f"{100 * survey.rows_used:.0f} % of the rows were read, spread evenly: all of them would take long"
    yield from advice.undetermined(worth, in_shape(worth.undetermined, fit.settings.model, moments), moments.values)
    yield from _unfinished(fit)


def _unfinished(fit: _Fit) -> Iterator[str]:
    largest = float(np.abs(fit.descended.parameters[:, : fit.window.moments.taps]).max())
    return advice.unfinished(fit.worth, largest, len(fit.descended.history), fit.settings.optimizer)


def _doubts(fit: _Fit, shift: tuple[int, int] | None) -> Iterator[str]:
    """Yield the doubt that a kernel made the target; an unfinished descent is no fault of the pair."""
    if advice.explains_little(fit.worth, fit.survey) and not any(_unfinished(fit)):
        yield from advice.not_linear(fit.worth, fit.window.layout, fit.settings, shift)


def _result(fit: _Fit, kernel: Kernel, judge: Judge) -> Learned:
    from convcli.learning.naming.effects import Effects  # imported by `_import_naming` meanwhile
    from convcli.learning.naming.nearest import nearest_builtin

    settings, moments, descended, worth = fit.settings, fit.window.moments, fit.descended, fit.worth
    errors = in_shape(worth.errors, settings.model, moments)
    bias_errors = tuple(worth.bias_errors.tolist()) if settings.bias else ()
    # Noise hides much of the variance, and little of the weights.
    is_certain = not worth.undetermined.any() and (worth.explained > advice.LITTLE or judge.is_noise)
    exact = simplest_form(kernel, errors, bias_errors, moments.level) if is_certain else None
    nearest = None
    if is_certain:
        effects = Effects.of(fit.survey.learned, worth.rms**2, is_noise=judge.is_noise)
        nearest = nearest_builtin(kernel, errors, effects, exact.kernel if exact else None)
    return Learned(
        kernel=kernel,
        model=settings.model,
        padding=fit.window.layout.padding,
        stride=settings.stride or (1, 1),
        border=judge.border,
        given_border=settings.border,
        loss=float(descended.history[-1]),
        history=descended.history,
        converged=descended.converged,
        optimizer=settings.optimizer,
        learning_rate=descended.learning_rate,
        errors=errors,
        bias_errors=bias_errors,
        undetermined=in_shape(worth.undetermined, settings.model, moments),
        values=moments.values,
        clipped=moments.clipped / (moments.clipped + moments.values),
        rows_used=fit.survey.rows_used,
        explained=worth.explained,
        rms=worth.rms * fit.survey.full_scale,
        replay=judge.replay,
        exact=exact,
        nearest=nearest,
        sizes=fit.window.sizes,
        warnings=tuple(_warnings(fit)),
        doubts=tuple(_doubts(fit, judge.shift)),
    )
