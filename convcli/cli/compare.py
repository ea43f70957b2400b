"""``convcli compare``: the difference of two pictures, or of the files of two folders."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convcli.cli.options.common import VoiceOptions, check_output
from convcli.cli.options.declared import Force, Json, MaxPixels
from convcli.errors import ConvcliError, FileError, UsageError
from convcli.image import DEFAULT_MAX_PIXELS

if TYPE_CHECKING:
    from convcli.jobs import Alike, Compared, Comparison
    from convcli.report import Voice

First = Annotated[
    str, typer.Argument(metavar="A", help="A picture or array, a folder, or - for stdin.", show_default=False)
]
Second = Annotated[
    str, typer.Argument(metavar="B", help="What A is compared with: a file, or a folder.", show_default=False)
]
Output = Annotated[
    Path | None,
    typer.Option(*("-o", "--output"), metavar="PICTURE", help="Draw both and their difference.", show_default=False),
]
MinPsnr = Annotated[
    float | None,
    typer.Option(metavar="DB", help="Exit with 1 where the PSNR is lower; inf: unless identical.", show_default=False),
]

_MOST_NAMES = 5  # of files, in a line


def compare(
    context: typer.Context,
    first: First,
    second: Second,
    output: Output = None,
    min_psnr: MinPsnr = None,
    force: Force = False,
    max_pixels: MaxPixels = DEFAULT_MAX_PIXELS,
    json: Json = False,
    *,
    voice: VoiceOptions,
) -> None:
    """Compare two pictures, or the files of two folders by name: MSE, PSNR, SSIM, and the largest difference.

    \b
    convcli compare photo.png photo.jpg
    convcli compare photo.png photo.jpg -o difference.png
    convcli compare expected/ made/ --min-psnr 40
    convcli compare before.npy after.npy --json
    """
    from convcli.engine import COMPILING_LOGGER
    from convcli.jobs import find_compared

    speaker = voice.voice(context)
    if min_psnr is not None and math.isnan(min_psnr):
        raise UsageError("--min-psnr nan is no number", "give it in dB: --min-psnr 40")
    compared = find_compared(first, second, sys.stdin.buffer)
    is_single = not compared.pairs[0][2]
    if output is not None:
        _check_output(output, (first, second), is_single=is_single, overwrite=force)
    with speaker.relaying(COMPILING_LOGGER, once=True):
        if is_single:
            _compare_two(compared, output, min_psnr, speaker, max_pixels=max_pixels, overwrite=force, json=json)
        else:
            _compare_folders(compared, (first, second), min_psnr, speaker, max_pixels=max_pixels, json=json)


def _check_output(output: Path, inputs: tuple[str, str], *, is_single: bool, overwrite: bool) -> None:
    from convcli.report import drawing_format

    if not is_single:
        raise UsageError("-o draws two files, and these are folders", "name two files of them")
    drawing_format(output)
    check_output(output, inputs, overwrite=overwrite)


def _compare_two(
    compared: Compared,
    output: Path | None,
    minimum: float | None,
    voice: Voice,
    *,
    max_pixels: int,
    overwrite: bool,
    json: bool,
) -> None:
    from convcli.jobs import compare_files
    from convcli.report import comparison_values, json_text, print_comparison, psnr_text

    comparison, alike = compare_files(*compared.pairs[0], max_pixels)
    for note in comparison.notes:
        voice.warn(note)
    if json:
        typer.echo(json_text(comparison_values(comparison, minimum)))
    else:
        print_comparison(comparison)
    if output is not None:
        voice.say(_draw(comparison, alike, output, overwrite=overwrite))
    psnr = comparison.whole.psnr
    if minimum is not None and psnr < minimum:
        raise FileError(
            f"{' and '.join(comparison.names)}: PSNR {psnr_text(psnr)} is below {minimum:g} dB",
            "-o difference.png draws where they differ",
        )


def _compare_folders(
    compared: Compared, folders: tuple[str, str], minimum: float | None, voice: Voice, *, max_pixels: int, json: bool
) -> None:
    from convcli.jobs import compare_files
    from convcli.report import comparison_values, failed_comparison, json_text, passed_over_texts, print_comparisons

    done: list[Comparison] = []
    failed = 0
    for first, second, title in voice.progress(compared.pairs, len(compared.pairs), "comparing"):
        try:
            done.append(compare_files(first, second, title, max_pixels)[0])
            values = comparison_values(done[-1], minimum)
            for note in done[-1].notes:
                voice.detail(f"{title}: {note}")
        except ConvcliError as error:
            failed += 1
            voice.error(error)
            values = failed_comparison((str(first), str(second)), title, error)
        if json:
            typer.echo(json_text(values))
    _report_missing(compared, folders, voice, json=json)
    for text in passed_over_texts(compared.passed_over):
        voice.say(text)
    missing = sum(map(len, compared.missing))
    if not json:
        print_comparisons(done, failed, missing)
    below = [each for each in done if minimum is not None and each.whole.psnr < minimum]
    if below:
        names = _abbreviated([each.title for each in below])
        verb = "is" if len(below) == 1 else "are"
        raise FileError(
            f"{len(below)} of {len(done)} {verb} below {minimum:g} dB: {names}",
            "compare two files with -o difference.png to see where they differ",
        )
    if failed or missing:
        raise typer.Exit(1)


def _report_missing(compared: Compared, folders: tuple[str, str], voice: Voice, *, json: bool) -> None:
    """Name the files that one folder alone has."""
    from convcli.report import failed_comparison, json_text

    for index, (names, folder, other) in enumerate(zip(compared.missing, folders, folders[::-1], strict=True)):
        if names:
            voice.warn(f"{folder}: {len(names)} without a counterpart in {other}: {_abbreviated(names)}")
        for name in names if json else ():
            path = str(Path(folder) / name)
            error = FileError(f"{path} has no counterpart in {other}", "give both files one name")
            typer.echo(json_text(failed_comparison((path, None) if index == 0 else (None, path), name, error)))


def _abbreviated(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _draw(comparison: Comparison, alike: Alike, target: Path, *, overwrite: bool) -> str:
    """Draw a comparison; return a line that says so."""
    from convcli.report import draw_comparison, write_drawing

    height, width = write_drawing(draw_comparison(comparison, alike), target, overwrite=overwrite)
    return f"both and their difference → {target} ({width}×{height})"
