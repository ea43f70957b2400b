"""Where compiled code is kept from one run to the next, and which loops are there; read without importing Numba."""

from __future__ import annotations

import logging
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import platformdirs

from convcli.version import __version__

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

log = logging.getLogger(__name__)

_SOURCES = tuple(Path(__file__).with_name(name) for name in ("jit.py", "vectors.py"))
_LOCK = "compiling.lock"


@dataclass(frozen=True)
class CompiledCode:
    """What the folder of compiled code holds.

    Parameters
    ----------
    folder
        Which may not exist yet.
    writable
        Whether code can be kept there.
    bytes
        Size of the files.
    loops
        Names of the loops of this version of the code.
    whole
        Whether no file was cut short.
    """

    folder: Path
    writable: bool
    bytes: int
    loops: frozenset[str]
    whole: bool


def folder() -> Path:
    """Return the folder for compiled code: NUMBA_CACHE_DIR, or one of the user's for this version and Numba's.

    It is named by both: neither sees a change in the other's code.
    """
    named = os.environ.get("NUMBA_CACHE_DIR")
    return Path(named or platformdirs.user_cache_path("convcli") / f"{__version__}-numba-{numba_version()}")


def numba_version() -> str:
    """Return the version of Numba, which is not imported for it; empty where there is none."""
    if "numba" in sys.modules:
        return str(sys.modules["numba"].__version__)
    # Imported here: it takes 20 ms, and most commands do without.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("numba")
    except PackageNotFoundError:
        return ""


def prepare() -> bool:
    """Point Numba to the folder for compiled code, and say whether it can be written.

    Numba looks beside the source by default, where an installed package may not write, and
    raises at import when it finds no place at all.
    """
    import tempfile

    import numba

    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        log.info("compiled code is not kept: %s", error)
        return False
    numba.config.CACHE_DIR = str(place)  # type: ignore[attr-defined]  # Numba fills its config at run time
    return True


def is_cached(loop: str) -> bool:
    """Whether a loop was compiled and kept: a file says so, since Numba's own can only be read with Numba."""
    marker = _marker(loop)
    # Code in a folder that cannot be written is not used: see `prepare`. One that may not be looked into has none.
    return os.access(marker, os.R_OK) and os.access(marker.parent, os.W_OK)


def remember(loop: str) -> None:
    """Note that a loop's code is kept."""
    with suppress(OSError):
        _marker(loop).touch()


def clear(cache_folder: Path) -> None:
    """Remove the compiled code in a folder of Numba's, and the notes of what was kept."""
    log.info("compiled code in %s is damaged and made anew", cache_folder)
    for file in (*cache_folder.glob("*.nbi"), *cache_folder.glob("*.nbc"), *folder().glob("*.loop")):
        file.unlink(missing_ok=True)


def remove_other_code(cache_folder: Path) -> None:
    """Remove the code in a folder of Numba's if nothing of it was compiled from the source as it is now.

    Numba itself looks at the file of the function alone, and not at what that imports.
    """
    if not compiled_code().loops:
        for file in (*cache_folder.glob("*.nbi"), *cache_folder.glob("*.nbc")):
            file.unlink(missing_ok=True)


def compiled_code() -> CompiledCode:
    """Look at the folder, and change nothing."""
    place = folder()
    files = [file for file in place.rglob("*") if file.suffix in (".nbi", ".nbc", ".loop")]
    ending = f".{_stamp()}.loop"
    loops = frozenset(file.name.removesuffix(ending) for file in files if file.name.endswith(ending))
    size = sum(file.stat().st_size for file in files if file.exists())
    return CompiledCode(place, _may_write(place), size, loops, is_whole(place))


def is_whole(place: Path) -> bool:
    """Whether no file of compiled code below a folder was cut short: a pickle ends in a full stop."""
    return all(_last_byte(file) == b"." for pattern in ("*.nbi", "*.nbc") for file in place.rglob(pattern))


@contextmanager
def only_one_compiles() -> Iterator[None]:
    """Let other processes wait that are about to compile too.

    Numba numbers the files of a function in the order in which they come: two processes
    that compile at once would write each other's. The system lets go of the lock of a
    process that dies.
    """
    try:
        stream = (folder() / _LOCK).open("ab")
    except OSError:
        yield
        return
    with stream:
        with suppress(OSError):  # a file system without locks
            _wait_for(stream)
        yield


def _wait_for(stream: IO[bytes]) -> None:
    if sys.platform == "win32":
        stream.seek(0)
        while True:
            try:
                msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)  # which gives up after ten seconds
            except OSError:
                continue
            break
    else:
        fcntl.flock(stream, fcntl.LOCK_EX)


def _marker(loop: str) -> Path:
    return folder() / f"{loop}.{_stamp()}.loop"


def _stamp() -> str:
    """Return what tells whether code is current: place, time and size of its sources, and which Python it is for."""
    try:
        files = [(str(source), (stat := source.stat()).st_mtime_ns, stat.st_size) for source in _SOURCES]
    except OSError:
        return "none"
    return f"{zlib.crc32(f'{files} {sys.implementation.cache_tag}'.encode()):08x}"


def _may_write(place: Path) -> bool:
    try:
        nearest = next(each for each in (place, *place.parents) if each.exists())
        return nearest.is_dir() and os.access(nearest, os.W_OK)
    except OSError:
        return False


def _last_byte(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read()
    except OSError:  # an empty file has no last byte
        return b""
