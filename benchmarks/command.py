"""Run whole commands in fresh processes: sharpen a JPEG and a PNG, small and large, and print the version.

Every file is in the file cache. Each side decodes, filters with 2 threads, and encodes: JPEG at quality 92, PNG with
the defaults of each side. `size` is the size of convcli's output over the peer's. convcli is warm, except in the
very first run, with an empty folder for compiled code, which is compared with a warm one.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from measuring import MEGAPIXELS_12, Row, Timing, convcli, fastest, judged, options, picture, run, show, sides, versions
from peers import PROGRAMS, Words, ours
from PIL import Image

COLUMNS = {
    "command": "",
    "peer": "",
    "ours s": ".3f",
    "peer s": ".3f",
    "ratio": ".2f",
    "cpu": ".2f",
    "goal": "",
    "met": "",
    "size": ".2f",
}
SMALL = (750, 1000)
FORMATS = ("jpg", "png")
# Highest ratios to a peer: by the format and whether the picture is small.
GOALS = {
    ("jpg", True, "OpenCV script"): 1.2,
    ("jpg", True, "vips conv"): 3.0,
    ("jpg", False, "vips conv"): 1.2,
    ("png", False, "vips conv"): 0.9,
}


def sharpened(source: Path, folder: Path, rounds: int) -> Iterator[Row]:
    """Compare all programs on one file, in rounds in which they take turns."""
    with Image.open(source) as opened:
        width, height = opened.size
    name = f"sharpen a {opened.format} of {width}×{height}"
    there = [program for program in PROGRAMS if program.installed()]
    targets = {name: folder / name / source.name for name in ("convcli", *(program.name for program in there))}
    for target in targets.values():
        target.parent.mkdir(exist_ok=True)
    commands: dict[str, Words] = {"convcli": ours(source, targets["convcli"])}
    commands |= {program.name: program.command(source, targets[program.name]) for program in there}
    found = fastest({peer: partial(run, command) for peer, command in commands.items()}, rounds)
    for program in PROGRAMS:
        row = {"command": name, "peer": program.name, "ours s": found["convcli"].seconds}
        if program.name not in found:
            yield row | {"ratio": "not installed"}
            continue
        goal = GOALS.get((source.suffix[1:], (height, width) == SMALL, program.name))
        row = compared(name, program.name, found["convcli"], found[program.name], goal)
        yield row | {"size": targets["convcli"].stat().st_size / targets[program.name].stat().st_size}


def version(rounds: int) -> Row:
    calls: dict[str, Callable[[], object]] = {
        "ours": partial(run, convcli("--version")),
        "peer": partial(run, [sys.executable, "-c", "import typer"]),
    }
    found = fastest(calls, rounds)
    return compared("--version", 'python -c "import typer"', found["ours"], found["peer"])


def first_run(source: Path, folder: Path, engine: str, rounds: int) -> Row:
    """Compare a run with an empty folder for compiled code with a warm run of convcli."""
    command = [*ours(source, folder / f"first{source.suffix}"), "--engine", engine]
    name = f"first run of all, --engine {engine}, {source.suffix[1:].upper()}"

    def cold() -> None:
        with tempfile.TemporaryDirectory() as empty:
            run(command, NUMBA_CACHE_DIR=empty)

    found = fastest({"ours": cold, "peer": partial(run, command)}, rounds)
    return compared(name, "the same, warm", found["ours"], found["peer"], 1.3)


def compared(name: str, peer: str, ours: Timing, theirs: Timing, goal: float | None = None) -> Row:
    row: Row = {"command": name, "peer": peer, "ours s": ours.seconds, "peer s": theirs.seconds}
    return judged(row | ours.over(theirs), goal)


def sources(folder: Path, pixels: int) -> list[Path]:
    """Write the pictures: small ones, and large ones of about `pixels` pixels."""
    large = MEGAPIXELS_12 if pixels == 12_000_000 else sides(pixels)
    files = []
    for height, width in (SMALL, large):
        for suffix in FORMATS:
            files.append(folder / f"{width}x{height}.{suffix}")
            Image.fromarray(picture(height, width)).save(files[-1], quality=92, compress_level=1)
    return files


def rows(pixels: int, rounds: int, only: str) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = sources(folder, pixels)
        for file in files:
            if only in file.name:
                yield from sharpened(file, folder, rounds)
        for engine in ("auto", "numba"):
            if only in "first run":
                yield first_run(files[0], folder, engine, rounds)
        if only in "--version":
            yield version(rounds)


def main(argv: Sequence[str] | None = None) -> None:
    size = ("--pixels", {"type": int, "default": 12_000_000, "help": "size of the large pictures (12 million)"})
    chosen = options(__doc__, argv, size)
    heading = f"{versions('opencv-python-headless', 'typer')}; {chosen.rounds} rounds"
    show(list(rows(chosen.pixels, chosen.rounds, chosen.only)), COLUMNS, heading, chosen.json)


if __name__ == "__main__":
    main()
