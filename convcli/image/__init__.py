"""Files to pictures and back: formats, modes, depth, alpha, metadata.

The names load on first use: listing a folder and completing a file name need
`formats` alone, without NumPy and Pillow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.image.formats import FORMATS, READABLE_SUFFIXES, Format, PngEffort, format_named, format_of
    from convcli.image.limit import DEFAULT_MAX_PIXELS
    from convcli.image.memory import Admit, Outline, free_memory, require_memory
    from convcli.image.metadata import Metadata
    from convcli.image.picture import Picture
    from convcli.image.pillow.versions import codecs, pillow_version
    from convcli.image.reading.ahead import reading_ahead
    from convcli.image.reading.read import count_frames, read_picture
    from convcli.image.writing.write import check_writable, losses, write_picture

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "FORMATS",
    "READABLE_SUFFIXES",
    "Admit",
    "Format",
    "Metadata",
    "Outline",
    "Picture",
    "PngEffort",
    "check_writable",
    "codecs",
    "count_frames",
    "format_named",
    "format_of",
    "free_memory",
    "losses",
    "pillow_version",
    "read_picture",
    "reading_ahead",
    "require_memory",
    "write_picture",
]

if not TYPE_CHECKING:  # a type checker would take every name for granted
    __getattr__ = lazy_names(
        __name__,
        {
            "formats": ("FORMATS", "READABLE_SUFFIXES", "Format", "PngEffort", "format_named", "format_of"),
            "limit": ("DEFAULT_MAX_PIXELS",),
            "memory": ("Admit", "Outline", "free_memory", "require_memory"),
            "metadata": ("Metadata",),
            "picture": ("Picture",),
            "pillow.versions": ("codecs", "pillow_version"),
            "reading.ahead": ("reading_ahead",),
            "reading.read": ("count_frames", "read_picture"),
            "writing.write": ("check_writable", "losses", "write_picture"),
        },
    )
