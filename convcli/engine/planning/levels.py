"""Processor levels: what compiled loops are made for, and which of them this processor has."""

from __future__ import annotations

import os
import platform
import sys
from functools import cache

import numpy as np

from convcli.lazy import dataclass

# LLVM's names of the systems whose conventions differ. Code is ELF everywhere: it is loaded by `convcli` itself.
_TRIPLES = {
    "x86_64": "x86_64-pc-windows-msvc-elf" if sys.platform == "win32" else "x86_64-unknown-linux-gnu",
    "aarch64": "aarch64-unknown-linux-gnu",
}
_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}


@dataclass(frozen=True)
class Level:
    """A set of instructions."""

    name: str
    machine: str  # x86_64 or aarch64
    needs: frozenset[str]  # by NumPy's names of features
    cpu: str  # LLVM's name of a processor of this level
    features: str  # of LLVM, beside those of the processor
    vector_bytes: int  # of its registers
    dot_products: bool  # of bytes, in one instruction

    @property
    def triple(self) -> str:
        """LLVM's name of the system."""
        return _TRIPLES[self.machine]


# macOS and Windows keep register x18 of ARM for themselves.
_ARM = "+reserve-x18"
_V2 = frozenset(("SSE42", "POPCNT"))
_V3 = _V2 | {"AVX2", "FMA3", "F16C"}
_V4 = _V3 | {"AVX512F", "AVX512CD", "AVX512BW", "AVX512DQ", "AVX512VL"}
# The best of a machine first.
LEVELS = (
    Level("v4-vnni", "x86_64", _V4 | {"AVX512VNNI"}, "cascadelake", "", 64, True),
    Level("v4", "x86_64", _V4, "skylake-avx512", "", 64, False),
    Level("v3", "x86_64", _V3, "haswell", "", 32, False),
    Level("v2", "x86_64", _V2, "nehalem", "", 16, False),
    Level("aarch64-dot", "aarch64", frozenset(("ASIMD", "ASIMDDP")), "cortex-a76", _ARM, 16, True),
    Level("aarch64", "aarch64", frozenset(("ASIMD",)), "generic", _ARM, 16, False),
)


@cache
def level() -> Level | None:
    """Return the best level of this processor, or the one of NUMBA_CPU_NAME; None on other machines.

    CONVCLI_LEVEL names the level for which a wheel's loops are compiled, whatever the processor.
    """
    meant = os.environ.get("CONVCLI_LEVEL")
    if meant:
        return next((each for each in LEVELS if each.name == meant), None)
    machine = _MACHINES.get(platform.machine().lower())
    ours = [each for each in LEVELS if each.machine == machine]
    named = os.environ.get("NUMBA_CPU_NAME")
    if named:
        ours = [each for each in ours if each.cpu == named] or ours
    has = _features()
    return next((each for each in ours if each.needs <= has), None)


def _features() -> set[str]:
    """Return what NumPy found of the processor when it was imported, by its names."""
    # NumPy prints it (`numpy.show_runtime`) but has no other name for it; another one may lack it.
    core = getattr(np, "_core", None)
    found = getattr(getattr(core, "_multiarray_umath", None), "__cpu_features__", {})
    return {name for name, there in found.items() if there}
