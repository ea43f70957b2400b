"""The metadata of one array of a Zarr, in the second version and the third: its files, codecs, shape and type."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from convcli.image.picture import StoredArray

# Codecs of the third version that do not depend on the type of the values.
_OF_BYTES = ("zstd", "gzip", "crc32c")


def stored_together(level: StoredArray) -> tuple[int, ...]:
    """Return the shape of what is one file: a chunk, or a shard of many."""
    metadata = level.metadata
    found = metadata["chunk_grid"]["configuration"]["chunk_shape"] if "chunk_grid" in metadata else metadata["chunks"]
    return tuple(map(int, found))


def codecs_for(dtype: np.dtype[Any]) -> list[dict[str, Any]]:
    """Return the codecs of our own for values of a type."""
    shuffled = "shuffle" if dtype.itemsize > 1 else "noshuffle"
    packing = {"cname": "zstd", "clevel": 1, "shuffle": shuffled, "typesize": dtype.itemsize, "blocksize": 0}
    return [_in_order(dtype), {"name": "blosc", "configuration": packing}]


def _in_order(dtype: np.dtype[Any]) -> dict[str, Any]:
    return {"name": "bytes", "configuration": {"endian": "little"}} if dtype.itemsize > 1 else {"name": "bytes"}


def with_channels(level: StoredArray, place: int) -> StoredArray:
    """Return an array with an axis of channels at a place."""
    metadata = copy.deepcopy(level.metadata)

    def widened(values: list[Any], value: Any) -> list[Any]:
        return [*values[:place], value, *values[place:]]

    if "chunk_grid" in metadata:
        grid = metadata["chunk_grid"]["configuration"]
        grid["chunk_shape"] = widened(grid["chunk_shape"], 1)
        metadata["codecs"] = []  # they may be about axes
        if metadata.get("dimension_names"):
            metadata["dimension_names"] = widened(metadata["dimension_names"], "c")
    else:
        metadata["chunks"] = widened(metadata["chunks"], 1)
    attributes = dict(level.attributes)
    for said in (attributes, metadata.get("attributes", {})):
        if "_ARRAY_DIMENSIONS" in said:
            said["_ARRAY_DIMENSIONS"] = widened(said["_ARRAY_DIMENSIONS"], "c")
    return StoredArray(level.path, (*level.shape[:place], 1, *level.shape[place:]), metadata, attributes)


def for_values(
    level: StoredArray, shape: tuple[int, ...], dtype: np.dtype[Any], *, keeps_attributes: bool
) -> StoredArray:
    """Return the metadata of an array for one of another shape and type."""
    metadata = copy.deepcopy(level.metadata) | {"shape": list(shape)}
    metadata.pop("consolidated_metadata", None)
    attributes = dict(level.attributes)
    if "chunk_grid" in metadata:
        if metadata["data_type"] != dtype.name:
            metadata |= {"data_type": dtype.name, "fill_value": 0}
            metadata["codecs"] = _retyped(metadata["codecs"], dtype)
        metadata["codecs"] = metadata["codecs"] or codecs_for(dtype)
    elif np.dtype(metadata["dtype"]).newbyteorder("=") != dtype:
        metadata |= {"dtype": dtype.newbyteorder("<").str, "fill_value": 0, "filters": None}
    if not keeps_attributes:
        axes = {name: said[name] for said in (metadata.get("attributes", {}), attributes) for name in _needed(said)}
        attributes = attributes and axes
        if "attributes" in metadata:
            metadata["attributes"] = axes
    return StoredArray(level.path, shape, metadata, attributes)


def _needed(attributes: dict[str, Any]) -> Iterator[str]:
    return (name for name in attributes if name == "_ARRAY_DIMENSIONS")


def _retyped(codecs: list[dict[str, Any]], dtype: np.dtype[Any]) -> list[dict[str, Any]]:
    """Return codecs for values of another type; none where one is about the type in a way that is not known."""
    found: list[dict[str, Any]] = []
    for each in codecs:
        said = dict(each.get("configuration", {}))
        match each["name"]:
            case "bytes":
                found.append(_in_order(dtype))
            case "blosc":
                shuffle = "shuffle" if dtype.itemsize > 1 else "noshuffle"
                found.append(
                    {"name": "blosc", "configuration": said | {"typesize": dtype.itemsize, "shuffle": shuffle}}
                )
            case "sharding_indexed":
                inner = _retyped(said["codecs"], dtype) or codecs_for(dtype)
                found.append({"name": "sharding_indexed", "configuration": said | {"codecs": inner}})
            case "transpose":
                found.append(each)
            case name if name in _OF_BYTES:
                found.append(each)
            case _:
                return []
    return found
