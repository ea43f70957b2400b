"""Files that are replaced by what is made of them: the reasons not to, and their backups.

The backup is one more name of the old file, given just before the new one takes the first name: so at no moment is
there neither, and the backup has the times and the mode of the original.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from itertools import count, islice, takewhile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from convcli.disk import atomic_write, is_special, write_error
from convcli.errors import OutputRefused
from convcli.image import format_of
from convcli.note import Note
from convcli.places import state_of, version_of

if TYPE_CHECKING:
    from convcli.image import Picture
    from convcli.places import Place

_ELSEWHERE = "write to another file or folder with -o, in place of --in-place"


def backup_of(place: Place) -> Path:
    """Return the backup of a file: its name and a tilde; that of a symbolic link stands beside the file it leads to."""
    return Path(f"{os.path.realpath(str(place))}~")


def refuse_replacing(place: Place) -> None:
    """Raise OutputRefused for a file that is not to be replaced: a special or protected one, one of several names."""
    form = format_of(place)
    if not isinstance(place, Path) or is_special(place) or (form is not None and form.chunked):
        kind = "Zarr, a folder," if form is not None and form.chunked else "no ordinary file,"
        raise OutputRefused(f"{place} is {kind} and not replaced", _ELSEWHERE)
    if form is None:
        hint = "name it by its format, such as photo.png, or write to another file with -o"
        raise OutputRefused(f"{place}: {place.suffix or 'a name without an ending'} stands for no format", hint)
    try:
        status = place.stat()
    except OSError:
        return  # reading it says why
    # Its backup, where an earlier run was killed.
    others = status.st_nlink - 1 - sum(_is_same(place, each) for each in _backups(place))
    if others > 0:
        names = "another name" if others == 1 else f"{others} other names"
        raise OutputRefused(f"{place} has {names} (hard links), which would keep the old picture", _ELSEWHERE)
    if not os.access(place, os.W_OK):
        raise OutputRefused(f"{place} is write-protected", f"change its mode, or {_ELSEWHERE}")


def refuse_changed(place: Place, seen: tuple[int, int | str] | None) -> None:
    """Raise OutputRefused for a file that is to be replaced as it was seen, and is another one by now."""
    if seen is None:
        return
    state = state_of(place)
    if state is None or version_of(state) != seen:
        what = "is gone" if state is None else "was changed"
        raise OutputRefused(f"{place} {what} while this run was at work", "--resume filters what is not done yet")


def refuse_other_kind(place: Place, before: Picture, after: Picture) -> None:
    """Raise OutputRefused where a file would become one of another kind: in its format, its axes or its type."""
    named, held = format_of(place), before.format
    if named is not None and held is not None and (named.codec or named.name) != (held.codec or held.name):
        hint = f"rename it to end in {held.suffixes[0]}, or write to another file with -o"
        raise OutputRefused(f"{place} holds {held.title}, and would become {named.title}", hint)
    if not before.is_array:
        return
    old, new = _type_of(place), after.dtype.name
    if named is not None and not named.printable and old != new:
        raise OutputRefused(f"{place} holds {old}, and would become {new}", _ELSEWHERE)
    if before.axes == "HW" and after.channels > 1:
        raise OutputRefused(f"{place} is H×W, and would become {after.channels} channels of that", _ELSEWHERE)


def back_up(place: Place, *, is_made: bool) -> None:
    """Give a file its backup's name too; raise WriteError where that cannot be.

    Where an earlier run has made the file, `is_made`, and left a backup, that stays the only one. Another file's stays
    too, and this one's has a number.
    """
    there = _backups(place)
    if (there and is_made) or any(_is_same(place, each) for each in there):
        return
    backup = _next_backup(place, there)
    real = Path(os.path.realpath(str(place)))
    try:
        try:
            backup.hardlink_to(real)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):  # no hard links here, as on FAT and some network disks
            _copy(real, backup)
    except OSError as error:
        raise write_error(error, backup) from error


def notes_on_backup(place: Place, *, is_made: bool) -> tuple[Note, ...]:
    """Return a note where a backup is there already, before the file is replaced."""
    there = _backups(place)
    if not there or any(_is_same(place, each) for each in there):
        return ()
    before = f"the backup {there[0].name} was there before, and is kept as it is"
    if is_made:
        return (Note("backup-kept", before),)
    return (Note("backup-numbered", f"{before}: that of this file is {_next_backup(place, there).name}"),)


def _backups(place: Place) -> list[Path]:
    """Return the files with names of a file's backups, the first and those with numbers."""
    return list(takewhile(os.path.lexists, _names_of_backups(place)))


def _next_backup(place: Place, there: Sequence[Path]) -> Path:
    return next(islice(_names_of_backups(place), len(there), None))


def _names_of_backups(place: Place) -> Iterator[Path]:
    first = backup_of(place)
    yield first
    for number in count(2):
        yield first.with_name(f"{first.name.removesuffix('~')}.~{number}~")


def _copy(real: Path, backup: Path) -> None:
    """Copy a file whole or not at all, with its times and mode, to a name that is free."""

    def write(stream: IO[bytes]) -> None:
        with real.open("rb") as source:
            shutil.copyfileobj(source, stream)
        stream.flush()
        shutil.copystat(real, stream.name)  # before it has its name

    atomic_write(backup, write, overwrite=False)


def _is_same(place: Place, other: Path) -> bool:
    try:
        return isinstance(place, Path) and place.samefile(other)
    except OSError:
        return False


def _type_of(place: Place) -> str:
    import numpy as np  # here, for arrays alone

    if not str(place).lower().endswith(".npy"):
        return ""
    return str(np.load(str(place), mmap_mode="r", allow_pickle=False).dtype.name)
