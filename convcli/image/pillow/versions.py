"""The versions of Pillow and of the libraries that decode and encode."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

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
_OF_IMAGECODECS = {"JPEG XL": "jpegxl", "JPEG XR": "jpegxr"}
# Codecs by their titles, with the packages that they need, and the extras that install these.
_OF_EXTRAS = {
    "OpenEXR": ("OpenEXR", "exr"),
    "HEIC": ("pillow-heif", "heic"),
    "camera RAW": ("rawpy", "raw"),
    "video": ("av", "video"),
    "Zarr": ("tensorstore", "zarr"),
}


def pillow_version() -> str:
    """Return the version of Pillow."""
    return PIL.__version__


def codec_versions() -> dict[str, str | None]:
    """Return the version of each codec's library; None where it is not there."""
    found = {
        title: (features.version(name) or "of unknown version") if features.check(name) else None
        for title, name in _CODECS.items()
    }
    import imagecodecs  # here, since it takes 60 ms

    found |= {title: getattr(imagecodecs, f"{name}_version")() for title, name in _OF_IMAGECODECS.items()}
    return found | {title: _version_of(package) for title, (package, _) in _OF_EXTRAS.items()}


def extra_of_codec(title: str) -> str:
    """Return the extra of this package that installs the library of a codec; empty where it needs none."""
    return _OF_EXTRAS.get(title, ("", ""))[1]


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
