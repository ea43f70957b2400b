"""Rounds in turns, the fastest of each side, the picture, and tables, for all benchmarks."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if sys.platform != "win32":
    import resource

ROOT = Path(__file__).resolve().parent.parent
THREADS = 2
MEGAPIXELS_12 = (3000, 4000)

# All libraries of both sides get the same number of threads.
ENVIRONMENT = os.environ | {
    name: str(THREADS)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VIPS_CONCURRENCY", "MAGICK_THREAD_LIMIT")
}
ENVIRONMENT["CONVCLI_BACKGROUND"] = "0"  # nothing compiles beside what is measured
# An installed package is byte-compiled. Without its cache every command would compile the checkout, which takes longer
# than importing NumPy.
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)

# A slow call that is only for comparison is measured in few rounds.
_SELDOM_SECONDS = 1.0
_SELDOM_ROUNDS = 2

Row = dict[str, Any]


@dataclass(frozen=True)
class Timing:
    """The fastest round of a call: others were disturbed, since nothing makes a round faster than it can be."""

    seconds: float  # by the clock on the wall
    processor: float  # seconds of all processors, of the call's threads and child processes; the fewest of all rounds

    def over(self, peer: Timing) -> Row:
        """Return the two ratios to a peer's times, as columns of a row."""
        return {"ratio": self.seconds / peer.seconds, "cpu": self.processor / peer.processor}


def fastest(calls: Mapping[str, Callable[[], object]], rounds: int, seldom: Collection[str] = ()) -> dict[str, Timing]:
    """Return the fastest of `rounds` of every call, in which all of them take turns.

    Each is called once before, unmeasured. A call named in `seldom` that took more than a second then is measured in
    two rounds only.
    """
    timings: dict[str, list[Timing]] = {name: [] for name in calls}
    first = {name: timing_of(call).seconds for name, call in calls.items()}
    for done in range(rounds):
        for name, call in calls.items():
            if name in seldom and first[name] > _SELDOM_SECONDS and done >= _SELDOM_ROUNDS:
                continue
            timings[name].append(timing_of(call))
    return {
        name: Timing(min(each.seconds for each in column), min(each.processor for each in column))
        for name, column in timings.items()
    }


def timing_of(call: Callable[[], object]) -> Timing:
    """Return the time that a call takes, without that of freeing its result."""
    worked, start = processor_seconds(), time.perf_counter()
    result = call()
    timing = Timing(time.perf_counter() - start, processor_seconds() - worked)
    del result
    return timing


def processor_seconds() -> float:
    """Return the seconds of processors of this process and its ended children; of itself alone on Windows."""
    if sys.platform == "win32":
        return time.process_time()
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def run(command: Sequence[str | Path], **environment: str) -> str:
    """Run a command to its end, and return what it prints; raise with that if it fails."""
    done = subprocess.run(
        [str(word) for word in command], env=ENVIRONMENT | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def works(*command: str, says: str) -> bool:
    """Return whether a program is installed: its command runs and prints `says`."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return False
    return says in done.stdout


def convcli(*arguments: str | Path) -> list[str | Path]:
    """Return a command line of convcli, run by this Python."""
    return [sys.executable, "-m", "convcli", *arguments]


def picture(height: int, width: int) -> NDArray[np.uint8]:
    """Return the harbor enlarged, with film grain. Tiled copies would compress too well in PNG."""
    with Image.open(ROOT / "sample_images" / "harbour.jpg") as file:
        scale = max(height / file.height, width / file.width)
        large = file.resize((math.ceil(file.width * scale), math.ceil(file.height * scale)), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(0).normal(0, 2, (height, width, 1)).astype(np.float32)
    pixels = np.asarray(large.crop((0, 0, width, height)), np.float32) + grain
    whole: NDArray[np.uint8] = np.clip(pixels + 0.5, 0, 255).astype(np.uint8)
    return whole


def sides(pixels: int) -> tuple[int, int]:
    """Return height and width, 3 to 4, of a picture of about so many pixels."""
    unit = round((pixels / 12) ** 0.5)
    return 3 * unit, 4 * unit


def options(doc: str, argv: Sequence[str] | None, *more: tuple[str, dict[str, Any]]) -> argparse.Namespace:
    """Parse the options of every script, and `more`."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each side is measured (7)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to a file as well")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the rows whose name has this in it")
    for name, keywords in more:
        parser.add_argument(name, **keywords)
    return parser.parse_args(argv)


def versions(*names: str) -> str:
    """Return the processor, its load, and the versions of the libraries, in one line."""
    parts = [f"{processor()}, {os.cpu_count()} processors", f"Python {platform.python_version()}"]
    if hasattr(os, "getloadavg"):
        # A load above THREADS means that other processes ran at the same time.
        parts.insert(1, f"load {os.getloadavg()[0]:.1f}")
    for name in ("convcli", "numpy", "numba", "pillow", *names):
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            parts.append(f"no {name}")
    return ", ".join(parts)


def processor() -> str:
    """Return the name of the processor, from Linux or else from Python."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def judged(row: Row, goal: float | None) -> Row:
    """Return the row of a ratio with its goal, and whether it is met."""
    if goal is None:
        return row
    return row | {"goal": f"≤ {goal:g}", "met": "yes" if row["ratio"] <= goal else "MISSED"}


def table(rows: Sequence[Row], columns: Mapping[str, str]) -> str:
    """Return rows as an aligned Markdown table; `columns` maps each column to the format of its numbers."""
    cells = [[_cell(row.get(name), form) for name, form in columns.items()] for row in rows]
    widths = [max(len(line[index]) for line in [[*columns], *cells]) for index in range(len(columns))]
    left = [form == "" for form in columns.values()]
    rule = ["-" * width if text else "-" * (width - 1) + ":" for width, text in zip(widths, left, strict=True)]
    lines = [[*columns], rule, *cells]
    return "\n".join(
        "| "
        + " | ".join(
            cell.ljust(width) if text else cell.rjust(width)
            for cell, width, text in zip(line, widths, left, strict=True)
        )
        + " |"
        for line in lines
    )


def _cell(value: object, form: str) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else format(value, form)


def show(rows: Sequence[Row], columns: Mapping[str, str], heading: str, file: Path | None) -> None:
    """Print the table under its heading, and write the rows to `file` if it is given."""
    print(heading)
    print()
    print(table(rows, columns))
    if file:
        file.write_text(json.dumps({"heading": heading, "rows": rows}, indent=2, ensure_ascii=False) + "\n", "utf-8")
