"""A filter ahead of blocks, or behind them: the mean of a block is linear in the weights of a kernel before it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.ahead.kernel import Outputs, fitted, named
from convcli.detective.ahead.tables import Tables
from convcli.detective.alone.lines import is_at_floor, line_of
from convcli.detective.chains.clipped import CLIP
from convcli.detective.chains.order import JOINT
from convcli.detective.explanation import Explanation
from convcli.detective.nonlinear.blocks import Blocks
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.trials.numbers import improved
from convcli.filters import Size2

_WINDOWS = 10  # along a side
_SIDES = (3, 5, 9)
_REACH = 24  # pixels that a filter may reach
_BETTER, _CLEARLY = 0.9, 0.7
_AS_GOOD = 1.1  # times the error of the weights, up to which a name is as good


def beside_blocks(scene: Scene, blocks: Blocks, found: Explanation) -> Explanation:
    """Return the blocks that were `found`, with the filter before them or after them that leaves clearly less."""
    if is_at_floor(found, scene):
        return found
    tried = []
    if text := _filter_before(scene, blocks) if blocks.first is not None and scene.usable is None else None:
        rms = scene.rms(apply_text(f"{text}{CLIP}{JOINT}{blocks.here}", scene.source))
        tried.append(replace(found, rms=rms, before=f"{text}{CLIP}{JOINT}{blocks.text}"))
    if not tried or not is_at_floor(tried[0], scene):
        after = line_of(replace(scene, source=apply_text(blocks.here, scene.source)), (3, 7))
        tried.append(replace(found, rms=after.rms, kernel=after.kernel))
    best = min(tried, key=lambda each: each.rms)
    return best if best.rms < _CLEARLY * found.rms else found


def _filter_before(scene: Scene, blocks: Blocks) -> str | None:
    assert blocks.first is not None
    tables = _tables(scene.target.shape, blocks.size, blocks.first)
    if len(tables) < 4:
        return None
    outputs = Outputs(tables, scene.source, scene.target, scene.level)
    channels, best = range(scene.target.shape[2]), None
    for side in _SIDES:
        now = fitted(outputs, side, channels)
        if now is not None and (best is None or now.error < _BETTER * best.error):
            best = now
    words = None if best is None else named(outputs, best)
    if best is None or words is None or (near := words[0]) is None or near.scale != 1:
        return None
    judging = outputs.judging.with_room(_REACH)
    if not judging.tables:
        return None
    text, error = improved(near.text, lambda each: judging.replayed(each, _REACH))
    return text if error <= _AS_GOOD * best.error + 0.1 * scene.level else None


def _tables(shape: tuple[int, ...], size: Size2, first: Size2) -> list[Tables]:
    """Return the means of the whole blocks of a picture, some of them at a time."""
    rows, columns = (_parts(*each) for each in zip(shape, size, first, strict=False))
    return [
        Tables(
            down,
            right,
            top,
            left,
            slice(top, top + down.shape[1], size[0]),
            slice(left, left + right.shape[1], size[1]),
        )
        for top, down in rows
        for left, right in columns
    ]


def _parts(length: int, side: int, first: int) -> list[tuple[int, Array]]:
    """Return the first pixel of some blocks of an axis, and the table of their means."""
    reach = max(_SIDES) // 2
    start = first + -(-max(reach - first, 0) // side) * side
    count = (length - reach - start) // side
    some = max(2, -(-count // _WINDOWS))
    means = np.kron(np.eye(some), np.full((1, side), 1 / side)).astype(np.float32)
    return [(start + at * side, means) for at in range(0, count - some + 1, some)]
