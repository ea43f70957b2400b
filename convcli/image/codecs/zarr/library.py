"""The library that decodes and encodes chunks, imported where a Zarr is opened: in 50 ms."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from pathlib import Path
from typing import Any, Literal

from convcli.array_types import Array
from convcli.errors import FileError

_ARENA_MAX = -8  # of mallopt(3)


class StoredValues:
    """The values of an array of a Zarr, read and written by slices, a few threads at a time.

    Raises whatever the library raises, mostly ValueError.
    """

    def __init__(self, folder: Path, version: Literal[2, 3], threads: int) -> None:
        try:
            import tensorstore
        except ImportError:
            raise FileError("Zarr needs a library that is not installed", "pip install 'convcli[zarr]'") from None
        _share_memory()
        context = {
            "data_copy_concurrency": {"limit": threads},
            "file_io_concurrency": {"limit": max(threads, 4)},
            "cache_pool": {"total_bytes_limit": 0},
            "file_io_sync": False,  # all is flushed together, at the end
            "file_io_locking": {"mode": "none"},  # the folder is nobody else's
        }
        driver = {2: "zarr", 3: "zarr3"}[version]
        store = {"driver": "file", "path": f"{folder.absolute()}/"}
        spec = {"driver": driver, "kvstore": store, "context": context, "recheck_cached_data": False}
        opened: Any = tensorstore.open(spec, open=True).result()
        self._store = opened
        self.shape: tuple[int, ...] = tuple(opened.shape)
        self.dtype = opened.dtype.numpy_dtype
        # Of what is decoded alone: in a shard there are many.
        self.chunks: tuple[int, ...] = tuple(opened.chunk_layout.read_chunk.shape)

    def __getitem__(self, index: tuple[int | slice, ...]) -> Array:
        found: Array = self._store[index].read().result()
        return found

    def __setitem__(self, index: tuple[int | slice, ...], values: Array) -> None:
        self._store[index].write(values).result()


@cache
def _share_memory() -> None:
    """Have all threads take memory from one place, where the C library is glibc.

    Each thread of the library would keep what it has freed: 277 MB in place of 193 for 8000 × 8000 RGB at 100 MB.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if set_option is not None:
        set_option(_ARENA_MAX, 1)
