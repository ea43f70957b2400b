"""The catalog: text becomes a `Pipeline`.

The text names a filter (``sharpen``, ``gaussian:sigma=2``), a layer (``relu``) or a YAML
file (``my.yaml``), is a kernel itself (``"0 -1 0; -1 5 -1; 0 -1 0"``), or joins several of
these by bars (``gaussian:1.4 | sobel | normalize``).

The doors open lazily: completing a name in the shell must not import NumPy, a
YAML parser or pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.catalog.folders import filter_folders, filter_names
    from convcli.catalog.listing import Entry, list_filters
    from convcli.catalog.loading import load_filter
    from convcli.catalog.yaml.file import check_file
    from convcli.catalog.yaml.writer import to_yaml

__all__ = ["Entry", "check_file", "filter_folders", "filter_names", "list_filters", "load_filter", "to_yaml"]

if not TYPE_CHECKING:  # a type checker would take every name for granted
    __getattr__ = lazy_names(
        __name__,
        {
            "folders": ("filter_folders", "filter_names"),
            "listing": ("Entry", "list_filters"),
            "loading": ("load_filter",),
            "yaml.file": ("check_file",),
            "yaml.writer": ("to_yaml",),
        },
    )
