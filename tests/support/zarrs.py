"""Zarrs, as other programs write them: arrays in chunks, and OME-Zarrs with their metadata."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from convcli.array_types import Array

zarr = pytest.importorskip("zarr")
pytest.importorskip("tensorstore")

KINDS = {"t": "time", "z": "space", "y": "space", "x": "space", "c": "channel"}


def array_in(folder: Path, values: Array, **options: Any) -> Path:
    """Write an array; options are those of `zarr.create_array`."""
    made = zarr.create_array(folder, shape=values.shape, dtype=values.dtype, **options)
    made[...] = values
    return folder


def multiscale_in(
    folder: Path,
    levels: Sequence[Array],
    axes: str,
    *,
    version: int = 3,
    scales: Sequence[Sequence[float]] | None = None,
    more: dict[str, Any] | None = None,
    **options: Any,
) -> Path:
    """Write an OME-Zarr of some levels; `more` is said beside them."""
    folder.mkdir()
    for number, level in enumerate(levels):
        names = {"dimension_names": list(axes)} if version == 3 else {}
        array_in(folder / f"s{number}", level, zarr_format=version, **names, **options)
    datasets = [
        {"path": f"s{number}", "coordinateTransformations": [{"type": "scale", "scale": list(scale)}]}
        for number, scale in enumerate(scales or [[float(2**number)] * len(axes) for number in range(len(levels))])
    ]
    said = [{"name": "cells", "axes": [{"name": each, "type": KINDS[each]} for each in axes], "datasets": datasets}]
    if version == 3:
        ome = {"version": "0.5", "multiscales": said} | (more or {})
        group = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": ome, "mine": [1, 2]}}
        (folder / "zarr.json").write_text(json.dumps(group))
    else:
        said[0]["version"] = "0.4"
        (folder / ".zgroup").write_text('{"zarr_format": 2}')
        (folder / ".zattrs").write_text(json.dumps({"multiscales": said, "mine": [1, 2]} | (more or {})))
    return folder


def said_by(folder: Path) -> dict[str, Any]:
    """Return what a group says of OME's."""
    if (folder / "zarr.json").exists():
        found: dict[str, Any] = json.loads((folder / "zarr.json").read_text())["attributes"]
        return dict(found["ome"]) | {"mine": found.get("mine")}
    old: dict[str, Any] = json.loads((folder / ".zattrs").read_text())
    return old


def values_in(folder: Path, path: str = "") -> Array:
    """Return all values of an array."""
    found: Array = zarr.open_array(folder / path, mode="r")[...]
    return found
