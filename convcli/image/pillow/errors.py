"""Errors of Pillow, and of the other libraries that decode, as errors of this package.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from convcli.errors import ConvcliError, ReadError
from convcli.image.limit import over_limit
from convcli.image.pillow.plugins import quiet
from convcli.image.pillow.silence import silence_log

# Parts of Pillow's messages that distinguish a rare kind of file from a damaged one.
_UNSUPPORTED = (
    "unknown pixel mode",
    "unsupported",
    "not supported",
    "cannot handle",
    "unknown pcx mode",
    "unimplemented",
)


@contextmanager
def reading_errors(name: str, title: str, max_pixels: int) -> Iterator[None]:
    """Have Pillow refuse more than `max_pixels`, suppress warnings and logs, and convert errors of libraries.

    Messages of a ReadError call the file `name` and its format `title`; an OSError or MemoryError of the system passes.
    """
    for library in ("PIL", "imagecodecs", "tifffile"):
        silence_log(library)
    try:
        with quiet(max_pixels):
            yield
    except Image.DecompressionBombError as error:
        raise over_limit(name, "too many pixels", max_pixels) from error
    except (ConvcliError, MemoryError):
        raise
    # What Pillow raises on a damaged file is whatever its parsing ran into; no list of it has ever been complete.
    except Exception as error:
        # The system's, not Pillow's, but for places in a file that are none.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        if "support not installed" in str(error):
            raise ReadError(
                f"{name} is {title}, and this Pillow was built without that",
                "convcli doctor lists what there is; the Pillow of PyPI has all of it",
            ) from error
        if any(words in str(error).lower() for words in _UNSUPPORTED):
            raise ReadError(
                f"{name} is a kind of {title} that is not read: {' '.join(str(error).split())}",
                "convert it to gray or RGB of 8 or 16 bits a channel first",
            ) from error
        raise ReadError(f"{name} is truncated or damaged", "fetch it or save it again") from error
