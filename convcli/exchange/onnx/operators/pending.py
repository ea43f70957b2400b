"""Layers that exporters take apart: a GELU by the error function, a norm by groups, shuffles of channels and pixels.

The nodes between make values that no layer has. They are followed until they are a picture again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.operators.arithmetic import scaled
from convcli.exchange.onnx.operators.blocks import of_blocks
from convcli.exchange.onnx.operators.choosing import chosen
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import PICTURE, Pending, Side, Signal
from convcli.filters import GELU, GroupNorm

_INNER = math.sqrt(0.5)  # x · Φ(x) = x / 2 · (1 + erf(x · √½))


def erf(node: Node) -> Pending:
    """Return the error function of a picture times √½, which becomes a GELU."""
    origin = node.signal().scaled_from
    if origin is not None:
        base, weight, bias = origin
        if weight.size == bias.size == 1 and math.isclose(weight[0], _INNER, rel_tol=1e-5) and bias[0] == 0:
            return Pending(base, "erf")
    raise Refusal("the error function of another value than that of a GELU", "no layer here has it")


def grouped(signal: Signal, groups: int) -> Pending:
    """Return a picture whose channels are in groups; raise Refusal where they do not divide them."""
    channels = signal.channels()
    if groups < 1 or channels % groups:
        raise Refusal(f"{groups} groups of {channels} channels", "the file is damaged")
    return Pending(signal, "groups", groups=groups)


def shuffled(signal: Signal, items: Sequence[int | str | None]) -> Pending | None:
    """Return a picture whose channels are in rows and columns; None where five lengths of a new shape are others."""
    channels = signal.channels()
    batch, rows, columns, *sides = items
    rows, columns = (each if isinstance(each, int) else 0 for each in (rows, columns))
    rows = channels // columns if rows == -1 and columns > 0 else rows
    is_same = all(
        side in (letter, -1) or side == signal.length(letter) is not None
        for letter, side in zip("HW", sides, strict=True)
    )
    if batch not in ("N", 1, -1) or not is_same or rows < 1 or channels % rows or columns not in (channels // rows, -1):
        return None
    return Pending(signal, "shuffle", groups=rows)


def through(node: Node) -> Signal | Pending:
    """Return what a node makes of such a value, and another; raise Refusal where it is no part of the layer."""
    place = next(index for index, each in enumerate(node.inputs) if isinstance(each, Pending))
    value = node.inputs[place]
    assert isinstance(value, Pending)
    if node.op in ("Identity", "Cast"):
        return value
    match value.kind:
        case "erf":
            made, what = _of_gelu(node, value, 1 - place), "the error function outside of a GELU"
        case "groups":
            made, what = _of_groups(node, value), "channels in groups outside of a norm"
        case "blocks":
            made, what = of_blocks(node, value), "six axes outside of a shuffle of pixels"
        case _:
            made, what = _of_shuffle(node, value), "channels in groups outside of a shuffle of channels"
    if made is None:
        raise Refusal(what, "no layer here has it")
    return made


def _of_gelu(node: Node, value: Pending, other: int) -> Signal | Pending | None:
    if len(node.inputs) != 2 or not node.has(other):
        return None
    beside = node.inputs[other]
    if isinstance(beside, Signal):
        if node.op != "Mul" or not value.added:
            return None
        factor = _share_of(beside, value.base)
        return (
            None
            if factor is None
            else scaled(value.base.then(GELU()), np.full(1, 2 * value.factor * factor), np.zeros(1))
        )
    if isinstance(beside, Pending):
        return None
    numbers = np.ravel(node.needed(other, "a factor"))
    if numbers.size != 1:
        return None
    number = float(numbers[0])
    if node.op == "Add" and number == 1 and not value.added:
        return replace(value, added=True)
    if node.op == "Mul" and value.added:
        return replace(value, factor=value.factor * number)
    if node.op == "Div" and value.added and other == 1 and number:
        return replace(value, factor=value.factor / number)
    return None


def _share_of(signal: Signal, base: Signal) -> float | None:
    """Return the factor by which a signal is another one; None where it is not."""
    if signal is base:
        return 1.0
    if signal.scaled_from is None:
        return None
    start, weight, bias = signal.scaled_from
    return float(weight[0]) if start is base and weight.size == bias.size == 1 and bias[0] == 0 else None


def _of_groups(node: Node, value: Pending) -> Signal | Pending | None:
    if node.op == "InstanceNormalization" and value.numbers is None:
        weight, bias = (np.ravel(node.needed(index, "weights and biases")) for index in (1, 2))
        if not weight.size == bias.size == value.groups:
            return None
        return replace(value, numbers=(weight, bias), eps=node.number("epsilon", 1e-5))
    if node.op == "Reshape" and value.numbers is not None and _is_shape_of(node, value.base):
        each = value.base.channels() // value.groups
        numbers = [tuple(np.repeat(of_groups, each).tolist()) for of_groups in value.numbers]
        return value.base.then(GroupNorm(value.groups, numbers[0], numbers[1], value.eps))
    return None


def _of_shuffle(node: Node, value: Pending) -> Signal | Pending | None:
    if node.op == "Transpose" and node.attributes.get("perm") == [0, 2, 1, 3, 4]:
        return replace(value, added=not value.added)
    if node.op == "Reshape" and _is_shape_of(node, value.base):
        order = np.arange(value.base.channels())
        return chosen(value.base, (order.reshape(value.groups, -1).T.ravel() if value.added else order).tolist())
    return None


def _is_shape_of(node: Node, base: Signal) -> bool:
    """Return whether the wanted shape is that of the picture, as far as it is known."""
    wanted = node.constant(1, "the shape")
    items = [] if wanted is None else np.ravel(wanted).tolist()
    if len(items) != len(PICTURE):
        return False
    for letter, item in zip(PICTURE, items, strict=True):
        length = base.length(letter)
        if isinstance(item, Side):
            is_same = item.signal is base or letter == "N" or (item.known == length is not None)
            if item.letter != letter or not item.is_length or not is_same:
                return False
        elif item not in ((0, 1, -1) if letter == "N" else (length, -1)):
            return False
    return True
