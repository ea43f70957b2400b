"""Loading an image: memory that may be executed, and a function of the C convention in it.

Nothing here imports Numba or LLVM; together they would take longer than a small picture.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys

import numpy as np

from convcli.engine.compiled.convention import Entry

_FUNCTION = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)


def load(image: bytes) -> Entry:
    """Return the function that an image begins with; its memory is never freed.

    Raises OSError where the system refuses memory that may be executed.
    """
    return _FUNCTION(_executable(image))


if sys.platform == "linux":

    def _executable(image: bytes) -> int:
        # A file of memory, mapped for reading and running: never writable at once, and no file that another process
        # may cut short.
        number = os.memfd_create("convcli")
        try:
            os.write(number, image)
            mapped = mmap.mmap(number, len(image), mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
        finally:
            os.close(number)
        _kept.append(mapped)
        return int(np.frombuffer(mapped, np.uint8).__array_interface__["data"][0])

elif sys.platform == "win32":

    def _executable(image: bytes) -> int:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.VirtualAlloc.restype = ctypes.c_void_p
        kernel.VirtualAlloc.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_ulong, ctypes.c_ulong]
        kernel.VirtualProtect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_ulong, ctypes.c_void_p]
        place = kernel.VirtualAlloc(None, len(image), 0x3000, 0x04)  # reserved and committed, readable and writable
        if not place:
            raise ctypes.WinError(ctypes.get_last_error())
        ctypes.memmove(place, image, len(image))
        if not kernel.VirtualProtect(place, len(image), 0x20, ctypes.byref(ctypes.c_ulong())):  # readable, executable
            raise ctypes.WinError(ctypes.get_last_error())
        return int(place)

else:

    def _executable(image: bytes) -> int:
        system = ctypes.CDLL(None, use_errno=True)
        system.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        mapped = mmap.mmap(-1, len(image), mmap.MAP_PRIVATE | mmap.MAP_ANON)
        mapped.write(image)
        _kept.append(mapped)
        place = int(np.frombuffer(mapped, np.uint8).__array_interface__["data"][0])
        if system.mprotect(place, len(image), mmap.PROT_READ | mmap.PROT_EXEC):
            raise OSError(ctypes.get_errno(), "memory cannot be made executable")
        if hasattr(system, "sys_icache_invalidate"):  # ARM's caches of data and of instructions are apart
            system.sys_icache_invalidate(ctypes.c_void_p(place), ctypes.c_size_t(len(image)))
        return place


_kept: list[mmap.mmap] = []
