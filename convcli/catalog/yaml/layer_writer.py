"""Layers as the entries of ``layers:``, which read back as the same layers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeGuard, cast

import numpy as np

from convcli.array_types import Floats
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.catalog.yaml.arrays import ArrayFile
from convcli.catalog.yaml.layout import flow, indented, item, number, pair, table
from convcli.errors import UsageError
from convcli.filters import (
    CURRENT,
    INPUT,
    Border,
    Combine,
    Conv,
    ConvTranspose,
    Join,
    Layer,
    Linear,
    NamedConv,
    Padding,
    RandomConv,
    Unsharp,
    as_text,
)

_NAME = re.compile("(pillow:)?([^:]+):?(.*)")  # of a library, of the filter, and arguments


def layer_lines(layers: Iterable[Layer], beside: ArrayFile | None = None) -> list[str]:
    """Return the lines of a list of layers, weights in a file beside them where one is given.

    Raises UsageError where a layer has no name in files.
    """
    return list(_entries(layers, (), beside))


def _entries(layers: Iterable[Layer], taken: tuple[str, ...], beside: ArrayFile | None) -> Iterator[str]:
    """Yield the lines of entries; `taken` are names that are still used further on."""
    for layer in layers:
        if not (isinstance(layer, Join) and layer.is_skip):
            yield from item(_lines(layer, beside))
            continue
        label = wanted = next((each for each in layer.labels if each != INPUT), "start")
        number = 1
        while label in taken:
            number += 1
            label = f"{wanted}-{number}"
        yield from item([f"as: {label}"])
        yield from _entries(layer.inner, (*taken, label), beside)
        names = [CURRENT if branch else label for branch in layer.branches]
        names = names[1:] if names[0] == CURRENT else names
        yield from item([f"{layer.name}: {names[0] if len(names) == 1 else flow(names)}"])


def nesting(layers: Iterable[Layer]) -> int:
    """Return how many layers with branches lie within each other; the layers in all branches can be gone through."""
    return max(
        (
            (0 if isinstance(layer, Join) and layer.is_skip else 1) + max(map(nesting, layer.branches))
            for layer in layers
            if isinstance(layer, Combine) and layer.branches
        ),
        default=0,
    )


def is_drawn(conv: Conv) -> TypeGuard[RandomConv]:
    """Return whether a seed stands for the weights and the bias of a layer."""
    return isinstance(conv, RandomConv) and conv.border is not None and conv.is_as_drawn


def is_layer(conv: Conv) -> bool:
    """Return whether a Conv can be written as a layer alone, and not as a file of one kernel."""
    return is_drawn(conv) or _is_centered(conv) or (isinstance(conv, NamedConv) and conv.is_as_named)


def _is_centered(conv: Conv) -> bool:
    return conv.centered and conv.padding == "same"


def kernel_lines(conv: Conv, beside: ArrayFile | None = None) -> list[str]:
    """Return the lines of a file of one kernel; defaults are left out."""
    return list(_conv_lines(conv, None, "same", beside))


def _weights(weights: Floats, beside: ArrayFile | None) -> list[str]:
    """Return the lines of weights, which are put in the file beside where there is one."""
    return ["weights:", *table(weights)] if beside is None else [f"weights: {beside.put(weights)}"]


def _bias(numbers: Sequence[float], beside: ArrayFile | None) -> str:
    return flow(map(number, numbers)) if beside is None else beside.put(np.asarray(numbers))


def _conv_lines(
    conv: Conv, border: Border | None, padding: Padding, beside: ArrayFile | None, *, names_anchor: bool = False
) -> Iterator[str]:
    """Yield the lines of weights and settings, without the default border and padding."""
    kernel = conv.kernel
    drawn = conv if is_drawn(conv) else None
    yield from _random_lines(drawn) if drawn else _weights(kernel.weights, beside)
    if kernel.divisor != 1:
        yield f"divisor: {number(kernel.divisor)}"
    if len(kernel.bias) > 1 and not drawn:
        # A layer takes a bias from a file, a kernel its numbers alone.
        yield f"bias: {_bias(kernel.bias, beside if border else None)}"
    elif kernel.bias[0] and not drawn:
        yield f"bias: {number(kernel.bias[0])}"
    if names_anchor or (kernel.has_own_anchor and not _is_centered(conv)):
        yield f"anchor: {flow(kernel.anchor)}"
    if conv.border is not None and conv.border != border:
        yield f"border: {_border(conv.border)}"
    if conv.padding != padding:
        yield f"padding: {conv.padding if isinstance(conv.padding, str) else pair(conv.padding)}"
    if conv.stride != (1, 1):
        yield f"stride: {pair(conv.stride)}"
    if conv.dilation != (1, 1):
        yield f"dilation: {pair(conv.dilation)}"
    if conv.groups != 1:
        yield f"groups: {conv.groups}"


def _random_lines(conv: RandomConv) -> Iterator[str]:
    outputs, inputs, *size = conv.kernel.weights.shape
    yield f"in_channels: {inputs * conv.groups}"
    yield f"out_channels: {outputs}"
    yield f"kernel_size: {pair((size[0], size[1]))}"
    yield "init: random"
    yield f"seed: {conv.seed}"
    if not conv.has_bias:
        yield "bias: false"


def _torch_lines(conv: Conv, beside: ArrayFile | None) -> Iterator[str]:
    """Yield the lines under ``conv``, whose defaults are PyTorch's."""
    # padding: same is PyTorch's, which differs for an even kernel and refuses a stride, unless an anchor is named.
    is_torchs = conv.centered or (all(side % 2 for side in conv.kernel.size) and conv.stride == (1, 1))
    names_anchor = conv.padding == "same" and not is_torchs
    return _conv_lines(conv, Border("constant"), (0, 0), beside, names_anchor=names_anchor)


def _border(border: Border) -> str:
    return f"{border.name}:{border.value!r}" if border.value else border.name


def _lines(layer: Layer, beside: ArrayFile | None) -> list[str]:
    match layer:
        case NamedConv() if layer.is_as_named:
            return [_named_line(layer)]
        case Conv(border=None):
            return ["kernel:", *indented(kernel_lines(layer, beside), 2)]
        case Conv():
            return ["conv:", *indented(_torch_lines(layer, beside), 2)]
        case ConvTranspose():
            return ["conv-transpose:", *indented(_transposed_lines(layer, beside), 2)]
        case Linear():
            return _linear_lines(layer, beside)
        case Unsharp(branches=(_, (Conv(border=border),))):
            given = {name: number(float(getattr(layer, name))) for name in ("sigma", "amount", "threshold")}
            named = given if border is None else {**given, "border": _border(border)}
            return [f"unsharp: {{{', '.join(map(': '.join, named.items()))}}}"]
        case Join(branches=branches):
            items = [
                line for branch in branches for line in (item(layer_lines(branch, beside)) if branch else ["- []"])
            ]
            return [f"{layer.name}:", *indented(items, 2)]
        case Combine(branches=branches) if branches:
            items = [line for branch in branches for line in item(_branch_lines(branch, beside))]
            return [f"{layer.name}:", *indented(items, 2)]
        case _:
            return [_line(layer)]


def _named_line(layer: NamedConv) -> str:
    library, name, arguments = _NAME.fullmatch(layer.text).groups("")  # type: ignore[union-attr]  # of a filter
    texts = [argument.replace("=", ": ") for argument in arguments.split(",") if argument]
    if layer.border is not None:
        texts.append(f"border: {_border(layer.border)}")
    return f"{library}{name}: {{{', '.join(texts)}}}" if texts else f"{library}{name}"


def _line(layer: Layer) -> str:
    if layer.name not in LAYERS:
        raise UsageError(f"a file has no layer {type(layer).__name__}", "use a layer of convcli.filters")
    kind = LAYERS[layer.name]
    given = {each.name: getattr(layer, each.name) for each in (*kind.parameters, *kind.settings)}
    known = {each.name: each.read(each.default) for each in kind.parameters[1:] if each.default is not None}
    texts = {name: _text(value) for name, value in given.items() if value is not None and value != known.get(name)}
    if list(texts) == ["size"] and kind.parameters[0].name == "size":
        return f"{layer.name}: {texts['size']}"
    return f"{layer.name}: {{{', '.join(map(': '.join, texts.items()))}}}" if texts else layer.name


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return as_text(value)
        case Border():
            return _border(value)
        case (int(first), int(second)):
            return pair((first, second))
        case tuple():
            return flow(map(_text, value))
    return number(float(cast(float, value)))


def _branch_lines(branch: tuple[Layer, ...], beside: ArrayFile | None) -> list[str]:
    return _lines(branch[0], beside) if len(branch) == 1 else layer_lines(branch, beside)


def _linear_lines(layer: Linear, beside: ArrayFile | None) -> list[str]:
    if layer.weights is None:
        bias = "" if layer.has_bias else ", bias: false"
        return [f"linear: {{out_features: {layer.out_features}, init: {layer.init}, seed: {layer.seed or 0}{bias}}}"]
    lines = _weights(layer.weights, beside)
    if layer.bias is not None:
        lines.append(f"bias: {_bias(np.asarray(layer.bias).tolist(), beside)}")
    return ["linear:", *indented(lines, 2)]


def _transposed_lines(layer: ConvTranspose, beside: ArrayFile | None) -> Iterator[str]:
    inputs, outputs, height, width = layer.weights.shape
    if layer.is_as_drawn:
        yield from (f"in_channels: {inputs}", f"out_channels: {outputs * layer.groups}")
        yield from (f"kernel_size: {pair((height, width))}", "init: random", f"seed: {layer.seed or 0}")
        yield from () if layer.has_bias else ("bias: false",)
    else:
        yield from _weights(layer.weights, beside)
        biases = cast(tuple[float, ...], layer.bias)
        yield from (f"bias: {_bias(biases, beside)}",) if layer.has_bias else ()
    for name, default in (("stride", 1), ("padding", 0), ("output_padding", 0), ("dilation", 1)):
        if getattr(layer, name) != (default, default):
            yield f"{name}: {pair(getattr(layer, name))}"
    yield from (f"groups: {layer.groups}",) if layer.groups > 1 else ()
