"""Norms as in inference."""

from __future__ import annotations

import numpy as np

from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import Signal
from convcli.filters import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm
from convcli.words import listed


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


def layer_norm(node: Node) -> Signal:
    """Return the signal behind a LayerNormalization over all of a picture, a row of numbers, or the channels alone."""
    node.only_first_output("the mean")
    signal = node.signal()
    axis = int(node.number("axis", -1))
    if not -len(signal.axes) <= axis < len(signal.axes):
        raise Refusal(f"axis {axis} of {len(signal.axes)}", "the file is damaged")
    over = signal.axes[axis:] if axis else signal.axes
    if over != "C" and sorted(over) != ["C", "H", "W"]:
        raise Refusal(
            f"a norm over {_axes(over)}",
            "a layer here takes it over all of a picture, channels, height and width, or over the channels",
        )
    weight, bias = _of_channels(node, 1, signal, over) or (1.0,), _of_channels(node, 2, signal, over) or (0.0,)
    eps = node.number("epsilon", 1e-5)
    return signal.then(LayerNorm(weight, bias, eps) if over == "C" else GroupNorm(1, weight, bias, eps))


def _of_channels(node: Node, index: int, signal: Signal, over: str) -> tuple[float, ...]:
    """Return the numbers of a norm, one for each channel, or none; raise Refusal where they differ within one."""
    if not node.has(index):
        return ()
    given = node.needed(index, "weights and biases")
    given = given.reshape((1,) * (len(over) - given.ndim) + given.shape)
    if given.ndim != len(over):
        raise Refusal(f"numbers of {given.ndim} axes over {len(over)}", "the file is damaged")
    planes = np.moveaxis(given, over.index("C"), 0).reshape(given.shape[over.index("C")], -1)
    if (planes != planes[:, :1]).any():
        raise Refusal(
            "a norm with a constant that differs from pixel to pixel", "give it one number for each channel, or none"
        )
    return tuple(np.broadcast_to(planes[:, 0], signal.channels()).tolist())


def length_norm(node: Node) -> Signal:
    """Refuse an LpNormalization: no layer divides the values along an axis by their length."""
    signal = node.signal()
    letter = signal.axis(int(node.number("axis", -1)))
    raise Refusal(
        f"a norm over {_axes(letter)}: values over their length",
        "no layer here divides by it; batch, group and instance norms have layers",
    )


def _axes(letters: str) -> str:
    names = {"N": "the batch", "C": "the channels", "H": "the height", "W": "the width"}
    return listed([names.get(each, f"axis {each}") for each in letters])


def response_norm(node: Node) -> Signal:
    """Return the signal behind an LRN."""
    size = int(node.number("size", 0))
    if size % 2 == 0:
        raise Refusal(
            f"an even size of {size} channels", "of them ONNX takes more behind than before, and the layer here before"
        )
    numbers = (node.number(name, default) for name, default in (("alpha", 1e-4), ("beta", 0.75), ("bias", 1.0)))
    return node.picture().then(LocalResponseNorm(size, *numbers))
