"""``convcli export``: a filter as another program reads it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from convcli.cli.options.common import VoiceOptions, check_output, loaded_filter
from convcli.cli.options.declared import FilterText
from convcli.cli.options.kernel import KernelOptions
from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.exchange import Handed, Target
    from convcli.report import Voice

_STDOUT = "-"


def complete_target(incomplete: str) -> list[str]:
    """Return the targets that begin so."""
    from convcli.exchange import TARGETS

    return [name for name in TARGETS if name.startswith(incomplete)]


ExportFile = Annotated[
    str,
    typer.Argument(
        metavar="[FILE]",
        help="As -o FILE; its ending tells the target where --to is not given: .mat, .svg, .npy, .csv and so on.",
        show_default=False,
    ),
]
To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="TARGET",
        help=(
            "The program or format: imagemagick, graphicsmagick, vips, gdal, gmic, ffmpeg, opencv, scipy, torch,"
            " pillow, svg, glsl, onnx, safetensors, csv, npy or png."
        ),
        autocompletion=complete_target,
        show_default=False,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        *("-o", "--output"), metavar="FILE", help="The file; stdout unless given, or with -.", show_default=False
    ),
]
Force = Annotated[bool, typer.Option("-f", "--force", help="Overwrite an existing file.")]


def export(
    context: typer.Context,
    filter_text: FilterText,
    file: ExportFile = "",
    to: To = None,
    output: Output = None,
    force: Force = False,
    *,
    kernel: KernelOptions,
    voice: VoiceOptions,
) -> None:
    """Hand a filter over to other programs: as a command, code or a file.

    \b
    convcli export sharpen --to imagemagick
    convcli export learned.yaml --to opencv -o learned.py
    convcli export gaussian:2 gaussian.mat
    convcli export "gaussian:1 | sobel-x" --to vips --border wrap
    """
    from convcli.exchange import target_named, target_of_file

    speaker = voice.voice(context)
    name = _name_of(file, output)
    target = target_named(to) if to is not None else target_of_file(name) if name else _without_target()
    _check_name(target, name)
    _check(target, name, filter_text, force=force)
    pipeline = kernel.applied_to(loaded_filter(filter_text, speaker))
    handed = _for_file(target.export(pipeline, Path(name).suffix.lower() if name else ""), name)
    for note in handed.notes:
        speaker.warn(note)
    _write(handed, target, name, speaker, overwrite=force)


def _name_of(file: str, output: str | None) -> str:
    """Return the name of the file, empty for stdout."""
    if file and output is not None:
        raise UsageError(f"{file} and -o {output} both name the output", "give one of them")
    name = file or output or ""
    return "" if name == _STDOUT else name


def _without_target() -> Target:
    from convcli.exchange import TARGETS

    raise UsageError("export does not know to what", f"give --to and one of {', '.join(TARGETS)}")


def _check_name(target: Target, name: str) -> None:
    """Refuse a name that is one of a picture, or of another target."""
    from convcli.exchange import TARGETS
    from convcli.image import READABLE_SUFFIXES

    ending = Path(name).suffix.lower()
    if not ending or ending in target.endings:
        return
    other = next((each for each in TARGETS.values() if ending in each.endings), None)
    if other is not None:
        hint = f"give --to {other.name}, or another name: -o filter{target.endings[0] if target.endings else ''}"
        raise UsageError(f"{name} has the ending of {other.title}, and --to says {target.name}", hint)
    if ending in READABLE_SUFFIXES:
        raise UsageError(
            f"{name} is the name of a picture, and export writes a filter", "convcli apply filters pictures"
        )


def _check(target: Target, name: str, filter_text: str, *, force: bool) -> None:
    if name:
        check_output(Path(name), (filter_text,), overwrite=force)
    elif target.is_binary and sys.stdout.isatty():
        ending = target.endings[0] if target.endings else ""
        raise UsageError(f"{target.title} is no text for a terminal", f"name a file: -o kernel{ending}")


def _for_file(handed: Handed, name: str) -> Handed:
    """Return what is handed over, a command as a script where the file is to be one."""
    from convcli.exchange import script_of

    content = handed.content
    if not isinstance(content, str) or not name.endswith(".sh"):
        return handed
    return replace(handed, content=script_of(content, Path(name).name))


def _bytes_of(handed: Handed) -> bytes:
    """Return the bytes of a file: text in UTF-8, levels as a PNG."""
    content = handed.content
    if isinstance(content, str | bytes):
        return handed.data
    from io import BytesIO

    from convcli.image import Picture, format_named, write_picture

    stream = BytesIO()
    write_picture(Picture((content[:, :, None],)), stream, format_named("png"))
    return stream.getvalue()


def _write(handed: Handed, target: Target, name: str, voice: Voice, *, overwrite: bool) -> None:
    """Write what is handed over, to stdout or whole to a file, and say how it is used."""
    from convcli.disk import atomic_write

    data = _bytes_of(handed)

    def write(stream: IO[bytes]) -> None:
        stream.write(data)

    if name:
        atomic_write(Path(name), write, overwrite=overwrite)
        voice.say(f"{target.title} → {name}")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
    for line in handed.lines:
        voice.say(line.replace("FILE", name))
