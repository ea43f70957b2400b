"""Sharpen a TIFF larger than the bound of its memory: in strips, whole, and with libvips.

The file is in tiles of 256 × 256 RGB, compressed by deflate, and so are the outputs. Each side has 2 threads. Memory
is the most that a process had, Python and its libraries included.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import tifffile
from measuring import ENVIRONMENT, Row, convcli, options, picture, show, versions, works
from numpy.typing import NDArray

COLUMNS = {"side": "", "pixels": "", "seconds": ".2f", "processor s": ".2f", "memory MB": ".0f", "ratio": ".2f"}
TILE = 256
MATRIX = "3 3 1 0\n0 -1 0\n-1 5 -1\n0 -1 0\n"


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    chosen = options(
        __doc__ or "",
        argv,
        ("--side", {"type": int, "default": 8000, "help": "pixels of each side (8000)"}),
        ("--memory", {"default": "100MB", "help": "the bound (100MB)"}),
    )
    with tempfile.TemporaryDirectory() as name:
        rows = list(measured(Path(name), chosen.side, chosen.memory, chosen.rounds, chosen.only))
    show(rows, COLUMNS, versions("tifffile", "imagecodecs"), chosen.json)


def measured(folder: Path, side: int, memory: str, rounds: int, only: str) -> Iterator[Row]:
    """Yield a row per side, measured in rounds in which they take turns."""
    source = folder / "in.tif"
    tifffile.imwrite(
        source,
        tiles(side),
        shape=(side, side, 3),
        dtype=np.uint8,
        tile=(TILE, TILE),
        photometric="rgb",
        compression="zlib",
        predictor=True,
        bigtiff=True,
    )
    found: dict[str, list[tuple[float, float, float]]] = {}
    commands = {each: words for each, words in sides(folder, source, side, memory).items() if only in each}
    for number in range(rounds + 1):
        for each, words in commands.items():
            result = of_process([str(word) for word in words])
            if number:  # the first is not measured
                found.setdefault(each, []).append(result)
    best = {each: [min(values) for values in zip(*column, strict=True)] for each, column in found.items()}
    strips = best.get("convcli, strips")
    for each, (seconds, processor, most) in best.items():
        row: Row = {"side": each, "pixels": f"{side}×{side}", "seconds": seconds, "processor s": processor}
        yield row | {"memory MB": most} | ({"ratio": strips[1] / processor} if strips else {})


def sides(folder: Path, source: Path, side: int, memory: str) -> dict[str, list[str | Path]]:
    """Return the command line of each side."""
    limit = ("--max-pixels", str(side * side), "--threads", "2", "-q", "-f")
    found = {
        f"convcli, {name}": convcli("apply", "sharpen", source, "-o", folder / "out.tif", "--memory", size, *limit)
        for name, size in (("strips", memory), ("whole", "1TB"))
    }
    if works("vips", "--version", says="vips"):
        mask = folder / "mask.mat"
        mask.write_text(MATRIX, "utf-8")
        target = f"{folder / 'vips.tif'}[tile,tile-width=256,tile-height=256,compression=deflate,predictor=horizontal]"
        found["vips conv"] = ["vips", "conv", source, target, mask, "--precision", "integer"]
    return found


def tiles(side: int) -> Iterator[NDArray[np.uint8]]:
    """Yield the tiles of a picture: the harbor again and again, moved in every tile."""
    one = picture(2 * TILE, 2 * TILE)
    for number in range((-(-side // TILE)) ** 2):
        down, right = number * 37 % TILE, number * 101 % TILE
        yield one[down : down + TILE, right : right + TILE]


def of_process(words: Sequence[str]) -> tuple[float, float, float]:
    """Run a command; return its seconds, those of processors, and the megabytes that it had at most."""
    start = time.perf_counter()
    process = subprocess.Popen(words, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise RuntimeError(f"{' '.join(words)}\n{process.stderr.read().decode() if process.stderr else ''}")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
