"""The input and the output of the commands that write a page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

from convcli.cli.options.bundles import Bundle
from convcli.cli.options.common import check_output
from convcli.errors import UsageError
from convcli.words import as_word

if TYPE_CHECKING:
    import typer

    from convcli.report import Subject, Voice

SUFFIXES = (".html", ".htm")
_STDOUT = _STDIN = "-"


class PageOptions(Bundle):
    """The file of a page, and whether it may replace another."""

    output: Annotated[
        str,
        typer.Option(
            *("-o", "--output"), metavar="FILE", help="The page, ending in .html; or - for stdout.", show_default=False
        ),
    ]
    force: Annotated[bool, typer.Option("-f", "--force", help="Overwrite an existing file.")] = False

    @property
    def is_page(self) -> bool:
        """True where the name is that of a page; a pipe or a device needs no ending."""
        from convcli.disk import is_special

        path = Path(self.output)
        return self.output == _STDOUT or path.suffix.lower() in SUFFIXES or (not path.suffix and is_special(path))

    def check_target(self, example: str, *inputs: str) -> None:
        """Refuse a name that is none of a page, as `example` is, and a file that may not be replaced."""
        if not self.is_page:
            raise UsageError(f"-o {self.output} is no name for a page", f"end it in .html: -o {example}")
        self.check_existing(*inputs)

    def check_existing(self, *inputs: str) -> None:
        """Refuse a file that may not be replaced: any, unless forced, and one of the inputs."""
        if self.output != _STDOUT:
            check_output(Path(self.output), inputs, overwrite=self.force)

    def write(self, page: str, voice: Voice) -> None:
        """Write a page, whole or not at all, and say so."""
        from convcli.disk import atomic_write

        data = page.encode()
        if self.output == _STDOUT:
            sys.stdout.buffer.write(data)
            return

        def write(stream: IO[bytes]) -> None:
            stream.write(data)

        atomic_write(Path(self.output), write, overwrite=self.force)
        voice.say(f"page → {self.output} ({len(data) / 1000:.0f} kB)")


def check_picture(picture: str, *others: str) -> None:
    """Refuse a folder, of which one picture is meant, and a word that is no file where one of the others is."""
    from convcli.disk import is_stored_folder

    path = Path(picture)
    if picture and path.is_dir() and not is_stored_folder(path):
        from convcli.image import READABLE_SUFFIXES

        inside = (each for each in sorted(path.iterdir()) if each.suffix.lower() in READABLE_SUFFIXES)
        example = next(inside, path / "photo.jpg")
        raise UsageError(f"{picture} is a folder", f"a page is of one picture, such as {as_word(str(example))}")
    if picture and not path.exists() and any(Path(each).is_file() for each in others):
        raise UsageError(f"{picture} does not exist", "check the order of the words")


def read_subject(picture: str, voice: Voice, max_pixels: int) -> Subject:
    """Return the picture that filters are shown on, the first of its frames; the test picture where none is named."""
    from convcli.image import read_picture
    from convcli.places import place_name, place_of
    from convcli.report import sample_subject, subject_of

    if not picture:
        return sample_subject()
    is_stream = picture == _STDIN
    read = read_picture(sys.stdin.buffer if is_stream else place_of(picture), max_pixels=max_pixels)
    name = "stdin" if is_stream else place_name(picture)
    for note in read.notes:
        voice.warn(f"{name}: {note}")
    return subject_of(read, name)
