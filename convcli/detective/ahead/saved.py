"""Resampling that was saved before a kernel: which one, by what rounding between the two makes of it.

A picture that got another size was rounded to levels, and what sharpens it next amplifies that error. So the right
resampling, rounded as it was saved, leaves a kernel nothing but the rounding of TARGET; any other one, and the right
one without its rounding, leave clearly more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from convcli.array_types import Array
from convcli.detective.ahead.kernel import Outputs
from convcli.detective.ahead.named_last import named_last
from convcli.detective.ahead.resizing import names_of
from convcli.detective.ahead.tables import tables_of
from convcli.detective.ahead.wide_last import wide_last
from convcli.detective.alignment import shares
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.saving import LEVEL, saved
from convcli.detective.geometry.views import seen
from convcli.detective.lossy.jpeg import quality_in
from convcli.detective.scene import Scene
from convcli.filters import RESAMPLING
from convcli.lazy import dataclass
from convcli.learning import LearningPair

_NARROW, _WIDE = 2, 4  # pixels that kernels reach
_NEAREST = 3  # resamplings that wider kernels are tried with
_FEWEST, _MOST = 4, 12  # windows
_FEWEST_VALUES = 10  # per weight
_ROUNDS = 3
_FLOOR = 0.4 * LEVEL  # what the rounding of TARGET leaves
_CLEARLY = 0.8  # of the error without the rounding between
_ALIKE, _TOLD = 1.1, 0.04 * LEVEL  # a ratio, and an error: less is chance between two resamplings
_RIDGE = 1e-9


@dataclass(frozen=True, eq=False)
class _Windows:
    """Windows of TARGET as a resampling makes them of one channel of INPUT, rounded or not, and as they are."""

    made: list[Array]
    wanted: list[Array]

    def error(self, reach: int) -> float:
        """Return the root mean square that a kernel leaves on windows that it did not learn from."""
        learned, judging = (self._design(start, reach) for start in (0, 1))
        counts = (learned[:, -1] > 0) & (learned[:, -1] < 1)
        for _ in range(_ROUNDS):
            taps, values = learned[counts, :-1], learned[counts, -1]
            if len(taps) < _FEWEST_VALUES * taps.shape[1]:
                return np.inf
            gram = taps.T @ taps + _RIDGE * len(taps) * np.eye(taps.shape[1])
            weights = np.linalg.solve(gram, taps.T @ values)
            counts = np.abs(learned[:, :-1] @ weights - 0.5) < 0.5
        off = np.clip(judging[:, :-1] @ weights, 0, 1) - judging[:, -1]
        return float(np.sqrt(np.mean(off**2)))

    def _design(self, start: int, reach: int) -> Array:
        """Return the taps, 1 and what is wanted, float64, of every other window."""
        rows = []
        for values, wanted in zip(self.made[start::2], self.wanted[start::2], strict=True):
            windows = np.lib.stride_tricks.sliding_window_view(values, (2 * reach + 1, 2 * reach + 1))
            taps = windows.reshape(-1, (2 * reach + 1) ** 2)
            inner = wanted[reach : len(wanted) - reach, reach : wanted.shape[1] - reach].reshape(-1, 1)
            rows.append(np.concatenate([taps, np.ones_like(inner), inner], axis=1, dtype=np.float64))
        return np.concatenate(rows)


def saved_first(pair: LearningPair, frame: Frame, scene: Scene) -> Frame | None:
    """Return the frame whose resampling was saved before a kernel; None where no rounding tells that.

    `scene` is that of the pair within the frame.
    """
    if not frame.resized or frame.is_saved or pair.mask is not None or pair.source_mask is not None:
        return None
    view, target = seen(pair.source, frame.view), pair.target
    if not view.dtype == target.dtype == np.uint8 or view.shape[2] != target.shape[2]:
        return None
    if quality_in(scene) is not None:  # which hides what was rounded
        return None
    every = {}
    for name in names_of(frame, view, target):
        tables = tables_of(replace(frame, filter=name), view.shape, target.shape, _WIDE)
        outputs = Outputs(tables, view, target, LEVEL, name in RESAMPLING).detailed
        if len(outputs.tables) >= _FEWEST:
            step = -(-len(outputs.tables) // _MOST)
            every[name] = replace(outputs, tables=outputs.tables[::step])
    narrow = {name: _windows(outputs, LEVEL).error(_NARROW) for name, outputs in every.items()}
    nearest = sorted(narrow, key=lambda name: narrow[name])[:_NEAREST]
    if not nearest:
        return None
    errors = narrow | {
        name: min(narrow[name], _windows(every[name], LEVEL).error(_WIDE)) for name in nearest if narrow[name] > _FLOOR
    }
    best = min(errors, key=lambda name: errors[name])
    if errors[best] > _FLOOR or errors[best] > _CLEARLY * _windows(every[best], 0.0).error(_WIDE):
        likely = sorted(every, key=lambda name: errors[name])
        last = wide_last(pair, frame, scene, likely) or named_last(pair, frame, scene, likely)
        if last is None:
            return None
        return replace(frame, filter=last[0], is_certain=last[1], is_saved=True)
    others = (error for name, error in errors.items() if name != best)
    is_certain = min(others, default=np.inf) > _ALIKE * errors[best] + _TOLD
    return replace(frame, filter=best, is_certain=is_certain, is_saved=True)


def _windows(outputs: Outputs, level: float) -> _Windows:
    """Return the windows of the channel in the middle, rounded to steps of `level`."""
    channel = outputs.target.shape[2] // 2
    save = partial(saved, level=level)

    def made() -> Iterator[Array]:
        for table in outputs.tables:
            plane = shares(np.ascontiguousarray(table.patch(outputs.view, 0)[..., channel]))
            values = table.made(plane, save if level and outputs.saves_rows else None)
            yield save(values) if level else np.clip(values, 0, 1)

    wanted = [shares(outputs.target[table.rows, table.columns, channel]) for table in outputs.tables]
    return _Windows(list(made()), wanted)
