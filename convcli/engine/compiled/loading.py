"""Loading an image: memory that may be executed, and a function of the C convention in it.

Needs the standard library alone: neither Numba nor LLVM, which together take longer than a small picture, and not NumPy
either, so that the process that tries an image starts at once (see `convcli.engine.compiled.trial`, which runs this
file as a program).
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable

_FUNCTION = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)


def load(image: bytes) -> Callable[[int, int, int, int], int]:
    """Return the function that an image begins with; its memory is never freed.

    Raises OSError where the system refuses memory that may be executed.
    """
    return _FUNCTION(_executable(image))


if sys.platform == "win32":

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
    import mmap

    def _executable(image: bytes) -> int:
        system = ctypes.CDLL(None, use_errno=True)
        system.mmap.restype = ctypes.c_void_p
        system.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
        system.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        runs = mmap.PROT_READ | mmap.PROT_EXEC
        if sys.platform == "linux":
            # A file of memory: never writable and executable at once, and none that another process may cut short.
            number = os.memfd_create("convcli")
            try:
                os.write(number, image)
                place = _mapped(system.mmap(None, len(image), runs, mmap.MAP_PRIVATE, number, 0))
            finally:
                os.close(number)
            return place
        writes = mmap.PROT_READ | mmap.PROT_WRITE
        place = _mapped(system.mmap(None, len(image), writes, mmap.MAP_PRIVATE | mmap.MAP_ANON, -1, 0))
        ctypes.memmove(place, image, len(image))
        if system.mprotect(place, len(image), runs):
            raise OSError(ctypes.get_errno(), "memory cannot be made executable")
        if hasattr(system, "sys_icache_invalidate"):  # ARM's caches of data and of instructions are apart
            system.sys_icache_invalidate(ctypes.c_void_p(place), ctypes.c_size_t(len(image)))
        return place

    def _mapped(place: int | None) -> int:
        if place is None or place == ctypes.c_void_p(-1).value:
            raise OSError(ctypes.get_errno(), "memory cannot be made executable")
        return place


def _try() -> None:
    """Call an image with the arrays on stdin, and write the count and the output to stdout (see `trial`)."""
    import marshal

    image, arrays, rest, output, rows, scratch_bytes = marshal.load(sys.stdin.buffer)
    buffers = [ctypes.create_string_buffer(data, len(data)) for data, _ in arrays]
    block = ctypes.create_string_buffer(scratch_bytes + 64)
    scratch = ctypes.addressof(block)
    slots = [each for made, (_, size) in zip(buffers, arrays, strict=True) for each in (ctypes.addressof(made), size)]
    table = (ctypes.c_int64 * (len(slots) + len(rest)))(*slots, *rest)
    loop = load(image)
    place, scratch = ctypes.addressof(table), scratch + -scratch % 64
    clipped = loop(place, 0, rows // 2, scratch) + loop(place, rows // 2, rows, scratch)
    marshal.dump((clipped, buffers[output].raw), sys.stdout.buffer)


if __name__ == "__main__":
    _try()
