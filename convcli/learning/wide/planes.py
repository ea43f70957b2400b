"""Planes: the channels of some tiles of pictures, filtered and compared by their spectra.

The moments of n weights are n² numbers: 2 GB for 127 × 127. Their product with the weights takes two passes over the
pictures instead, whatever the number of weights: filter the source, and sum the source under every tap, weighted by the
result at each position that counts. Both are products of spectra, and exact, for positions where a tile is not wrapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Bools, Floats
from convcli.filters import Size2
from convcli.lazy import dataclass

Spectra = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Plane:
    """A channel of the target in a tile, and the channels of the source that it is made of.

    `target`, (height, width), and the sources are less their middle; `spectra`, (inputs, rows, columns // 2 + 1), are
    those of the sources as `numpy.fft.rfft2` gives them in `shape`, (rows, columns). `learned` and `held_out`, bool
    (height, width), are the positions that count, `clipped` is the number of those left out as clipped; `edges`, those
    where clipping begins, weighted (see `Moments.without_rounding`), or None; `groups`, (height), is the number of a
    row's group, `output` the kernel's.
    """

    spectra: Spectra
    shape: Size2
    target: Floats
    learned: Bools
    held_out: Bools
    clipped: int
    edges: Floats | None
    groups: NDArray[np.intp]
    output: int

    def filtered(self, kernels: Spectra) -> Floats:
        """Return the source through the kernels of these spectra, (height, width)."""
        product = np.einsum("irc,irc->rc", self.spectra, kernels.conj())
        rows = np.fft.ifft(product, axis=0)[: self.target.shape[0]]
        return np.fft.irfft(rows, self.shape[1], axis=1)[:, : self.target.shape[1]]

    def pulled(self, picture: Floats, corner: Size2, size: Size2) -> Floats:
        """Return (inputs, height, width): the sums of the sources under each tap, weighted by a picture."""
        product = self.spectra * np.fft.rfft2(picture, self.shape).conj()
        rows = np.fft.ifft(product, axis=1)[:, corner[0] : corner[0] + size[0]]
        return np.fft.irfft(rows, self.shape[1], axis=2)[:, :, corner[1] : corner[1] + size[1]]


@dataclass(frozen=True, eq=False)
class Planes:
    """All planes of some pairs, for kernels of a part of the window.

    `corner` is the part's first row and column in the window; `level` and `inputs` are as in `Moments`, `middles`,
    (outputs, inputs), are what was taken from the sources.
    """

    planes: tuple[Plane, ...]
    inputs: int
    outputs: int
    size: Size2
    level: float
    middles: Floats
    executor: Executor
    corner: Size2 = (0, 0)

    @property
    def taps(self) -> int:
        """Weights of an output."""
        return self.inputs * self.size[0] * self.size[1]

    @cached_property
    def counts(self) -> Floats:
        """Target values of each output."""
        return self.added([float(np.count_nonzero(plane.learned)) for plane in self.planes])

    @property
    def clipped(self) -> int:
        """Target values left out because they are clipped."""
        return sum(plane.clipped for plane in self.planes)

    @property
    def values(self) -> int:
        """Target values of all outputs."""
        return round(float(self.counts.sum()))

    @cached_property
    def means(self) -> Floats:
        """(outputs, inputs, height, width): the mean of each tap."""
        sums = self.pulled([plane.learned.astype(np.float64) for plane in self.planes])
        return sums / self.counts[:, np.newaxis, np.newaxis, np.newaxis]

    @cached_property
    def edges(self) -> tuple[Floats, Floats]:
        """`Moments.edges`: the sums of the taps, (outputs, inputs, height, width), and of one, (outputs)."""
        pictures = [np.zeros(plane.target.shape) if plane.edges is None else plane.edges for plane in self.planes]
        return self.pulled(pictures), self.added([float(each.sum()) for each in pictures])

    def split(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return weights, (outputs, inputs, height, width), and biases about the middles, of parameters."""
        weights = parameters[:, : self.taps].reshape(self.outputs, self.inputs, *self.size)
        biases = parameters[:, self.taps] if parameters.shape[1] > self.taps else np.zeros(self.outputs)
        return weights, biases + np.einsum("oirc,oi->o", weights, self.middles)

    def joined(self, weights: Floats, biases: Floats, *, bias: bool) -> Floats:
        """Return parameters, (outputs, taps + 0 or 1), of weights and of biases about the middles."""
        whole = biases - np.einsum("oirc,oi->o", weights, self.middles)
        return np.concatenate([weights.reshape(self.outputs, -1), whole[:, np.newaxis][:, :bias]], axis=1)

    @property
    def has_edges(self) -> bool:
        """Values next to clipped ones were left out."""
        return any(plane.edges is not None for plane in self.planes)

    def part(self, top: int, left: int, size: Size2) -> Planes:
        """Return the planes for a smaller kernel within this one, at the same positions."""
        return replace(self, size=size, corner=(self.corner[0] + top, self.corner[1] + left))

    def filtered(self, weights: Floats) -> list[Floats]:
        """Return the sources through weights, (outputs, inputs, height, width), for each plane."""
        spectra: dict[Size2, Spectra] = {}
        for shape in {plane.shape for plane in self.planes}:
            placed = np.pad(weights, ((0, 0), (0, 0), (self.corner[0], 0), (self.corner[1], 0)))
            spectra[shape] = np.fft.rfft2(placed, shape)
        return list(self.executor.map(lambda plane: plane.filtered(spectra[plane.shape][plane.output]), self.planes))

    def pulled(self, pictures: Sequence[Floats]) -> Floats:
        """Return (outputs, inputs, height, width): the sums of the sources under each tap, weighted by pictures."""
        return self.added(
            list(
                self.executor.map(
                    lambda plane, picture: plane.pulled(picture, self.corner, self.size), self.planes, pictures
                )
            )
        )

    def added(self, values: Sequence[Floats] | Sequence[float]) -> Floats:
        """Return the sums of a value for each plane, by output."""
        first = np.asarray(values[0])
        sums = np.zeros((self.outputs, *first.shape))
        for plane, value in zip(self.planes, values, strict=True):
            sums[plane.output] += value
        return sums
