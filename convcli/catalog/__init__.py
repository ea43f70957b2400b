"""The catalog: text becomes a `Pipeline`.

The text names a filter (``sharpen``, ``gaussian:sigma=2``), a layer (``relu``) or a YAML
file (``my.yaml``), is a kernel itself (``"0 -1 0; -1 5 -1; 0 -1 0"``), or joins several of
these by bars (``gaussian:1.4 | sobel | normalize``).

The doors open lazily: completing a name in the shell must not import NumPy, a
YAML parser or pydantic.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convcli.catalog.folders import filter_folders, filter_names
    from convcli.catalog.listing import Entry, list_filters
    from convcli.catalog.loading import load_filter
    from convcli.catalog.yaml_file import check_file
    from convcli.catalog.yaml_writer import to_yaml

__all__ = ["Entry", "check_file", "filter_folders", "filter_names", "list_filters", "load_filter", "to_yaml"]

_ROOMS = {
    "Entry": "listing",
    "check_file": "yaml_file",
    "filter_folders": "folders",
    "filter_names": "folders",
    "list_filters": "listing",
    "load_filter": "loading",
    "to_yaml": "yaml_writer",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
