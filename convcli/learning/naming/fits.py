"""The kernels of formulas nearest to learned weights, each with its parameters fitted.

A fit begins at the best of a coarse grid or at an estimate from the weights, is refined, and its parameters are
then rounded to the simplest numbers that the errors allow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from convcli.array_types import Floats
from convcli.catalog import FAMILIES, Family, Plane
from convcli.filters import Number
from convcli.lazy import dataclass
from convcli.learning.naming import costs
from convcli.learning.naming.aligned import LARGEST_CUT, Aligned
from convcli.learning.naming.least_squares import Ranges, Residual, Values, ladder, norm_of, refined, simplest

NARROWEST = 0.15  # a Gaussian's sigma, below which its kernel is a single weight within a rounding
LARGEST_CUT_OF_FITS = 0.4  # more than of a match: a limit between the start and the goal would stop a fit there
FARTHEST_START = 0.7  # residual of the best of a grid, as a share of the whole, beyond which no fit is near
FARTHEST_FIT = 0.1
# The largest lengths of a kernel, over the distance from the anchor to the end of the window: a longer one is cut off.
_LONGEST = {"sigma": 1.0, "sigma1": 1.0, "sigma2": 1.0, "sigma_x": 1.0, "sigma_y": 1.0, "radius": 1.5, "length": 3.0}
MOST = {"amount": 10.0}  # more is a sharpening of another kind
STEP = 1.3  # from one sigma of a grid to the next
_NEAR_SCALE = 0.05  # a scale this near to ±1 may be ±1, which is tried
NEAR_BIAS = 0.01  # of full scale


@dataclass(frozen=True)
class Candidate:
    """A built-in filter that may be the nearest: its text as `apply` takes it, and its cost among names (see `costs`).

    learned ≈ `scale` · built-in; `difference` is ‖learned − scale · built-in‖ / ‖learned‖, and `told` that of the
    built-in where other weights stand for it. `laid` are the weights in the square that is compared.
    """

    text: str
    scale: float
    difference: float
    cost: float
    laid: Floats
    told: float | None = None


@dataclass(frozen=True, eq=False)
class Fits:
    """Fits of formulas to learned weights of one plane."""

    learned: Aligned
    bias: tuple[float, ...] = (0.0,)

    @cached_property
    def sigmas(self) -> list[float]:
        """The grid for a Gaussian's standard deviation, up to those that the window cuts off."""
        return ladder(NARROWEST, (self.learned.reach + 1) / 1.5, STEP)

    def laid(self, family: Family, values: Mapping[str, float | str], cut: float) -> Floats | None:
        """Return the family's kernel laid on the learned window; None where more than `cut` of it is cut off."""
        plane = plane_of(family, values)
        weights = np.array(plane.weights) / plane.divisor
        anchor = len(weights) // 2, len(weights[0]) // 2
        return self.learned.laid(weights, anchor, cut)

    def candidate(self, name: str, values: Mapping[str, float | str]) -> Iterator[Candidate]:
        """Yield a kernel of a family, if it is worth a name; its text leaves out parameters of no effect."""
        family = FAMILIES[name]
        laid = self.laid(family, values, LARGEST_CUT)
        # Most are far, and finding what has no effect takes longer than that.
        if laid is None or not any(self.named("", laid, 0.0)):
            return
        given = _without_defaults(family, values)
        arguments = ",".join(f"{key}={costs.shortest(value)}" for key, value in given.items())
        yield from self.named(f"{name}:{arguments}" if arguments else name, laid, costs.of_parameters(given.values()))

    def named(self, text: str, laid: Floats, cost: float, bias: float = 0.0) -> Iterator[Candidate]:
        """Yield a built-in with its weights laid and a text of this cost, if it is worth the name."""
        scaled = costs.best_scale(self.learned, laid)
        if any(abs(each - bias) > NEAR_BIAS for each in self.bias):
            cost += costs.OTHER_BIAS
        if costs.is_worth(self.learned, cost + scaled.text, scaled.of_value):
            difference = self.learned.difference(laid, scaled.scale)
            yield Candidate(text, scaled.scale, difference, cost + scaled.cost, laid)

    def fitted(
        self, name: str, keys: Sequence[str], starts: Sequence[Values], fixed: Mapping[str, float] | None = None
    ) -> Iterator[Candidate]:
        """Yield a family's kernel with the parameters `keys` fitted from the best of some starts, if it is near.

        `fixed` has the other parameters, where they are not the default.
        """
        family = FAMILIES[name]
        by_name = {each.name: each for each in family.parameters if isinstance(each, Number)}
        longest = _LONGEST if fixed is None else {}
        highest = {key: longest.get(key, math.inf) * (self.learned.reach + 1) for key in keys}
        ranges: Ranges = [
            (by_name[key].low, min(by_name[key].high, highest[key], MOST.get(key, math.inf))) for key in keys
        ]

        def laid(values: Values) -> Floats | None:
            return self.laid(family, self._given(keys, values, fixed), LARGEST_CUT_OF_FITS)

        def residual(values: Values) -> Floats:
            return self.learned.residual(laid(values))

        start = min(starts, key=lambda values: norm_of(residual, values), default=None)
        if start is None or norm_of(residual, start) > FARTHEST_START:
            return
        found = refined(residual, start, ranges, range(len(keys)))
        if norm_of(residual, found) > FARTHEST_FIT:
            return
        scale, weights = 0.0, laid(found)
        if weights is not None:
            scale = self.learned.scale(weights)
        if abs(abs(scale) - 1) <= _NEAR_SCALE:

            def at_one(values: Values) -> Floats:
                return self.learned.residual(laid(values), math.copysign(1, scale))

            yield from self._rounded(
                family, keys, refined(at_one, found, ranges, range(len(keys))), ranges, fixed, at_one
            )
        yield from self._rounded(family, keys, found, ranges, fixed, residual)

    def _rounded(
        self,
        family: Family,
        keys: Sequence[str],
        values: Values,
        ranges: Ranges,
        fixed: Mapping[str, float] | None,
        residual: Residual,
    ) -> Iterator[Candidate]:
        """Yield a family's kernel with the numbers of the smallest cost."""

        def cost(values: Values) -> float:
            laid = self.laid(family, self._given(keys, values, fixed), LARGEST_CUT_OF_FITS)
            return math.inf if laid is None else costs.best_scale(self.learned, laid).cost + costs.of_parameters(values)

        rounded = dict(zip(keys, simplest(residual, cost, values, ranges), strict=True))
        if "angle" in rounded:
            rounded["angle"] %= 180  # half a turn gives the same line
        yield from self.candidate(family.name, {**rounded, **(fixed or {})})

    @staticmethod
    def _given(keys: Sequence[str], values: Values, fixed: Mapping[str, float] | None) -> dict[str, float]:
        return {**dict(zip(keys, values, strict=True)), **(fixed or {})}


def plane_of(family: Family, values: Mapping[str, float | str]) -> Plane:
    """Return the kernel of a family that is one plane."""
    keywords = {each.name: each.keyword for each in family.parameters}
    plane = family.formula(**{keywords[key]: value for key, value in values.items()})
    assert isinstance(plane, Plane)
    return plane


def _without_defaults(family: Family, values: Mapping[str, float | str]) -> dict[str, float | str]:
    """Return the values without defaults of no effect; a Gaussian of a size has not the sigma of the default."""
    needed = dict(values)
    for parameter in family.parameters:
        if parameter.name in needed and needed[parameter.name] == parameter.default:
            fewer = {key: value for key, value in needed.items() if key != parameter.name}
            if plane_of(family, fewer) == plane_of(family, values):
                needed = fewer
    return needed
