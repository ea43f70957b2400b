"""Filter families: kernels that follow from a formula and a few parameters.

A family's `formula` is plain Python: nested lists, no NumPy, so that the names
and parameters are known at once. A fixed matrix is never here but in ``kernels/``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from convcli.catalog.parameters import Parameter

LARGEST_SIZE = 1023  # a kernel's largest side
LARGEST_SIGMA = 127  # radius int(4 · 127 + 0.5) = 508: the largest that fits


class Plane(NamedTuple):
    """Weights in rows, and the divisor that belongs to them."""

    weights: list[list[float]]
    divisor: float = 1.0


@dataclass(frozen=True)
class Family:
    """A formula with its name and parameters.

    Parameters
    ----------
    formula
        Takes the parameters by name, those not given left out.
    source
        Where the definition comes from.
    """

    name: str
    description: str
    formula: Callable[..., Plane]
    parameters: tuple[Parameter, ...]
    source: str
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def box(size: int = 3) -> Plane:
    """Return ones over their number: the mean of size × size pixels."""
    return Plane([[1.0] * size for _ in range(size)], float(size * size))


def gaussian(sigma: float | None = None, size: int | None = None) -> Plane:
    """Return exp(−(x² + y²) / 2σ²), scaled to the sum 1.

    Parameters
    ----------
    sigma
        Standard deviation in pixels. From `size` alone it is 0.3 · ((size − 1) / 2 − 1) + 0.8,
        OpenCV's rule; with neither it is 1.
    size
        Weights on a side; without it the kernel reaches int(4σ + 0.5) pixels from its centre, scipy's rule.
    """
    if sigma is None:
        sigma = 1.0 if size is None else 0.3 * ((size - 1) / 2 - 1) + 0.8
    if size is None:
        size = 2 * int(4 * sigma + 0.5) + 1
    distances = [(place - (size - 1) / 2) / sigma for place in range(size)]
    # The innermost weight is 1 before the scaling, so that the sum cannot underflow where sigma is tiny.
    innermost = min(each * each for each in distances)
    bell = [math.exp((innermost - each * each) / 2) for each in distances]
    total = math.fsum(bell)
    line = [each / total for each in bell]
    return Plane([[down * right for right in line] for down in line])


def binomial(size: int = 3) -> Plane:
    """Return the products of a row of Pascal's triangle with itself, over 4 ** (size − 1)."""
    line = [float(math.comb(size - 1, place)) for place in range(size)]
    return Plane([[down * right for right in line] for down in line], 4.0 ** (size - 1))


FAMILIES = {
    family.name: family
    for family in (
        Family(
            "box",
            "Mean of the pixels around, all alike",
            box,
            (Parameter("size", 1, LARGEST_SIZE, whole=True, default=3),),
            source="one over the number of pixels, as scipy.ndimage.uniform_filter",
            aliases=("mean", "average", "blur"),
            tags=("smooth", "lowpass"),
        ),
        Family(
            "gaussian",
            "Soft blur, weights fall off as a bell curve",
            gaussian,
            (
                Parameter("sigma", 0.01, LARGEST_SIGMA, default=1),
                Parameter("size", 1, LARGEST_SIZE, whole=True),
            ),
            source="scipy.ndimage.gaussian_filter; sigma from a size alone as cv2.getGaussianKernel",
            aliases=("gauss", "gaussian-blur"),
            tags=("smooth", "lowpass"),
        ),
        Family(
            "binomial",
            "Soft blur in whole numbers, the bell curve of Pascal's triangle",
            binomial,
            # Beyond 29 or so the weights are no longer exact in float64, and a gaussian serves as well.
            (Parameter("size", 1, 29, whole=True, default=3),),
            source="a row of Pascal's triangle down times one across",
            aliases=("gaussian3",),
            tags=("smooth", "lowpass", "integer"),
        ),
    )
}
