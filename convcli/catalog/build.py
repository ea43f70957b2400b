"""What the values of a filter file mean: plain values become a `Pipeline`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from convcli.catalog import weights
from convcli.catalog.names import safe_name
from convcli.catalog.problem import at
from convcli.kernel import Kernel
from convcli.pipeline import Conv, Pipeline

# In the order in which they take effect: the divisor of `normalize` replaces a given one, as on the command line.
_SETTINGS = ("flip", "normalize", "stride", "padding", "dilation", "groups", "border")


def build_pipeline(values: Mapping[str, Any], file: Path) -> Pipeline:
    """Return the filter that the values of a file stand for.

    Parameters
    ----------
    values
        Plain values that have the shape of `convcli.catalog.schema.FilterFile`.
    file
        Where they come from: names a filter without a name, and an array file is looked for beside it.

    Raises
    ------
    Problem
        The values make no filter.
    """
    conv = Conv(_kernel(values, file.parent))
    for key in _SETTINGS:
        if key in values:
            given: Any = values[key]
            setting: dict[str, Any] = {key: tuple(given) if isinstance(given, list) else given}
            with at(key):
                conv = conv.with_settings(**setting)
    if conv.groups > 1:
        with at("groups"):  # groups that do not divide the output channels fit no picture at all
            conv.output_shape((conv.kernel.weights.shape[1] * conv.groups, *conv.extent))
    return Pipeline(
        (conv,),
        name=values.get("name") or safe_name(file.stem),
        description=_one_line(values.get("description", "")),
        tags=tuple(map(_one_line, values.get("tags", ()))),
        aliases=tuple(values.get("aliases", ())),
    )


def _kernel(values: Mapping[str, Any], folder: Path) -> Kernel:
    given = values["weights"]
    with at("weights"):
        if isinstance(given, dict):
            kernel = Kernel(weights.from_array_file(given["file"], folder, ("weights", "file")))
        else:
            kernel = Kernel(weights.table(given, ("weights",)))
    if "divisor" in values:
        with at("divisor"):
            kernel = replace(kernel, divisor=weights.number(values["divisor"], ("divisor",)))
    if "bias" in values:
        with at("bias"):
            kernel = replace(kernel, bias=_bias(values["bias"]))
    if "anchor" in values:
        row, column = values["anchor"]
        with at("anchor"):
            kernel = replace(kernel, anchor=(row, column))
    return kernel


def _bias(given: object) -> tuple[float, ...]:
    if isinstance(given, list):
        return tuple(weights.number(each, ("bias", index), percent=True) for index, each in enumerate(given))
    return (weights.number(given, ("bias",), percent=True),)


def _one_line(text: str) -> str:
    return " ".join(text.split())
