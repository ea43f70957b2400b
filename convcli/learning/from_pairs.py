"""Learning: from pairs of pictures to a kernel and how far it is to be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from convcli.array_types import Floats
from convcli.engine import available_threads
from convcli.filters import Kernel
from convcli.learning.descent.descent import descend
from convcli.learning.descent.model import in_shape, kernel_of
from convcli.learning.descent.size import KernelWindow, default_descent
from convcli.learning.fit import Fit
from convcli.learning.judging import advice
from convcli.learning.judging.judge import Judge
from convcli.learning.judging.levels import through_rounding
from convcli.learning.judging.worth import worth_of
from convcli.learning.naming.exact import simplest_form
from convcli.learning.pair import Pairs
from convcli.learning.result import Learned
from convcli.learning.search import Search
from convcli.learning.settings import LearnSettings
from convcli.learning.stride import SpreadPairs
from convcli.learning.watcher import Unwatched, Watcher

_FAINT = 3  # rows and columns on each side of a kernel in noise


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
            fit = _through_rounding(Search(pairs, settings, watcher, executor).fit(), pairs)
        anchor = fit.layout.anchor
        kernel = kernel_of(fit.descended.parameters, settings.model, fit.extent, anchor, bias=settings.bias)
        judge = Judge(kernel, fit.layout, fit.survey.layout, settings, fit.explains_little)
        judge.read(pairs, watcher)
        return _result(fit, kernel, judge)


def _through_rounding(fit: Fit, pairs: Pairs) -> Fit:
    """Return the fit with weights that make the levels of the targets; the errors before are as large at least."""
    if fit.survey.is_lossy or not fit.descended.converged:
        return fit
    parameters = through_rounding(fit.descended.parameters, fit.worth.rms, pairs, fit.layout, fit.extent, fit.settings)
    return replace(fit, descended=replace(fit.descended, parameters=parameters))


def _import_naming() -> None:
    """Import what names a kernel, 60 ms, while sums over the pictures leave the interpreter free."""
    from convcli.catalog import import_reader
    from convcli.learning.naming.nearest import nearest_builtin

    import_reader()
    del nearest_builtin


def _warnings(fit: Fit) -> Iterator[str]:
    survey, extent, worth = fit.survey, fit.extent, fit.worth
    yield from survey.notes
    if survey.rows_used < 1:
        yield f"{100 * survey.rows_used:.0f} % of the pixels were read, spread evenly: all of them would take long"
    yield from advice.undetermined(worth, in_shape(worth.undetermined, fit.settings.model, extent), extent.values)
    yield from _unfinished(fit)


def _unfinished(fit: Fit) -> Iterator[str]:
    largest = float(np.abs(fit.descended.parameters[:, : fit.extent.taps]).max())
    return advice.unfinished(fit.worth, largest, len(fit.descended.history), fit.settings.optimizer)


def _doubts(fit: Fit, shift: tuple[int, int] | None) -> Iterator[str]:
    """Yield the doubt that a kernel made the target; an unfinished descent is no fault of the pair."""
    if fit.explains_little and not any(_unfinished(fit)):
        yield from advice.not_linear(fit.worth, fit.layout, fit.settings, shift)


def _with_faint_weights(fit: Fit, kernel: Kernel, errors: Floats) -> tuple[Kernel, Floats]:
    """Return a kernel of unknown size as it is with some rows and columns more, and its errors.

    Noise hides the faint weights at the rim, which are left out; a name has them.
    """
    settings, survey, layout = default_descent(fit.settings), fit.survey, fit.layout
    if survey.size_is_given or survey.planes is not None or not fit.sizes:
        return kernel, errors
    ends = [max(at, side - 1 - at) for at, side in zip(layout.anchor, layout.size, strict=True)]
    reach = min(max(ends) + _FAINT, *survey.layout.anchor)
    top, left = (at - reach for at in survey.layout.anchor)
    window = KernelWindow(top, left, (2 * reach + 1, 2 * reach + 1))
    moments = window.of(survey.learned)
    zeros = np.zeros((moments.outputs, moments.taps + settings.bias))
    parameters = descend(moments, settings, zeros).parameters
    worth = worth_of(moments, parameters, [window.of(group) for group in survey.groups], bias=settings.bias)
    wide = kernel_of(parameters, settings.model, moments, (reach, reach), bias=settings.bias)
    return wide, in_shape(worth.errors, settings.model, moments)


def _result(fit: Fit, kernel: Kernel, judge: Judge) -> Learned:
    from convcli.learning.naming.effects import Effects  # imported by `_import_naming` meanwhile
    from convcli.learning.naming.nearest import nearest_builtin

    settings, extent, descended, worth = fit.settings, fit.extent, fit.descended, fit.worth
    errors = in_shape(worth.errors, settings.model, extent)
    bias_errors = tuple(worth.bias_errors.tolist()) if settings.bias else ()
    # Noise hides much of the variance, and little of the weights.
    is_certain = not worth.undetermined.any() and (worth.explained > advice.LITTLE or judge.is_noise)
    exact = simplest_form(kernel, errors, bias_errors, extent.level) if is_certain else None
    nearest = None
    if is_certain:
        effects = Effects.of(fit.covariances, worth.rms**2, extent, is_noise=judge.is_noise)
        named = _with_faint_weights(fit, kernel, errors) if judge.is_noise else (kernel, errors)
        nearest = nearest_builtin(*named, effects, exact.kernel if exact else None)
    return Learned(
        kernel=kernel,
        model=settings.model,
        padding=fit.layout.padding,
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
        undetermined=in_shape(worth.undetermined, settings.model, extent),
        values=extent.values,
        clipped=extent.clipped / (extent.clipped + extent.values),
        rows_used=fit.survey.rows_used,
        explained=worth.explained,
        rms=worth.rms * fit.survey.full_scale,
        replay=judge.replay,
        exact=exact,
        nearest=nearest,
        sizes=fit.sizes,
        warnings=tuple(_warnings(fit)),
        doubts=tuple(_doubts(fit, judge.shift)),
    )
