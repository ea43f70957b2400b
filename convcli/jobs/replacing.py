"""Files that are replaced by what is made of them: the reasons not to, and their backups.

The backup is one more name of the old file, given just before the new one takes the first name: so at no moment is
there neither, and the backup has the times and the mode of the original.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from convcli.disk import is_special, write_error
from convcli.errors import OutputRefused
from convcli.image import format_of
from convcli.note import Note

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
    others = status.st_nlink - 1 - _is_same(place, backup_of(place))  # the backup, where an earlier run was killed
    if others > 0:
        names = "another name" if others == 1 else f"{others} other names"
        raise OutputRefused(f"{place} has {names} (hard links), which would keep the old picture", _ELSEWHERE)
    if not os.access(place, os.W_OK):
        raise OutputRefused(f"{place} is write-protected", f"change its mode, or {_ELSEWHERE}")


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


def back_up(place: Place) -> None:
    """Give a file its backup's name too, unless that is taken; raise WriteError where that cannot be."""
    backup = backup_of(place)
    if os.path.lexists(backup):
        return
    real = Path(os.path.realpath(str(place)))
    try:
        try:
            backup.hardlink_to(real)
        except FileExistsError:
            return
        except (OSError, NotImplementedError):  # no hard links here, as on FAT and some network disks
            _copy(real, backup)
    except OSError as error:
        raise write_error(error, backup) from error


def notes_on_backup(place: Place) -> tuple[Note, ...]:
    """Return a note where a backup is there already, before the file is replaced."""
    backup = backup_of(place)
    if not os.path.lexists(backup) or _is_same(place, backup):
        return ()
    return (Note("backup-kept", f"the backup {backup.name} was there before, and is kept as it is"),)


def _copy(real: Path, backup: Path) -> None:
    try:
        with real.open("rb") as source, backup.open("xb") as copy:
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())
        shutil.copystat(real, backup)
    except FileExistsError:
        return
    except BaseException as error:
        if not (isinstance(error, OSError) and error.errno == errno.EEXIST):
            with suppress(OSError):
                backup.unlink()
        raise


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
