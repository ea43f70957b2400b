"""Flatten, Gemm, MatMul with a constant: rows of numbers."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Floats
from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import FEATURES, PICTURE, Signal
from convcli.filters import Flatten, Linear


def flatten(node: Node) -> Signal:
    """Return all numbers of each picture in a row."""
    signal = node.signal()
    axis = int(node.number("axis", 1))
    if axis + (len(signal.axes) if axis < 0 else 0) != 1 or signal.axes[:1] != "N":
        raise Refusal(f"flattened at axis {axis}", "a layer here flattens each picture, axis 1")
    return flat(signal)


def flat(signal: Signal) -> Signal:
    """Return all numbers of a picture in a row, in the order of its axes."""
    if signal.axes == FEATURES:
        return signal
    if signal.axes != PICTURE and signal.shape[1:] != (1, 1):
        raise Refusal(f"flattened in the order {signal.axes}", "export the network with channels first")
    return signal.then(*(() if signal.shape[1:] == (1, 1) else (Flatten(),)), axes=FEATURES)


def gemm(node: Node) -> Signal:
    """Return alpha · A · B + beta · C, where B and C are constants."""
    signal = _row(node)
    if node.number("transA", 0):
        raise Refusal("transA 1, which mixes pictures of a batch", "export the network for pictures one by one")
    weights = node.needed(1, "weights")
    if weights.ndim != 2:
        raise Refusal(f"weights of {weights.ndim} axes", "the file is damaged")
    rows = weights if node.number("transB", 0) else weights.T
    bias = node.numbers(2, "biases")
    numbers = None
    if bias is not None:
        if bias.ndim > 2 or (bias.ndim == 2 and len(bias) != 1) or bias.size not in (1, len(rows)):
            raise Refusal(f"biases of shape {bias.shape} for {len(rows)} outputs", "a layer here takes one per output")
        numbers = np.broadcast_to(np.ravel(bias), len(rows)) * node.number("beta", 1.0)
    return _linear(signal, rows * node.number("alpha", 1.0), numbers)


def product(node: Node) -> Signal:
    """Return A · B, where B is a constant."""
    if node.has(1) and isinstance(node.inputs[1], Signal):
        raise Refusal("a product of two matrices that are computed", "no layer here does it: attention is none of them")
    signal = _row(node)
    weights = node.needed(1, "weights")
    if weights.ndim != 2:
        raise Refusal(f"weights of {weights.ndim} axes", "a layer here takes a matrix")
    return _linear(signal, weights.T, None)


def _row(node: Node) -> Signal:
    signal = node.signal()
    if signal.axes != FEATURES:
        raise Refusal(
            f"a matrix times a tensor of {len(signal.axes)} axes", "a layer here takes a row of numbers: Flatten before"
        )
    return signal


def _linear(signal: Signal, weights: Floats, bias: Floats | None) -> Signal:
    if not weights.size:
        raise Refusal("a matrix without numbers", "the file is damaged")
    return signal.then(Linear(len(weights), weights, bias))
