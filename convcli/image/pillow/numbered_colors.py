"""The colors that AVIF and PNG files name by numbers, as a color profile, which every format with profiles holds.

Pillow reads the profile in a file, and takes all other colors for those of sRGB. Without NumPy: that is still being
imported meanwhile.
"""

from __future__ import annotations

from PIL import Image

from convcli.image.metadata import NUMBERS, SCREEN, SRGB_CHROMATICITIES
from convcli.note import Note

# Of ITU-T H.273: x and y of white, red, green and blue, by the number of the primaries.
_CHROMATICITIES = {
    1: SRGB_CHROMATICITIES,
    4: (0.31, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (0.3127, 0.329, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06),
    6: (0.3127, 0.329, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    7: (0.3127, 0.329, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    9: (0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    12: (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
}
_SRGB = 1
_RGB, _FULL_RANGE = 0, 1
GRAY_MODES = ("1", "L", "LA", "I", "I;16", "I;16B")
# By the number of the curve; the others, which are those of television, are shown as that of sRGB.
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
_HIGH_RANGES = {16: "PQ", 18: "HLG"}


def note_numbered_colors(image: Image.Image, primaries: int, curve: int) -> tuple[Note, ...]:
    """Note the profile of colors in the `info` of an opened file, where they are not those of sRGB; return notes.

    No profile says that levels are those of a high dynamic range: their numbers are noted.
    """
    if curve in _HIGH_RANGES:
        image.info[SCREEN] = ((NUMBERS, bytes([primaries, curve, _RGB, _FULL_RANGE])),)
        text = f"its levels are those of a high dynamic range ({_HIGH_RANGES[curve]}), and are filtered as sRGB's"
        return (Note("high-dynamic-range", text),)
    gray = image.mode in GRAY_MODES
    chromaticities = _CHROMATICITIES[_SRGB if gray or primaries not in _CHROMATICITIES else primaries]
    gamma = _GAMMAS.get(curve)
    if chromaticities != SRGB_CHROMATICITIES or gamma is not None:
        from convcli.image.color_profile import profile_of  # here, with NumPy, since such files are rare

        image.info["icc_profile"] = profile_of(chromaticities, gamma, gray=gray)
    return ()
