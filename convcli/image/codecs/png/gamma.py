"""The colors that gAMA and cHRM chunks describe, as a color profile, which every format with profiles holds."""

from __future__ import annotations

from typing import Any

from PIL import Image

_GRAY = ("1", "L", "LA", "I", "I;16", "I;16B")

# Of sRGB, as the specification of PNG has them: white, red, green and blue, x and y of each.
_SRGB_GAMMA = 0.45455
_SRGB_CHROMATICITIES = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
_ALIKE = 0.005  # as programs round them

# Bytes 24 to 35 of a profile are the moment at which it was made, which would make every output another.
_MOMENT, _ANY_MOMENT = slice(24, 36), bytes.fromhex("07d0 0001 0001 0000 0000 0000")


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
    from imagecodecs import CmsError, cms_profile  # here, since such files are rare

    white, *primaries = ((*chromaticities[at : at + 2], 1.0) for at in range(0, 8, 2))
    try:
        if image.mode in _GRAY:
            profile = bytearray(cms_profile("gray", whitepoint=white, gamma=1 / gamma))
        else:
            mixed = [value for each in primaries for value in each]
            profile = bytearray(cms_profile("rgb", whitepoint=white, primaries=mixed, gamma=1 / gamma))
    except (CmsError, ValueError, ZeroDivisionError):  # no colors have such numbers
        return
    profile[_MOMENT] = _ANY_MOMENT
    image.info["icc_profile"] = bytes(profile)


def _is_srgb(numbers: tuple[float, ...]) -> bool:
    standard = (_SRGB_GAMMA, *_SRGB_CHROMATICITIES)
    return all(abs(number - wanted) < _ALIKE for number, wanted in zip(numbers, standard, strict=True))
