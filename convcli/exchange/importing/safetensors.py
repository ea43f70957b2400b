"""Kernels in files of safetensors, as modules of PyTorch keep them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from convcli.array_types import Floats
from convcli.errors import FilterError, UsageError, printable
from convcli.exchange.files import floats_of_bfloat16
from convcli.exchange.importing.files import bytes_of, refusal
from convcli.exchange.importing.reading import tensor_in
from convcli.filters import Abs, Border, Conv, Invert, Kernel, Layer, ReLU, shown
from convcli.words import did_you_mean, listed

# Of what convcli has written: beside the tensors the steps of the filter.
STEPS = "convcli"
PLAIN: dict[str, Layer] = {"relu": ReLU(), "abs": Abs(), "invert": Invert()}
_MOST_STEPS = 1000
_AXES = (2, 3, 4)
_MOST_NAMED = 5


def read_safetensors(file: str) -> list[Layer]:
    """Return the kernel of the one tensor of weights in a file, or all steps where convcli has written it.

    Behind a colon is the name of the tensor that is meant: ``net.safetensors:conv1.weight``.
    """
    file, tensor = tensor_in(file)
    data = bytes_of(file)
    try:
        from safetensors import SafetensorError, deserialize
    except ImportError:
        raise FilterError(
            f"{printable(file)} needs the library safetensors, which is not installed",
            "pip install 'convcli[safetensors]'",
        ) from None
    try:
        raw = dict(deserialize(data))  # type: ignore[no-untyped-call]  # of the library, which is in Rust
    except (SafetensorError, ValueError, OverflowError, MemoryError) as error:
        raise refusal(file, "it is no file of safetensors, or a damaged one", "write it again") from error
    tensors = {name: _array(file, name, each) for name, each in raw.items()}
    steps = None if tensor else _steps_in(file, data)
    if steps is not None:
        return [_step(file, tensors, each) for each in steps]
    return [_of_tensor(file, tensors, tensor or _only(file, tensors))]


def _array(file: str, name: str, tensor: Mapping[str, Any]) -> Floats:
    kinds = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1"}
    kind = tensor["dtype"]
    if kind == "BF16":
        return floats_of_bfloat16(tensor["data"]).reshape(tensor["shape"]).astype(np.float64)
    if kind not in kinds:
        raise refusal(file, f"the tensor {shown(name)} is of type {kind}", "save floats or whole numbers")
    return np.frombuffer(tensor["data"], kinds[kind]).reshape(tensor["shape"]).astype(np.float64)


def _steps_in(file: str, data: bytes) -> list[Any] | None:
    """Return the steps that convcli has written beside the tensors, or None."""
    length = int.from_bytes(data[:8], "little")
    try:
        text = json.loads(data[8 : 8 + length]).get("__metadata__", {}).get(STEPS)
        steps = None if text is None else json.loads(text)
    except (ValueError, AttributeError, RecursionError) as error:
        raise refusal(file, "its metadata are damaged", "export the filter again") from error
    if steps is None:
        return None
    if not isinstance(steps, list) or not 0 < len(steps) <= _MOST_STEPS:
        raise refusal(file, "its metadata are damaged", "export the filter again")
    return steps


def _step(file: str, tensors: Mapping[str, Floats], step: Any) -> Layer:
    if isinstance(step, str) and step in PLAIN:
        return PLAIN[step]
    try:
        weights = tensors[step["weight"]]
        bias = tensors[step["bias"]].ravel().tolist() if "bias" in step else 0.0
        shape = {"shared": weights.shape[-2:], "depthwise": (len(weights), *weights.shape[-2:]), "full": weights.shape}
        settings = {name: _listed(step[name]) for name in ("stride", "padding", "dilation") if name in step}
        anchor = _listed(step["anchor"]) if "anchor" in step else None
        border = Border.parse(step["border"]) if "border" in step else None
        kernel = Kernel(weights.reshape(shape[step["form"]]), bias=bias, anchor=anchor)
        return Conv(
            kernel, border=border, groups=step.get("groups", 1), centered=bool(step.get("centered")), **settings
        )
    except UsageError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise refusal(file, "its metadata are damaged", "export the filter again") from error


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _only(file: str, tensors: Mapping[str, Floats]) -> str:
    """Return the name of the one tensor that has the dimensions of weights."""
    weights = {name: each for name, each in tensors.items() if each.ndim in _AXES and each.size}
    if not weights:
        raise refusal(file, "no tensor in it has the dimensions of a kernel", "save weights of 2, 3 or 4 dimensions")
    if len(weights) > 1:
        hint = f"name one behind a colon, such as {file}:{sorted(weights)[0]}; or save all of the network as ONNX"
        raise refusal(file, f"it has {len(weights)} kernels: {_named(weights)}", printable(hint))
    return next(iter(weights))


def _named(tensors: Mapping[str, Floats]) -> str:
    """Return the names of tensors with their shapes, the first of many."""
    texts = [f"{name} ({'×'.join(map(str, tensors[name].shape)) or 'a number'})" for name in sorted(tensors)]
    return listed([*texts[:_MOST_NAMED], *[f"{len(texts) - _MOST_NAMED} others"] * (len(texts) > _MOST_NAMED)])


def _of_tensor(file: str, tensors: Mapping[str, Floats], name: str) -> Layer:
    """Return the kernel whose weights a tensor has, with the bias of its name."""
    if name not in tensors:
        near = did_you_mean(name, tensors)
        raise refusal(file, f"it has no tensor {shown(name)}", f"{near} It has {_named(tensors)}".strip())
    array = tensors[name]
    if array.ndim not in _AXES or not array.size:
        kernels = {each: weights for each, weights in tensors.items() if weights.ndim in _AXES and weights.size}
        hint = f"name one of {_named(kernels)}" if kernels else "save weights of 2, 3 or 4 dimensions"
        raise refusal(file, f"the tensor {_named({name: array})} is no kernel", hint)
    if array.ndim == 4 and array.shape[:2] == (1, 1):
        array = array[0, 0]
    bias = tensors.get(f"{name.removesuffix('weight')}bias")
    outputs = len(array) if array.ndim > 2 else 1
    return Conv(Kernel(array, bias=0.0 if bias is None or bias.size not in (1, outputs) else bias.ravel().tolist()))
