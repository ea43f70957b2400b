"""Loops that came with the package, compiled when it was built; they are tried on this machine before they are kept.

A file holds all loops of a processor level and a kind of system: lines of name, offset, length and checksum, an empty
line, and the images. A checkout has none.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator, Mapping
from functools import cache as remembered
from pathlib import Path

from convcli.engine.compiled import cache
from convcli.engine.planning.levels import LEVELS, Level, level

FOLDER = Path(__file__).parents[2] / "_loops"

_LONGEST_HEAD = 1 << 16

# The conventions of systems, by LLVM's names for them; those of ARM are one.
_SYSTEMS = {
    "x86_64": {"unix": "x86_64-unknown-linux-gnu", "windows": "x86_64-pc-windows-msvc-elf"},
    "aarch64": {"any": "aarch64-unknown-linux-gnu"},
}


def targets() -> Iterator[tuple[Level, str, str]]:
    """Yield every level with the name of its file, and LLVM's name of the system."""
    for each in LEVELS:
        for system, triple in _SYSTEMS[each.machine].items():
            yield each, f"{each.name}-{system}.loops", triple


def is_shipped(loop: str) -> bool:
    """Return whether the package has a loop for this processor, compiled from the sources that it has."""
    return loop in _index()


def shipped_loops() -> frozenset[str]:
    """Return the loops that the package has for this processor."""
    return frozenset(_index())


def read(loop: str) -> bytes | None:
    """Return the image of a loop, not tried yet; None where there is none, or it is damaged."""
    if loop not in _index():
        return None
    start, length, checksum = _index()[loop]
    try:
        with _file().open("rb") as stream:
            stream.seek(start)
            image = stream.read(length)
    except OSError:
        return None
    return image if zlib.crc32(image) == checksum else None


def packed(images: Mapping[str, bytes]) -> bytes:
    """Return the contents of a file."""
    names = [cache.stamp(), *images]
    lengths = [0, *map(len, images.values())]
    checksums = [0, *map(zlib.crc32, images.values())]
    starts = [sum(lengths[:index]) for index in range(len(lengths))]
    lines = [" ".join(map(str, line)) for line in zip(names, starts, lengths, checksums, strict=True)]
    return "\n".join((*lines, "", "")).encode() + b"".join(images.values())


@remembered
def _index() -> dict[str, tuple[int, int, int]]:
    """Return start, length and checksum of each loop in the file for this processor."""
    try:
        with _file().open("rb") as stream:
            head, end, _ = stream.read(_LONGEST_HEAD).partition(b"\n\n")
        begin = len(head + end)
        (stamp, *_), *rows = (line.split() for line in head.decode().splitlines())
        found = {name: (begin + int(start), int(length), int(checksum)) for name, start, length, checksum in rows}
    except (OSError, ValueError):
        return {}
    return found if stamp == cache.stamp() else {}


def _file() -> Path:
    """Return the file for this processor, which may not exist."""
    found = level()
    if found is None:
        return FOLDER / "none"
    system = "any" if found.machine == "aarch64" else "windows" if sys.platform == "win32" else "unix"
    return FOLDER / f"{found.name}-{system}.loops"
