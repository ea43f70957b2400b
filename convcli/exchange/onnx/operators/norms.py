"""Norms as in inference."""

from __future__ import annotations

import numpy as np

from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import Signal
from convcli.filters import BatchNorm, GroupNorm, InstanceNorm, LocalResponseNorm


def batch_norm(node: Node) -> Signal:
    """Return the signal behind a BatchNormalization, with the means and variances of the training."""
    if node.number("training_mode", 0):
        raise Refusal("training_mode 1, with the means of the batch", "export the network for inference: model.eval()")
    if node.used > 1:
        raise Refusal("running means are used", "export the network for inference: model.eval()")
    signal = node.signal()
    if signal.axes[1:2] != "C":
        raise Refusal(f"it works on axis 1, which is {signal.axes[1:2] or 'missing'}", "export with channels first")
    names = "weights", "biases", "means", "variances"
    weight, bias, mean, variance = (np.ravel(node.needed(index, what)) for index, what in enumerate(names, 1))
    if not weight.size == bias.size == mean.size == variance.size:
        raise Refusal("weights, biases, means and variances of different counts", "the file is damaged")
    numbers = {"mean": mean, "variance": variance, "weight": weight, "bias": bias}
    given = {name: tuple(each.tolist()) for name, each in numbers.items()}
    return signal.then(BatchNorm(**given, eps=node.number("epsilon", 1e-5)))


def instance_norm(node: Node) -> Signal:
    """Return the signal behind an InstanceNormalization."""
    signal = node.picture()
    weight, bias = (tuple(np.ravel(node.needed(index, "weights and biases")).tolist()) for index in (1, 2))
    return signal.then(InstanceNorm(weight=weight, bias=bias, eps=node.number("epsilon", 1e-5)))


def group_norm(node: Node) -> Signal:
    """Return the signal behind a GroupNormalization; before opset 21 each group had one weight and bias."""
    signal = node.picture()
    groups, channels = int(node.number("num_groups", 1)), signal.channels()
    weight, bias = (np.ravel(node.needed(index, "weights and biases")) for index in (1, 2))
    if groups < 1 or channels % groups:
        raise Refusal(f"{groups} groups of {channels} channels", "the file is damaged")
    if node.opset < 21 and weight.size == bias.size == groups:
        weight, bias = (np.repeat(each, channels // groups) for each in (weight, bias))
    given = tuple(weight.tolist()), tuple(bias.tolist())
    return signal.then(GroupNorm(groups, *given, node.number("epsilon", 1e-5)))


def response_norm(node: Node) -> Signal:
    """Return the signal behind an LRN."""
    size = int(node.number("size", 0))
    if size % 2 == 0:
        raise Refusal(
            f"an even size of {size} channels", "of them ONNX takes more behind than before, and the layer here before"
        )
    numbers = (node.number(name, default) for name, default in (("alpha", 1e-4), ("beta", 0.75), ("bias", 1.0)))
    return node.picture().then(LocalResponseNorm(size, *numbers))
