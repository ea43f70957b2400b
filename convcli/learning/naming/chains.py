"""Chains: learned weights as those of two filters, one after the other.

The spectrum of a chain is the product of the two. Products of a table of spectra, of filters with whole numbers and of
formulas on a coarse grid, are compared with that of the learned weights; the numbers of the nearest are then fitted and
rounded, as those of a single filter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.catalog import FAMILIES, builtin_kernels
from convcli.filters import Kernel, Number
from convcli.lazy import dataclass
from convcli.learning.naming import costs
from convcli.learning.naming.effects import MOST_VALUES
from convcli.learning.naming.fits import LARGEST_CUT_OF_FITS, Candidate, Fits
from convcli.learning.naming.least_squares import Values, ladder, refined, simplest

_LONGEST = 18.0  # cost of a chain's text: more numbers fit anything
_FIXED = (
    "sharpen", "sharpen8", "pillow:sharpen", "pillow:detail", "pillow:edge-enhance", "pillow:smooth",
    "pillow:smooth-more", "pillow:blur", "laplacian", "laplacian8", "outline", "emboss",
)  # fmt: skip
_LINES = (0.0, 45.0, 90.0, 135.0)
_AMOUNTS = (0.1, 10.0)  # of unsharp
_NARROWEST = 0.4  # sigma: narrower, a Gaussian is hardly there
_STEP = 1.08  # from one sigma of the grid to the next
# Gaussians that end sooner than their tails, as those of a given size do: up to this size, and their sizes in sigmas.
_LARGEST_CUT_OFF, _CUT_OFF = 11, (1.8, 5.8)
_TRIED = 10  # pairs whose numbers are fitted
_FARTHEST = 0.2  # residual of the best of the grid, as a share of the whole, beyond which no chain is near
# A chain says much with few numbers: its effect is at most this share of what the kernel itself leaves.
_LARGEST_EFFECT = 0.1

_SMALL = 1 / 255  # of what the kernel leaves

_Spectrum = NDArray[np.complex128]


@dataclass(frozen=True)
class _Link:
    """A filter of a chain: its name, fixed arguments, and the keys and values of the numbers that are fitted."""

    name: str
    given: tuple[tuple[str, float], ...] = ()
    keys: tuple[str, ...] = ()
    values: Values = ()

    def arguments(self, values: Values) -> dict[str, float]:
        return {**dict(zip(self.keys, values, strict=True)), **dict(self.given)}

    def text(self, values: Values) -> str:
        texts = [f"{key}={costs.shortest(value)}" for key, value in self._told(values)]
        return f"{self.name}:{','.join(texts)}" if texts else self.name

    def cost(self, values: Values) -> float:
        return costs.of_prefix(self.name) + costs.of_parameters(value for _, value in self._told(values))

    def _told(self, values: Values) -> list[tuple[str, float]]:
        """Return the arguments that are not the default."""
        known = {each.name: each.default for each in FAMILIES[self.name].parameters} if self.name in FAMILIES else {}
        return [(key, value) for key, value in self.arguments(values).items() if known.get(key) != value]


def chains(fits: Fits) -> Iterator[Candidate]:
    """Yield two filters one after the other that are near the weights: ``gaussian:sigma=1.5 | sharpen``."""
    if not fits.learned.known.all():
        return
    table = _Table(fits)
    for first, second in table.nearest():
        yield from table.fitted(first, second)


@dataclass(frozen=True, eq=False)
class _Table:
    """The spectra of the filters that a chain may consist of, in the square that is compared."""

    fits: Fits

    def nearest(self) -> Iterator[tuple[_Link, _Link]]:
        """Yield the pairs nearest to the weights, the nearest first, each kind once."""
        links, spectra = self._rows
        power = float(np.vdot(self._whole, self._whole).real)
        ranked: list[tuple[float, int, _Link, _Link]] = []
        for index, link in enumerate(links):
            products = spectra[index] * spectra[index:]
            products *= self._weights
            along, squares = (products @ self._whole.conj()).real, (np.abs(products) ** 2).sum(axis=1)
            rest = (power - 2 * along + squares).tolist()
            ranked += [(left, len(ranked), link, other) for left, other in zip(rest, links[index:], strict=True)]
            if self._is_clear:
                ranked += ((left, -index, link, mask) for left, mask in self._unsharpened(spectra[index]))
        ranked.sort(key=lambda each: each[:2])
        seen: set[tuple[object, ...]] = set()
        for left, _, first, second in ranked:
            if left > _FARTHEST**2 * power or len(seen) == _TRIED:
                break
            kind = first.name, first.given, second.name, second.given
            if kind not in seen and not first.name == second.name == "gaussian":
                seen.add(kind)
                yield first, second

    def _unsharpened(self, spectrum: _Spectrum) -> Iterator[tuple[float, _Link]]:
        """Yield each unsharp mask of the grid after a filter, its amount the best one, and what is left."""
        first = spectrum * self._weights
        wanted = self._whole - first
        for sigma, bell in self._bells:
            detail = first * (1 - bell)
            square = float(np.vdot(detail, detail).real)
            along = float(np.vdot(detail, wanted).real)
            if _AMOUNTS[0] * square < along < _AMOUNTS[1] * square:
                left = float(np.vdot(wanted, wanted).real) - along**2 / square
                yield left, _Link("unsharp", (), ("sigma", "amount"), (sigma, along / square))

    def fitted(self, first: _Link, second: _Link) -> Iterator[Candidate]:
        """Yield a chain with its numbers fitted and rounded, if it is near enough."""
        learned, count = self.fits.learned, len(first.values)

        def laid(values: Values) -> Floats | None:
            spectra = self._spectrum(first, values[:count]), self._spectrum(second, values[count:])
            if spectra[0] is None or spectra[1] is None:
                return None
            product = (spectra[0] * spectra[1] * self._phase).reshape(learned.side, -1)
            return np.asarray(np.fft.irfft2(product, (learned.side, learned.side)))

        def residual(values: Values) -> Floats:
            return learned.residual(laid(values), 1.0)

        def text_cost(values: Values) -> float:
            return costs.TWO + first.cost(values[:count]) + second.cost(values[count:])

        def cost(values: Values) -> float:
            weights = laid(values)
            return math.inf if weights is None else text_cost(values) + costs.best_scale(learned, weights).cost

        values = (*first.values, *second.values)
        if values:
            reach = learned.reach + 1
            ranges = [_range(link.name, key, reach) for link in (first, second) for key in link.keys]
            values = refined(residual, values, ranges, range(len(values)))
            values = simplest(residual, cost, values, ranges)
        weights = laid(values)
        effect = float(np.sum(residual(values) ** 2)) * learned.power
        by_chance = float((learned.errors**2).sum()) * float(learned.effects.covariances.max())
        is_near = effect <= _LARGEST_EFFECT * learned.effects.tolerated(learned.power) + 2 * by_chance
        if weights is not None and is_near and text_cost(values) <= _LONGEST:
            text = f"{first.text(values[:count])} | {second.text(values[count:])}"
            yield from self.fits.named(text, weights, text_cost(values))

    @cached_property
    def _rows(self) -> tuple[list[_Link], NDArray[np.complex128]]:
        rows = [(link, self._spectrum(link, link.values)) for link in self._links()]
        known = [(link, spectrum) for link, spectrum in rows if spectrum is not None]
        return [link for link, _ in known], np.stack([spectrum for _, spectrum in known])

    def _links(self) -> Iterator[_Link]:
        longest = 2 * self.fits.learned.reach + 1
        yield from map(_Link, _FIXED)
        for side in range(3, longest + 1, 2):
            yield _Link("box", (("size", side),))
            for angle in _LINES:
                yield _Link("motion", (("length", side), ("angle", angle)))
        for sigma in self._sigmas:
            yield _Link("gaussian", (), ("sigma",), (sigma,))
        for side in range(3, min(longest, _LARGEST_CUT_OFF) + 1, 2):
            yield _Link("gaussian", (("size", side),))
            for sigma in self._sigmas:
                if _CUT_OFF[0] < side / sigma < _CUT_OFF[1]:
                    yield _Link("gaussian", (("size", side),), ("sigma",), (sigma,))

    @property
    def _is_clear(self) -> bool:
        """Return whether what the kernel leaves is small, or noise: else three numbers fit it by chance."""
        effects = self.fits.learned.effects
        return effects.mean_square < _SMALL**2 or effects.values > MOST_VALUES

    @cached_property
    def _sigmas(self) -> list[float]:
        return ladder(_NARROWEST, max((self.fits.learned.reach + 1) / 2, 0.8), _STEP)

    @cached_property
    def _bells(self) -> list[tuple[float, _Spectrum]]:
        spectra = [(sigma, self._spectrum(_Link("gaussian", (), ("sigma",)), (sigma,))) for sigma in self._sigmas]
        return [(sigma, spectrum) for sigma, spectrum in spectra if spectrum is not None]

    def _spectrum(self, link: _Link, values: Values) -> _Spectrum | None:
        """Return the spectrum about the anchor; None where too much of the filter is beyond what is compared."""
        learned = self.fits.learned
        if link.name in FAMILIES:
            weights = self.fits.laid(FAMILIES[link.name], link.arguments(values), LARGEST_CUT_OF_FITS)
        else:
            kernel = _fixed_kernel(link.name)
            weights = learned.laid(kernel.weights / kernel.divisor, kernel.anchor, LARGEST_CUT_OF_FITS)
        return None if weights is None else np.fft.rfft2(weights).ravel() / self._phase

    @cached_property
    def _phase(self) -> _Spectrum:
        """The spectrum of a single weight on the anchor."""
        side = self.fits.learned.side
        middle = np.zeros((side, side))
        middle[side // 2, side // 2] = 1
        return np.fft.rfft2(middle).ravel()

    @cached_property
    def _weights(self) -> _Spectrum:
        return np.asarray(self._phase * self.fits.learned.roots.ravel())

    @cached_property
    def _whole(self) -> _Spectrum:
        return np.asarray(self.fits.learned.seen_whole.view(np.complex128))


def _range(name: str, key: str, reach: float) -> tuple[float, float]:
    """Return the smallest and largest value of a number: most of a wider bell is beyond the learned weights."""
    number = next(each for each in FAMILIES[name].parameters if each.name == key)
    assert isinstance(number, Number)
    if key == "sigma":
        return max(number.low, _NARROWEST), min(number.high, reach)
    return max(number.low, _AMOUNTS[0]), number.high


def _fixed_kernel(name: str) -> Kernel:
    kernel = next(each for each in builtin_kernels() if each.name == name).kernel()
    assert kernel is not None
    return kernel
