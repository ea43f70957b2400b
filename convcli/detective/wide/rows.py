"""A few rows of a scene through a kernel, however wide, with its border."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.scene import Scene

_MULTIPLE = 32  # of the widths of paddings


class Rows:
    """Some rows of a channel of a scene, or of the mean of the channels.

    The spectra of INPUT's rows are kept, so that a kernel takes a product and a sum over its rows.
    """

    def __init__(self, scene: Scene, rows: Array, channel: int | None = None) -> None:
        self.rows = rows
        self.source, target = (
            each.mean(axis=2) if channel is None else each[:, :, channel] for each in (scene.source, scene.target)
        )
        self.target = target[rows]
        self._spectra: dict[tuple[str, int], Array] = {}

    @property
    def own(self) -> Array:
        """(rows, width): the rows of INPUT."""
        return np.asarray(self.source[self.rows])

    def along_both(self, column: Array, row: Array, border: str) -> Array:
        """Return the rows of INPUT through the product of a column and a row of weights, (rows, width)."""
        height = len(self.source)
        under = self._under(len(column), border)
        table = np.zeros((len(self.rows), height + 1), np.float32)  # the last column is outside
        np.add.at(table, (np.arange(len(self.rows))[:, np.newaxis], under), column.astype(np.float32))
        spectra, length, first = self._padded_spectra(border, len(row))
        along = np.fft.rfft(row.astype(np.float32), length).conj().astype(np.complex64)
        total = (table[:, :height] @ spectra.view(np.float32)).view(np.complex64)
        return self._back(total * along, length, first)

    def through(self, weights: Array, border: str) -> Array:
        """Return the rows of INPUT through any weights, (rows, width)."""
        under = self._under(len(weights), border)
        spectra, length, first = self._padded_spectra(border, weights.shape[1])
        along = np.fft.rfft(weights.astype(np.float32), length, axis=1).conj().astype(np.complex64)
        total = np.zeros((len(self.rows), spectra.shape[1]), np.complex64)
        for row in np.flatnonzero(np.abs(weights).sum(axis=1)):
            inside = (under[:, row] >= 0)[:, np.newaxis]
            total += spectra[under[:, row]] * along[row] * inside
        return self._back(total, length, first)

    def _under(self, height: int, border: str) -> Array:
        """Return the rows of INPUT under those of a kernel, (rows, height), −1 outside."""
        sources = _sources(border, height // 2, len(self.source))
        return np.asarray(sources[self.rows[:, np.newaxis] + np.arange(height)])

    def _padded_spectra(self, border: str, breadth: int) -> tuple[Array, int, int]:
        """Return the spectra of padded rows, their length, and the first output; one padding does for many kernels."""
        width = self.source.shape[1]
        reach = -(-(breadth // 2 + 1) // _MULTIPLE) * _MULTIPLE
        length = width + 2 * reach
        if (border, reach) not in self._spectra:
            index = _sources(border, reach, width)
            padded = self.source[:, index] * (index >= 0)
            self._spectra[border, reach] = np.ascontiguousarray(np.fft.rfft(padded, length, axis=1), np.complex64)
        return self._spectra[border, reach], length, reach - breadth // 2

    def _back(self, spectra: Array, length: int, first: int) -> Array:
        return np.asarray(np.fft.irfft(spectra, length, axis=1)[:, first : first + self.source.shape[1]])


def _sources(border: str, before: int, length: int) -> Array:
    """Return the positions that a border has its values from, −1 for none."""
    position = np.arange(length)
    if border == "constant":
        return np.pad(position, before, constant_values=-1)
    return np.asarray(np.pad(position, before, mode=border))  # type: ignore[call-overload]  # one of NumPy's modes
