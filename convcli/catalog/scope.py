"""Scope: the place of a filter's text, which gives names and paths in it their meaning."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import field
from pathlib import Path

from convcli.catalog.parameters.arguments import Argument
from convcli.filters import Pipeline
from convcli.lazy import dataclass


@dataclass(frozen=True)
class Scope(ABC):
    """The place of a filter's text. It loads the filters named there, so that a file's layers need no loader.

    Paths are relative to `folder`, that of the YAML file, and never lead out; it is None for the command line, where
    they are the user's. With `builtin`, names mean built-in filters only: a file of the user's must not change what
    another built-in does. `chain` has the real paths of the files that are being read, each named by the one before;
    `done` the filters of files that were read on the way, by their real path: each file is read once. With `keeps`,
    the kernels of built-in filters are to stay as they are in training.
    """

    folder: Path | None = None
    builtin: bool = False
    chain: tuple[str, ...] = ()
    done: dict[str, Pipeline] = field(default_factory=dict)
    keeps: bool = False

    @abstractmethod
    def from_text(self, text: str) -> Pipeline:
        """Return the filter that a text stands for; errors are those of `load_filter`."""

    @abstractmethod
    def from_file(self, file: str) -> Pipeline:
        """Return the filter of a YAML file; raise FilterError where it is none, or its path leads out of the folder."""

    @abstractmethod
    def named(self, name: str, arguments: Sequence[Argument]) -> Pipeline:
        """Return the filter or layer of a name, in the spelling of `normal_name`.

        Raises Problem, with the path of the argument or an empty one, where there is none or an argument is wrong;
        FilterError where the YAML file of that name is wrong.
        """
