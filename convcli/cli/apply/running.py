"""Run the batch of ``apply``, and print each outcome."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

from convcli.ending import cleaned_up_by
from convcli.engine import COMPILING_LOGGER, missing_loops
from convcli.errors import FileError, ShareError
from convcli.jobs import CLUSTER_LOGGER, FRAMES_LOGGER, STRIPS_LOGGER, Failed, refuse_levels, run_batch, until_failure
from convcli.report import Summary, outcome_json, report_outcome

if TYPE_CHECKING:
    from convcli.jobs import Batch, OnOutput, Outcome, Policy, Recipe
    from convcli.report import Voice

    # Passes outcomes on and shows them; with their number, None for many, and a label.
    Progress = Callable[[Generator[Outcome], int | None, str], Generator[Outcome]]


def run_and_report(
    batch: Batch,
    recipe: Recipe,
    policy: Policy,
    on_output: OnOutput | None,
    voice: Voice,
    *,
    dry_run: bool,
    json: bool,
    progress: Progress | None = None,
) -> int:
    """Run the batch, and print each outcome and a summary of many; return the exit code: 1 where a file failed.

    The outcomes pass through `progress`, in place of that of the voice.

    Raises ShareError where the filter cannot be meant for the first of the files, before any is written.
    """
    with suppress(FileError):  # reported in its turn
        for first in batch.jobs[:1]:
            refuse_levels(first, recipe, policy)
    known = len(batch.done) + len(batch.jobs)
    alone = known == 1
    summary = Summary(alone=alone, backups=policy.backup)
    outcomes = _outcomes(batch, recipe, policy, on_output, dry_run=dry_run)
    # What goes to the same terminal as the line of progress would tear it.
    show = progress or (_unshown if json and sys.stdout.isatty() else voice.progress)
    shown = closing(show(outcomes, None if batch.more else known, "filtering"))
    cluster = nullcontext() if policy.scheduler is None else voice.relaying(CLUSTER_LOGGER)
    strips = voice.relaying(STRIPS_LOGGER, level=logging.INFO if voice.verbose else logging.WARNING)
    says_how_far = not (alone or dry_run)
    stopped = _telling_at_an_end(lambda: voice.say(summary.interrupted(None if batch.more else known)))
    with (
        stopped if says_how_far else nullcontext(),
        voice.relaying(COMPILING_LOGGER, once=True),
        cluster,
        strips,
        shown as watched,
        voice.counting(FRAMES_LOGGER, "filtering frames"),
    ):
        for outcome in watched:
            if alone and isinstance(outcome, Failed) and isinstance(outcome.error, ShareError):
                raise outcome.error  # of stdin or a pipe, which is read but once
            summary.add(outcome)
            if summary.is_told(outcome) or voice.verbose:
                report_outcome(outcome, voice, alone=alone, notes=summary.new_notes(outcome))
            if json:
                sys.stdout.write(f"{outcome_json(outcome)}\n")
                sys.stdout.flush()  # to whoever reads along
    passed_over = batch.more.passed_over if batch.more else batch.passed_over
    if not alone or any(passed_over):
        for error in () if voice.verbose else summary.further_refusals():
            voice.error(error)
        for line in () if voice.verbose else summary.further_notes():
            voice.warn(line)
        for line in summary.advice(passed_over):
            voice.say(line)
        voice.say(summary.sentence(passed_over, known + (batch.more.count if batch.more else 0)))
    _compile_missing_loops()
    return 1 if summary.failed else 0


@contextmanager
def _telling_at_an_end(tell: Callable[[], None]) -> Iterator[None]:
    """Tell something where a signal ends what is done meanwhile, also where it ends this process at once."""
    pending = [tell]

    def once() -> None:
        while pending:
            pending.pop()()

    with cleaned_up_by(once):
        try:
            yield
        except KeyboardInterrupt:
            once()
            raise


def _unshown(outcomes: Generator[Outcome], _total: int | None, _label: str) -> Generator[Outcome]:
    """Pass outcomes on without a line of progress."""
    return outcomes


def _compile_missing_loops() -> None:
    if missing_loops:
        from convcli.engine import compile_in_background  # imports what starts processes

        compile_in_background()


def _outcomes(
    batch: Batch, recipe: Recipe, policy: Policy, on_output: OnOutput | None, *, dry_run: bool
) -> Generator[Outcome]:
    if not gc.isenabled():  # since the start of this process
        gc.freeze()
        gc.enable()
    yield from batch.done
    if dry_run:
        from convcli.jobs import predict_outcome

        predicted = (predict_outcome(job, recipe, policy) for job in batch.jobs)
        yield from predicted if policy.keep_going else until_failure(predicted)
    else:
        yield from run_batch(batch.jobs, recipe, policy, on_output, batch.more or ())
