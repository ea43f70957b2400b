"""``convcli import``: a kernel of another program as a filter file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from convcli.cli.options.common import VoiceOptions, check_output
from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.filters import Pipeline
    from convcli.report import Voice

_STDOUT = "-"
_YAML = (".yaml", ".yml")

ImportFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help=(
            "A matrix of libvips (.mat), an SVG with feConvolveMatrix, a VRT, .npy, .csv, .json, .safetensors, .onnx,"
            " a text with a kernel of ImageMagick, or a kernel as a picture."
        ),
        show_default=False,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        *("-o", "--output"), metavar="KERNEL.yaml", help="The file; stdout unless given, or with -.", show_default=False
    ),
]
White = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="Of a picture: the weight of white. Unless given, the weights add up to 1.",
        show_default=False,
    ),
]
Zero = Annotated[Literal["black", "gray"], typer.Option(help="Of a picture: the level of a weight of 0.")]
Force = Annotated[bool, typer.Option("-f", "--force", help="Overwrite an existing file.")]


def import_(
    context: typer.Context,
    file: ImportFile,
    output: Output = None,
    white: White = None,
    zero: Zero = "black",
    force: Force = False,
    *,
    voice: VoiceOptions,
) -> None:
    """Make a filter file of another program's kernel.

    \b
    convcli import kernel.mat -o kernel.yaml
    convcli import drawing.svg
    convcli import blur.png --white 0.25 -o blur.yaml
    """
    speaker = voice.voice(context)
    target = None if output in (None, _STDOUT) else Path(str(output))
    if target is not None:
        if target.suffix.lower() not in _YAML:
            raise UsageError(f"-o {target} is no name for a filter file", "end it in .yaml: -o kernel.yaml")
        check_output(target, (file,), overwrite=force)
    is_picture = _is_picture(file)
    if not is_picture and (white is not None or zero != "black"):
        raise UsageError("--white and --zero are about a kernel as a picture", f"leave them out: convcli import {file}")
    pipeline = _of_picture(file, white, zero, speaker) if is_picture else _of_file(file, speaker)
    _write(pipeline, target, speaker, overwrite=force)


def _is_picture(file: str) -> bool:
    from convcli.exchange import is_kernel_file
    from convcli.image import READABLE_SUFFIXES

    return not is_kernel_file(file) and Path(file).suffix.lower() in READABLE_SUFFIXES


def _of_file(file: str, voice: Voice) -> Pipeline:
    """Return the filter of a file, whatever its name: bars in it join nothing."""
    from convcli.catalog import check_file, load_filter
    from convcli.places import is_url

    with voice.telling_of_filters():
        return load_filter(file) if is_url(file) else check_file(Path(file))


def _of_picture(file: str, white: float | None, zero: Literal["black", "gray"], voice: Voice) -> Pipeline:
    """Return the kernel whose weights are the levels of a picture, of colors their mean."""
    from convcli.catalog import MOST_VALUES
    from convcli.exchange import kernel_of_levels
    from convcli.image import read_picture
    from convcli.places import place_of

    picture = read_picture(place_of(file))
    for note in picture.notes:
        voice.warn(f"{file}: {note}")
    frame = picture.frames[0]
    height, width = picture.size
    if height * width > MOST_VALUES:
        raise UsageError(
            f"{file} is {width}×{height}, and of a kernel every pixel is a weight",
            "give the picture of a kernel; a photograph is filtered by convcli apply",
        )
    return kernel_of_levels(frame[:, :, :-1] if picture.has_alpha else frame, white, zero=zero, name=Path(file).stem)


def _write(pipeline: Pipeline, target: Path | None, voice: Voice, *, overwrite: bool) -> None:
    from convcli.catalog import SCHEMA_LINE, to_yaml, write_filter
    from convcli.report import takes_unicode

    if target is None:
        sys.stdout.write(SCHEMA_LINE + to_yaml(pipeline, in_ascii=not takes_unicode()))
        return
    beside = write_filter(pipeline, target, head=SCHEMA_LINE, overwrite=overwrite)
    voice.say(f"{pipeline.name} → {target}" + (f", its weights → {beside}" if beside else ""))
