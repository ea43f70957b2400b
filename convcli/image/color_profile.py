"""Color profiles: made of what a file says of its colors, and replaced by sRGB, which files without a profile mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.image.metadata import SRGB_CHROMATICITIES, icc_fits
from convcli.image.picture import Picture

# Of a level of 8 bits: the colors of a profile that differ by less are those of sRGB.
_ALIKE = 1.5 / 255
_STEPS = 9  # levels of each channel that are compared

_VALUES_OF_A_BAND = 1 << 18

# Bytes of a profile that hold the moment at which it was made, which would make every output another.
_MOMENT, _ANY_MOMENT = slice(24, 36), bytes.fromhex("07d0 0001 0001 0000 0000 0000")

_STEPS_OF_A_CURVE = 1024


def profile_of(chromaticities: Sequence[float], gamma: float | None, *, gray: bool = False) -> bytes:
    """Return the profile of colors that a file describes; empty where no colors have such numbers.

    The chromaticities are x and y of white, red, green and blue. A level is the light to the power of 1 / gamma, or
    follows sRGB's curve for a gamma of None.
    """
    from imagecodecs import CmsError, cms_profile

    white, *primaries = ((*chromaticities[at : at + 2], 1.0) for at in range(0, 8, 2))
    settings: dict[str, Any] = {"whitepoint": white}
    if gamma is None:
        levels = np.linspace(0, 1, _STEPS_OF_A_CURVE)
        light = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
        settings["transferfunction"] = np.rint(65_535 * light).astype(np.uint16)
    else:
        settings["gamma"] = gamma
    if not gray:
        settings["primaries"] = [value for each in primaries for value in each]
    try:
        profile = bytearray(cms_profile("gray" if gray else "rgb", **settings))
    except (CmsError, ValueError):
        return b""
    profile[_MOMENT] = _ANY_MOMENT
    return bytes(profile)


@cache
def light_profile(chromaticities: tuple[float, ...] = SRGB_CHROMATICITIES, *, gray: bool = False) -> bytes:
    """Return the profile of light of some primaries, those of sRGB by default, as of `profile_of`."""
    return profile_of(SRGB_CHROMATICITIES if gray else chromaticities, 1.0, gray=gray)


def in_srgb(picture: Picture) -> Picture | None:
    """Return a picture with the colors that its profile means, in sRGB and without the profile.

    None where nothing changes: the profile is that of sRGB, is damaged, or is not one for these channels.
    """
    if not _differs(picture.metadata.icc, picture.colors):
        return None
    return _with_profile(picture, picture.metadata.icc, b"")


def in_space_of(picture: Picture, other: Picture) -> Picture | None:
    """Return a picture with the colors that its profile means, in the space of another's profile, and with that.

    A picture without a profile is in sRGB. None where nothing changes, or a profile is damaged.
    """
    if picture.metadata.icc == other.metadata.icc:
        return None
    if not _differs(other.metadata.icc, picture.colors):
        return in_srgb(picture)
    given = picture.metadata.icc if _differs(picture.metadata.icc, picture.colors) else b""
    return _with_profile(picture, given, other.metadata.icc)


def _with_profile(picture: Picture, given: bytes, wanted: bytes) -> Picture | None:
    """Convert colors from one profile to another, of which an empty one is that of sRGB; None where one is damaged."""
    from imagecodecs import CmsError

    try:
        frames = tuple(_converted(frame, picture, given, wanted) for frame in picture.frames)
    except CmsError:
        return None
    return replace(picture, frames=frames, metadata=replace(picture.metadata, icc=wanted))


def _differs(icc: bytes, colors: int) -> bool:
    """Return whether a profile is one for so many channels that means other colors than sRGB."""
    if not icc_fits(icc, colors):
        return False
    from imagecodecs import CmsError

    try:
        return not _is_srgb(icc, colors)
    except CmsError:
        return False


def _is_srgb(icc: bytes, colors: int) -> bool:
    levels = np.linspace(0, 1, _STEPS**2 if colors == 1 else _STEPS)
    every = np.stack(np.meshgrid(*[levels] * colors, indexing="ij"), axis=-1).reshape(1, -1, colors)
    return bool(np.abs(_transformed(every, icc, b"") - every).max() < _ALIKE)


def _converted(frame: Array, picture: Picture, given: bytes, wanted: bytes) -> Array:
    """Return a frame with its colors converted, alpha as it is; whole numbers are rounded half up.

    RGB of 8 bits is off by less than a level in Little CMS. Gray is off by more, and so is RGB of 16 bits: by up to 15
    of 255 where colors are dark. Floats take six times as long, and so do 16 bits where it is told to be exact.
    """
    result = frame.copy()
    by_floats = frame.dtype == np.uint16 or (frame.dtype == np.uint8 and picture.colors == 1)
    rows = max(1, _VALUES_OF_A_BAND // frame[0].size)
    for top in range(0, len(frame), rows):
        colors = frame[top : top + rows, :, : picture.colors]
        if by_floats:
            shares = _transformed(colors / np.float32(picture.full_scale), given, wanted)
            colors = np.floor(np.clip(shares, 0, 1) * picture.full_scale + 0.5)
        else:
            colors = _transformed(colors, given, wanted)
        result[top : top + rows, :, : picture.colors] = colors
    return result


def _transformed(colors: Array, given: bytes, wanted: bytes) -> Array:
    """Convert gray or RGB (height, width, channels), in the dtype that it has; floats are from 0 to 1.

    An empty profile is that of sRGB: of gray, one of its equal channels.
    """
    from imagecodecs import cms_transform

    gray = colors.shape[2] == 1
    source, target = ("gray" if gray and icc else "rgb" for icc in (given, wanted))
    if source == "gray":
        colors = colors[:, :, 0]
    elif gray:
        colors = np.repeat(colors, 3, axis=2)
    profiles = (icc or _srgb() for icc in (given, wanted))
    converted: Array = cms_transform(np.ascontiguousarray(colors), *profiles, colorspace=source, outcolorspace=target)
    if not gray:
        return converted
    return converted[:, :, 1:2] if target == "rgb" else converted.reshape(*converted.shape[:2], 1)


@cache
def _srgb() -> bytes:
    from imagecodecs import cms_profile

    profile: bytes = cms_profile("srgb")
    return profile
