"""The values of a filter file become a `Pipeline`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convcli.catalog.parameters.arguments import bind, yaml_arguments
from convcli.catalog.parameters.conv_layer import kernel_layer
from convcli.catalog.scope import Scope
from convcli.catalog.seeds import without_labels
from convcli.catalog.words.names import safe_name
from convcli.catalog.words.problem import at
from convcli.catalog.yaml.keys import keys_of
from convcli.catalog.yaml.layers import build_layers
from convcli.filters import Pipeline


def build_pipeline(values: Mapping[str, Any], file: Path, scope: Scope) -> Pipeline:
    """Return the filter that the plain values of a file stand for; raise Problem where a key or value is wrong.

    A filter without a name gets that of the file, beside which array files lie.
    """
    bound = bind("", keys_of(values), yaml_arguments(values, ()))
    given = bound.values
    if "layers" in given:
        with at("layers"):
            layers = without_labels(build_layers(given["layers"], scope))
    else:
        layers = (kernel_layer(bound, file.parent),)
    return Pipeline(
        layers,
        name=given.get("name") or safe_name(file.stem),
        description=_one_line(given.get("description", "")),
        tags=tuple(map(_one_line, given.get("tags", ()))),
        aliases=given.get("aliases", ()),
        source=_one_line(given.get("source", "")),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
