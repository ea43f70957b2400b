"""Color profiles, and the colors that they mean, by formulas alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from imagecodecs import cms_profile
from numpy.typing import NDArray

_D65 = (0.3127, 0.3290, 1.0)
GAMMA = 2.2

# Display P3's primaries with a gamma of 2.2, and gray with one of 1.8.
P3 = bytes(cms_profile("rgb", whitepoint=_D65, primaries=(0.68, 0.32, 1, 0.265, 0.69, 1, 0.15, 0.06, 1), gamma=GAMMA))
GRAY_GAMMA = 1.8
GRAY = bytes(cms_profile("gray", whitepoint=_D65, gamma=GRAY_GAMMA))

# Linear light of Display P3 to that of sRGB, both of one white: products of the matrices of the primaries.
_TO_SRGB = np.array(
    [[1.2249401763, -0.2249401763, 0], [-0.0420569547, 1.0420569547, 0], [-0.0196375546, -0.0786360656, 1.0982736201]]
)


def in_srgb(shares: NDArray[Any]) -> NDArray[np.float64]:
    """Return P3's colors, 0 to 1, as those of sRGB, which may be beyond."""
    return srgb_curve(primaries_in_srgb(np.asarray(shares, np.float64) ** GAMMA))


def primaries_in_srgb(light: NDArray[Any]) -> NDArray[np.float64]:
    """Return the light of P3's primaries as that of sRGB's."""
    converted: NDArray[np.float64] = np.asarray(light, np.float64) @ _TO_SRGB.T
    return converted


def srgb_light(shares: NDArray[Any]) -> NDArray[np.float64]:
    """Return the light that sRGB's shares of white mean."""
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def srgb_curve(light: NDArray[Any]) -> NDArray[np.float64]:
    """Return light as sRGB's shares of white (IEC 61966-2-1)."""
    curved = 1.055 * np.abs(light) ** (1 / 2.4) - 0.055
    return np.where(light <= 0.0031308, 12.92 * light, curved)
