"""A filter as a YAML file that reads back as the same filter."""

from __future__ import annotations

from functools import partial

from convcli.catalog.words.names import safe_name
from convcli.catalog.yaml.arrays import ArrayFile
from convcli.catalog.yaml.layer_writer import is_layer, kernel_lines, layer_lines, nesting
from convcli.catalog.yaml.layout import indented, text, texts
from convcli.catalog.yaml.source import LARGEST_FILE
from convcli.catalog.yaml.text import DEEPEST, MOST_VALUES
from convcli.errors import UsageError
from convcli.filters import Pipeline, tree_size

SCHEMA_URL = "https://raw.githubusercontent.com/convcli/convcli/main/docs/filter.schema.json"
# A first line of a file by which editors complete and check the rest.
SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA_URL}\n"

_DEEPEST_LAYER = 9  # lists and mappings down to a number of 4-D weights
_DEPTH_OF_BRANCH = 3  # the list of branches, the list of a branch's layers, a layer


def to_yaml(pipeline: Pipeline, *, in_ascii: bool = False, beside: ArrayFile | None = None) -> str:
    """Return a filter file; `in_ascii` with escapes for all other characters.

    Weights are put in the file `beside` it, where one is given, for the caller to write.

    A pipeline of one kernel is written as such, any other as its layers. Weights that were drawn at
    random are written as their seed. Settings that have their default are left out. The weights and
    divisor hold the effect of `flip` and `normalize`.

    Raises
    ------
    UsageError
        The pipeline exceeds the bounds of a file, or has a layer without a name in files.
    """
    made = yaml_within_bounds(pipeline, in_ascii=in_ascii, beside=beside)
    if made is None:
        raise UsageError(
            "the weights are too many for a YAML file",
            "convcli import FILE -o FILTER.yaml writes those of a file beside it; or save them with numpy.save and"
            " write weights: {file: weights.npy}",
        )
    return made


def yaml_within_bounds(pipeline: Pipeline, *, in_ascii: bool = False, beside: ArrayFile | None = None) -> str | None:
    """Return a filter file as `to_yaml`, with its other errors; None where the weights are too many for one."""
    conv = pipeline.conv
    if tree_size(pipeline.layers) > MOST_VALUES:
        raise UsageError("a YAML file writes the layers of each branch, here too many", "keep the file as it is")
    put, put_all = (partial(each, in_ascii=in_ascii) for each in (text, texts))
    if _DEEPEST_LAYER + _DEPTH_OF_BRANCH * nesting(pipeline.layers) > DEEPEST:
        raise UsageError("branches too deep in each other for a YAML file", "apply the inner ones first")
    lines = []
    if pipeline.name:
        lines.append(f"name: {put(safe_name(pipeline.name))}")
    if pipeline.description.strip():
        lines.append(f"description: {put(pipeline.description)}")
    if conv and not is_layer(conv):
        lines += kernel_lines(conv, beside)
    else:
        lines += ["layers:", *indented(layer_lines(pipeline.layers, beside), 2)]
    if pipeline.aliases:
        lines.append(f"aliases: {put_all(map(safe_name, pipeline.aliases))}")
    if pipeline.tags:
        lines.append(f"tags: {put_all(pipeline.tags)}")
    if pipeline.source.strip():
        lines.append(f"source: {put(pipeline.source)}")
    made = "\n".join(lines) + "\n"
    return None if len(made.encode()) > LARGEST_FILE or _most_values(made) > MOST_VALUES else made


def _most_values(made: str) -> int:
    """Return how many values the file holds at most: a list has one more than commas, and is one itself."""
    return made.count(",") + 2 * (made.count("[") + made.count("{") + made.count(":")) + made.count("- ")
