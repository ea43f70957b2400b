"""Networks of minima and maxima that lead from the values of a window to the one in the middle.

Processors compute minima and maxima of whole rows, many values at once, with no branch. Columns of a window are sorted
by Batcher's merging (The Art of Computer Programming 5.3.4), and the columns merged. Since every pixel has the same
network, what a window shares with its neighbors is computed once: a column of 5 is sorted once, not for each of 5
windows, and so is a pair of columns. What does not lead to the middle is left out. A median of 3×3 takes 22 operations
a pixel, one of 5×5 88.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import local
from typing import Any, NamedTuple

import numpy as np

from convcli.array_types import Array
from convcli.filters import Size2


class _View(NamedTuple):
    """The values of a node, each taken `down` rows and `right` columns further."""

    node: int
    down: int = 0
    right: int = 0

    def moved(self, down: int, right: int) -> _View:
        return _View(self.node, self.down + down, self.right + right)


class _Step(NamedTuple):
    """One operation of a network: the minimum or maximum of two arrays, into a third."""

    change: Callable[..., Any]
    first: _View  # `node` is the place of the array
    second: _View
    into: int
    reach: Size2  # rows and columns of the picture under a value of the result, less one


class Network:
    """Minima and maxima that lead from the values of a window to one of them."""

    def __init__(self, height: int, width: int, rank: int) -> None:
        nodes = _Nodes()
        columns = nodes.run([_View(0)], height, (1, 0))
        self.size = height, width
        self.steps, self.result_slot, self.slots = nodes.program(nodes.selected(columns, width, rank))

    def compute(self, padded: Array, scratch: local) -> Array:
        """Return the values of the rank in all windows of a padded part (rows, columns, channels)."""
        rows, columns, channels = padded.shape
        height, width = self.size
        line = columns * channels
        arrays = getattr(scratch, "arrays", None)
        if arrays is None or arrays.shape[1] < padded.size:
            arrays = scratch.arrays = np.empty((self.slots, padded.size), padded.dtype)
        places = [padded.reshape(-1), *arrays]

        def shifted(view: _View, count: int) -> Array:
            start = view.down * line + view.right * channels
            part: Array = places[view.node][start : start + count]
            return part

        for step in self.steps:
            # Where a line ends values of the next one follow; the windows there are not asked for.
            count = padded.size - step.reach[0] * line - step.reach[1] * channels
            step.change(shifted(step.first, count), shifted(step.second, count), out=places[step.into][:count])
        whole: Array = places[self.result_slot][: padded.size].reshape(padded.shape)
        middles: Array = whole[: rows - height + 1, : columns - width + 1]
        return middles


@cache
def median_network(height: int, width: int) -> Network:
    """Return the network of the middle value of a window."""
    return Network(height, width, height * width // 2)


class _Nodes:
    """Operations, each there once: those that differ in their place alone are one, seen from several places."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], int] = {}
        self._made: list[tuple[Callable[..., Any], _View, _View]] = [(np.minimum, _View(0), _View(0))]  # the picture

    def run(self, part: list[_View], count: int, step: Size2) -> list[_View]:
        """Return `count` sorted parts, each a step further, merged into one sorted list."""
        return self._joined(self._parts(part, count, step))

    def selected(self, part: list[_View], count: int, rank: int) -> _View:
        """Return the value of a rank among `count` sorted columns side by side."""
        first, *rest = self._parts(part, count, (0, 1))
        if not rest:
            # Two halves of a power of two, or a single column.
            if count == 1:
                return first[rank]
            half = self.run(part, count // 2, (0, 1))
            return self._of_rank(half, [each.moved(0, count // 2) for each in half], rank)
        return self._of_rank(first, self._joined(rest), rank)

    def _parts(self, part: list[_View], count: int, step: Size2) -> list[list[_View]]:
        """Return sorted lists of 2ⁿ parts that cover `count` of them, the longest first."""
        parts: list[list[_View]] = []
        longest, length = part, 1
        powers = [(length, longest)]
        while 2 * length <= count:
            further = [each.moved(step[0] * length, step[1] * length) for each in longest]
            longest, length = self._merged(longest, further), 2 * length
            powers.append((length, longest))
        covered = 0
        for length, sorted_part in reversed(powers):
            if covered + length <= count:
                parts.append([each.moved(step[0] * covered, step[1] * covered) for each in sorted_part])
                covered += length
        return parts

    def _joined(self, parts: list[list[_View]]) -> list[_View]:
        joined = parts[-1]
        for part in reversed(parts[:-1]):
            joined = self._merged(part, joined)
        return joined

    def _merged(self, one: list[_View], other: list[_View]) -> list[_View]:
        """Merge two sorted lists by Batcher's method."""
        if not one or not other:
            return one or other
        if len(one) == len(other) == 1:
            return [self._node(np.minimum, one[0], other[0]), self._node(np.maximum, one[0], other[0])]
        even = self._merged(one[0::2], other[0::2])
        odd = self._merged(one[1::2], other[1::2])
        merged = [even[0]]
        for low, high in zip(odd, even[1:], strict=False):
            merged += self._node(np.minimum, low, high), self._node(np.maximum, low, high)
        shorter = min(len(odd), len(even) - 1)
        return [*merged, *odd[shorter:], *even[1 + shorter :]]

    def _of_rank(self, one: list[_View], other: list[_View], rank: int) -> _View:
        """Return the value of a rank of two sorted lists: the least of the highest of the i lowest and the others."""
        candidates = []
        for count in range(max(0, rank + 1 - len(other)), min(rank + 1, len(one)) + 1):
            ends = [*one[count - 1 : count], *other[rank - count : rank - count + 1]] if count else [other[rank]]
            ends = ends if count <= rank else [one[rank]]
            candidates.append(ends[0] if len(ends) == 1 else self._node(np.maximum, *ends))
        least = candidates[0]
        for candidate in candidates[1:]:
            least = self._node(np.minimum, least, candidate)
        return least

    def _node(self, change: Callable[..., Any], one: _View, other: _View) -> _View:
        down, right = min(one.down, other.down), min(one.right, other.right)
        first, second = sorted((one.moved(-down, -right), other.moved(-down, -right)))
        key = change.__name__, first, second
        if key not in self._known:
            self._known[key] = len(self._made)
            self._made.append((change, first, second))
        return _View(self._known[key], down, right)

    def program(self, found: _View) -> tuple[list[_Step], int, int]:
        """Return the steps that lead to a node, the place of its array, and the number of arrays beside the picture."""
        wanted = {found.node}
        for node in range(found.node, 0, -1):
            if node in wanted:
                wanted |= {view.node for view in self._made[node][1:]}
        order = sorted(wanted - {0})
        last_use = {view.node: node for node in order for view in self._made[node][1:]}
        places, reaches, free, slots = {0: 0}, {0: (0, 0)}, list[int](), 0
        steps = []
        for node in order:
            change, *views = self._made[node]
            reach = (
                max(reaches[view.node][0] + view.down for view in views),
                max(reaches[view.node][1] + view.right for view in views),
            )
            if not free:
                slots += 1
                free.append(slots)
            places[node], reaches[node] = free.pop(), reach
            first, second = (view._replace(node=places[view.node]) for view in views)
            steps.append(_Step(change, first, second, places[node], reaches[node]))
            free += {places[view.node] for view in views if view.node and last_use[view.node] == node}
        return steps, places[found.node], slots
