"""Pools: the largest value, the mean and the norm of windows, and of the whole picture."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.operators.windows import Window, padded, settled, window_of
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import Signal
from convcli.filters import AvgPool, Border, GlobalAvgPool, GlobalMaxPool, Layer, LpPool, MaxPool, Pad, Pool


def max_pool(node: Node) -> Signal:
    """Return the signal behind a MaxPool."""
    node.only_first_output("the places of the largest values")
    return _pooled(node, MaxPool((1, 1)), -math.inf)


def average_pool(node: Node) -> Signal:
    """Return the signal behind an AveragePool."""
    counts = bool(node.number("count_include_pad", 0))
    return _pooled(node, AvgPool((1, 1), count_include_pad=counts), 0.0 if counts else None)


def lp_pool(node: Node) -> Signal:
    """Return the signal behind an LpPool."""
    return _pooled(node, LpPool((1, 1), p=node.number("p", 2)), 0.0)


def global_average(node: Node) -> Signal:
    """Return the mean of each channel."""
    return node.picture().then(GlobalAvgPool((1, 1)))


def global_max(node: Node) -> Signal:
    """Return the largest value of each channel."""
    return node.picture().then(GlobalMaxPool((1, 1)))


def global_lp(node: Node) -> Signal:
    """Return the norm of each channel, whose size has to be known."""
    signal = node.picture()
    _, height, width = signal.size("the norm of the whole picture")
    return signal.then(LpPool((height, width), p=node.number("p", 2)))


def _pooled(node: Node, kind: Pool, outside: float | None) -> Signal:
    """Return the signal behind a pool; `outside` is what pixels around count as, None where they do not count."""
    signal = node.picture()
    if node.number("storage_order", 0):
        node.only_first_output("the places in the order of columns")
    window = settled(window_of(node), signal)
    ceil = bool(node.number("ceil_mode", 0))
    given: dict[str, Any] = {"size": window.size, "stride": window.stride, "dilation": window.dilation}
    if window.is_even and all(0 <= more <= side // 2 for more, side in zip(window.before, window.size, strict=True)):
        return signal.then(replace(kind, padding=window.before, ceil_mode=ceil, **given))
    if ceil:
        window = _whole_windows(window, signal)
    if outside is not None:
        return signal.then(*padded(window, outside), replace(kind, **given))
    return signal.then(*_without_outside(window, replace(kind, **given)))


def _whole_windows(window: Window, signal: Signal) -> Window:
    """Refuse a last window that is not whole; return the window as it is where none is."""
    _, *lengths = signal.size("ceil_mode with other pads on each side")
    for length, before, after, extent, stride in zip(
        lengths, window.before, window.after, window.extent, window.stride, strict=True
    ):
        if (length + before + after - extent) % stride:
            raise Refusal(
                "ceil_mode with other pads on each side, and a last window that is not whole",
                "use the same pads on both sides, or leave out ceil_mode",
            )
    return window


def _without_outside(window: Window, layer: Pool) -> tuple[Layer, ...]:
    """Return layers for means that do not count pixels around, of which each side has its own number.

    Both sides get the larger number, and windows that are too many are cut off.
    """
    most = [max(pair) for pair in zip(window.before, window.after, strict=True)]
    fits = all(more <= side // 2 for more, side in zip(most, window.size, strict=True))
    if min(*window.before, *window.after) < 0 or window.stride != (1, 1) or not fits:
        raise Refusal(
            "a mean without its padding, which differs from side to side or is more than half of the window",
            "use the same pads on both sides, at most half of the window, or count_include_pad = 1",
        )
    (top, left), (bottom, right) = window.before, window.after
    cut = Pad(top - most[0], right - most[1], bottom - most[0], left - most[1], Border("constant"))
    return replace(layer, padding=(most[0], most[1])), cut
