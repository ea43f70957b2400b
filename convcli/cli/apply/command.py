"""``convcli apply``: filter pictures. Typer is imported where the words are not read without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.cli.apply.inputs import all_inputs, read_ahead
from convcli.cli.apply.options import EngineOptions, FileOptions, OutputOptions, ValueOptions
from convcli.cli.options.common import VoiceOptions
from convcli.cli.options.kernel import KernelOptions

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
    if not (files.dry_run or files.resume or files.preview or files.watch or engine.memory):
        read_ahead(context, sources, engine.max_pixels, values.frame)  # during the imports below
    from convcli.cli.apply.applying import Options, applied

    options = Options(kernel, values, outputs, files, engine)
    return applied(context, filter_text, sources, output, options, voice, json=json)
