"""Compiling ahead of need: its progress, and its result."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from convcli.engine import CacheState, LoopSample, cache_state, warm_up
from convcli.lazy import dataclass
from convcli.report.voice import Voice


@dataclass(frozen=True)
class Warmup:
    """The names of the loops that are ready, what was done with how many in how many seconds, and the cache then."""

    loops: frozenset[str]
    compiled: int
    tried: int  # of those that came with the package
    seconds: float
    cache: CacheState

    def sentence(self) -> str:
        """Return the result in one sentence."""
        count, folder = len(self.loops), f"they are kept in {self.cache.folder}"
        if self._uncached == count:
            return "no loop was compiled"
        if not self.compiled and not self.tried:
            return f"all {count} loops were compiled already; {folder}"
        done = [f"compiled {self.compiled} loops"] * bool(self.compiled)
        done += [f"tried {self.tried} loops that came with the package"] * bool(self.tried)
        there = count - self._uncached - self.compiled - self.tried
        more = f", {there} were there already" if there else ""
        return f"{' and '.join(done)} in {self.seconds:.0f} s{more}; {folder}"

    def notes(self) -> list[str]:
        """Return the warnings: one if the cache does not have every loop."""
        if not self._uncached:
            return []
        if not self.cache.writable:
            return [f"{self._uncached} loops are not kept: {self.cache.folder} cannot be written; set NUMBA_CACHE_DIR"]
        return [f"{self._uncached} loops cannot be compiled here, or not kept: the NumPy engine takes their place"]

    def facts(self) -> dict[str, Any]:
        """Return the result as values for JSON."""
        return {
            "loops": len(self.loops),
            "compiled": self.compiled,
            "tried": self.tried,
            "kept": len(self.loops) - self._uncached,
            "seconds": round(self.seconds, 3),
            "folder": str(self.cache.folder),
        }

    @property
    def _uncached(self) -> int:
        return len(self.loops - self.cache.loops)


def run_warmup(samples: Sequence[LoopSample], voice: Voice) -> Warmup:
    """Compile the loops of samples, with a progress bar on a terminal."""
    start = time.perf_counter()
    done = Counter(voice.progress(warm_up(samples), len(samples), "compiling"))
    loops, seconds = frozenset(each.loop for each in samples), time.perf_counter() - start
    return Warmup(loops, done["compiled"], done["tried"], seconds, cache_state())
