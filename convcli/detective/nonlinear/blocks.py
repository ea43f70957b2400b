"""Blocks of one color: a target that changes at lines of equal distance alone, or nearly so through noise and JPEG."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convcli.array_types import Array
from convcli.detective.once import once
from convcli.detective.replayed import apply_text
from convcli.detective.scene import LARGEST, Scene
from convcli.filters import RESAMPLING
from convcli.lazy import dataclass

_LARGEST = 96  # pixels of a side
_INSIDE = 0.4  # of the squared changes at the lines between blocks, below which those inside of blocks are
_LEFT = 0.6  # of the change to INPUT, below which what blocks leave is
_LITTLE = 1e-7  # a squared change, in shares of full scale
_EXACT = 1.25  # times the floor
_CLEARLY = 0.8
_SQUARE = 1.1  # the ratio of the sides of what is called a square
_OTHER = 1.1  # of the error: means of pixels are preferred up to it


@dataclass(frozen=True)
class Blocks:
    """Blocks of `size`, (height, width), as `apply` makes them, and the error that they leave.

    `text` makes those of the whole picture, `here` those of the scene. `first` are the row and column of the first line
    in the scene, None where blocks are no whole numbers of pixels.
    """

    size: tuple[int, int]
    text: str
    error: float
    here: str
    first: tuple[int, int] | None

    @property
    def side(self) -> int:
        """The side of blocks that are squares, or nearly; 0 where they are none."""
        small, large = sorted(self.size)
        return round((small * large) ** 0.5) if large <= _SQUARE * small else 0


@dataclass(frozen=True)
class _Lines:
    """The lines between blocks on an axis: the first after the rim, their distance, and the changes inside of blocks.

    The distance is a part of the length where the picture was made smaller, then larger again.
    """

    first: int
    distance: float
    inside: float


@once
def find_blocks(scene: Scene) -> Blocks | None:
    """Return the blocks that the target consists of, if it does."""
    if scene.source.shape != scene.target.shape:
        return None
    found = [lines_of(scene, axis) for axis in (0, 1)]
    down, right = found
    if down is None or right is None:
        return None
    size = round(down.distance), round(right.distance)
    is_whole = down.distance == size[0] and right.distance == size[1]
    first = (down.first % size[0], right.first % size[1]) if is_whole else None
    blocks: list[Blocks] = []
    for text, whole in _texts(scene, down, right):
        lines = first if text.startswith("pixelate") else None
        blocks.append(Blocks(size, whole, scene.rms(apply_text(text, scene.source)), text, lines))
        if blocks[0].error <= _EXACT * scene.floor:
            break
    best = min(blocks, key=lambda each: each.error * (1 if each is blocks[0] else _OTHER), default=None)
    if best is None:
        return None
    return best if best.error < _LEFT * scene.rms(scene.source) else None


def lines_of(scene: Scene, axis: int) -> _Lines | None:
    """Return the lines between blocks on an axis of the target, None where it does not consist of blocks."""
    target = scene.target if axis else scene.target.swapaxes(0, 1)
    if scene.usable is not None:
        usable = scene.usable if axis else scene.usable.T
        target = np.where(usable[:, :, np.newaxis], target, 0)
    changes = np.square(np.diff(target, axis=1)).mean(axis=(0, 2), dtype=np.float64)
    length = len(changes) + 1
    tried = _whole(changes, length), _parts(changes, length)
    whole, part = (min(combs, key=lambda each: each.inside, default=None) for combs in tried)
    best = part if whole is None or (part is not None and part.inside < _CLEARLY * whole.inside) else whole
    return best if best is not None and best.inside < _INSIDE else None


def _whole(changes: Array, length: int) -> Iterator[_Lines]:
    """Yield the best first line of every whole distance."""
    for distance in range(2, min(_LARGEST, length // 4) + 1):
        place = np.arange(1, length) % distance
        counts, sums = np.bincount(place, minlength=distance), np.bincount(place, changes, distance)
        first = int(np.argmax(sums / counts))
        inside = (sums.sum() - sums[first]) / (counts.sum() - counts[first])
        yield _Lines(first, float(distance), _share(inside, sums[first] / counts[first]))


def _share(inside: float, at_lines: float) -> float:
    # A distance has few lines where nothing changes: of several without a change inside, the largest is left.
    return float((inside + _LITTLE) / (at_lines + _LITTLE))


def _parts(changes: Array, length: int) -> Iterator[_Lines]:
    """Yield the lines of a picture that had a whole number of pixels in between."""
    for count in range(max(4, length // _LARGEST), length // 2):
        if length % count:
            lines = np.ceil(np.arange(1, count) * (length / count) - 0.5).astype(np.intp) - 1
            at = changes[lines].mean()
            inside = (changes.sum() - changes[lines].sum()) / (len(changes) - len(lines))
            yield _Lines(0, length / count, _share(inside, at))


def _texts(scene: Scene, down: _Lines, right: _Lines) -> Iterator[tuple[str, str]]:
    """Yield filters that make such blocks, in the scene and in the whole picture."""
    height, width, _ = scene.target.shape
    tall, wide = down.distance, right.distance
    if tall == round(tall) and wide == round(wide):
        size = f"pixelate:{tall:.0f}" + (f"x{wide:.0f}" if tall != wide else "")
        first, last = (
            (int((top + down.first) % tall), int((left + right.first) % wide))
            for top, left in ((0, 0), (scene.top, scene.left))
        )
        yield size + _offset(first), size + _offset(last)
    if down.first or right.first or scene.top or scene.left or max(height, width) >= LARGEST:
        return
    small = f"width={round(width / wide)},height={round(height / tall)}"
    for name in RESAMPLING:
        text = f"resize:{small},filter={name} | resize:width={width},height={height},filter=nearest"
        yield text, text


def _offset(first: tuple[int, int]) -> str:
    return f",offset={first[0]}x{first[1]}" if any(first) else ""
