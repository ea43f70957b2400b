"""Damaged files of every format go through the whole command: ``python -m tests.fuzz.fuzz --number 20000``.

Every command has to give a result or one line: no traceback, no noise of a library, no file left behind, no hang, and
no more memory than the limit of pixels allows. Each is made of the seed and its number alone: what goes wrong is kept
in a folder, and ``--first NUMBER --number 1`` does it again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.commands import Command, command_of, prepare
from tests.fuzz.files import files
from tests.fuzz.judge import Answer, complaints
from tests.fuzz.worker import work

SILENCE = 40.0  # seconds after which a worker is ended: more than `LONGEST`, since processors are shared


@dataclass
class Tally:
    """What became of the commands."""

    codes: Counter[int] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, 0)
    largest: tuple[float, int] = (0.0, 0)  # share of what was allowed
    peak: int = 0
    found: list[str] = field(default_factory=list)

    def add(self, number: int, answer: Answer) -> None:
        self.codes[answer.code] += 1
        self.slowest = max(self.slowest, (answer.seconds, number))
        self.largest = max(self.largest, (answer.memory_share, number))
        self.peak = max(self.peak, answer.memory)

    def __str__(self) -> str:
        seconds, slow = self.slowest
        share, large = self.largest
        return (
            f"{self.codes.total()} commands: {self.codes[0]} gave a result, {self.codes[1]} and {self.codes[2]} a line "
            f"with exit codes 1 and 2; the slowest took {seconds:.2f} s (number {slow}); the largest peak was "
            f"{self.peak / 1e6:.0f} MB, and {share:.0%} of what the limit of pixels allows (number {large}); "
            f"{len(self.found)} went wrong"
        )


def fuzz(folder: Path, number: int, seed: int = 0, first: int = 0) -> Tally:
    """Run so many commands in a process of their own; what goes wrong is kept in a folder each."""
    tally = Tally()
    wholes = files()
    begun, last = first, first + number
    while begun < last:
        for at, answer in enumerate(_answers(folder, seed, begun, last), start=begun):
            begun = at + 1
            tally.add(at, answer)
            command = command_of(wholes, seed, at)
            wrong = complaints(command, answer)
            if wrong:
                tally.found.append(f"{at}: {wrong[0]}")
                _keep(folder / f"{seed}-{at}", command, answer, wrong)
    return tally


def _answers(folder: Path, seed: int, first: int, last: int) -> Iterator[Answer]:
    """Yield the answers of one worker, as long as it lives; the last one may be that it has died or hung."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        worker = context.Process(target=work, args=(seed, first, last, Path(scratch), sending), daemon=True)
        worker.start()
        sending.close()
        try:
            for _ in range(first, last):
                if not receiving.poll(SILENCE):
                    yield Answer(died=f"said nothing for {SILENCE:.0f} s")
                    return
                yield receiving.recv()
        except EOFError:
            worker.join()
            said = (Path(scratch) / "stderr").read_text(errors="backslashreplace")
            yield Answer(died=f"ended with {worker.exitcode}", stderr=said)
        finally:
            worker.kill()
            worker.join()
            receiving.close()


def _keep(folder: Path, command: Command, answer: Answer, wrong: list[str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    prepare(command, folder)
    (folder / "stdin").write_bytes(command.stdin)
    told = "\n".join([*wrong, "", repr(command.words), "", answer.stderr])
    (folder / "WRONG.txt").write_text(told, errors="backslashreplace")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=20_000, help="of commands (20000)")
    parser.add_argument("--seed", type=int, default=0, help="of the commands (0)")
    parser.add_argument("--first", type=int, default=0, help="number of the first one (0)")
    parser.add_argument("--keep", type=Path, help="folder for what goes wrong (a temporary one)")
    chosen = parser.parse_args()
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="convcli-fuzz-"))
    folder.mkdir(exist_ok=True, parents=True)
    tally = fuzz(folder, chosen.number, chosen.seed, chosen.first)
    for line in tally.found:
        print(line)  # noqa: T201 - what the script is for
    print(tally)  # noqa: T201 - what the script is for
    if tally.found:
        sys.exit(f"kept in {folder}")
    if not os.listdir(folder):  # noqa: PTH208 - whether there is anything
        folder.rmdir()


if __name__ == "__main__":
    main()
