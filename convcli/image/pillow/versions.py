"""The versions of Pillow and of the libraries that it was built with."""

from __future__ import annotations

import PIL
from PIL import features

# Codecs by their titles, with Pillow's names for their libraries; formats that need no library are left out.
_CODECS = {
    "PNG": "zlib",
    "JPEG": "jpg",
    "JPEG 2000": "jpg_2000",
    "WebP": "webp",
    "AVIF": "avif",
    "TIFF": "libtiff",
    "color profiles": "littlecms2",
}


def pillow_version() -> str:
    """Return the version of Pillow."""
    return PIL.__version__


def codec_versions() -> dict[str, str | None]:
    """Return the version of each codec's library; None where Pillow was built without it."""
    return {
        title: (features.version(name) or "of unknown version") if features.check(name) else None
        for title, name in _CODECS.items()
    }
