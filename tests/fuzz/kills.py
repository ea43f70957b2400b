"""A batch is killed at random moments, and no picture is damaged: ``python -m tests.fuzz.kills --number 1000``.

Every run overwrites the results of the one before, once with the pictures as they are and once inverted, and all its
processes are killed. After each kill every output has to decode to what it was before or to what the run makes of it.
In the end one whole run has to leave no temporary file.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support.console import command, environment

EARLIEST, LATEST = 0.6, 1.05  # after the start, as shares of the time that a whole run takes: nothing is written before
PICTURES = 40
SHAPE = (160, 240, 3)


@dataclass
class Outputs:
    """The folder of outputs, and what is known of it.

    Parameters
    ----------
    folder
        Where they are.
    sources
        The pixels of every input, by the name of its file.
    inverted
        Which outputs were found inverted at the last look.
    seconds
        How long a whole run takes.
    decoded
        What the bytes of files hold that were decoded already: decoding them again would tell nothing new.
    """

    folder: Path
    sources: dict[str, NDArray[np.uint8]]
    inverted: dict[str, bool]
    seconds: float
    decoded: dict[tuple[str, bytes], bool] = field(default_factory=dict)

    def look(self, *, to_inverted: bool) -> int:
        """Check every output after a kill; return how many have changed."""
        changed = 0
        for name in self.sources:
            found = self._is_inverted(name)
            if found != self.inverted[name]:
                assert found == to_inverted, f"{name} is neither what it was nor what was to become of it"
                changed += 1
                self.inverted[name] = found
        return changed

    def _is_inverted(self, name: str) -> bool:
        data = (self.folder / name).read_bytes()
        if (name, data) not in self.decoded:
            with Image.open(self.folder / name) as image:
                pixels = np.asarray(image)
            source = self.sources[name]
            is_inverted = np.array_equal(pixels, 255 - source)
            assert is_inverted or np.array_equal(pixels, source), f"{name} is damaged"
            self.decoded[name, data] = is_inverted
        return self.decoded[name, data]

    def leftovers(self) -> int:
        return sum(each.name.startswith(".") for each in self.folder.iterdir())


@dataclass
class Tally:
    """How often a kill met what."""

    kills: int = 0
    in_time: int = 0
    in_the_middle: int = 0
    left: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.in_time} before the batch ended, {self.in_the_middle} with some outputs "
            f"new and some old, {self.left} with a temporary file left; no picture was damaged, and the last run "
            "left no temporary file"
        )


def words(folder: Path, *, invert: bool) -> list[str]:
    name = "invert" if invert else "identity"
    return command(
        "apply", name, folder / "in", "-o", f"{folder}/out/", "-j", "2", "--force", "-q", "--engine", "numpy"
    )


def prepare(folder: Path) -> Outputs:
    sources = {}
    (folder / "in").mkdir()
    for number in range(PICTURES):
        name = f"{number}.png"
        sources[name] = np.random.default_rng(number).integers(0, 256, SHAPE, np.uint8)
        Image.fromarray(sources[name]).save(folder / "in" / name)
    for _ in range(2):  # the first one finds nothing in the caches
        start = time.monotonic()
        subprocess.run(words(folder, invert=False), env=environment(), check=True)
        seconds = time.monotonic() - start
    outputs = Outputs(folder / "out", sources, dict.fromkeys(sources, False), seconds)
    assert outputs.look(to_inverted=False) == 0
    return outputs


def kill_batches(folder: Path, number: int, seed: int = 0) -> Tally:
    """Kill a batch so many times; AssertionError where an output is damaged or a temporary file stays for good."""
    rng = random.Random(seed)
    outputs = prepare(folder)
    tally = Tally()
    for round_ in range(number):
        invert = round_ % 2 == 0
        process = subprocess.Popen(words(folder, invert=invert), env=environment(), start_new_session=True)
        time.sleep(rng.uniform(EARLIEST, LATEST) * outputs.seconds)
        if process.poll() is None:
            tally.in_time += 1
            os.killpg(process.pid, signal.SIGKILL)  # it is not waited for yet, so its number is still its own
            process.wait()
        else:
            outputs.seconds *= 0.8  # the machine has less to do than when the run was timed
        time.sleep(0.02)  # a killed process runs no more, but a call of the system that it made comes to its end
        changed = outputs.look(to_inverted=invert)
        tally.kills += 1
        tally.in_the_middle += 0 < changed < PICTURES
        tally.left += outputs.leftovers() > 0
    subprocess.run(words(folder, invert=True), env=environment(), check=True)
    outputs.look(to_inverted=True)
    assert all(outputs.inverted.values())
    assert outputs.leftovers() == 0, "a temporary file was left behind for good"
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=1000, help="of kills (1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (0)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(kill_batches(Path(folder), chosen.number, chosen.seed))  # noqa: T201 - what the script is for


if __name__ == "__main__":
    main()
