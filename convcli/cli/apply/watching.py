"""``apply --watch``: inputs are filtered as they change, until Ctrl-C."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from convcli.disk import is_special
from convcli.engine import COMPILING_LOGGER
from convcli.errors import FileError, UsageError
from convcli.image import format_named
from convcli.jobs import STREAM, Job, PassedOver, WatchedInputs, exists, is_folder, output_size, plan_batch, run_batch
from convcli.places import is_same, is_url
from convcli.report import Summary, outcome_json, report_outcome
from convcli.words import listed

if TYPE_CHECKING:
    from convcli.cli.apply.options import EngineOptions, FileOptions, OutputOptions
    from convcli.jobs import Policy, Recipe
    from convcli.report import Voice

_WAIT = 250  # milliseconds until an input that has changed is looked at again
_TOGETHER = 100  # milliseconds of changes that are looked at together
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
    recipe: Recipe,
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
    plan = _Plan(sources, output, recipe, policy, outputs, files, voice)
    _refuse_inputs(plan.jobs())
    events = _events(sources, output, recursive=files.recursive)
    inputs, summary = WatchedInputs(plan), Summary()
    voice.say(f"watching {listed(list(sources))}; Ctrl-C ends it")
    try:
        with voice.relaying(COMPILING_LOGGER, once=True):
            for is_changed in events:
                if is_changed or inputs.are_changing:
                    _do_due(inputs, recipe, policy, summary, voice, json=json)
    finally:
        total = summary.count
        voice.say(summary.sentence(PassedOver(), total) if total else "nothing was done")
    return 0


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
        self._planned = partial(
            plan_batch,
            sources,
            output,
            recursive=files.recursive,
            name=outputs.name,
            filter_name=recipe.pipeline.name,
            form=None if outputs.format is None else format_named(outputs.format),
            size_of=partial(output_size, recipe=recipe, max_pixels=policy.max_pixels),
            may_be_empty=True,
        )

    def jobs(self) -> tuple[Job, ...]:
        """Return a job per input; raise UsageError where two outputs would have one name."""
        return tuple(job._replace(each=self._each) for job in self._planned().jobs)

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


def _events(sources: Sequence[str], output: str, *, recursive: bool) -> Iterator[bool]:
    """Return whether files may have changed, again and again; first True, when changes are watched for."""
    try:
        import watchfiles
    except ImportError as error:
        raise UsageError("--watch needs watchfiles, which is not installed", "pip install 'convcli[watch]'") from error
    folders = {path if is_folder(path) else path.parent for path in map(Path, sources)}
    target = os.path.realpath(output)

    def is_told(_change: object, path: str) -> bool:
        # Of the output folder nothing is an input.
        return not os.path.realpath(path).startswith(f"{target}{os.sep}")

    def events() -> Iterator[bool]:
        is_first = True
        changes = watchfiles.watch(
            *folders,
            watch_filter=None if target in map(os.path.realpath, folders) else is_told,
            debounce=_TOGETHER,
            rust_timeout=_WAIT,
            yield_on_timeout=True,
            recursive=recursive and any(is_folder(Path(each)) for each in sources),
        )
        try:
            for several in changes:
                yield bool(several) or is_first
                is_first = False
        except OSError as error:  # the system watches a number of folders at most
            raise FileError(f"changes are not watched: {error}", "name fewer folders, or leave out -r") from error

    return events()


def _do_due(
    inputs: WatchedInputs, recipe: Recipe, policy: Policy, summary: Summary, voice: Voice, *, json: bool
) -> None:
    """Filter what is due, and print a line for each."""
    due = inputs.due()
    # A file that is not whole yet may be one that is damaged a little.
    for jobs, is_certain in ((due.tried, False), (due.certain, True)):
        within = policy if is_certain else policy._replace(strict=True)
        with closing(run_batch(jobs, recipe, within)) as outcomes:
            for outcome in outcomes:
                if inputs.take(outcome, is_certain=is_certain):
                    summary.add(outcome)
                    report_outcome(outcome, voice, alone=True, notes=summary.new_notes(outcome))
                    if json:
                        sys.stdout.write(f"{outcome_json(outcome)}\n")
                        sys.stdout.flush()
