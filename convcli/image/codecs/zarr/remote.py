"""A Zarr behind a URL: what describes it, and of its chunks those that are asked for, in a folder that is removed."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from itertools import product
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from convcli.errors import ReadError
from convcli.image.codecs.zarr.arrays import stored_together
from convcli.image.codecs.zarr.layout import attributes_of
from convcli.image.picture import StoredArray
from convcli.places import TREE_MARKS, Remote, fetch_objects

_MOST_LEVELS = 100  # of a picture, each of which is asked for


class FetchedFolder(io.BytesIO):
    """A stream without bytes, with a `folder` in which there is what was fetched.

    Raises ReadError where there is no Zarr, or it cannot be read.
    """

    def __init__(self, place: Remote) -> None:
        super().__init__()
        self._place = place
        self._temporary = TemporaryDirectory(prefix="convcli-zarr-")
        self.folder = Path(self._temporary.name)
        self._names: set[str] = set()  # of the chunks that are there
        try:
            self._fetch_metadata()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove the folder."""
        self._temporary.cleanup()
        super().close()

    def fetch(self, array: StoredArray, index: tuple[int | slice, ...]) -> None:
        """Fetch the chunks of a part of an array; remove those that are no part of it."""
        wanted = {f"{array.path}/{name}".removeprefix("/") for name in chunk_names(array, index)}
        for name in self._names - wanted:
            (self.folder / name).unlink(missing_ok=True)
        fetch_objects(self._place, sorted(wanted - self._names), self.folder)
        self._names = wanted

    def _fetch_metadata(self) -> None:
        fetch_objects(self._place, TREE_MARKS, self.folder)
        if not any((self.folder / name).exists() for name in TREE_MARKS):
            raise ReadError(f"{self._place} does not exist, or is no Zarr", "check the name")
        paths = list(_levels_named(self.folder))
        names = (f"{path}/{name}" for path in paths for name in TREE_MARKS if name != ".zgroup")
        fetch_objects(self._place, names, self.folder)


def _levels_named(folder: Path) -> Iterable[str]:
    """Yield the paths of the arrays that an OME-Zarr names, but for those that lead out of it."""
    for name in ("zarr.json", ".zattrs"):
        try:
            datasets = attributes_of(json.loads((folder / name).read_bytes()))["multiscales"][0]["datasets"]
            paths = [PurePosixPath(each["path"]) for each in datasets]
        except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            continue  # none, or damaged, as reading the layout will say
        for path in paths[:_MOST_LEVELS]:
            if not path.is_absolute() and ".." not in path.parts:
                yield path.as_posix()
        return


def chunk_names(array: StoredArray, index: tuple[int | slice, ...]) -> Iterable[str]:
    """Yield the names of the files, below that of the array, that hold a part of it."""
    before, between = _keys(array.metadata)
    spans = []
    for length, size, each in zip(array.shape, stored_together(array), index, strict=True):
        first, last, _ = each.indices(length) if isinstance(each, slice) else (each, each + 1, 1)
        spans.append(range(first // size, -(-last // size)))
    for place in product(*spans):
        yield before + between.join(map(str, place))


def _keys(metadata: dict[str, Any]) -> tuple[str, str]:
    """Return what stands before and between the numbers in the names of the files of an array."""
    if metadata["zarr_format"] == 2:
        return "", _checked(metadata.get("dimension_separator") or ".")
    encoding = metadata.get("chunk_key_encoding") or {}
    is_old = encoding.get("name") == "v2"
    between = (encoding.get("configuration") or {}).get("separator") or ("." if is_old else "/")
    return "" if is_old else f"c{between}", _checked(between)


def _checked(between: str) -> str:
    """Return what stands between two numbers; raise ReadError for what would lead elsewhere."""
    if between not in (".", "/"):
        raise ReadError(f"its chunks have names with {between!r} in them, which Zarr does not know", "save it again")
    return between
