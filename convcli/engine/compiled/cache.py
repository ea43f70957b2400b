"""The cache of compiled loops: files of plain machine code, read and written without Numba.

A file holds one loop for one processor level and is written whole or not at all, by the process that compiled it and
found it to compute what NumPy does (see `convcli.engine.making`). Its name has all that the code depends on; its
contents are guarded by a checksum.
"""

from __future__ import annotations

import os
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache as remembered
from pathlib import Path
from typing import IO

from convcli.disk import atomic_write
from convcli.engine.planning.levels import level
from convcli.lazy import dataclass
from convcli.user_folders import user_folder
from convcli.version import __version__

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# Of messages on waiting for the compiler, for commands to print.
COMPILING_LOGGER = "convcli.engine.compiling"

_MAGIC = b"convcli loop\n"
_HEAD = struct.Struct("<13sIH")  # the magic, the checksum of all that follows it, the length of the name
_ENDING = ".loop"


@dataclass(frozen=True)
class CacheState:
    """The state of the cache."""

    folder: Path  # may not exist yet
    writable: bool
    bytes: int
    loops: frozenset[str]  # names of those compiled from the current sources, whole, and for this processor
    intact: bool  # no file of this processor and these sources is damaged


def folder() -> Path:
    """Return the folder of the cache: NUMBA_CACHE_DIR, or one of the user's for this version."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    return Path(named or user_folder("cache") / __version__)


def numba_version() -> str:
    """Return the version of Numba without importing it; empty if it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("numba")
    except PackageNotFoundError:
        return ""


def may_write(cache_folder: Path) -> bool:
    """Return whether the folder can be written, or made."""
    try:
        nearest = next(each for each in (cache_folder, *cache_folder.parents) if each.exists())
        return nearest.is_dir() and os.access(nearest, os.W_OK)
    except OSError:
        return False


def is_cached(loop: str) -> bool:
    """Return whether there is a file of a loop, which may still turn out to be damaged."""
    return level() is not None and os.access(_file(loop), os.R_OK)


def cached_loops() -> frozenset[str]:
    """Return the loops of which there are files, which may still turn out to be damaged."""
    ending = f".{_key()}{_ENDING}"
    return frozenset(file.name.removesuffix(ending) for file in folder().glob(f"*{ending}") if level() is not None)


def read(loop: str, cache_folder: Path | None = None) -> bytes | None:
    """Return the image of a loop; None where its file is missing, damaged, or another's."""
    if level() is None:
        return None
    file = (cache_folder or folder()) / _file(loop).name
    try:
        if not file.is_file():  # to open a pipe would wait for ever
            return None
        data = file.read_bytes()
        magic, checksum, length = _HEAD.unpack_from(data)
    except (OSError, struct.error):
        return None
    body = data[_HEAD.size :]
    if magic != _MAGIC or checksum != zlib.crc32(body, length) or body[:length] != file.name.encode():
        return None
    return body[length:]


def drop_damaged(loop: str) -> Path | None:
    """Remove what stands in the place of a loop's file, which `read` has not taken; return it, None for nothing."""
    file = _file(loop)
    if level() is None or not os.path.lexists(file):
        return None
    with suppress(OSError):
        if file.is_dir() and not file.is_symlink():
            file.rmdir()
        else:
            file.unlink()
    return file


def write(loop: str, image: bytes) -> None:
    """Write the file of a loop, and remove those of its former sources. Raises OSError or WriteError."""
    file = _file(loop)
    name = file.name.encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    head = _HEAD.pack(_MAGIC, zlib.crc32(name + image, len(name)), len(name))
    atomic_write(file, lambda stream: _put(stream, head + name + image), overwrite=True)
    for other in file.parent.glob(f"{loop}.*{_ENDING}"):
        if stamp() not in other.name:
            other.unlink(missing_ok=True)


def cache_state() -> CacheState:
    """Return the state of the cache, and change nothing."""
    cache_folder = folder()
    files = list(cache_folder.glob(f"*{_ENDING}"))
    ending = f".{_key()}{_ENDING}"
    ours = {file.name.removesuffix(ending) for file in files if file.name.endswith(ending)}
    whole = frozenset(loop for loop in ours if read(loop) is not None)
    size = sum(file.stat().st_size for file in files if file.exists())
    return CacheState(cache_folder, may_write(cache_folder), size, whole, whole == ours)


@contextmanager
def compile_lock(loop: str, *, wait: bool = True) -> Iterator[bool]:
    """Make other processes wait that are about to compile a loop; the system releases the lock of one that dies.

    Yields whether there is no other such process, which is sure where this one waits for it.
    """
    try:
        folder().mkdir(parents=True, exist_ok=True)
        stream = (folder() / f"{loop}.lock").open("ab")
    except OSError:
        yield True
        return
    with stream:
        try:
            _lock(stream, wait=wait)
        except OSError:
            yield wait  # a file system without locks
        else:
            yield True


@contextmanager
def background_lock() -> Iterator[bool]:
    """Yield whether this process alone compiles in the background."""
    with ExitStack() as stack:
        try:
            folder().mkdir(parents=True, exist_ok=True)
            _lock(stack.enter_context((folder() / "background.lock").open("ab")), wait=False)
        except OSError:
            yield False
        else:
            yield True


def _lock(stream: IO[bytes], *, wait: bool = True) -> None:
    if sys.platform == "win32":
        stream.seek(0)
        while True:
            try:
                msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError:  # after ten seconds
                if wait:
                    continue
                raise
            break
    else:
        fcntl.flock(stream, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def _put(stream: IO[bytes], data: bytes) -> None:
    stream.write(data)


def _file(loop: str) -> Path:
    return folder() / f"{loop}.{_key()}{_ENDING}"


def _key() -> str:
    """Return what a file's name has beside the loop: the processor level, and the stamp of the sources."""
    found = level()
    return f"{found.name if found else 'none'}.{stamp()}"


@remembered
def stamp() -> str:
    """Return a hash of what compiled code depends on: the version, and the contents of the sources."""
    here = Path(__file__).parent
    sources = [here / f"{name}.py" for name in ("convention", "compiler", "linking", "../planning/levels")]
    found = zlib.crc32(__version__.encode())
    for source in (*sources, *sorted((here / "loops").glob("*.py")), *sorted((here / "tables").glob("*.py"))):
        found = zlib.crc32(source.read_bytes(), found)
    return f"{found:08x}"
