"""Options that every command takes, and what several commands do; without Typer."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from convcli.cli.options.bundles import Bundle

HELP_ALL = "--help-all"

# Of commands with many options, those that the help explains on two screens; it names the others.
USUAL = {
    "apply": {"-o", "--bias", "--normalize", "--range", "--channels", "-r", "-f", "-n", "--json", "-q"}
    | {"--in-place", "--preview", "--watch"},
    "learn": {"-o", "--size", "--model", "--border", "--geometry", "--curve", "--layers", "--snap", "--plot"}
    | {"--predict", "-f", "--json", "-q"},
}

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import typer

    from convcli.filters import Pipeline
    from convcli.report import Voice

# Panels of the help.
VALUES = "Values and channels"
FILES = "Files"
ENGINE = "Engine and limits"


def loaded_filter(text: str, voice: Voice) -> Pipeline:
    """Return the filter that a text stands for, and warn where another may be meant; errors as `load_filter`."""
    from convcli.catalog import load_filter

    with voice.telling_of_filters():
        return load_filter(text)


def check_output(output: Path, inputs: Iterable[str] | Mapping[str, str], *, overwrite: bool) -> None:
    """Refuse an output, before anything is computed, that cannot be written or would take the place of another file.

    The inputs are places; a mapping has what messages call them for its keys. A pipe or a device may be written to.

    Raises
    ------
    OutputRefused
        It is one of the inputs, by whatever name, or exists and may not be replaced.
    WriteError
        It is a folder, or its folder is missing or read-only.
    """
    from convcli.disk import is_special, write_error
    from convcli.errors import OutputRefused, WriteError
    from convcli.places import is_same, place_name, place_of

    if is_special(output):
        return
    if output.is_dir():
        raise WriteError(f"{output} is a folder", "name a file in it")
    named = inputs if isinstance(inputs, Mapping) else {place_name(each): each for each in inputs}
    for name, place in named.items():
        if is_same(output, place_of(place)):
            raise OutputRefused(f"{output} is {name} itself", "write to another file or folder")
    if output.exists():
        if not overwrite:
            raise OutputRefused(f"{output} exists", "--force overwrites it")
    elif not output.parent.is_dir():
        raise write_error(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)), output)
    elif not os.access(output.parent, os.W_OK):
        raise write_error(PermissionError(errno.EACCES, os.strerror(errno.EACCES)), output)


class VoiceOptions(Bundle):
    """The options that every command takes, and the group of commands too."""

    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print errors only.")] = False
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Print details too.")] = False
    debug: Annotated[bool, typer.Option("--debug", help="Print a traceback with an error.")] = False

    def voice(self, context: typer.Context) -> Voice:
        """Return the voice of the options before the command's name and after it."""
        from convcli.report import Voice

        before = context.obj or VoiceOptions()
        return Voice(
            quiet=self.quiet or before.quiet, verbose=self.verbose or before.verbose, debug=self.debug or before.debug
        )
