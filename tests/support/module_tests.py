"""PyTorch's own tests of its modules, each as an operator of ONNX: the exporter needs one more library."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper
from torch.testing._internal.common_modules import module_db

from convcli.array_types import Array
from convcli.filters import AdaptiveAvgPool, AdaptiveMaxPool, GroupNorm, Layer, LpPool, MaxPool

# Of one picture, or of several: (batch, channels, height, width), or without a batch.
_AXES = (3, 4)
# Modules of lines, of volumes, of sequences and of losses are for no pictures.
_OTHERS = (
    "1d",
    "3d",
    "Loss",
    "Transformer",
    "RNN",
    "LSTM",
    "GRU",
    "Embedding",
    "Bilinear",
    "Multihead",
    "Lazy",
    "Fractional",
)


@cache
def modules() -> dict[str, Any]:
    """Return what PyTorch knows of each module that takes pictures, by its name."""
    found = {}
    for each in module_db:
        name = each.module_cls.__name__
        if each.module_cls.__module__.startswith("torch.nn.modules") and not any(other in name for other in _OTHERS):
            found[name] = each
    return found


def cases(name: str) -> Iterator[tuple[torch.nn.Module, torch.Tensor, Array]]:
    """Yield a module in evaluation, a batch of pictures, and what the module makes of it, for each test of it."""
    known = modules()[name]
    torch.manual_seed(0)
    inputs = known.module_inputs_func(known, device="cpu", dtype=torch.float32, requires_grad=False, training=False)
    for each in inputs:
        given: Any = each.forward_input.args if each.forward_input else ()
        if (
            len(given) != 1
            or not isinstance(given[0], torch.Tensor)
            or given[0].ndim not in _AXES
            or not given[0].numel()
        ):
            continue
        if name == "LPPool2d":  # of PyTorch's powers of negative values some are no numbers
            given = (given[0].abs(),)
        module = known.module_cls(*each.constructor_input.args, **each.constructor_input.kwargs).eval()
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_(torch.randn_like(parameter) / 2)
            for key, buffer in module.named_buffers():
                if buffer.is_floating_point():
                    buffer.copy_(torch.rand_like(buffer) + 0.5 * (key == "running_var"))
            made = copy.deepcopy(module)(given[0].clone())
        wanted = np.asarray(made[0] if isinstance(made, tuple) else made)
        # One picture is a batch of one; of three axes PReLU has the channels on the second.
        if name != "PReLU" or given[0].ndim == 4:
            yield (
                (module, given[0][None], wanted[None])
                if "2d" in name and given[0].ndim == 3
                else (module, given[0], wanted)
            )


def as_node(module: Any) -> tuple[onnx.NodeProto, dict[str, Array]] | None:
    """Return the operator of ONNX that a module is, from x to y, with its constants; None where there is none."""
    name, found = type(module).__name__, {key: each.detach().numpy() for key, each in module.named_parameters()}
    found |= {key: each.numpy() for key, each in module.named_buffers()}
    operator, settings, keys = _operator(name, module)
    if not operator:
        return None
    if operator == "Pad":
        left, right, top, bottom = module.padding
        found = {"pads": np.array([0, 0, top, left, 0, 0, bottom, right])}
        found |= (
            {"value": np.float32(module.value)} if settings["mode"] == "constant" and hasattr(module, "value") else {}
        )
        keys = tuple(found)
    if operator == "Clip":
        low, high = (0, 6) if name == "ReLU6" else (module.min_val, module.max_val)
        found = {"low": np.float32(low), "high": np.float32(high)}
        keys = tuple(found)
    if operator == "PRelu" and found["weight"].size > 1:
        found["weight"] = found["weight"].reshape(-1, 1, 1)
    for key, value in (("weight", 1), ("running_var", 1), ("bias", 0), ("running_mean", 0)):
        if key in keys and key not in found and operator not in ("Conv", "ConvTranspose"):
            found[key] = np.full(module.num_features if hasattr(module, "num_features") else 1, value, np.float32)
    used = {key: found[key] for key in keys if key in found}
    return helper.make_node(operator, ["x", *used], ["y"], **settings), used


def as_layer(module: Any, sides: tuple[int, int]) -> Layer | None:
    """Return the layer that a module is, for pictures of some (height, width); None where it is none."""
    match type(module).__name__:
        case "AdaptiveAvgPool2d":
            return AdaptiveAvgPool(_wanted(module.output_size, sides))
        case "AdaptiveMaxPool2d":
            return AdaptiveMaxPool(_wanted(module.output_size, sides))
        case "LPPool2d":
            stride = None if module.stride is None else _pair(module.stride)
            return LpPool(_pair(module.kernel_size), stride, ceil_mode=module.ceil_mode, p=module.norm_type)
        case "MaxPool2d":
            stride, padding, dilation = map(_pair, (module.stride, module.padding, module.dilation))
            return MaxPool(_pair(module.kernel_size), stride, padding, dilation, module.ceil_mode)
        case "GroupNorm" if module.affine:
            bias = (0.0,) if module.bias is None else tuple(module.bias.detach().tolist())
            return GroupNorm(module.num_groups, tuple(module.weight.detach().tolist()), bias, module.eps)
    return None


def _pair(given: Any) -> tuple[int, int]:
    height, width = _two(given)
    return height, width


def _wanted(given: Any, sides: tuple[int, int]) -> tuple[int, int]:
    """Return the size of an adaptive pool's output; None stands for that of the input."""
    height, width = (own if each is None else each for each, own in zip(_two(given), sides, strict=True))
    return height, width


def _operator(name: str, module: Any) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    """Return the operator of a module, its attributes, and the names of its constants in their order."""
    plain = {
        **{each: each for each in ("Mish", "Selu", "Sigmoid", "Softplus", "Softsign", "Tanh")},
        "ReLU": "Relu",
        "SELU": "Selu",
        "Hardswish": "HardSwish",
    }
    pads = {"ReflectionPad2d": "reflect", "ReplicationPad2d": "edge", "ZeroPad2d": "constant"}
    pads |= {"ConstantPad2d": "constant", "CircularPad2d": "wrap"}
    if name in plain:
        return plain[name], {}, ()
    if name in pads:
        return "Pad", {"mode": pads[name]}, ()
    if name in ("CELU", "ELU"):
        return name.capitalize(), {"alpha": float(module.alpha)}, ()
    if name in ("Hardtanh", "ReLU6"):
        return "Clip", {}, ()
    if name in ("Softmax", "Softmax2d", "LogSoftmax"):
        axis = -3 if name == "Softmax2d" else module.dim
        return name.removesuffix("2d"), {"axis": axis}, ()
    if name == "BatchNorm2d" and module.running_mean is not None:
        keys = ("weight", "bias", "running_mean", "running_var")
        return "BatchNormalization", {"epsilon": float(module.eps)}, keys
    if name == "InstanceNorm2d" and module.running_mean is None:
        return "InstanceNormalization", {"epsilon": float(module.eps)}, ("weight", "bias")
    if name == "LayerNorm" and module.elementwise_affine:
        settings: dict[str, Any] = {"axis": -len(module.normalized_shape), "epsilon": float(module.eps)}
        return "LayerNormalization", settings, ("weight", "bias")
    return _whole_or_norm(name, module) or _other(name, module)


def _whole_or_norm(name: str, module: Any) -> tuple[str, dict[str, Any], tuple[str, ...]] | None:
    if name == "AdaptiveAvgPool2d" and module.output_size in (1, (1, 1)):
        return "GlobalAveragePool", {}, ()
    if name == "GroupNorm" and module.affine and module.bias is not None:
        return "GroupNormalization", {"num_groups": module.num_groups, "epsilon": module.eps}, ("weight", "bias")
    if name == "RMSNorm" and module.elementwise_affine:
        return "RMSNormalization", {"axis": -len(module.normalized_shape)}, ("weight",)
    if name == "LPPool2d" and float(module.norm_type).is_integer() and not module.ceil_mode:
        settings: dict[str, Any] = {"kernel_shape": _two(module.kernel_size), "p": int(module.norm_type)}
        return "LpPool", settings | {"strides": _two(module.stride or module.kernel_size)}, ()
    return None


def _other(name: str, module: Any) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    if name == "LeakyReLU":
        return "LeakyRelu", {"alpha": float(module.negative_slope)}, ()
    if name == "PReLU":
        return "PRelu", {}, ("weight",)
    if name == "GELU":
        return "Gelu", {"approximate": module.approximate}, ()
    if name == "LocalResponseNorm":
        return "LRN", {"size": module.size, "alpha": module.alpha, "beta": module.beta, "bias": float(module.k)}, ()
    if name in ("AvgPool2d", "MaxPool2d"):
        settings: dict[str, Any] = {"kernel_shape": _two(module.kernel_size), "strides": _two(module.stride)}
        settings |= {"pads": _two(module.padding) * 2, "ceil_mode": int(module.ceil_mode)}
        if name == "MaxPool2d":
            settings["dilations"] = _two(module.dilation)
            return ("", {}, ()) if module.return_indices else ("MaxPool", settings, ())
        takes = module.divisor_override is None
        return (
            ("AveragePool", {**settings, "count_include_pad": int(module.count_include_pad)}, ())
            if takes
            else ("", {}, ())
        )
    if name in ("Conv2d", "ConvTranspose2d") and (name != "Conv2d" or module.padding_mode == "zeros"):
        size = _two(module.kernel_size)
        margin = [side // 2 for side in size] if module.padding == "same" else _two(module.padding)
        settings = {"strides": _two(module.stride), "dilations": _two(module.dilation), "group": module.groups}
        settings["pads"] = margin * 2
        if name == "ConvTranspose2d":
            settings["output_padding"] = _two(module.output_padding)
        return name.removesuffix("2d"), settings, ("weight", "bias")
    return "", {}, ()


def _two(given: Any) -> list[int]:
    return list(given) if isinstance(given, tuple | list) else [given, given]
