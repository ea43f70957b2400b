"""Color profiles, and the colors that they mean, by formulas alone."""

from __future__ import annotations

import struct
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


def cmyk_profile(lab: tuple[int, int, int]) -> bytes:
    """Build a profile by which every mixture of inks is the color `lab`, in the 16-bit code of old profiles."""
    clut = struct.pack(">3H", *lab) * 2**4  # two grid points for each of four inks
    ramp = struct.pack(">2H", 0, 65535)
    identity = [65536, 0, 0, 0, 65536, 0, 0, 0, 65536]
    table = b"mft2\0\0\0\0" + bytes([4, 3, 2, 0]) + struct.pack(">9i2H", *identity, 2, 2) + ramp * 4 + clut + ramp * 3
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    text = b"text\0\0\0\0test\0\0\0\0"
    tags, offset, body = b"", 132 + 12 * 3, b""
    for name, content in ((b"A2B0", table), (b"wtpt", white), (b"cprt", text)):
        tags += name + struct.pack(">2I", offset + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = offset + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02100000, b"prtr", b"CMYK", b"Lab ") + bytes(12) + b"acsp"
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", 3) + tags + body
