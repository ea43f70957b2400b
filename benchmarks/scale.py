"""Sharpen a picture larger than the bound of its memory: in strips, whole, as many pictures, and with other programs.

A TIFF is in tiles of 256 × 256 RGB, compressed by deflate, and so are the outputs; libvips is beside it. A Zarr is in
chunks of 512 × 512 of each channel, compressed by Blosc; dask-image is beside it, in chunks too. Each side has 2
threads or processes. Memory is the most that a process had, Python and its libraries included.

``--side 50000`` is 7.5 GB of pixels, made tile by tile: 20 GB of a disk, and an hour for all sides in one round.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import numpy as np
import tifffile
from measuring import ENVIRONMENT, Row, convcli, options, picture, show, versions, works
from numpy.typing import NDArray

COLUMNS = {"side": "", "pixels": "", "seconds": ".2f", "processor s": ".2f", "memory MB": ".0f", "ratio": ".2f"}
Words = list[str | Path]  # of a command

TILE = 256
MANY = 4  # pictures that are beside each other, and one below the other, as large as the large one together
MATRIX = "3 3 1 0\n0 -1 0\n-1 5 -1\n0 -1 0\n"
# As a user would write it: chunks in, chunks out, of two threads.
DASK = """
import sys
import dask
import dask.array
import numpy
from dask_image.ndfilters import convolve
weights = numpy.array([[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]])
with dask.config.set(scheduler="threads", num_workers=2):
    levels = dask.array.from_zarr(sys.argv[1]).astype("int16")
    sharp = convolve(levels, weights, mode="reflect").clip(0, 255).astype("uint8")
    sharp.to_zarr(sys.argv[2], overwrite=True)
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    chosen = options(
        __doc__ or "",
        argv,
        ("--side", {"type": int, "default": 8000, "help": "pixels of each side (8000)"}),
        ("--memory", {"default": "100MB", "help": "the bound (100MB)"}),
        ("--format", {"choices": ["tiff", "zarr"], "default": "tiff", "help": "of the picture (tiff)"}),
    )
    with tempfile.TemporaryDirectory() as name:
        rows = list(measured(Path(name), chosen.side, chosen.memory, chosen.rounds, chosen.only, chosen.format))
    libraries = ("tifffile", "imagecodecs") if chosen.format == "tiff" else ("tensorstore", "zarr", "dask-image")
    show(rows, COLUMNS, versions(*libraries), chosen.json)


def measured(folder: Path, side: int, memory: str, rounds: int, only: str, form: str) -> Iterator[Row]:
    """Yield a row per side, measured in rounds in which they take turns."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    make = zarr_sides if form == "zarr" else tiff_sides
    commands = {each: words for each, words in make(folder, side, memory, only).items() if only in each}
    for number in range(rounds + 1):
        for each, words in commands.items():
            result = of_process([str(word) for word in words])
            if number or not rounds:  # the first is not measured, unless it is the only one
                found.setdefault(each, []).append(result)
    best = {each: [min(values) for values in zip(*column, strict=True)] for each, column in found.items()}
    strips = best.get("convcli, strips")
    for each, (seconds, processor, most) in best.items():
        row: Row = {"side": each, "pixels": f"{side}×{side}", "seconds": seconds, "processor s": processor}
        yield row | {"memory MB": most} | ({"ratio": strips[1] / processor} if strips else {})


def tiff_sides(folder: Path, side: int, memory: str, only: str) -> dict[str, Words]:
    """Return the command line of each side."""
    source, parts = folder / "in.tif", folder / "parts"
    write_tiff(source, side)
    found = convcli_sides(source, folder / "out.tif", side, memory)
    many = "convcli, many pictures"
    if only in many:
        parts.mkdir()
        high = -(-side // MANY)
        for number in range(MANY**2):
            write_tiff(parts / f"{number}.tif", high)
        found[many] = convcli("apply", "sharpen", parts, "-o", f"{folder / 'done'}/", "-j", "2", "-q", "-f")
    if works("vips", "--version", says="vips"):
        mask = folder / "mask.mat"
        mask.write_text(MATRIX, "utf-8")
        target = f"{folder / 'vips.tif'}[tile,tile-width=256,tile-height=256,compression=deflate,predictor=horizontal"
        words: Words = ["vips", "conv", source, f"{target},bigtiff]", mask, "--precision", "integer"]
        found["vips conv"] = words
    return found


def zarr_sides(folder: Path, side: int, memory: str, only: str) -> dict[str, Words]:
    """Return the command line of each side."""
    source = folder / "in.zarr"
    write_zarr(source, side)
    found = convcli_sides(source, folder / "out.zarr", side, memory)
    with suppress(ModuleNotFoundError):
        version("dask-image")
        if only in "dask-image":
            found["dask-image"] = [sys.executable, "-c", DASK, source, folder / "dask.zarr"]
    return found


def convcli_sides(source: Path, target: Path, side: int, memory: str) -> dict[str, Words]:
    """Return the command lines of convcli, in strips and whole."""
    limit = ("--max-pixels", str(side * side), "--threads", "2", "-q", "-f")
    return {
        f"convcli, {name}": convcli("apply", "sharpen", source, "-o", target, "--memory", size, *limit)
        for name, size in (("strips", memory), ("whole", "1TB"))
    }


def write_tiff(file: Path, side: int) -> None:
    """Write a picture tile by tile."""
    tifffile.imwrite(
        file,
        tiles(side),
        shape=(side, side, 3),
        dtype=np.uint8,
        tile=(TILE, TILE),
        photometric="rgb",
        compression="zlib",
        predictor=True,
        bigtiff=True,
    )


def write_zarr(folder: Path, side: int) -> None:
    """Write a picture a row of chunks at a time."""
    import zarr  # here, for the few who have it

    packing = zarr.codecs.BloscCodec(cname="zstd", clevel=1, shuffle="noshuffle")
    names, chunk = ["c", "y", "x"], (1, 2 * TILE, 2 * TILE)
    made = zarr.create_array(
        folder, shape=(3, side, side), dtype="uint8", chunks=chunk, compressors=packing, dimension_names=names
    )
    across = -(-side // TILE)
    each = tiles(side)
    for top in range(0, side, TILE):
        row = np.concatenate([next(each) for _ in range(across)], axis=1)[: side - top, :side]
        made[:, top : top + TILE] = np.moveaxis(row, 2, 0)


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
