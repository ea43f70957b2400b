"""The call of ``apply``: a batch, a preview, or a watch."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from convcli.cli.apply.planning import as_stream, check_output, planned_batch, policy_of, recipe_of
from convcli.cli.apply.running import run_and_report
from convcli.cli.options.common import loaded_filter
from convcli.places import PLACES_LOGGER

if TYPE_CHECKING:
    import typer

    from convcli.cli.apply.options import EngineOptions, FileOptions, OutputOptions, ValueOptions
    from convcli.cli.options.common import VoiceOptions
    from convcli.cli.options.kernel import KernelOptions
    from convcli.jobs import Recipe


class Options(NamedTuple):
    """The options of ``apply`` by their panels."""

    kernel: KernelOptions
    values: ValueOptions
    outputs: OutputOptions
    files: FileOptions
    engine: EngineOptions


def applied(
    context: typer.Context,
    filter_text: str,
    sources: list[str],
    output: str | None,
    options: Options,
    voice: VoiceOptions,
    *,
    json: bool,
) -> int:
    """Apply a filter to the sources as the options say, and return the exit code."""
    kernel, values, outputs, files, engine = options
    output, speaker = output and as_stream(output), voice.voice(context)
    _check(sources, output, options, json=json)
    if speaker.verbose:
        context.with_resource(speaker.relaying(PLACES_LOGGER))
    if output is not None or files.in_place:
        check_output(output, values, outputs, json=json)
    recipe = recipe_of(kernel.applied_to(loaded_filter(filter_text, speaker)), values, outputs)
    policy = policy_of(files, engine)
    shown = None
    if files.preview:
        from convcli.cli.apply.preview import preview_alone, preview_outcomes

        if output is None:
            return preview_alone(sources, filter_text, recipe, policy, outputs, files, speaker)
        shown = preview_outcomes(recipe, policy, speaker)
    if files.watch and output is not None:
        from convcli.catalog import files_named
        from convcli.cli.apply.changes import WatchedFilter
        from convcli.cli.apply.watching import watch

        def load() -> Recipe:
            return recipe_of(kernel.applied_to(loaded_filter(filter_text, speaker)), values, outputs)

        watched = WatchedFilter(partial(files_named, filter_text), load, recipe, speaker)
        return watch(sources, output, watched, policy, outputs, files, speaker, json=json)
    batch, on_output = planned_batch(sources, output, recipe, policy, outputs, files, speaker)
    return run_and_report(batch, recipe, policy, on_output, speaker, dry_run=files.dry_run, json=json, progress=shown)


def _check(sources: list[str], output: str | None, options: Options, *, json: bool) -> None:
    """Raise UsageError for options beside a preview, or a watch, that go with none."""
    if options.files.preview:
        from convcli.cli.apply.preview import check_previewed  # needs Pillow at once

        check_previewed(output, sources, options.outputs, options.files, options.engine, json=json)
    if options.files.watch and output is not None:
        from convcli.cli.apply.watching import check_watched

        check_watched(sources, output, options.outputs, options.files, options.engine)
