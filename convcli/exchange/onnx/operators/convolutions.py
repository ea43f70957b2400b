"""Conv and ConvTranspose."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Floats
from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.operators.windows import Window, padded, window_of
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import Signal
from convcli.filters import Border, Conv, ConvTranspose, Kernel, Layer, Pad

_BLACK = Border("constant")


def conv(node: Node) -> Signal:
    """Return the signal behind a Conv."""
    signal = node.picture()
    weights = _weights(node)
    groups = int(node.number("group", 1))
    bias = _bias(node, len(weights))
    window = window_of(node, (weights.shape[2], weights.shape[3]))
    if groups < 1 or len(weights) % groups:
        raise Refusal(f"{groups} groups for {len(weights)} output channels", "the file is damaged")
    kernel = Kernel(weights, bias=bias)
    settings = {"stride": window.stride, "dilation": window.dilation, "groups": groups, "border": _BLACK}
    if window.named:
        return signal.then(Conv(kernel, padding=window.named, **settings))  # type: ignore[arg-type]  # as declared
    bordered = _bordered(signal, window)
    if bordered is not None:
        start, margin, border = bordered
        return start.then(Conv(kernel, padding=margin, **{**settings, "border": border}))  # type: ignore[arg-type]
    around, padding = _around(window)
    return signal.then(*around, Conv(kernel, padding=padding, **settings))  # type: ignore[arg-type]  # as declared


def _bordered(signal: Signal, window: Window) -> tuple[Signal, tuple[int, int], Border] | None:
    """Return the signal before a Pad, the margin and the border, where they are those of the layer behind it."""
    if any((*window.before, *window.after)) or len(signal.steps) != 1 or signal.dominator is None:
        return None
    (layer,) = signal.steps
    if not isinstance(layer, Pad) or layer.border is None or abs(layer.border.value) > 1:
        return None
    (above, below), (left, right) = layer.margins
    if above != below or left != right or min(above, left) < 0:
        return None
    return signal.dominator, (above, left), layer.border


def _around(window: Window) -> tuple[tuple[Layer, ...], tuple[int, int]]:
    """Return a layer for pixels around that differ from side to side, or the padding of the layer itself."""
    if window.is_even and min(window.before) >= 0:
        return (), window.before
    return padded(window, 0.0), (0, 0)


def conv_transpose(node: Node) -> Signal:
    """Return the signal behind a ConvTranspose."""
    signal = node.picture()
    weights = _weights(node)
    groups = int(node.number("group", 1))
    if groups < 1 or len(weights) % groups:
        raise Refusal(f"{groups} groups for {len(weights)} input channels", "the file is damaged")
    window = window_of(node, (weights.shape[2], weights.shape[3]))
    more = node.pair("output_padding", 0)
    bias = _bias(node, weights.shape[1] * groups)
    window, more = _cut(node, signal, window, more)
    even = window.is_even and min(window.before) >= 0
    layer = ConvTranspose(
        *(weights, bias, window.stride),
        padding=window.before if even else (0, 0),
        output_padding=more,
        dilation=window.dilation,
        groups=groups,
    )
    if even:
        return signal.then(layer)
    (top, left), (bottom, right) = window.before, window.after
    return signal.then(layer, Pad(-top, -right, -bottom, -left, _BLACK))


def _cut(node: Node, signal: Signal, window: Window, more: tuple[int, int]) -> tuple[Window, tuple[int, int]]:
    """Return the window with the pixels that are cut off, where they follow from the size of the output."""
    wanted = node.attributes.get("output_shape")
    if wanted is None and not window.named:
        return window, more
    low = window.named == "same-lower" if window.named else True
    if wanted is not None:
        _, height, width = signal.size("output_shape")
        sides = node.pair("output_shape", 1)
        whole = [
            (length - 1) * step + extent + extra
            for length, step, extent, extra in zip((height, width), window.stride, window.extent, more, strict=True)
        ]
        totals = [one - other for one, other in zip(whole, sides, strict=True)]
    else:
        totals = [extent + extra - step for step, extent, extra in zip(window.stride, window.extent, more, strict=True)]
    # Where less than nothing is cut off, the output is larger by so much, below and to the right.
    before = [max((total + low) // 2, 0) if total > 0 else 0 for total in totals]
    after = [total - first for total, first in zip(totals, before, strict=True)]
    return window._replace(before=(before[0], before[1]), after=(after[0], after[1]), named=""), more


def _weights(node: Node) -> Floats:
    weights = node.needed(1, "weights")
    if weights.ndim != 4 or not weights.size:
        raise Refusal(
            f"weights of {weights.ndim} axes, and those of a picture's layer have 4",
            "a filter takes networks for pictures, not for sound or volumes",
        )
    return weights


def _bias(node: Node, outputs: int) -> tuple[float, ...]:
    bias = node.numbers(2, "biases")
    if bias is None:
        return (0.0,)
    if bias.size != outputs:
        raise Refusal(f"{bias.size} biases for {outputs} output channels", "the file is damaged")
    return tuple(np.ravel(bias).tolist())
