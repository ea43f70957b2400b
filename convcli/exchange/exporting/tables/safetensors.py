"""The weights of a filter as tensors, with the shapes that PyTorch's Conv2d has."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from convcli.array_types import Array, Floats
from convcli.errors import UsageError
from convcli.exchange.exporting.handed import Handed
from convcli.exchange.exporting.kernels import border_of, layers_for
from convcli.filters import Abs, Conv, Invert, Pipeline, ReLU

TITLE = "safetensors"
_STEPS = "convcli"  # the key of the metadata that `importing.safetensors` reads


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return a file with ``weight`` and ``bias`` of each kernel, as a `torch.nn.Sequential` names them.

    Raises UsageError for a layer that has no name in its metadata, and where the library is missing.
    """
    layers = layers_for(pipeline, TITLE, Abs, Invert, ReLU)
    try:
        from safetensors.numpy import save
    except ImportError:
        hint = "pip install 'convcli[safetensors]'"
        raise UsageError("a file of safetensors needs the library safetensors, which is not installed", hint) from None
    tensors: dict[str, Array] = {}
    steps: list[Any] = []
    notes: list[str] = []
    for index, layer in enumerate(layers):
        prefix = f"{index}." if len(layers) > 1 else ""
        if isinstance(layer, Conv):
            steps.append(_step(layer, prefix, tensors))
            notes += _notes(layer)
        else:
            steps.append(layer.name)
    if len(layers) > 1:
        notes.append("the tensors hold weights alone: PyTorch has the layers by its own code")
    data = save(tensors, metadata={"format": "pt", _STEPS: json.dumps(steps)})
    return Handed(bytes(data), tuple(dict.fromkeys(notes)))


def _step(conv: Conv, prefix: str, tensors: dict[str, Array]) -> dict[str, Any]:
    """Note the tensors of a kernel; return what they do not hold."""
    kernel = conv.kernel
    form = {2: "shared", 3: "depthwise", 4: "full"}[kernel.weights.ndim]
    weights = kernel.weights / kernel.divisor
    shape = {"shared": (1, 1), "depthwise": (len(weights), 1), "full": weights.shape[:2]}[form]
    step: dict[str, Any] = {"form": form, "weight": f"{prefix}weight"}
    tensors[step["weight"]] = _small(weights.reshape(*shape, *kernel.size))
    if any(kernel.bias):
        step["bias"] = f"{prefix}bias"
        tensors[step["bias"]] = _small(np.array(kernel.bias))
    own = {
        "stride": (conv.stride, (1, 1)),
        "padding": (conv.padding, "same"),
        "dilation": (conv.dilation, (1, 1)),
        "groups": (conv.groups, 1),
        "centered": (conv.centered, False),
        "anchor": (kernel.anchor if kernel.has_own_anchor else None, None),
        "border": (str(conv.border) if conv.border is not None else None, None),
    }
    return step | {name: value for name, (value, usual) in own.items() if value != usual}


def _small(numbers: Floats) -> Array:
    """Return numbers in 32 bits where they are exact."""
    small = numbers.astype(np.float32)
    return np.ascontiguousarray(small if (small == numbers).all() else numbers)


def _notes(conv: Conv) -> list[str]:
    if border_of(conv).name == "constant" and not border_of(conv).value:
        return []
    return [f"PyTorch knows of a border by its own code alone: this one is {border_of(conv)}"]
