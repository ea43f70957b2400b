"""The file formats, as a table: what each is called and what it holds.

Neither NumPy nor Pillow is imported here: listing a folder and completing a file
name on the command line read this table and nothing else.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from convcli.errors import UsageError

# How hard a PNG is compressed.
PngEffort = Literal["fast", "balanced", "small"]


@dataclass(frozen=True)
class Format:
    """What one file format is called and can hold.

    Parameters
    ----------
    name
        What the user writes after ``--format``.
    title
        What messages call it.
    suffixes
        How its files' names end, in lower case; the first is the usual one.
    pillow
        Pillow's name for it; empty for array files.
    colors
        The numbers of channels it holds, alpha not counted.
    alpha
        Whether it holds an alpha channel.
    sixteen_bits
        Whether it holds 16 bits a channel.
    floats
        Whether it holds floats, without a range, beside colors and alpha.
    icc, exif, xmp, dpi
        Whether it holds a color profile, EXIF data, XMP data, a resolution.
    text
        Which texts it holds: ``all``, one ``comment``, or none.
    animated, paged
        Whether it holds several frames that are shown in turn, or several pages.
    lossy
        Whether it takes a quality.
    largest_side
        The largest width or height in pixels; 0 where there is no limit to speak of.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    pillow: str = ""
    colors: tuple[int, ...] = (1, 3)
    alpha: bool = False
    sixteen_bits: bool = False
    floats: bool = False
    icc: bool = False
    exif: bool = False
    xmp: bool = False
    dpi: bool = False
    text: Literal["", "comment", "all"] = ""
    animated: bool = False
    paged: bool = False
    lossy: bool = False
    largest_side: int = 0

    @property
    def array(self) -> bool:
        """Whether it holds numbers without a range rather than a picture."""
        return not self.pillow


FORMATS = (
    Format(
        "png",
        "PNG",
        (".png",),
        "PNG",
        alpha=True,
        sixteen_bits=True,
        icc=True,
        exif=True,
        xmp=True,
        dpi=True,
        text="all",
        animated=True,
    ),
    Format(
        "jpeg",
        "JPEG",
        (".jpg", ".jpeg", ".jpe", ".jfif"),
        "JPEG",
        icc=True,
        exif=True,
        xmp=True,
        dpi=True,
        text="comment",
        lossy=True,
        largest_side=65_500,
    ),
    Format(
        "webp",
        "WebP",
        (".webp",),
        "WEBP",
        alpha=True,
        icc=True,
        exif=True,
        xmp=True,
        animated=True,
        lossy=True,
        largest_side=16_383,
    ),
    Format(
        "avif",
        "AVIF",
        (".avif",),
        "AVIF",
        alpha=True,
        icc=True,
        exif=True,
        xmp=True,
        animated=True,
        lossy=True,
        largest_side=32_768,
    ),
    Format(
        "tiff",
        "TIFF",
        (".tif", ".tiff"),
        "TIFF",
        alpha=True,
        sixteen_bits=True,
        floats=True,
        icc=True,
        exif=True,
        xmp=True,
        dpi=True,
        paged=True,
    ),
    Format("bmp", "BMP", (".bmp",), "BMP", dpi=True),
    Format("gif", "GIF", (".gif",), "GIF", alpha=True, text="comment", animated=True, largest_side=65_535),
    Format("pgm", "PGM", (".pgm",), "PPM", colors=(1,), sixteen_bits=True),
    Format("ppm", "PPM", (".ppm",), "PPM", sixteen_bits=True),
    Format("pnm", "PNM", (".pnm",), "PPM", sixteen_bits=True),
    Format("npy", ".npy", (".npy",)),
    Format("csv", "CSV", (".csv",)),
)

LIBPNGS_LARGEST_SIDE = 1_000_000  # pixels; PNG itself and Pillow know no such limit

READABLE_SUFFIXES = frozenset(suffix for each in FORMATS for suffix in each.suffixes)

_BY_SUFFIX = {suffix: each for each in FORMATS for suffix in each.suffixes}
_BY_NAME = {each.name: each for each in FORMATS} | {suffix[1:]: each for suffix, each in _BY_SUFFIX.items()}


def format_of(path: str | os.PathLike[str]) -> Format | None:
    """Format that the end of a file's name stands for, upper or lower case; None where it stands for none."""
    return _BY_SUFFIX.get(PurePath(path).suffix.lower())


def format_named(name: str) -> Format:
    """Format with this name, or whose files' names end so: ``jpeg``, ``jpg`` and ``.jpg`` are one.

    Raises
    ------
    UsageError
        There is no such format.
    """
    key = name.strip().lower().removeprefix(".")
    if key in _BY_NAME:
        return _BY_NAME[key]
    near = difflib.get_close_matches(key, _BY_NAME, n=1)
    known = ", ".join(each.name for each in FORMATS)
    raise UsageError(
        f"unknown format {name!r}",
        f"did you mean {near[0]}? The formats are {known}" if near else f"the formats are {known}",
    )
