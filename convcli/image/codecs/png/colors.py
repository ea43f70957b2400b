"""The colors that chunks describe or name by numbers, as a color profile, which every format with profiles holds."""

from __future__ import annotations

import struct
from typing import IO, Any

from PIL import Image

from convcli.image.codecs.png.chunks import SIGNATURE
from convcli.image.content.claims import CREDENTIALS
from convcli.image.metadata import NUMBERS, SCREEN, SRGB_CHROMATICITIES
from convcli.image.pillow.numbered_colors import GRAY_MODES, note_numbered_colors
from convcli.note import Note

_CREDENTIALS = b"caBX"
_OF_SCREENS = (b"mDCV", b"cLLI")  # the screen that a picture was made on, and its brightest light
_LENGTHS = {NUMBERS: 4, b"mDCV": 24, b"cLLI": 8}
_SRGB_GAMMA = 0.45455  # as the specification of PNG has it
_ALIKE = 0.005  # as programs round them


def note_profile(image: Image.Image, stream: IO[bytes]) -> tuple[Note, ...]:
    """Note the profile of an opened file's colors where they are not those of sRGB; return notes.

    Pillow notes an iCCP chunk in `info`, and so is this. The chunks override each other in this order: cICP, iCCP,
    sRGB, and gAMA with cHRM.
    """
    found = _found(stream)
    notes: tuple[Note, ...] = (CREDENTIALS,) if _CREDENTIALS in found else ()
    if NUMBERS in found:
        primaries, curve, *_ = found[NUMBERS]
        image.info.pop("icc_profile", None)
        notes += note_numbered_colors(image, primaries, curve)
    else:
        _note_described(image)
    if screen := [(name, found[name]) for name in _OF_SCREENS if name in found]:
        image.info[SCREEN] = (*image.info.get(SCREEN, ()), *screen)
    return notes


def _found(stream: IO[bytes]) -> dict[bytes, bytes]:
    """Return the first chunks before the pixels that name colors by numbers or describe a screen; and credentials'."""
    found: dict[bytes, bytes] = {}
    at = len(SIGNATURE)
    while True:
        stream.seek(at)
        head = stream.read(8)
        if len(head) < 8 or head[4:] == b"IDAT":
            return found
        name, length = head[4:], struct.unpack(">I", head[:4])[0]
        if length == _LENGTHS.get(name):
            found.setdefault(name, stream.read(length))
        elif name == _CREDENTIALS:
            found[name] = b""
        at += 12 + length


def _note_described(image: Image.Image) -> None:
    known: dict[Any, Any] = image.info
    gamma, chromaticities = known.get("gamma", _SRGB_GAMMA), known.get("chromaticity", SRGB_CHROMATICITIES)
    if isinstance(gamma, str) or isinstance(chromaticities, str):  # a text of that name
        return
    if {"icc_profile", "srgb"} & set(known) or _is_srgb((gamma, *chromaticities)):
        return
    from convcli.image.color_profile import profile_of  # here, with NumPy, since such files are rare

    if gamma > 0 and (profile := profile_of(chromaticities, 1 / gamma, gray=image.mode in GRAY_MODES)):
        image.info["icc_profile"] = profile


def _is_srgb(numbers: tuple[float, ...]) -> bool:
    standard = (_SRGB_GAMMA, *SRGB_CHROMATICITIES)
    return all(abs(number - wanted) < _ALIKE for number, wanted in zip(numbers, standard, strict=True))
