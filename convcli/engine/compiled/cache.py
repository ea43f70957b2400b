"""The cache of compiled code: its folder, and the loops in it; read without importing Numba."""

from __future__ import annotations

import logging
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import platformdirs

from convcli.ending import cleaned_up_by
from convcli.lazy import dataclass
from convcli.version import __version__

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

log = logging.getLogger(__name__)

# Of messages on waiting for the compiler, for commands to print.
COMPILING_LOGGER = "convcli.engine.compiling"

_SOURCES = tuple(Path(__file__).parent / name for name in ("jit.py", "vectors.py", "loops/kit.py"))
_LOCK = "compiling.lock"


@dataclass(frozen=True)
class CacheState:
    """The state of the cache."""

    folder: Path  # may not exist yet
    writable: bool
    bytes: int
    loops: frozenset[str]  # names of those compiled from the current sources
    intact: bool  # no file was cut short


def folder() -> Path:
    """Return the folder of the cache: NUMBA_CACHE_DIR, or one of the user's for this version and Numba's.

    The latter has both in its name, since neither notices changes in the other's code.
    """
    named = os.environ.get("NUMBA_CACHE_DIR")
    return Path(named or platformdirs.user_cache_path("convcli") / f"{__version__}-numba-{numba_version()}")


def numba_version() -> str:
    """Return the version of Numba without importing it; empty if it is not installed."""
    if "numba" in sys.modules:
        return str(sys.modules["numba"].__version__)
    # Imported here: it takes 20 ms, and most commands do without.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("numba")
    except PackageNotFoundError:
        return ""


def set_up() -> bool:
    """Point Numba to the folder of the cache, and return whether it can be written.

    By default Numba writes beside the source, where an installed package may not, and raises at import if it finds no
    folder at all.
    """
    import tempfile

    import numba

    cache_folder = folder()
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache_folder):
            pass
    except OSError as error:
        log.info("compiled code is not kept: %s", error)
        return False
    numba.config.CACHE_DIR = str(cache_folder)  # type: ignore[attr-defined]  # Numba fills its config at run time
    return True


def may_write(cache_folder: Path) -> bool:
    """Return whether the folder can be written, or made."""
    try:
        nearest = next(each for each in (cache_folder, *cache_folder.parents) if each.exists())
        return nearest.is_dir() and os.access(nearest, os.W_OK)
    except OSError:
        return False


def is_cached(loop: str) -> bool:
    """Return whether a loop is cached, by a marker file: Numba's own files can only be read with Numba."""
    marker = _marker(loop)
    # Code in a folder that cannot be written is not used: see `set_up`.
    return os.access(marker, os.R_OK) and os.access(marker.parent, os.W_OK)


def mark_cached(loop: str) -> None:
    """Write the marker file of a loop."""
    with suppress(OSError):
        _marker(loop).touch()


def clear(numba_folder: Path) -> None:
    """Remove the code in a folder of Numba's, and all marker files."""
    log.info("compiled code in %s is damaged and made anew", numba_folder)
    _remove_code(numba_folder)
    for file in folder().glob("*.loop"):
        file.unlink(missing_ok=True)


def remove_outdated(numba_folder: Path) -> None:
    """Remove the code in a folder of Numba's unless some of it was compiled from the current sources.

    Numba itself compares the file of the function alone, not the files that it imports.
    """
    if not cache_state().loops:
        _remove_code(numba_folder)


def cache_state() -> CacheState:
    """Return the state of the cache, and change nothing."""
    cache_folder = folder()
    files = [file for file in cache_folder.rglob("*") if file.suffix in (".nbi", ".nbc", ".loop")]
    ending = f".{_stamp()}.loop"
    loops = frozenset(file.name.removesuffix(ending) for file in files if file.name.endswith(ending))
    size = sum(file.stat().st_size for file in files if file.exists())
    return CacheState(cache_folder, may_write(cache_folder), size, loops, is_intact(cache_folder))


def is_intact(cache_folder: Path) -> bool:
    """Return whether no file of compiled code below a folder was cut short: a pickle ends in a full stop."""
    return all(_last_byte(file) == b"." for pattern in ("*.nbi", "*.nbc") for file in cache_folder.rglob(pattern))


@contextmanager
def compile_lock() -> Iterator[None]:
    """Make other processes wait that are about to compile.

    Numba numbers the files of a function in order: two processes compiling at once would overwrite each other's. The
    system releases the lock of a process that dies.
    """
    try:
        stream = (folder() / _LOCK).open("ab")
    except OSError:
        yield
        return
    with stream:
        with suppress(OSError):  # a file system without locks
            _lock(stream)
        _remove_unfinished()
        try:
            with cleaned_up_by(_remove_unfinished):
                yield
        finally:
            _remove_unfinished()


def _remove_unfinished() -> None:
    """Remove the files that Numba was writing when a process was ended; for the one that may compile alone."""
    for file in folder().rglob("*.tmp.*"):
        file.unlink(missing_ok=True)


def _lock(stream: IO[bytes]) -> None:
    if sys.platform == "win32":
        stream.seek(0)
        while True:
            try:
                msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)  # gives up after ten seconds
            except OSError:
                continue
            break
    else:
        fcntl.flock(stream, fcntl.LOCK_EX)


def _remove_code(numba_folder: Path) -> None:
    for file in (*numba_folder.glob("*.nbi"), *numba_folder.glob("*.nbc")):
        file.unlink(missing_ok=True)


def _marker(loop: str) -> Path:
    return folder() / f"{loop}.{_stamp()}.loop"


def _stamp() -> str:
    """Return a hash of what compiled code depends on: path, time and size of its sources, and the Python version."""
    try:
        files = [(str(source), (stat := source.stat()).st_mtime_ns, stat.st_size) for source in _SOURCES]
    except OSError:
        return "none"
    return f"{zlib.crc32(f'{files} {sys.implementation.cache_tag}'.encode()):08x}"


def _last_byte(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read()
    except OSError:  # an empty file has no last byte
        return b""
