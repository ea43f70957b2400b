"""Memory that a worker keeps from one picture to the next.

glibc gives arrays of more than 32 MB back to the system when they are freed, which then clears each page of the next
one: a tenth of the processor time of a batch of 12-megapixel JPEGs.
"""

from __future__ import annotations

import ctypes
import sys

# mallopt(3)
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_KEPT = 256 * 2**20  # bytes: what a picture of 24 megapixels takes at most


def keep_memory() -> None:
    """Let this process keep the memory that it frees, up to 256 MB, where the C library is glibc."""
    if sys.platform != "linux":
        return
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_MMAP_MAX, 0)
        set_option(_TRIM_THRESHOLD, _KEPT)
