"""Go through a folder of files with ``apply identity``, and compare what comes out with independent decoders.

Usage: ``python -m tests.corpus.run FOLDER [--refused] [--json FILE] [--slow SECONDS]``; the exit code
is 1 where a file is different or stalls.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from convcli.image import READABLE_SUFFIXES
from tests.corpus.judges import Bench, Shares, difference, shares

SLOW = 2.0  # seconds
TOGETHER = 40  # files of a command
LIMIT = 60  # seconds of a command for one file
TOLERANCE = 4 / 255  # of what is seen: decoders round, and enlarge halved colors, in more ways than one

# The ends of the names of pictures, beside those that the table of formats has.
MORE_SUFFIXES = frozenset({".apng", ".btf", ".tf8", ".dib", ".pbm", ".cur", ".j2h", ".jph", ".avifs", ".ljp", ".crw"})
PICTURES = (READABLE_SUFFIXES | MORE_SUFFIXES) - {".csv", ".npy", ".zarr"}


@dataclass
class Outcome:
    """What became of a file: ``done``, ``different``, ``unjudged``, ``refused`` or ``stalled``.

    `judges` are the decoders that read a refused file, or the first that agrees on one that is done.
    """

    path: str
    status: str
    reason: str = ""
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    judges: list[str] = field(default_factory=list)


def outcomes(files: Sequence[Path], *, refused_alone: bool = False) -> Iterator[Outcome]:
    """Yield the outcome of each file; other decoders are asked about every one, or those that are refused."""
    bench = Bench()
    for start in range(0, len(files), TOGETHER):
        yield from _of_some(files[start : start + TOGETHER], bench, refused_alone=refused_alone)
    bench.close()


def _of_some(files: Sequence[Path], bench: Bench, *, refused_alone: bool) -> Iterator[Outcome]:
    """Yield the outcomes of files in one command; of each by itself, where that stalls or dies."""
    with tempfile.TemporaryDirectory() as folder:
        names = [str(path) for path in files]
        command = [sys.executable, "-m", "convcli", "apply", "identity", "--files-from", "-", "-o", f"{folder}/"]
        command += ["--name", "{n}.tif", "--format", "tiff", "--json", "--quiet", "--jobs", "1"]
        try:
            ended = subprocess.run(
                command, input="\n".join(names), capture_output=True, text=True, timeout=LIMIT * 2, check=False
            )
            lines = [json.loads(line) for line in ended.stdout.splitlines()]
        except subprocess.TimeoutExpired:
            lines = []
        if len(lines) == len(files):
            yield from (_outcome(line, bench, refused_alone=refused_alone) for line in lines)
        elif len(files) > 1:
            for path in files:
                yield from _of_some([path], bench, refused_alone=refused_alone)
        else:
            yield Outcome(names[0], "stalled", f"no outcome in {2 * LIMIT} s, or a crash", 2 * LIMIT)


def _outcome(line: dict[str, object], bench: Bench, *, refused_alone: bool) -> Outcome:
    path, seconds = Path(str(line["input"])), float(str(line["seconds"] or 0))
    notes = [f"{note['code']}: {note['text']}" for note in line["notes"]]  # type: ignore[attr-defined]
    if line["status"] != "done":
        readers = [name for name, _ in bench.decodings(path)]
        return Outcome(str(path), "refused", _reason(str(line["error"]), path), seconds, notes, readers)
    if refused_alone:
        return Outcome(str(path), "unjudged", "", seconds, notes)
    made = _made(Path(str(line["output"])))
    least = None
    for name, theirs in bench.decodings(path):
        distance = difference(made, theirs)
        if distance <= TOLERANCE:  # one that agrees is enough
            return Outcome(str(path), "done", "", seconds, notes, [name])
        least = distance if least is None else min(least, distance)
    if least is None:
        return Outcome(str(path), "unjudged", "", seconds, notes)
    off = "another size" if least == float("inf") else f"off by {least:.0%}"
    return Outcome(str(path), "different", off, seconds, notes)


def _made(path: Path) -> Shares:
    from tifffile import TiffFile

    with warnings.catch_warnings(), TiffFile(path) as file:
        warnings.simplefilter("ignore")
        return shares(file.pages[0].asarray())


def _reason(error: str, path: Path) -> str:
    """Return an error without names and numbers, so that those of a kind are alike."""
    text = error.replace(str(path), "FILE").splitlines()[0]
    return re.sub(r"\d[\d.,× ]*\d|\d", "N", text)


def table(found: Iterable[Outcome], slow: float) -> str:
    """Return the counts, and the refusals, differences and slow files by reason, with an example of each."""
    every = list(found)
    counts = defaultdict[str, int](int)
    for each in every:
        counts[each.status] += 1
    lines = [f"{len(every)} files: " + ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))]
    honest = [each for each in every if each.status == "refused" and each.judges]
    lines.append(f"{len(honest)} of the refused are read by another decoder")
    for status in ("refused", "different", "stalled"):
        lines += _by_reason(status, [each for each in every if each.status == status])
    late = sorted((each for each in every if each.seconds > slow), key=lambda each: -each.seconds)
    lines += [f"slow: {each.seconds:5.1f} s  {each.path}" for each in late]
    return "\n".join(lines)


def _by_reason(status: str, some: list[Outcome]) -> Iterator[str]:
    groups = defaultdict[str, list[Outcome]](list)
    for each in some:
        groups[each.reason].append(each)
    for reason, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        read = sum(bool(each.judges) for each in group)
        by_others = f", {read} read by others" if status == "refused" else ""
        example = max(group, key=lambda each: len(each.judges))
        by_whom = f" ({', '.join(example.judges)})" if example.judges else ""
        yield f"{status}: {len(group)}{by_others}: {reason}\n    {example.path}{by_whom}"


def files_of(folder: Path, every: bool) -> list[Path]:
    """Return the files below a folder whose names are those of pictures, or `every` one."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and (every or path.suffix.lower() in PICTURES))


def main() -> int:
    """Run as the module's description says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", action="store_true", help="also files whose names are not those of pictures")
    parser.add_argument("--refused", action="store_true", help="ask other decoders about refused files alone")
    parser.add_argument("--json", type=Path, help="write an object for each file")
    parser.add_argument("--slow", type=float, default=SLOW, help="seconds from which a file is slow")
    options = parser.parse_args()
    files, found = files_of(options.folder, options.every), []
    for each in outcomes(files, refused_alone=options.refused):
        found.append(each)
        if len(found) % TOGETHER == 0:
            print(f"{len(found)} of {len(files)}", end="\r", file=sys.stderr, flush=True)  # noqa: T201
    if options.json:
        options.json.write_text("".join(json.dumps(asdict(each)) + "\n" for each in found))
    with suppress(BrokenPipeError):
        print(table(found, options.slow))  # noqa: T201
    return int(any(each.status in ("different", "stalled") for each in found))


if __name__ == "__main__":
    raise SystemExit(main())
