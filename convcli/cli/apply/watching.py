"""``apply --watch``: inputs are filtered as they change, until Ctrl-C."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from convcli.cli.apply.changes import changes_below
from convcli.disk import is_special
from convcli.engine import COMPILING_LOGGER
from convcli.errors import FileError, UsageError
from convcli.image import format_named
from convcli.jobs import (
    STREAM,
    Earlier,
    Failed,
    Job,
    PassedOver,
    WatchedInputs,
    exists,
    is_folder,
    means_folder,
    output_size,
    plan_batch,
    record_of,
    run_batch,
)
from convcli.places import is_same, is_url, place_of
from convcli.report import Summary, named_error, outcome_json, report_outcome
from convcli.words import counted, listed

if TYPE_CHECKING:
    from convcli.cli.apply.changes import WatchedFilter
    from convcli.cli.apply.options import EngineOptions, FileOptions, OutputOptions
    from convcli.jobs import Outcome, Policy, Recipe, Record
    from convcli.report import Voice

_NUMBERED = re.compile(r"(?<!\{)\{n[:}]")


def check_watched(
    sources: Sequence[str], output: str, outputs: OutputOptions, files: FileOptions, engine: EngineOptions
) -> None:
    """Refuse what cannot be watched or written again, and options that contradict --watch."""
    contradicting = {
        "--resume": files.resume,
        "--skip-existing": files.skip_existing,
        "--dry-run": files.dry_run,
        "--fail-fast": not files.keep_going,
        "--scheduler": engine.scheduler is not None,
    }
    for name, is_given in contradicting.items():
        if is_given:
            raise UsageError(f"{name} and --watch contradict each other", f"leave out {name}")
    if STREAM in sources:
        raise UsageError("--watch looks at files, and stdin is none", "name a file or a folder")
    for place in (*sources, output):
        if is_url(place):
            raise UsageError(f"--watch looks at files on this machine, and {place} is elsewhere", "copy it here")
    if output == STREAM or is_special(Path(output)):
        raise UsageError("--watch writes a file for each input, which a stream cannot take", "name a folder: -o out/")
    if _NUMBERED.search(outputs.name):
        raise UsageError("{n} in --name numbers a batch, and with --watch files come and go", "use {stem}")
    _check_sources(sources, output, outputs)


def _check_sources(sources: Sequence[str], output: str, outputs: OutputOptions) -> None:
    for source in map(Path, sources):
        if not exists(source):
            raise FileError(f"{source} does not exist", "check the name, and the folder you are in")
        if outputs.each and is_folder(source) and is_same(source, Path(output)):
            raise UsageError("--each would write into the folder that is watched", "name another: -o out/")


def watch(
    sources: Sequence[str],
    output: str,
    filter_: WatchedFilter,
    policy: Policy,
    outputs: OutputOptions,
    files: FileOptions,
    voice: Voice,
    *,
    json: bool,
) -> int:
    """Filter inputs whose output is missing or older, then each that changes; return at a signal alone, by raising it.

    Raises UsageError where the library is missing, or the inputs and the output do not go together.
    """
    plan = _Plan(sources, output, filter_.recipe, policy, outputs, files, voice)
    _refuse_inputs(plan.jobs())
    events = changes_below(sources, output, voice, recursive=files.recursive)
    watched = _Watch(filter_, plan, [os.path.realpath(each) for each in sources], policy, voice, json=json)
    voice.say(f"watching {listed(list(sources))}; Ctrl-C ends it")
    try:
        with voice.relaying(COMPILING_LOGGER, once=True):
            for changed in events:
                watched.look(changed)
    finally:
        total = watched.summary.count
        voice.say(watched.summary.sentence(PassedOver(), total) if total else "nothing was done")
    return 0


class _Watch:
    """The inputs, what is made of them, and the filter, of which each may change."""

    def __init__(
        self,
        filter_: WatchedFilter,
        plan: _Plan,
        places: Sequence[str],
        policy: Policy,
        voice: Voice,
        *,
        json: bool,
    ) -> None:
        self._filter, self._plan, self._policy, self._voice, self._json = filter_, plan, policy, voice, json
        self._record = _record(plan, filter_.recipe, voice)
        is_watched = partial(_is_below, places=places)
        self._earlier = None if self._record is None else Earlier(self._record, is_watched)
        self._inputs = WatchedInputs(plan, self._earlier, names_are_fixed=plan.names_are_fixed)
        self.summary = Summary()

    def look(self, changed: set[str] | None) -> None:
        """Filter what is due, of the paths that have changed or for None of all, and print a line for each."""
        if self._filter.has_changed():
            self._begin_again()
            changed = None
        if changed is None or changed or self._inputs.are_changing:
            due = self._inputs.due(changed)
            # A file that is not whole yet may be one that is damaged a little.
            self._run(due.tried, self._policy._replace(strict=True), is_certain=False)
            self._run(due.certain, self._policy, is_certain=True)

    def _begin_again(self) -> None:
        recipe = self._filter.recipe
        self._voice.say(f"the filter has changed: {counted(self._inputs.forget(), 'file')} to be filtered again")
        self._plan.recipe = recipe
        if self._record is not None and self._earlier is not None:
            self._record = record_of(self._plan.folder, recipe, self._plan.form)
            self._earlier.takes(self._record.recipe)

    def _run(self, jobs: Sequence[Job], policy: Policy, *, is_certain: bool) -> None:
        on_output = None if self._record is None else self._record.add
        with closing(run_batch(jobs, self._filter.recipe, policy, on_output)) as outcomes:
            for outcome in outcomes:
                if self._inputs.take(outcome, is_certain=is_certain):
                    self._tell(outcome)

    def _tell(self, outcome: Outcome) -> None:
        self.summary.add(outcome)
        if isinstance(outcome, Failed):
            self._voice.error(named_error(outcome))
        else:
            report_outcome(outcome, self._voice, alone=True, in_one_line=True)
        if self._json:
            sys.stdout.write(f"{outcome_json(outcome)}\n")
            sys.stdout.flush()


def _record(plan: _Plan, recipe: Recipe, voice: Voice) -> Record | None:
    """Return the record of what is made, by which another run knows it; None where it cannot be written."""
    record = record_of(plan.folder, recipe, plan.form)
    try:
        record.prepare(anew=False)
    except OSError as error:
        voice.detail(f"what is done is not recorded: {record.file} cannot be written ({error.strerror or error})")
        return None
    return record


def _is_below(path: str, places: Sequence[str]) -> bool:
    return any(path == each or path.startswith(f"{each.rstrip(os.sep)}{os.sep}") for each in places)


class _Plan:
    """Plans the jobs of what is there, without an end; says once what is wrong with them meanwhile."""

    def __init__(
        self,
        sources: Sequence[str],
        output: str,
        recipe: Recipe,
        policy: Policy,
        outputs: OutputOptions,
        files: FileOptions,
        voice: Voice,
    ) -> None:
        self._each, self._voice, self._told = outputs.each, voice, ""
        self._max_pixels, self.recipe = policy.max_pixels, recipe
        self.names_are_fixed = not any(f"{{{each}" in outputs.name for each in ("date", "height", "width"))
        self.form = None if outputs.format is None else format_named(outputs.format)
        self.folder = place_of(output) if means_folder(output) else place_of(output).parent
        self._planned = partial(
            plan_batch,
            sources,
            output,
            recursive=files.recursive,
            name=outputs.name,
            form=self.form,
            may_be_empty=True,
        )

    def jobs(self) -> tuple[Job, ...]:
        """Return a job per input; raise UsageError where two outputs would have one name."""
        size_of = partial(output_size, recipe=self.recipe, max_pixels=self._max_pixels)
        jobs = self._planned(filter_name=self.recipe.pipeline.name, size_of=size_of).jobs
        return tuple(job._replace(each=True) for job in jobs) if self._each else tuple(jobs)

    def __call__(self) -> tuple[Job, ...]:
        """Return a job per input; none while that is not possible."""
        try:
            jobs, told = self.jobs(), ""
        except UsageError as error:
            jobs, told = (), error.headline
            if told != self._told:
                self._voice.error(error)
        self._told = told
        return jobs


def _refuse_inputs(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.source is not None and job.target is not None and is_same(job.source, job.target):
            hint = 'write to another folder, or give --name "{stem}-{filter}{suffix}"'
            raise UsageError(f"{job.target} is an input itself", hint)
