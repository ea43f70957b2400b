"""The colors that gAMA and cHRM chunks describe, as a color profile, which every format with profiles holds."""

from __future__ import annotations

from typing import Any

from PIL import Image

_GRAY = ("1", "L", "LA", "I", "I;16", "I;16B")

# Of sRGB, as the specification of PNG has them: white, red, green and blue, x and y of each.
_SRGB_GAMMA = 0.45455
_SRGB_CHROMATICITIES = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
_ALIKE = 0.005  # as programs round them


def note_profile(image: Image.Image) -> None:
    """Note the profile of an opened file's colors where it has none and they are not those of sRGB.

    Pillow notes an iCCP chunk in `info`, and so is this. An sRGB chunk overrides the two others.
    """
    known: dict[Any, Any] = image.info
    gamma, chromaticities = known.get("gamma", _SRGB_GAMMA), known.get("chromaticity", _SRGB_CHROMATICITIES)
    if isinstance(gamma, str) or isinstance(chromaticities, str):  # a text of that name
        return
    if {"icc_profile", "srgb"} & set(known) or _is_srgb((gamma, *chromaticities)):
        return
    from convcli.image.color_profile import profile_of  # here, with NumPy, since such files are rare

    if gamma > 0 and (profile := profile_of(chromaticities, 1 / gamma, gray=image.mode in _GRAY)):
        image.info["icc_profile"] = profile


def _is_srgb(numbers: tuple[float, ...]) -> bool:
    standard = (_SRGB_GAMMA, *_SRGB_CHROMATICITIES)
    return all(abs(number - wanted) < _ALIKE for number, wanted in zip(numbers, standard, strict=True))
