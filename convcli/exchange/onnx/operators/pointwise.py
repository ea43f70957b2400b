"""Functions of single values, and of the channels at a position."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.operators.arithmetic import per_channel, scaled
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import Signal, joined
from convcli.filters import (
    CELU,
    ELU,
    GELU,
    SELU,
    SELU_ALPHA,
    SELU_SCALE,
    Abs,
    Clip,
    HardSigmoid,
    HardSwish,
    Layer,
    LeakyReLU,
    LogSoftmax,
    Mish,
    Multiply,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)

SIMPLE: dict[str, Callable[[Node], Layer]] = {
    "Relu": lambda _: ReLU(),
    "LeakyRelu": lambda node: LeakyReLU(node.number("alpha", 0.01)),
    "Sigmoid": lambda _: Sigmoid(),
    "Tanh": lambda _: Tanh(),
    "Elu": lambda node: ELU(node.number("alpha", 1.0)),
    "Celu": lambda node: CELU(node.number("alpha", 1.0)),
    "Gelu": lambda node: GELU(node.text("approximate", "none")),
    "Mish": lambda _: Mish(),
    "Softplus": lambda _: Softplus(),
    "HardSigmoid": lambda node: HardSigmoid(node.number("alpha", 0.2), node.number("beta", 0.5)),
    "HardSwish": lambda _: HardSwish(),
    "Abs": lambda _: Abs(),
}


def simple(node: Node) -> Signal:
    """Return the signal behind a function that is a layer."""
    return node.signal().then(SIMPLE[node.op](node))


def selu(node: Node) -> Signal:
    """Return the signal behind a Selu, of any alpha and gamma."""
    alpha, gamma = node.number("alpha", SELU_ALPHA), node.number("gamma", SELU_SCALE)
    if math.isclose(alpha, SELU_ALPHA, rel_tol=1e-6) and math.isclose(gamma, SELU_SCALE, rel_tol=1e-6):
        return node.signal().then(SELU())
    return scaled(node.signal().then(ELU(alpha)), np.array([gamma]), np.zeros(1))


def swish(node: Node) -> Signal:
    """Return x · sigmoid(alpha · x)."""
    signal, alpha = node.signal(), node.number("alpha", 1.0)
    if alpha == 1:
        return signal.then(SiLU())
    return joined(Multiply, [signal, scaled(signal, np.array([alpha]), np.zeros(1)).then(Sigmoid())])


def clip(node: Node) -> Signal:
    """Return the signal behind a Clip, whose bounds are inputs or, before opset 11, attributes."""
    bounds = []
    for index, name, default in ((1, "min", -math.inf), (2, "max", math.inf)):
        value = node.constant(index, name)
        bounds.append(node.number(name, default) if value is None else float(np.ravel(value)[0]))
    low, high = bounds
    if math.isnan(low) or math.isnan(high):
        raise Refusal("a bound that is no number", "the file is damaged")
    if low > high:
        low = high  # so ONNX has it
    if (low, high) == (0, math.inf):
        return node.signal().then(ReLU())
    # Beyond float32 nothing lies.
    largest = float(np.finfo(np.float32).max)
    return node.signal().then(Clip(max(low, -largest), min(high, largest), trained=True))


def prelu(node: Node) -> Signal:
    """Return the signal behind a PRelu, whose slopes have one number or one for each channel."""
    signal = node.signal()
    slopes = per_channel(signal, node.needed(1, "slopes"))
    return signal.then(PReLU(tuple(slopes.tolist())))


def softmax(node: Node) -> Signal:
    """Return the signal behind a Softmax or LogSoftmax over the channels."""
    signal = node.signal()
    layer: Layer = Softmax() if node.op == "Softmax" else LogSoftmax()
    axis = int(node.number("axis", 1 if node.opset < 13 else -1))
    letter = signal.axis(axis)
    if node.opset < 13 and len(signal.axes) > 2:
        # Before opset 13, all axes from that one on count as one.
        rest = signal.axes[signal.axes.index(letter) :]
        if not set(rest) >= {"C"} or any(signal.length(each) != 1 for each in rest if each != "C"):
            raise Refusal(f"a softmax over the axes {rest} together", "export the network with opset 13 or later")
        letter = "C"
    if letter != "C":
        raise Refusal(
            f"a softmax along axis {letter}", f"a layer here takes it over the channels, axis {_channels(signal)}"
        )
    return signal.then(layer)


def _channels(signal: Signal) -> int:
    return signal.axes.index("C")
