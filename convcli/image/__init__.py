"""Files to pictures and back: formats, modes, depth, alpha, metadata, writing whole or not at all.

The names load on first use: listing a folder and completing a file name need
`formats` alone, without NumPy and Pillow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convcli.image.ahead import reading_ahead
    from convcli.image.atomic import atomic_write
    from convcli.image.formats import FORMATS, READABLE_SUFFIXES, Format, PngEffort, format_named, format_of
    from convcli.image.libraries import codecs, pillow_version
    from convcli.image.limit import DEFAULT_MAX_PIXELS
    from convcli.image.memory import Admit, Outline, free_memory, require_memory
    from convcli.image.metadata import Metadata
    from convcli.image.picture import Picture
    from convcli.image.read import count_frames, read_picture
    from convcli.image.write import check_writable, losses, write_picture

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
    "atomic_write",
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

_HOMES = {
    "DEFAULT_MAX_PIXELS": "limit",
    "FORMATS": "formats",
    "READABLE_SUFFIXES": "formats",
    "Admit": "memory",
    "Format": "formats",
    "Metadata": "metadata",
    "Outline": "memory",
    "Picture": "picture",
    "PngEffort": "formats",
    "atomic_write": "atomic",
    "check_writable": "write",
    "codecs": "libraries",
    "count_frames": "read",
    "format_named": "formats",
    "format_of": "formats",
    "free_memory": "memory",
    "losses": "write",
    "pillow_version": "libraries",
    "read_picture": "read",
    "reading_ahead": "ahead",
    "require_memory": "memory",
    "write_picture": "write",
}


if not TYPE_CHECKING:  # a type checker would take every name for granted

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
