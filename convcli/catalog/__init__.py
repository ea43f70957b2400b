"""The catalog: text becomes a `Pipeline`.

The text names a filter (``sharpen``, ``gaussian:sigma=2``), a layer (``relu``) or a YAML
file (``my.yaml``), is a kernel itself (``"0 -1 0; -1 5 -1; 0 -1 0"``), or joins several of
these by bars (``gaussian:1.4 | sobel | normalize``).

Its names are imported when first used: completing a name in the shell must import neither NumPy nor a YAML parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.catalog.article import Article, article_of
    from convcli.catalog.completing import completed
    from convcli.catalog.families import FAMILIES, Family
    from convcli.catalog.fixed import builtin_kernels, import_reader
    from convcli.catalog.folders import filter_folders, filter_names
    from convcli.catalog.formulas import Plane
    from convcli.catalog.formulas.edges import DIRECTIONS
    from convcli.catalog.given import FilterLike, given_filter
    from convcli.catalog.listing import BUILT_IN, Entry, list_filters, near_text
    from convcli.catalog.loading import check_file, files_named, load_filter, meant_filter, text_of_file
    from convcli.catalog.lookup import known_names
    from convcli.catalog.networks.text import load_network
    from convcli.catalog.networks.writing import weights_beside, write_filter, write_network
    from convcli.catalog.parameters.layer_kinds import LAYERS
    from convcli.catalog.words.about import GROUPS
    from convcli.catalog.yaml.arrays import ArrayFile
    from convcli.catalog.yaml.text import MOST_VALUES
    from convcli.catalog.yaml.writer import SCHEMA_LINE, to_yaml
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "article": "Article article_of",
            "completing": "completed",
            "families": "FAMILIES Family",
            "fixed": "builtin_kernels import_reader",
            "folders": "filter_folders filter_names",
            "formulas": "Plane",
            "formulas.edges": "DIRECTIONS",
            "given": "FilterLike given_filter",
            "listing": "BUILT_IN Entry list_filters near_text",
            "networks.text": "load_network",
            "networks.writing": "weights_beside write_filter write_network",
            "parameters.layer_kinds": "LAYERS",
            "loading": "check_file files_named load_filter meant_filter text_of_file",
            "lookup": "known_names",
            "words.about": "GROUPS",
            "yaml.arrays": "ArrayFile",
            "yaml.text": "MOST_VALUES",
            "yaml.writer": "SCHEMA_LINE to_yaml",
        },
    )
