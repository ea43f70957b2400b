"""The files below a place in a bucket, and those that a pattern names, as a shell does for files on a disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

from convcli.places.remote import TREE_SUFFIX, Place, Remote

# The objects that are listed for the sake of some places, of which each would take a question.
_AT_LEAST, _PER_PLACE = 1000, 10
_GLOB = re.compile(r"[*\[]")


def objects_below(folder: Remote, *, recursive: bool, output: Place) -> Iterator[Remote]:
    """Yield the objects in a folder, or below it, by their names; not those in the output folder, nor hidden ones."""
    from convcli.places.buckets import SERVER

    inside = None
    if isinstance(output, Remote) and (output.scheme, output.host) == (folder.scheme, folder.host):
        inside = f"{output.key}/" if output.key != folder.key else None
    for each in _with_trees(SERVER.objects(folder, recursive=recursive), folder):
        if not each.name.startswith(".") and not (inside and each.key.startswith(inside)):
            yield each


def _with_trees(objects: Iterable[Remote], folder: Remote) -> Iterator[Remote]:
    """Yield objects below a folder; in place of those of a tree, which is one file to its user, the tree."""
    last = None
    for each in objects:
        parts = each.key.split("/")
        inner = range(len(folder.key.split("/")) if folder.key else 0, len(parts))
        end = next((count for count in inner if parts[count].lower().endswith(TREE_SUFFIX)), None)
        found = each if end is None else folder.beside("/".join(parts[: end + 1]))
        if end is None or found != last:
            yield found
        last = found


def looked_up(places: Sequence[Remote], folder: Remote) -> list[Remote]:
    """Return places with their states, by one listing of the folder around them, in place of a question for each.

    Where that has very many other objects, the places are returned as they are.
    """
    from convcli.places.buckets import SERVER

    most = _AT_LEAST + _PER_PLACE * len(places)
    states = {each.key: each.known for each in islice(SERVER.objects(folder), most)}
    if len(states) == most:
        return list(places)
    return [
        each
        if each.is_tree  # which is no object
        else Remote(each.scheme, each.host, each.key, known=states.get(each.key), absent=each.key not in states)
        for each in places
    ]


def expanded(place: Place) -> Iterator[Place]:
    """Yield the objects that a pattern in a URL names by ``*``, ``[…]`` or ``**`` over folders; or the place itself."""
    if isinstance(place, Path) or place.is_web or not _GLOB.search(place.key):
        yield place
        return
    from convcli.places.buckets import SERVER

    parts = PurePosixPath(place.key).parts
    fixed = next(index for index, part in enumerate(parts) if _GLOB.search(part))
    folder = Remote(place.scheme, place.host, "/".join(parts[:fixed]))
    pattern = _pattern(place.key)
    is_flat = fixed == len(parts) - 1 and "**" not in parts[-1]
    for each in SERVER.objects(folder, recursive=not is_flat):
        if pattern.fullmatch(each.key) and not each.name.startswith("."):
            yield each


def _pattern(text: str) -> re.Pattern[str]:
    """Return the regular expression of a pattern; a bracket that is not closed stands for itself."""
    whole = ""
    for part in re.findall(r"\*\*/?|\*|\[!?[^]/]+]|[^*\[]+|\[", text):
        if part.startswith("**"):
            whole += "(?:.*/)?" if part.endswith("/") else ".*"
        elif part == "*":
            whole += "[^/]*"
        elif part.startswith("[") and part.endswith("]"):
            whole += f"[{part[1:-1].replace('!', '^', 1) if part[1] == '!' else part[1:-1]}]"
        else:
            whole += re.escape(part)
    return re.compile(whole, re.DOTALL)
