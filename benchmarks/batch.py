"""Sharpen a folder of pictures, two at a time, beside OpenCV loops and libvips under xargs.

Every file is in the file cache. convcli runs `apply sharpen FOLDER -o OUT -j 2`. OpenCV runs in two processes at the
same time, each with half of the files and one thread. libvips runs in a process per file, two at a time with one
thread each. `peak MB` is the memory of all processes of a side together, with shared memory counted once; it is sampled
twenty times a second in a run of its own, which is not timed (Linux only).
"""

from __future__ import annotations

import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from measuring import (
    ENVIRONMENT,
    MEGAPIXELS_12,
    THREADS,
    Row,
    convcli,
    fastest,
    judged,
    options,
    picture,
    show,
    sides,
    versions,
)
from peers import MASK, QUALITY, Words, has_opencv, has_vips, opencv_loop
from PIL import Image

COLUMNS = {
    "folder": "",
    "peer": "",
    "ours s": ".2f",
    "peer s": ".2f",
    "ratio": ".2f",
    "cpu": ".2f",
    "goal": "",
    "met": "",
    "ours peak MB": ".0f",
    "peer peak MB": ".0f",
}
SMALL, TINY = (750, 1000), (64, 64)
# Highest ratios to a peer, by the kind of folder.
GOALS = {
    ("jpg", "two OpenCV loops"): 1.0,
    ("jpg", "xargs -P2 vips conv"): 0.42,
    ("tiny png", "two OpenCV loops"): 1.5,
}
LOOK_EVERY = 0.05


def ours(folder: Path, out: Path) -> list[Words]:
    return [convcli("apply", "sharpen", folder, "-o", f"{out}/", "-j", str(THREADS), "--force", "--quiet")]


def opencv(folder: Path, out: Path) -> list[Words]:
    files = sorted(folder.iterdir())
    return [opencv_loop(1, out, files[start::THREADS]) for start in range(THREADS)]


def vips(folder: Path, out: Path) -> list[Words]:
    mask = out.parent / "sharpen.mat"
    mask.write_text(MASK, "utf-8")
    source, target, options_ = shlex.quote(str(folder)), shlex.quote(str(out)), f"[Q={QUALITY}]"
    conv = f"vips conv {source}/NAME {target}/NAME{options_ if folder.name == 'jpg' else ''} {shlex.quote(str(mask))}"
    return [["sh", "-c", f"ls {source} | xargs -P{THREADS} -I NAME {conv} --precision integer"]]


PEERS: dict[str, tuple[Callable[[Path, Path], list[Words]], Callable[[], bool]]] = {
    "two OpenCV loops": (opencv, has_opencv),
    "xargs -P2 vips conv": (vips, has_vips),
}


def start(commands: list[Words]) -> list[subprocess.Popen[bytes]]:
    """Start commands at the same time, with one thread in each process."""
    environment = ENVIRONMENT | {"VIPS_CONCURRENCY": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return [
        subprocess.Popen(
            [str(word) for word in command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for command in commands
    ]


def finish(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.wait():
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")


def peak(commands: list[Words]) -> float | None:
    """Run commands, and return the peak memory of them and their children together, in MB."""
    processes = start(commands)
    most = 0
    while any(process.poll() is None for process in processes):
        most = max(most, sum(memory_of(process.pid) for process in processes))
        time.sleep(LOOK_EVERY)
    finish(processes)
    return most / 1024 or None


def memory_of(process: int) -> int:
    """Return the proportional set size of a process and its children in KB, or 0 if the system has no such figure."""
    proc = Path("/proc", str(process))
    try:
        lines = (proc / "smaps_rollup").read_text("utf-8").splitlines()
        tasks = [task / "children" for task in (proc / "task").iterdir()]
        children = [int(child) for task in tasks for child in task.read_text("utf-8").split()]
    except OSError:
        return 0
    own = next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return own + sum(memory_of(child) for child in children)


def compare(folder: Path, out: Path, kind: str, name: str, rounds: int) -> Iterator[Row]:
    there = {peer: command for peer, (command, installed) in PEERS.items() if installed()}
    sides_: dict[str, list[Words]] = {}
    for peer, command in {"ours": ours, **there}.items():
        target = out / peer / folder.name
        target.mkdir(parents=True)
        sides_[peer] = command(folder, target)
    found = fastest({peer: partial(in_turn, commands) for peer, commands in sides_.items()}, rounds)
    peaks = {peer: peak(commands) for peer, commands in sides_.items()}
    for peer in PEERS:
        row: Row = {"folder": name, "peer": peer, "ours s": found["ours"].seconds, "ours peak MB": peaks["ours"]}
        if peer not in there:
            yield row | {"ratio": "not installed"}
            continue
        row |= {"peer s": found[peer].seconds, "peer peak MB": peaks[peer], **found["ours"].over(found[peer])}
        yield judged(row, GOALS.get((kind, peer)))


def in_turn(commands: list[Words]) -> None:
    finish(start(commands))


def fill(folder: Path, height: int, width: int, number: int) -> None:
    """Write `number` copies of a picture, in the format that names the folder."""
    folder.mkdir()
    first = folder / f"0.{folder.name}"
    Image.fromarray(picture(height, width)).save(first, quality=int(QUALITY), compress_level=1)
    for index in range(1, number):
        (folder / f"{index}.{folder.name}").write_bytes(first.read_bytes())


def main(argv: Sequence[str] | None = None) -> None:
    chosen = options(
        __doc__,
        argv,
        (
            "--number",
            {"type": int, "default": 40, "help": "pictures in a folder (40), ten times as many of the tiny ones"},
        ),
        ("--pixels", {"type": int, "default": 12_000_000, "help": "size of the large pictures (12 million)"}),
    )
    large = MEGAPIXELS_12 if chosen.pixels == 12_000_000 else sides(chosen.pixels)
    rows: list[Row] = []
    for kind, (height, width), number in (
        ("jpg", large, chosen.number),
        ("png", SMALL, chosen.number),
        ("tiny png", TINY, 10 * chosen.number),
    ):
        form = kind.split()[-1]
        name = f"{number} {form} of {width}×{height}"
        if chosen.only in name:
            with tempfile.TemporaryDirectory() as temporary:
                folder = Path(temporary, form)
                fill(folder, height, width, number)
                rows += compare(folder, Path(temporary, "out"), kind, name, chosen.rounds)
    heading = f"{versions('opencv-python-headless')}; {chosen.rounds} rounds"
    show(rows, COLUMNS, heading, chosen.json)


if __name__ == "__main__":
    main()
