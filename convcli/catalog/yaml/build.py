"""What the values of a filter file mean: plain values become a `Pipeline`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convcli.catalog.loading import Scope
from convcli.catalog.parameters.arguments import bind, yaml_arguments
from convcli.catalog.parameters.conv_layer import kernel_layer
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.catalog.words.names import safe_name
from convcli.catalog.words.problem import at
from convcli.catalog.yaml.layers import build_layers
from convcli.filters import Conv, Pipeline


def build_pipeline(values: Mapping[str, Any], file: Path, scope: Scope) -> Pipeline:
    """Return the filter that the values of a file stand for.

    Parameters
    ----------
    values
        Plain values that have the shape of `convcli.catalog.yaml.schema.KernelFile` or `PipelineFile`.
    file
        Where they come from: names a filter without a name, and an array file is looked for beside it.
    scope
        What names and paths in them mean.

    Raises
    ------
    Problem
        The values make no filter.
    """
    name = values.get("name") or safe_name(file.stem)
    if "layers" in values:
        with at("layers"):
            layers = build_layers(values["layers"], scope)
    else:
        layers = (_kernel(values, file.parent),)
    return Pipeline(
        layers,
        name=name,
        description=_one_line(values.get("description", "")),
        tags=tuple(map(_one_line, values.get("tags", ()))),
        aliases=tuple(values.get("aliases", ())),
        source=_one_line(values.get("source", "")),
    )


def _kernel(values: Mapping[str, Any], folder: Path) -> Conv:
    """Return the kernel that stands at the top of a file, as a layer ``kernel`` may stand below."""
    kind = LAYERS["kernel"]
    said = {each.name: values[each.name] for each in (*kind.parameters, *kind.settings) if each.name in values}
    return kernel_layer(bind("", kind.parameters, yaml_arguments(said, kind.parameters), kind.settings), folder)


def _one_line(text: str) -> str:
    return " ".join(text.split())
