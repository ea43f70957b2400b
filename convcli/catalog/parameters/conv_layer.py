"""The layers with a kernel: ``conv``, as PyTorch means it, and ``kernel``, as a filter file means it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from convcli.catalog.parameters.arguments import Bound
from convcli.catalog.parameters.weights import LARGEST_ARRAY, given_bias, given_table
from convcli.catalog.words.problem import Problem, at
from convcli.errors import UsageError
from convcli.filters import KERNEL_SETTINGS, TRANSPOSED, Border, Conv, Kernel, Layer, Pipeline, RandomConv, shown

_MADE = ("in_channels", "out_channels", "kernel_size", "init", "seed")


def with_kernel_settings(pipeline: Pipeline, bound: Bound) -> Pipeline:
    """Return the pipeline with the settings among the values, each in its turn.

    Raises Problem where one of them does not fit the kernel, or the pipeline is more than one kernel.
    """
    for setting in KERNEL_SETTINGS:
        if setting.name in bound.values:
            with at(*bound.paths[setting.name]):
                pipeline = pipeline.with_settings(**{setting.name: bound.values[setting.name]})
    return pipeline


def kernel_layer(bound: Bound, folder: Path | None) -> Conv:
    """Return a layer of a kernel that is written out, with the defaults of a filter file.

    The values are those of the layer's parameters in `LAYERS`; array files lie in the folder, None outside a file.
    Raises Problem where the values make no layer.
    """
    if "weights" not in bound.values:
        raise Problem((), "kernel has no weights", "write kernel: {weights: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]}")
    with at(*bound.paths["weights"]):
        kernel = Kernel(given_table(bound.values["weights"], folder))
    with at(*bound.paths.get("bias", ())):
        kernel = replace(kernel, bias=bound.values.get("bias", 0.0))
    return _settled(Conv(kernel), Bound({**bound.values, "bias": None}, bound.paths))


def conv_layer(bound: Bound, folder: Path | None) -> Conv:
    """Return, as `kernel_layer`, a layer like PyTorch's Conv2d: stride 1, no padding, zeros beyond the border."""
    made = _given(bound, folder) if "weights" in bound.values else _made(bound)
    defaults = {"padding": (0, 0), "border": Border("constant")}
    conv = _settled(made, Bound({**defaults, **bound.values, "bias": None}, bound.paths))
    if conv.padding == "same" and "anchor" not in bound.values:
        with at(*bound.paths["padding"]):
            return _torch_same(conv)
    return conv


def transposed_layer(bound: Bound, folder: Path | None) -> Layer:
    """Return, as `kernel_layer`, a transposed convolution like PyTorch's ConvTranspose2d."""
    from convcli.filters import ConvTranspose  # few filters have one

    values = bound.values
    given = {each.name: values[each.name] for each in TRANSPOSED if each.name in values}
    groups = values.get("groups", 1)
    if "weights" in values:
        check_not_made("conv-transpose", bound, _MADE)
        with at(*bound.paths["weights"]):
            weights = np.asarray(given_table(values["weights"], folder))
        with at(*bound.paths.get("bias", ())):
            bias = given_bias(values.get("bias", False), folder)
        with at():
            return ConvTranspose(weights, bias, groups=groups, **given)
    shape = _made_shape("conv-transpose", bound, inputs_first=True)
    has_bias = has_made_bias(bound)
    with at():
        if values.get("init", "random") == "zeros":
            made = ConvTranspose(np.zeros(shape), (0.0,) * (shape[1] * groups if has_bias else 1), groups=groups)
        else:
            made = ConvTranspose.drawn(shape, seed=values.get("seed"), groups=groups, bias=has_bias)
        return replace(made, **given)


def check_not_made(name: str, bound: Bound, keys: tuple[str, ...]) -> None:
    """Raise Problem where a layer whose weights are given has keys that make some."""
    for key in keys:
        if key in bound.values:
            raise Problem(
                bound.paths[key],
                f"{name} has weights, and {key} to make some",
                f"remove {key}, or weights",
                on_key=True,
            )


def has_made_bias(bound: Bound) -> bool:
    """Return whether a layer that makes its weights makes a bias too; raise Problem where numbers are given."""
    bias = bound.values.get("bias", True)
    if not isinstance(bias, bool):
        raise Problem(bound.paths["bias"], f"bias: {shown(bias)}, and the weights are made", "write true or false")
    return bias


def _given(bound: Bound, folder: Path | None) -> Conv:
    check_not_made("conv", bound, _MADE)
    with at(*bound.paths["weights"]):
        kernel = Kernel(given_table(bound.values["weights"], folder))
    with at(*bound.paths.get("bias", ())):
        return Conv(replace(kernel, bias=given_bias(bound.values.get("bias", False), folder)))


def _made(bound: Bound) -> Conv:
    bias, shape = has_made_bias(bound), _made_shape("conv", bound)
    if bound.values.get("init", "random") == "random":
        return RandomConv.of_shape(shape, seed=bound.values.get("seed"), bias=bias)
    return Conv(Kernel(np.zeros(shape), bias=(0.0,) * (shape[0] if bias else 1)))


def _made_shape(name: str, bound: Bound, *, inputs_first: bool = False) -> tuple[int, ...]:
    """Return the shape of weights to be made, outputs × inputs of a group, or inputs × outputs of a group."""
    values = bound.values
    missing = [key for key in _MADE[:3] if key not in values]
    if missing:
        raise Problem(
            (),
            f"{name} has no {'weights' if len(missing) == 3 else missing[0]}",
            "give weights: [[…]], or in_channels, out_channels and kernel_size to make some",
        )
    inputs, outputs, groups = values["in_channels"], values["out_channels"], values.get("groups", 1)
    if inputs % groups or outputs % groups:
        raise Problem(
            bound.paths.get("groups", ()),
            f"{groups} groups do not divide {inputs} input and {outputs} output channels",
            "use a number that divides both",
        )
    first, second = (inputs, outputs) if inputs_first else (outputs, inputs)
    shape = (first, second // groups, *values["kernel_size"])
    if math.prod(shape) > LARGEST_ARRAY:
        raise Problem((), f"{name} with more than {LARGEST_ARRAY} weights", "use fewer channels")
    return shape


def _settled(conv: Conv, bound: Bound) -> Conv:
    """Return the layer with the settings among the values, None standing for none."""
    values = bound.values
    for name in (*(each.name for each in KERNEL_SETTINGS), "groups"):
        if values.get(name) is not None:
            with at(*bound.paths.get(name, ())):
                conv = conv.with_settings(**{name: values[name]})
    if conv.groups > 1:
        with at(*bound.paths.get("groups", ())):  # groups that do not divide the outputs fit no picture at all
            conv.output_shape((conv.kernel.weights.shape[1] * conv.groups, *conv.extent))
    return conv


def _torch_same(conv: Conv) -> Conv:
    """Return the layer with the margins of PyTorch's ``padding="same"``, which is refused beside a stride."""
    if conv.stride != (1, 1):
        row, column = conv.kernel.anchor
        raise UsageError(
            f"padding: same needs stride 1, as in PyTorch, and stride is {list(conv.stride)}",
            f"give the padding in pixels, or add anchor: [{row}, {column}] for an output per step",
        )
    # Of odd sides both meanings of the word are the same.
    return conv if all(side % 2 for side in conv.kernel.size) else replace(conv, centered=True)
