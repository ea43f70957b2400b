"""A network as files: its layers as YAML, and their weights beside it."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from convcli.catalog.yaml.arrays import ArrayFile
from convcli.catalog.yaml.writer import to_yaml
from convcli.disk import atomic_write
from convcli.filters import Pipeline


def weights_beside(path: Path) -> Path:
    """Return the file of the weights of a network."""
    return path.with_name(f"{path.stem}.weights.npz")


def write_network(pipeline: Pipeline, path: Path, *, comment: str = "", overwrite: bool) -> Path:
    """Write a network, and its weights beside it, each file whole or not at all; return the file of the weights.

    Parameters
    ----------
    comment
        Lines behind the layers.
    overwrite
        Replace files that are there; otherwise OutputRefused is raised.

    Raises
    ------
    WriteError
        A file cannot be written.
    """
    beside = weights_beside(path)
    arrays = ArrayFile(beside.name)
    text = to_yaml(pipeline, beside=arrays) + comment

    def write(stream: IO[bytes]) -> None:
        stream.write(text.encode())

    atomic_write(beside, arrays.write, overwrite=overwrite)
    atomic_write(path, write, overwrite=overwrite)
    return beside
