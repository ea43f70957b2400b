"""The layout of a Zarr, from the files that describe it: its arrays, their axes, and the levels of an OME-Zarr.

Zarr 2 and 3 are told apart by these files; the library, which decodes chunks, is not needed here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from convcli.errors import ReadError
from convcli.image.picture import Layout, StoredArray
from convcli.note import Note
from convcli.words import counted, listed

_ROLES = {
    "y": ("y", "lat", "latitude", "row", "rows", "height"),
    "x": ("x", "lon", "longitude", "col", "column", "columns", "width"),
    "c": ("c", "channel", "channels", "band", "bands", "rgb", "samples"),
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names}

# Axes of arrays that name none, as .npy has them; and of OME-Zarr before its third version.
_UNNAMED = {2: ("y", "x"), 3: ("c", "y", "x"), 4: ("n", "c", "y", "x")}
_CHANNELS_LAST = ("y", "x", "c")
_MOST_LAST = 4
_OF_OLD_OME = ("t", "c", "z", "y", "x")

_DAMAGED = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)
_MOST_NAMED = 3


def layout_of(folder: Path, name: str) -> tuple[Layout, tuple[Note, ...]]:
    """Return the layout of a folder, and notes on what was guessed.

    Raises ReadError where there is no picture in it, or its metadata is damaged.
    """
    try:
        return _layout_of(folder, name)
    except _DAMAGED as error:
        raise ReadError(f"{name} has metadata that is damaged", "fetch it or save it again") from error


def _layout_of(folder: Path, name: str) -> tuple[Layout, tuple[Note, ...]]:
    array = stored_array(folder, "")
    if array is not None:
        axes, notes = _axes_of(array, _names_around(folder) or _names_in(array), name)
        return Layout(_version(array), axes, (array,)), notes
    metadata = _json(folder / "zarr.json") or _json(folder / ".zattrs") or {}
    said = attributes_of(metadata)
    multiscales = said.get("multiscales")
    if "image-label" in said:
        raise ReadError(f"{name} holds labels, the numbers of objects, and no picture", "name the picture around it")
    if not multiscales:
        raise _no_picture(folder, name, said)
    return _multiscale(folder, name, metadata)


def _multiscale(folder: Path, name: str, metadata: dict[str, Any]) -> tuple[Layout, tuple[Note, ...]]:
    """Return the layout of an OME-Zarr."""
    first, *others = attributes_of(metadata)["multiscales"]
    levels = [_level(folder, name, each["path"]) for each in first["datasets"]]
    names = [each if isinstance(each, str) else each["name"] for each in first.get("axes", ())]
    kinds = {each["name"]: each.get("type") for each in first.get("axes", ()) if isinstance(each, dict)}
    if not names and len(levels[0].shape) == len(_OF_OLD_OME):
        names = list(_OF_OLD_OME)
    names = ["c" if kinds.get(each) == "channel" else each for each in names]
    axes, notes = _axes_of(levels[0], names, name)
    if others:
        notes = (*notes, Note("first-picture", f"it holds {1 + len(others)} pictures; the first is taken"))
    if len(levels) > 1:
        notes = (*notes, Note("overviews", "its smaller versions are left out; --overviews writes new ones"))
    if any(len(each.shape) != len(axes) for each in levels):
        raise ReadError(f"{name} has levels of different numbers of axes", "fetch it or save it again")
    return Layout(_version(levels[0]), axes, tuple(levels), metadata), notes


def _level(folder: Path, name: str, path: str) -> StoredArray:
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ReadError(f"{name} leads to {path}, outside of it", "fetch it or save it again")
    found = stored_array(folder, path)
    if found is None:
        raise ReadError(f"{name} has no array {path}, which it names", "fetch it or save it again")
    return found


def stored_array(folder: Path, path: str) -> StoredArray | None:
    """Return what is said about an array in a folder; None where there is none."""
    inner = folder / path
    metadata = _json(inner / "zarr.json")
    if metadata is not None:
        if metadata.get("node_type") != "array":
            return None
        return StoredArray(path, _shape(metadata), metadata, {})
    metadata = _json(inner / ".zarray")
    if metadata is None:
        return None
    return StoredArray(path, _shape(metadata), metadata, _json(inner / ".zattrs") or {})


def attributes_of(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return what the metadata of a group says of OME's, in whichever version."""
    attributes = metadata.get("attributes", metadata)
    found: dict[str, Any] = attributes.get("ome", attributes)
    return found


def _shape(metadata: dict[str, Any]) -> tuple[int, ...]:
    return tuple(map(int, metadata["shape"]))


def _version(array: StoredArray) -> Literal[2, 3]:
    found: Literal[2, 3] = array.metadata["zarr_format"]
    if found not in (2, 3):
        raise ValueError(found)
    return found


def _json(file: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not isinstance(found, dict):
        raise TypeError(type(found))
    return found


def _names_around(folder: Path) -> Sequence[str]:
    """Return the names of the axes of an array in an OME-Zarr, which the group around it has."""
    try:
        around = _json(folder.parent / "zarr.json") or _json(folder.parent / ".zattrs") or {}
        (found, *_) = attributes_of(around)["multiscales"]
        paths = [each["path"] for each in found["datasets"]]
        names = [each if isinstance(each, str) else str(each["name"]) for each in found["axes"]]
    except (*_DAMAGED, OSError):
        return ()
    return names if folder.name in paths else ()


def _names_in(array: StoredArray) -> Sequence[str]:
    """Return the names that an array has for its axes: its own, or those that xarray writes."""
    attributes = array.metadata.get("attributes", array.attributes)
    names = array.metadata.get("dimension_names") or attributes.get("_ARRAY_DIMENSIONS") or ()
    return names if all(isinstance(each, str) and each for each in names) else ()


def _axes_of(array: StoredArray, names: Sequence[str], name: str) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    count = len(array.shape)
    if names and len(names) != count:
        raise ReadError(f"{name} has {_axes(count)}, and names for {len(names)}", "save it again, with a name for each")
    axes = tuple(_ROLE_OF.get(each.lower(), each.lower()) for each in names)
    if names and all(axes.count(each) == 1 for each in ("y", "x")) and axes.count("c") < 2:
        return axes, ()
    if count not in _UNNAMED:
        what = f"axes {', '.join(names)}, no y and x among them" if names else _axes(count)
        if count > max(_UNNAMED) and not names:
            what += " without names"
        raise ReadError(f"{name} has {what}", "name y and x, and what is beside them: t c z y x")
    guessed = _UNNAMED[count]
    if count == 3 and array.shape[2] <= _MOST_LAST < min(array.shape[:2]):
        guessed = _CHANNELS_LAST
    if count == 2:
        return guessed, ()
    read = ", ".join(guessed)
    return guessed, (Note("axes-guessed", f"its axes are read as {read}; names of them would tell"),)


def _axes(count: int) -> str:
    return "1 axis" if count == 1 else f"{count or 'no'} axes"


def _no_picture(folder: Path, name: str, said: dict[str, Any]) -> ReadError:
    """Return the error for a group that is no picture."""
    if "plate" in said or "well" in said or "bioformats2raw.layout" in said:
        noun = next((each for each in ("plate", "well") if each in said), "series")
        inner = next(_pictures_in(folder), None)
        return ReadError(f"{name} is a {noun} of pictures", f"name one of them: {name}/{inner or '0'}")
    if "labels" in said:
        return ReadError(f"{name} is a group of labels, which are no pictures", "name the picture that they are about")
    arrays = sorted(_arrays_in(folder))
    if not arrays:
        return ReadError(f"{name} is a Zarr without an array", "name one that has a picture")
    shown = listed([f"{name}/{each}" for each in arrays[:_MOST_NAMED]], "or")
    return ReadError(f"{name} is a group of {counted(len(arrays), 'array')}, and no OME-Zarr", f"name one: {shown}")


def _arrays_in(folder: Path) -> Iterator[str]:
    for each in folder.iterdir():
        if each.is_dir() and stored_array(folder, each.name) is not None:
            yield each.name


def _pictures_in(folder: Path) -> Iterator[str]:
    """Yield the groups below a folder that are pictures, by their paths, down to a well of a plate."""
    for pattern in ("*", "*/*", "*/*/*"):
        for each in sorted(folder.glob(pattern)):
            if not each.is_dir():
                continue
            metadata = _json(each / "zarr.json") or _json(each / ".zattrs") or {}
            if attributes_of(metadata).get("multiscales"):
                yield each.relative_to(folder).as_posix()
