"""The memory that a picture will take, computed from its header before it is decoded.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from convcli.errors import NoRoomError
from convcli.lazy import dataclass
from convcli.words import counted

# Bytes from which the free memory is checked. Importing psutil takes 10 to 30 ms, little beside the time for so large a
# picture.
LARGE = 1 << 28

_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Outline:
    """A page, or frames that are alike, before they are decoded."""

    height: int
    width: int
    channels: int
    itemsize: int = 1  # bytes of a value
    beside: int = 0  # bytes for a pixel that the decoder holds beside the array
    count: int = 1  # of frames

    @property
    def pixels(self) -> int:
        """Pixels of all frames."""
        return self.height * self.width * self.count

    @property
    def arrays(self) -> int:
        """Bytes of the arrays."""
        return self.pixels * self.channels * self.itemsize

    @property
    def decoding(self) -> int:
        """Bytes while they are decoded."""
        return self.arrays + self.pixels * self.beside


# Gets the name of a picture and the outlines of its frames or pages; raises NoRoomError where there is no room.
Admit = Callable[[str, Sequence[Outline]], None]


def admit_decoding(name: str, outlines: Sequence[Outline]) -> None:
    """Refuse a picture that cannot be decoded in the free memory."""
    require_memory(name, sum(each.decoding for each in outlines), outlines)


def require_memory(
    name: str, needed: int, outlines: Sequence[Outline], free: int | None = None, *, is_asked: bool = False
) -> None:
    """Raise NoRoomError where a picture needs more bytes at once than `free`; None for all that are free now.

    Where that `is_asked` for, small pictures are no exception.
    """
    if needed < LARGE and not is_asked:
        return
    alone = free is None
    free = free_memory() if free is None else free
    if needed > free:
        first = outlines[0]
        size = f"{first.width}×{first.height} pixels of {counted(first.channels, 'channel')}"
        count = sum(each.count for each in outlines)
        many = f"{count} frames, the first of " if count > 1 else ""
        there = f"{in_words(free)} {'allowed' if is_asked else 'free'}"
        raise NoRoomError(
            f"{name} needs about {in_words(needed)}, {there}: {many}{size}",
            "end other programs, or cut it into parts" if alone else "fewer --jobs leave more to each",
        )


def free_memory() -> int:
    """Return how many bytes the system, and limits on this process or its container, leave to it."""
    import psutil

    process = psutil.Process()
    free = [psutil.virtual_memory().available + psutil.swap_memory().free, *_free_in_containers(_CGROUP)]
    if hasattr(process, "rlimit"):  # on Linux
        limit, _ = process.rlimit(psutil.RLIMIT_AS)
        if limit != psutil.RLIM_INFINITY:
            free.append(limit - process.memory_info().vms)
    return max(0, min(free))


def _free_in_containers(folder: Path) -> Iterator[int]:
    """Yield the bytes that a container's limit leaves, as Linux's control groups, version 2, state it."""
    try:
        most = (folder / "memory.max").read_text()
        held = int((folder / "memory.current").read_text())
        counts = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except OSError:  # no such system, or no container
        return
    if most.strip() != "max":
        # The cache of files is freed on demand.
        yield int(most) - held + int(counts.get("inactive_file", 0))


def in_words(count: int) -> str:
    """Return a number of bytes as messages write it."""
    return f"{count / 1e9:.{1 if count < 1e11 else 0}f} GB" if count >= 1e8 else f"{count / 1e6:.0f} MB"
