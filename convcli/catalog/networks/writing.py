"""Filters as files: their layers as YAML, and weights that are many beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from convcli.catalog.yaml.arrays import ArrayFile
from convcli.catalog.yaml.writer import to_yaml, yaml_within_bounds
from convcli.disk import atomic_write
from convcli.errors import OutputRefused
from convcli.filters import Pipeline


def weights_beside(path: Path) -> Path:
    """Return the file of the weights of a network."""
    return path.with_name(f"{path.stem}.weights.npz")


def write_filter(pipeline: Pipeline, path: Path, *, head: str = "", overwrite: bool) -> Path | None:
    """Write a filter file, whole or not at all; return the file beside it that weights too many for it are in.

    Parameters
    ----------
    head
        Lines before it.
    overwrite
        As of `write_network`, with its errors.
    """
    text = yaml_within_bounds(pipeline)
    if text is None:
        return write_network(pipeline, path, head=head, overwrite=overwrite)
    _write_text(head + text, path, overwrite=overwrite)
    return None


def _write_text(text: str, path: Path, *, overwrite: bool) -> None:
    def write(stream: IO[bytes]) -> None:
        stream.write(text.encode())

    atomic_write(path, write, overwrite=overwrite)


def write_network(pipeline: Pipeline, path: Path, *, head: str = "", comment: str = "", overwrite: bool) -> Path:
    """Write a network, and its weights beside it, each file whole or not at all; return the file of the weights.

    Parameters
    ----------
    head, comment
        Lines before and behind the layers.
    overwrite
        Replace files that are there; otherwise OutputRefused is raised.

    Raises
    ------
    WriteError
        A file cannot be written.
    """
    if not overwrite and os.path.lexists(path):  # before the weights are written
        raise OutputRefused(f"{path} exists", "--force overwrites it")
    beside = weights_beside(path)
    arrays = ArrayFile(beside.name)
    text = head + to_yaml(pipeline, beside=arrays) + comment
    atomic_write(beside, arrays.write, overwrite=overwrite)
    _write_text(text, path, overwrite=overwrite)
    return beside
