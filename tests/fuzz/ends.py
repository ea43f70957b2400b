"""Commands of all kinds are ended by signals at random moments: ``python -m tests.fuzz.ends --number 1000``.

After each signal, to the main process or to all of them, the command has to end within a second or so; two seconds
later none of its processes and semaphores may be there. Every output has to decode.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np
from PIL import Image

from tests.support.console import command, environment

_SIGNALS = {signal.SIGKILL: (-9,), signal.SIGTERM: (143, -15), signal.SIGINT: (130, -2, 1)}
_PYTHONS_START = 0.15  # seconds in which Python itself starts, on a busy machine; a signal then is its own affair
_PROCESSES_END = 2.0
_MARK = "CONVCLI_TEST_MARK"


def prepare(folder: Path) -> dict[str, list[str]]:
    """Make pictures, and return commands by their names."""
    pixels = np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "a.png", compress_level=1)
    Image.fromarray(255 - pixels).save(folder / "b.tif", compression="tiff_lzw")
    for name in ("in", "out"):
        (folder / name).mkdir()
    for number in range(8):
        Image.fromarray(pixels[number : 300 + number, :300]).save(folder / "in" / f"{number}.png")
    out = f"{folder}/out/"
    return {
        "picture": ["apply", "box:5", f"{folder}/a.png", "-o", f"{out}o.png", "-f"],
        "batch": ["apply", "box:5", f"{folder}/in", "-o", out, "-j", "2", "-f"],
        "strips": ["apply", "box:5", f"{folder}/b.tif", "-o", f"{out}s.tif", "--memory", "30MB", "-f"],
        "compiling": ["apply", "gaussian:3", f"{folder}/in/0.png", "-o", f"{out}c.png", "-f", "--engine", "numba"],
        "warmup": ["warmup"],
        "learning": ["learn", f"{folder}/a.png", f"{folder}/b.tif", "-o", f"{out}k.yaml", "-f"],
        "gallery": ["gallery", f"{folder}/in/0.png", "-o", f"{out}g.png", "-f"],
        "list": ["list"],
    }


def processes_of(mark: str) -> list[int]:
    """Return the numbers of the processes that have a mark in their environment, on Linux."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                state = (process / "stat").read_bytes().rpartition(b")")[2].split()[0]
                if mark.encode() in (process / "environ").read_bytes() and state != b"Z":
                    found.append(int(process.name))
            except OSError:  # it has ended
                continue
    return found


def semaphores() -> set[str]:
    return {each.name for each in Path("/dev/shm").glob("sem.mp-*")}


def end_one(words: list[str], number: signal.Signals, delay: float, cache: Path, *, group: bool) -> str:
    """Send a signal to a command after a delay; return what is wrong, empty if nothing is."""
    mark, before = uuid.uuid4().hex, semaphores()
    settings = {**environment(), _MARK: mark, "NUMBA_CACHE_DIR": str(cache), "CONVCLI_BACKGROUND": "0"}
    with subprocess.Popen(
        command(*words), env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        time.sleep(delay)
        if process.poll() is not None:
            return ""
        (os.killpg if group else os.kill)(process.pid, number)
        sent = time.monotonic()
        _, told = process.communicate(timeout=60)
    wrong = [] if process.returncode in (*_SIGNALS[number], 0) else [f"code {process.returncode}"]
    if b"Traceback" in told and delay > _PYTHONS_START:
        wrong.append("a traceback")
    while (alive := processes_of(mark)) or semaphores() - before:
        if time.monotonic() - sent > _PROCESSES_END:
            wrong.append(f"{len(alive)} processes and {len(semaphores() - before)} semaphores are left")
            break
        time.sleep(0.05)
    for each in alive:
        os.kill(each, signal.SIGKILL)
    return ", ".join(wrong)


def end_many(folder: Path, number: int, seed: int = 0) -> list[str]:
    """End so many commands; return a line for each that went wrong, and for every damaged output."""
    chance = random.Random(seed)
    commands = prepare(folder)
    wrong = []
    for round_ in range(number):
        name = list(commands)[round_ % len(commands)]
        sent, group = chance.choice(list(_SIGNALS)), chance.random() < 0.5
        delay = chance.choice((chance.uniform(0, 0.1), chance.uniform(0, 2)))
        cache = folder / f"cache-{round_}" if name in ("compiling", "warmup") else folder / "cache"
        if told := end_one(commands[name], sent, delay, cache, group=group):
            to = "all processes" if group else "the main process"
            wrong.append(f"{name}, {sent.name} to {to} after {delay:.2f} s: {told}")
    for output in (folder / "out").iterdir():
        if output.suffix in (".png", ".tif") and not output.name.startswith("."):
            with Image.open(output) as image:
                image.load()
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=1000, help="of signals (1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (0)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong = end_many(Path(folder), chosen.number, chosen.seed)
    print("\n".join([*wrong, f"{chosen.number} signals, {len(wrong)} went wrong"]))  # noqa: T201 - what the script is for


if __name__ == "__main__":
    main()
