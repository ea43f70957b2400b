"""A kernel ahead of a resampling, by least squares, and its name by its replay.

What lay between the two was a picture: rounded, and clipped to black and white. Outputs of clipped pixels say nothing
about the kernel; a name is replayed with both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convcli.array_types import Array
from convcli.detective.ahead.tables import Tables
from convcli.detective.alignment import shares
from convcli.detective.geometry.resampling import is_flat
from convcli.detective.geometry.saving import saved
from convcli.detective.replayed import apply_text
from convcli.detective.tone.line import Line, fitted_line
from convcli.detective.tone.samples import Samples
from convcli.filters import Kernel
from convcli.lazy import dataclass
from convcli.learning import GivenWeights, Nearest, name_weights

_ROUNDS = 2  # choices of the outputs that nothing clipped
_HIDDEN = 1e-3  # of the weights of an output, that clipped pixels may have
_FEWEST = 3  # outputs per weight


@dataclass(frozen=True, eq=False)
class Outputs:
    """Windows of TARGET as sums over INPUT, (height, width, channels) each, in values of pictures.

    `tables` tell the outputs; those of odd number judge. `level` is the step of TARGET's values, 0 for floats;
    `saves_rows` says that the program rounds and clips what the rows become, before the columns.
    """

    tables: Sequence[Tables]
    view: Array
    target: Array
    level: float
    saves_rows: bool = False

    @property
    def detailed(self) -> Outputs:
        """Those of windows that are not flat."""
        return replace(self, tables=[each for each in self.tables if not is_flat(self.target[each.rows, each.columns])])

    @property
    def learned(self) -> Outputs:
        """Those to learn from."""
        return replace(self, tables=self.tables[::2])

    @property
    def judging(self) -> Outputs:
        """Those that judge."""
        return replace(self, tables=self.tables[1::2])

    def has_room(self, table: Tables, reach: int) -> bool:
        """Return whether the inputs of a window have so many pixels around them."""
        height, width = self.view.shape[:2]
        ends = table.top + table.down.shape[1] + reach, table.left + table.right.shape[1] + reach
        return min(table.top, table.left) >= reach and ends[0] <= height and ends[1] <= width

    def with_room(self, reach: int) -> Outputs:
        """Return those whose inputs have so many pixels around them."""
        return replace(self, tables=[each for each in self.tables if self.has_room(each, reach)])

    def samples(self, side: int, channels: Sequence[int], between: Array | None = None) -> Samples:
        """Return the taps of a kernel of a side and the targets, but those of pixels that the `between` one clips."""
        taps, middles, targets = [], [], []
        for table in self.tables:
            patch, shown = shares(table.patch(self.view, side // 2)), shares(self.target[table.rows, table.columns])
            for channel in channels:
                made = table.taps(np.ascontiguousarray(patch[..., channel]), side)
                wanted = shown[..., channel].ravel()
                if between is not None and self.level:
                    free = ~self._is_spoiled(table, patch[..., channel], between)
                    made, wanted = made[:, free], wanted[free]
                middle = made[side * side // 2]
                taps.append(np.delete(made - middle, side * side // 2, axis=0).T)
                middles.append(middle)
                targets.append(wanted)
        wanted = np.concatenate(targets)
        black, white = (wanted <= 0) & (self.level > 0), (wanted >= 1) & (self.level > 0)
        return Samples(np.concatenate(taps), np.concatenate(middles), wanted, black, white)

    def of_channel(self, channel: int) -> Outputs:
        """Return those of one channel."""
        one = np.s_[..., channel : channel + 1]
        return replace(self, view=self.view[one], target=self.target[one])

    def _is_spoiled(self, table: Tables, plane: Array, weights: Array) -> Array:
        """Return which outputs have clipped pixels in their sums."""
        windows = sliding_window_view(plane, weights.shape)
        values = np.einsum("ijkl,kl->ij", windows, weights.astype(np.float32), optimize=True)
        is_clipped = ((values < -self.level) | (values > 1 + self.level)).astype(np.float32)
        return np.asarray((np.abs(table.down) @ is_clipped @ np.abs(table.right).T).ravel() > _HIDDEN)

    def error(self, made: Iterator[Array]) -> float:
        """Return the root mean square of what outputs, not rounded yet, leave of the target."""
        squares, count = 0.0, 0
        for table, values in zip(self.tables, made, strict=True):
            off = saved(values, self.level) - shares(self.target[table.rows, table.columns])
            squares += float(np.square(off, dtype=np.float64).sum())
            count += off.size
        return float(np.sqrt(squares / count)) if count else np.inf

    def replayed(self, text: str, reach: int) -> float:
        """Return what a filter and the resampling leave, by their replay on patches that reach beyond the outputs."""
        save = partial(saved, level=self.level) if self.saves_rows else None
        return self.error(
            table.made(self._between(text, table.patch(self.view, reach))[reach:-reach, reach:-reach], save)
            for table in self.tables
        )

    def _between(self, text: str, patch: Array) -> Array:
        return saved(apply_text(text, shares(patch)), self.level)


@dataclass(frozen=True, eq=False)
class Ahead:
    """A kernel ahead of a resampling, float64 (side, side), its bias, and the error on the outputs that judge.

    `first` is the error of the narrowest one.
    """

    weights: Array
    bias: float
    error: float
    first: float = np.inf

    @property
    def side(self) -> int:
        """Rows and columns."""
        return len(self.weights)


def fitted(outputs: Outputs, side: int, channels: Sequence[int]) -> Ahead | None:
    """Return the kernel of a side that leaves least; None where too few outputs say something."""
    line: Line | None = None
    for _ in range(1 + _ROUNDS * bool(outputs.level)):
        samples = outputs.learned.samples(side, channels, None if line is None else line.kernel)
        if len(samples.target) < _FEWEST * side * side:
            return None
        line = fitted_line(samples)
    assert line is not None
    judging = outputs.judging.samples(side, channels, line.kernel)
    # Weights that clip nearly all of a picture explain what is black in any.
    if np.count_nonzero(~(judging.black | judging.white)) < _FEWEST * side * side:
        return None
    return Ahead(line.kernel, line.bias, line.judged(judging, levels=outputs.level > 0))


def named(outputs: Outputs, found: Ahead) -> tuple[Nearest | None, Array] | None:
    """Return the name of a kernel, judged by what its difference makes of the outputs, and the errors of weights.

    It is None where too few outputs say something.
    """
    samples = outputs.learned.samples(found.side, range(outputs.target.shape[2]), found.weights)
    side, middle = found.side, found.side**2 // 2
    if len(samples.target) < _FEWEST * side * side:
        return None
    whole = np.insert(samples.taps, middle, 0, axis=1) + samples.middle[:, np.newaxis]
    whole -= whole.mean(axis=0)
    covariance = (whole.T @ whole).astype(np.float64) / len(whole)
    mean_square = found.error**2
    # Frequencies that the resampling leaves out are in no output, and their weights are open.
    ridge = 1e-7 * covariance.trace() / len(covariance) * np.eye(len(covariance))
    variances = np.maximum(np.diag(np.linalg.inv(covariance + ridge)), 0)
    errors = np.sqrt(variances * mean_square / len(whole)).reshape(side, side)
    row, column = np.divmod(np.arange(side * side), side)
    distance = (np.subtract.outer(row, row) + side - 1) * (2 * side - 1) + np.subtract.outer(column, column) + side - 1
    number = (2 * side - 1) ** 2
    sums = np.bincount(distance.ravel(), covariance.ravel(), number) / np.bincount(distance.ravel(), minlength=number)
    kernel = Kernel(found.weights, bias=(found.bias,))
    given = GivenWeights(kernel, errors, (0.0,), sums.reshape(2 * side - 1, 2 * side - 1), mean_square)
    return name_weights(given), errors
