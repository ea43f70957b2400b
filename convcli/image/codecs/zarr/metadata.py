"""The metadata of a Zarr to be written: that of the one it was made of, with its new shape, or one of our own."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from convcli.image.codec import Encoding
from convcli.image.codecs.zarr.arrays import codecs_for, for_values, stored_together, with_channels
from convcli.image.codecs.zarr.layout import attributes_of
from convcli.image.codecs.zarr.stacks import described_axes, planes_of
from convcli.image.picture import Layout, Picture, StoredArray

_SIDE = 512  # of a chunk of our own
_SMALLEST = 256  # width and height up to which no smaller version is made, as for TIFF
_OF_OME = {2: "0.4", 3: "0.5"}

_KINDS = {"t": "time", "z": "space", "y": "space", "x": "space", "c": "channel"}


def planned(picture: Picture, encoding: Encoding) -> Layout:
    """Return the layout in which a picture, given without its pixels, is written."""
    layout = _own(picture) if picture.layout is None else _fitted(picture.layout, picture)
    if encoding.overviews and len(layout.levels) == 1:
        layout = _with_smaller(layout)
    steps = described_axes(picture.stack) if picture.stack is not None and picture.layout is None else {}
    if layout.group is None and (encoding.multiscale or len(layout.levels) > 1 or steps):
        layout = _as_multiscale(layout, steps)
    return layout


def write_metadata(layout: Layout, folder: Path) -> None:
    """Write the files that describe a Zarr."""
    name = "zarr.json" if layout.version == 3 else ".zarray"
    for level in layout.levels:
        inner = folder / level.path
        inner.mkdir(parents=True, exist_ok=True)
        _save(inner / name, level.metadata)
        if level.attributes:
            _save(inner / ".zattrs", level.attributes)
    if layout.group is not None:
        _save(folder / ("zarr.json" if layout.version == 3 else ".zattrs"), layout.group)
    if layout.group is not None and layout.version == 2:
        _save(folder / ".zgroup", {"zarr_format": 2})


def high_of(layout: Layout | None) -> int:
    """Return how many rows of a picture are written together."""
    return _SIDE if layout is None else stored_together(layout.levels[0])[layout.axes.index("y")]


def factors(layout: Layout, number: int) -> tuple[int, ...]:
    """Return how many values of the level before are one of a level, along every axis."""
    before, own = layout.levels[number - 1].shape, layout.levels[number].shape
    return tuple(max(1, round(large / small)) for large, small in zip(before, own, strict=True))


def _save(file: Path, metadata: dict[str, Any]) -> None:
    file.write_text(json.dumps(metadata, indent=2), encoding="utf-8")


def _own(picture: Picture) -> Layout:
    """Return a layout for a picture that comes from no Zarr: axes of a stack, or t for frames, and c for channels."""
    height, width = picture.size
    along, planes = planes_of(picture.stack, len(picture.frames), picture.channels)
    along |= {"y": height, "x": width}
    chunk = [min(length, _SIDE) if name in "yx" else 1 for name, length in along.items()]
    dtype = picture.dtype
    metadata = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(along.values()),
        "data_type": dtype.name,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0,
        "codecs": codecs_for(dtype),
        "attributes": {},
        "dimension_names": list(along),
    }
    return Layout(3, tuple(along), (StoredArray("", tuple(along.values()), metadata, {}),), planes=planes)


def _fitted(layout: Layout, picture: Picture) -> Layout:
    """Return the layout of a file for what was made of its picture."""
    gains = picture.channels > 1 and "c" not in layout.axes
    axes = layout.axes
    if gains:
        place = axes.index("y")
        axes = (*axes[:place], "c", *axes[place:])
    levels: list[StoredArray] = []
    for number, level in enumerate(layout.levels):
        given = with_channels(level, layout.axes.index("y")) if gains else level
        ratios = factors(layout, number) if number else ()
        if gains and ratios:
            ratios = (*ratios[: axes.index("c")], 1, *ratios[axes.index("c") :])
        shape = _shape(picture, given, axes, levels[-1].shape if levels else None, ratios)
        if prod(shape) == 0:
            break
        levels.append(for_values(given, shape, picture.dtype, keeps_attributes=layout.keeps_attributes))
    group = None if layout.group is None else _mended(layout, axes, levels)
    return Layout(layout.version, axes, tuple(levels), group, layout.pixel, layout.keeps_attributes)


def _shape(
    picture: Picture, level: StoredArray, axes: tuple[str, ...], before: tuple[int, ...] | None, ratios: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the shape of a level: that of the picture, or a part of the level before, rounded as in the file."""
    along = dict(zip(axes, level.shape, strict=True))
    others = [name for name in axes if name not in ("y", "x", "c")]
    if before is None:
        if prod(along[name] for name in others) != len(picture.frames):  # one of them was taken
            along |= dict.fromkeys(others, 1)
        along |= {"y": picture.size[0], "x": picture.size[1]} | ({"c": picture.channels} if "c" in along else {})
        return tuple(along.values())
    found = []
    for length, ratio, old in zip(before, ratios, level.shape, strict=True):
        least = length // ratio
        found.append(old if least <= old <= -(-length // ratio) else least)
    return tuple(found)


def _with_smaller(layout: Layout) -> Layout:
    """Return a layout with levels of half the width and height, a quarter, and so on."""
    first, *_ = levels = list(layout.levels)
    if layout.group is None:
        levels = [StoredArray("0", first.shape, first.metadata, first.attributes)]
    y, x = layout.axes.index("y"), layout.axes.index("x")
    while max(levels[-1].shape[y], levels[-1].shape[x]) > _SMALLEST:
        shape = list(levels[-1].shape)
        shape[y], shape[x] = -(-shape[y] // 2), -(-shape[x] // 2)
        metadata = copy.deepcopy(first.metadata) | {"shape": shape}
        levels.append(StoredArray(str(len(levels)), tuple(shape), metadata, first.attributes))
    group = None
    if layout.group is not None:
        group = copy.deepcopy(layout.group)
        datasets = attributes_of(group)["multiscales"][0]["datasets"]
        datasets[1:] = [_dataset(layout.axes, each, first.shape, datasets[0]) for each in levels[1:]]
    return replace(layout, levels=tuple(levels), group=group)


def _dataset(
    axes: tuple[str, ...], level: StoredArray, first: tuple[int, ...], like: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return what an OME-Zarr says about a level: the size of its pixels."""
    given = [1.0] * len(axes)
    for each in (like or {}).get("coordinateTransformations", ()):
        if each.get("type") == "scale":
            given = each["scale"]
    scale = [value * round(large / small) for value, large, small in zip(given, first, level.shape, strict=True)]
    return {"path": level.path, "coordinateTransformations": [{"type": "scale", "scale": scale}]}


def _as_multiscale(layout: Layout, steps: Mapping[str, tuple[float, str]]) -> Layout:
    """Return the layout of an OME-Zarr with the arrays of one that is none, and the steps and units that are known."""
    first, *others = layout.levels
    levels = (StoredArray("0", first.shape, first.metadata, first.attributes), *others)
    axes = [
        {"name": name}
        | ({"type": _KINDS[name]} if name in _KINDS else {})
        | ({"unit": steps[name][1]} if steps.get(name, (0, ""))[1] else {})
        for name in layout.axes
    ]
    sizes = [steps.get(name, (0.0, ""))[0] or 1.0 for name in layout.axes]
    like = {"coordinateTransformations": [{"type": "scale", "scale": sizes}]}
    datasets = [_dataset(layout.axes, each, first.shape, like) for each in levels]
    said: dict[str, Any] = {"version": _OF_OME[layout.version]}
    multiscales = [{"name": "picture", "axes": axes, "datasets": datasets}]
    group: dict[str, Any]
    if layout.version == 3:
        ome = said | {"multiscales": multiscales}
        group = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": ome}}
    else:
        group = {"multiscales": [multiscales[0] | said]}
    return replace(layout, levels=levels, group=group)


def _mended(layout: Layout, axes: tuple[str, ...], levels: list[StoredArray]) -> dict[str, Any]:
    """Return the metadata of an OME-Zarr with the size of its new pixels, for its new axes and levels."""
    assert layout.group is not None
    group = copy.deepcopy(layout.group)
    group.pop("consolidated_metadata", None)
    said = attributes_of(group)
    first = said["multiscales"][0]
    said["multiscales"] = [first]
    place = axes.index("c") if len(axes) > len(layout.axes) else None
    if place is not None and first.get("axes"):
        is_plain = isinstance(first["axes"][0], str)
        first["axes"].insert(place, "c" if is_plain else {"name": "c", "type": "channel"})
    first["datasets"] = first["datasets"][: len(levels)]
    for dataset in first["datasets"]:
        for each in dataset.get("coordinateTransformations", ()):
            for key, neutral in (("scale", 1.0), ("translation", 0.0)):
                values = each.get(key)
                if isinstance(values, list):
                    if place is not None:
                        values.insert(place, neutral)
                    if key == "scale":
                        for name, ratio in zip(("y", "x"), layout.pixel, strict=True):
                            values[axes.index(name)] *= ratio
    _leave_out(said, layout, axes, levels[0])
    return group


def _leave_out(said: dict[str, Any], layout: Layout, axes: tuple[str, ...], first: StoredArray) -> None:
    """Remove what is no longer true: settings of channels that are gone, labels that are not written."""
    lengths = dict(zip(layout.axes, layout.levels[0].shape, strict=True))
    channels = dict(zip(axes, first.shape, strict=True)).get("c", 1)
    if channels != lengths.get("c", 1) or not layout.keeps_attributes:
        said.pop("omero", None)
    if not layout.keeps_attributes:
        for name in set(said) - {"multiscales", "version"}:
            del said[name]
        said["multiscales"] = [
            {key: value for key, value in said["multiscales"][0].items() if key in ("axes", "datasets", "version")}
        ]
