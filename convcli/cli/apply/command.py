"""``convcli apply``: filter pictures. Typer is imported where the words are not read without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.cli.apply.inputs import all_inputs, read_ahead
from convcli.cli.apply.options import EngineOptions, FileOptions, OutputOptions, ValueOptions
from convcli.cli.options.common import VoiceOptions, loaded_filter
from convcli.cli.options.kernel import KernelOptions
from convcli.places import PLACES_LOGGER

if TYPE_CHECKING:
    import typer

    from convcli.cli.options.declared import FilterText, Inputs, Json, Output


def apply(
    context: typer.Context,
    filter_text: FilterText,
    inputs: Inputs = None,
    *,
    output: Output = None,
    kernel: KernelOptions,
    values: ValueOptions,
    outputs: OutputOptions,
    files: FileOptions,
    engine: EngineOptions,
    json: Json = False,
    voice: VoiceOptions,
) -> int:
    """Apply a filter to pictures, folders of pictures, or arrays.

    \b
    convcli apply sharpen photo.jpg -o sharp.jpg
    convcli apply gaussian:sigma=2 photos/ -r -o blurred/
    convcli apply "gaussian:1.4 | sobel | normalize" photo.jpg -o edges.png
    convcli apply "-1 0 1; -2 0 2; -1 0 1" photo.png -o edges.png --bias 50%
    convcli apply unsharp:2 photo.jpg -o sharp.jpg --channels luma
    convcli apply "1 -1" edges.csv -o - --padding valid
    convcli list
    """
    files.check_output(output)
    sources = all_inputs(inputs or [], files.files_from)
    if not (files.dry_run or files.resume or files.preview or files.watch):
        read_ahead(context, sources, engine.max_pixels, values.frame)  # during the imports below
    from convcli.cli.apply.planning import as_stream, check_output, planned_batch, policy_of, recipe_of
    from convcli.cli.apply.running import run_and_report

    output, speaker = output and as_stream(output), voice.voice(context)
    if files.preview:
        from convcli.cli.apply.preview import check_previewed, preview_alone, preview_outcomes  # needs Pillow at once

        check_previewed(output, sources, outputs, files, engine, json=json)
    if files.watch and output is not None:
        from convcli.cli.apply.watching import check_watched, watch

        check_watched(sources, output, outputs, files, engine)
    if speaker.verbose:
        context.with_resource(speaker.relaying(PLACES_LOGGER))
    if output is not None or files.in_place:
        check_output(output, values, outputs, json=json)
    recipe = recipe_of(kernel.applied_to(loaded_filter(filter_text, speaker)), values, outputs)
    policy = policy_of(files, engine)
    if output is None and files.preview:
        return preview_alone(sources, filter_text, recipe, policy, outputs, files, speaker)
    if files.watch and output is not None:
        return watch(sources, output, recipe, policy, outputs, files, speaker, json=json)
    shown = preview_outcomes(recipe, policy, speaker) if files.preview else None
    batch, on_output = planned_batch(sources, output, recipe, policy, outputs, files, speaker)
    return run_and_report(batch, recipe, policy, on_output, speaker, dry_run=files.dry_run, json=json, progress=shown)
