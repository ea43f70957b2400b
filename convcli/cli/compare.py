"""``convcli compare``: the difference of two pictures, or of the files of two folders."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from convcli.cli.options.common import VoiceOptions, check_output
from convcli.cli.options.declared import Force, Json, MaxPixels
from convcli.disk import errors_at
from convcli.errors import ConvcliError, FileError, OutputRefused, UsageError
from convcli.image import DEFAULT_MAX_PIXELS
from convcli.words import as_word, counted

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
    str | None,
    typer.Option(
        *("-o", "--output"),
        metavar="PICTURE",
        help="Draw both and their difference; of two folders each pair, into a folder (ending in /).",
        show_default=False,
    ),
]
MinPsnr = Annotated[
    float | None,
    typer.Option(metavar="DB", help="Exit with 1 where the PSNR is lower; inf: unless identical.", show_default=False),
]

_MOST_NAMES = 5  # of files, in a line
_DRAWN = ".png"  # the ending of the pictures in a folder


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
    convcli compare expected/ made/ --min-psnr 40 -o differences/
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
    drawings = _Drawings(output, force, frozenset(title for _, _, title in compared.pairs))
    with speaker.relaying(COMPILING_LOGGER, once=True):
        if is_single:
            _compare_two(compared, drawings, min_psnr, speaker, max_pixels=max_pixels, json=json)
        else:
            drawings.check(compared)
            _compare_folders(compared, (first, second), drawings, min_psnr, speaker, max_pixels=max_pixels, json=json)


def _check_output(output: str, inputs: tuple[str, str], *, is_single: bool, overwrite: bool) -> None:
    """Refuse an output that is no picture, or for folders no folder of its own."""
    from convcli.places import is_same, place_of
    from convcli.report import drawing_format

    place = Path(output)
    if is_single:
        drawing_format(place)
        check_output(place, inputs, overwrite=overwrite)
        return
    if not (output.endswith((os.sep, os.altsep or os.sep)) or place.is_dir()):
        folder = as_word(f"{output.removesuffix(place.suffix)}/")
        raise UsageError(f"-o {output} is one picture, and these are folders", f"draw one a pair: -o {folder}")
    for name in inputs:
        if is_same(place, place_of(name)):
            raise OutputRefused(f"{output} is {name} itself", "write to another folder")


class _Drawings(NamedTuple):
    """The pictures that are drawn: one, one a pair into a folder, or for None none; and the titles of all pairs."""

    output: str | None
    overwrite: bool
    titles: frozenset[str]

    def target(self, title: str) -> Path:
        """Return the picture of a pair of two folders, which no other pair has.

        Beside photo.jpg, which becomes photo.jpg.png, photo.jpg.png has a second ending.
        """
        is_kept = title.endswith(_DRAWN) and title.removesuffix(_DRAWN) not in self.titles
        return Path(self.output or "") / (title if is_kept else f"{title}{_DRAWN}")

    def check(self, compared: Compared) -> None:
        """Refuse pictures of pairs that are there already, before anything is computed."""
        for first, second, title in compared.pairs if self.output is not None else ():
            if self.target(title).exists():
                check_output(self.target(title), (str(first), str(second)), overwrite=self.overwrite)

    def draw(self, comparison: Comparison, alike: Alike, title: str = "") -> str:
        """Draw a comparison of two files, or of a pair of two folders with a title; return a line that says so."""
        from convcli.report import draw_comparison, write_drawing

        assert self.output is not None
        target = Path(self.output)
        if title:
            target = self.target(title)
            with errors_at(target.parent):
                target.parent.mkdir(parents=True, exist_ok=True)
        height, width = write_drawing(draw_comparison(comparison, alike), target, overwrite=self.overwrite)
        return f"both and their difference → {target} ({width}×{height})"


def _compare_two(
    compared: Compared, drawings: _Drawings, minimum: float | None, voice: Voice, *, max_pixels: int, json: bool
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
    if drawings.output is not None:
        voice.say(drawings.draw(comparison, alike))
    psnr = comparison.whole.psnr
    if minimum is not None and psnr < minimum:
        raise FileError(
            f"{' and '.join(comparison.names)}: PSNR {psnr_text(psnr)} is below {minimum:g} dB",
            "-o difference.png draws where they differ",
        )


def _compare_folders(
    compared: Compared,
    folders: tuple[str, str],
    drawings: _Drawings,
    minimum: float | None,
    voice: Voice,
    *,
    max_pixels: int,
    json: bool,
) -> None:
    from convcli.jobs import compare_files
    from convcli.report import comparison_values, failed_comparison, json_text, passed_over_texts, print_comparisons

    done: list[Comparison] = []
    failed = 0
    for first, second, title in voice.progress(compared.pairs, len(compared.pairs), "comparing"):
        try:
            comparison, alike = compare_files(first, second, title, max_pixels)
            _draw_and_tell(comparison, alike, drawings, voice)
            done.append(comparison)
            values = comparison_values(comparison, minimum)
        except ConvcliError as error:
            failed += 1
            voice.error(error)
            values = failed_comparison((str(first), str(second)), title, error)
        if json:
            typer.echo(json_text(values))
    _report_missing(compared, folders, voice, json=json)
    for text in passed_over_texts(compared.passed_over):
        voice.say(text)
    if drawings.output is not None and done:
        voice.say(f"{counted(len(done), 'picture')} of both and their difference → {drawings.output}")
    missing = sum(map(len, compared.missing))
    if not json:
        print_comparisons(done, failed, missing)
    if minimum is not None:
        _check_minimum(done, minimum)
    if failed or missing:
        raise typer.Exit(1)


def _check_minimum(done: Sequence[Comparison], minimum: float) -> None:
    below = [each for each in done if each.whole.psnr < minimum]
    if below:
        names = _abbreviated([each.title for each in below])
        verb = "is" if len(below) == 1 else "are"
        raise FileError(
            f"{len(below)} of {len(done)} {verb} below {minimum:g} dB: {names}",
            "-o differences/ draws where they differ",
        )


def _draw_and_tell(comparison: Comparison, alike: Alike, drawings: _Drawings, voice: Voice) -> None:
    if drawings.output is not None:
        voice.detail(drawings.draw(comparison, alike, comparison.title))
    for note in comparison.notes:
        voice.detail(f"{comparison.title}: {note}")


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
