"""The files of two folders, matched by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import TypeVar

from convcli.errors import UsageError
from convcli.jobs.many.finding import NOTHING, PassedOver, files_below
from convcli.jobs.paths import path_below
from convcli.lazy import dataclass
from convcli.places import Place

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Matched:
    """Two folders: a file of INPUT, one of TARGET and their name in messages, which is their path below both folders.

    `unmatched` are the files of INPUT and of TARGET without a counterpart, by their paths below the folders;
    `passed_over` counts those that are no inputs.
    """

    files: tuple[tuple[Place, Place, str], ...]
    unmatched: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    passed_over: PassedOver = NOTHING


def match_folders(source: Place, target: Place) -> Matched:
    """Match the readable files of two folders, and of all folders below them, by their paths from there.

    Without a pair, UsageError is raised.
    """
    inputs, others = files_below(source, recursive=True, output=target)
    targets, more = files_below(target, recursive=True, output=source)
    first = {path_below(path, source): path for path in inputs}
    second = {path_below(path, target): path for path in targets}
    found = counterparts(first, second)
    if not found:
        raise UsageError(
            f"no picture in {source} has a counterpart in {target}",
            f"a pair has one name in both folders: {source / 'a.png'} and {target / 'a.png'}",
        )
    files = tuple((*found[name], name.as_posix()) for name in sorted(found))
    alone = _unmatched(first, files, 0), _unmatched(second, files, 1)
    return Matched(files, alone, others.plus(more))


def _unmatched(
    side: Mapping[PurePath, Place], files: Iterable[tuple[Place, Place, str]], index: int
) -> tuple[str, ...]:
    matched = {each[index] for each in files}
    return tuple(name.as_posix() for name, path in sorted(side.items()) if path not in matched)


def counterparts(first: Mapping[PurePath, T], second: Mapping[PurePath, U]) -> dict[PurePath, tuple[T, U]]:
    """Return what two sides have by one path, then by paths that differ in their suffix alone, by the first's path.

    Where a side has several paths that differ in their suffix alone, those have no counterpart.
    """
    found = {name: (first[name], second[name]) for name in first.keys() & second.keys()}
    taken = set(found)
    stems = [_by_stem(name for name in side if name not in taken) for side in (first, second)]
    for stem in stems[0].keys() & stems[1].keys():
        if len(stems[0][stem]) == len(stems[1][stem]) == 1:
            name, other = stems[0][stem][0], stems[1][stem][0]
            found[name] = first[name], second[other]
    return found


def _by_stem(names: Iterator[PurePath]) -> dict[PurePath, list[PurePath]]:
    stems = defaultdict(list)
    for name in names:
        stems[name.with_suffix("")].append(name)
    return stems
