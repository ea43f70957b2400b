"""Hostile files and filters through the command, with the processor time and the memory that each takes.

``python -m tests.hostile.measure [--only TEXT]`` prints a table of them.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.hostile.array_files import array_files
from tests.hostile.coded_files import coded_files
from tests.hostile.filter_texts import filter_files, filter_words
from tests.hostile.jpeg_files import jpeg_files
from tests.hostile.moving_files import moving_files
from tests.hostile.png_files import png_files
from tests.hostile.tiff_files import tiff_files
from tests.support.console import command, environment

MOST_SECONDS, MOST_MEMORY = 2.0, 500_000_000
_WRITTEN = {".yaml": ".png", ".j2k": ".png", ".avif": ".bmp"}  # what takes little time to write, by what is read
_TIMEOUT = 30

# A small process, since the memory of the one that starts a command counts as that of the command.
_LAUNCHER = """
import os, resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=2)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
"""


@dataclass(frozen=True)
class Measured:
    """The end of a command: its code, what it printed, the seconds of processors and the bytes that it took."""

    code: int
    told: str
    seconds: float
    memory: int

    @property
    def is_fine(self) -> bool:
        lines = self.told.splitlines()
        is_told = self.code == 0 or (bool(lines) and any(each.startswith("error: ") for each in lines))
        within = self.seconds < MOST_SECONDS and self.memory < MOST_MEMORY
        return within and is_told and self.code in (0, 1, 2) and "should not happen" not in self.told


def measured(words: list[str], folder: Path) -> Measured:
    """Run a command to its end, or kill it after half a minute."""
    run = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command(*words)]
    with subprocess.Popen(
        run,
        env=environment(),
        start_new_session=True,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            found, told = process.communicate(timeout=_TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return Measured(-9, "", _TIMEOUT, 0)
    code, seconds, memory = found.split()[-3:]
    return Measured(int(code), told.decode(errors="replace"), float(seconds), int(memory))


def commands(folder: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, list[str]]]:
    """Write one file after the other, and yield its name and the words of a command that reads it."""
    picture = folder / "picture.png"
    Image.linear_gradient("L").resize((64, 64)).save(picture)
    pictures = [*png_files(), *jpeg_files(), *tiff_files(), *moving_files(), *coded_files(), *array_files()]
    for name, make in [*pictures, *filter_files()]:
        path = folder / name
        if wanted(name):
            path.write_bytes(make())
            source = ["identity", str(path)] if path.suffix != ".yaml" else [str(path), str(picture)]
            suffix = _WRITTEN.get(path.suffix, path.suffix)
            yield name, ["apply", *source, "-o", str(folder / f"out{suffix}"), "-f"]
            path.unlink()
    for name, text in filter_words():
        words, *options = text.split(" --")
        given = [part for each in options for part in (f"--{each.split()[0]}", each.split()[1])]
        if wanted(name):
            yield name, ["apply", words, str(picture), "-o", str(folder / "out.png"), "-f", *given]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="a part of the names")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, words in commands(folder, lambda each: chosen.only in each):
            result = measured(words, folder)
            lines = result.told.splitlines() or ["done"]
            said = next((each for each in lines if each.startswith("error:")), lines[0]).replace(str(folder), "")
            numbers = f"{result.code:4} {result.seconds:6.2f} s {result.memory / 1e6:6.0f} MB"
            print(f"{' !'[not result.is_fine]} {title:28} {numbers}  {said[:110]}", flush=True)  # noqa: T201 - for people


if __name__ == "__main__":
    main()
