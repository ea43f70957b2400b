"""Shuffles of pixels and channels as exporters take them apart: in a shape of six axes, in another order, and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.operators.choosing import chosen
from convcli.exchange.onnx.values import Pending, Side, Signal
from convcli.filters import PixelShuffle, PixelUnshuffle

Item = int | Side  # of a shape

_SIX = 6  # axes: batch, channels in three parts, height, width; or batch, channels, and each side in two parts


def in_blocks(signal: Signal, items: Sequence[Item]) -> Pending | None:
    """Return a picture in a shape of six axes; None where it is none of which a shuffle can be made."""
    if len(items) != _SIX or not _is_length(items[0], signal, "N"):
        return None
    channels = signal.channels()
    if _is_length(items[4], signal, "H") and _is_length(items[5], signal, "W"):
        parts = [each if isinstance(each, int) else 0 for each in items[1:4]]
        if parts.count(-1) == 1 and -math.prod(parts) > 0:
            parts[parts.index(-1)] = channels // -math.prod(parts)
        return (
            Pending(signal, "blocks", parts=tuple(parts)) if min(parts) > 0 and math.prod(parts) == channels else None
        )
    factor = items[3]
    if not isinstance(factor, int) or factor < 1 or items[5] != factor or items[1] not in (0, -1, channels):
        return None
    is_divided = all(_is_length(items[at], signal, letter, 1 / Fraction(factor)) for at, letter in ((2, "H"), (4, "W")))
    return Pending(signal, "blocks", factor=factor) if is_divided else None


def of_blocks(node: Node, value: Pending) -> Signal | Pending | None:
    """Return a picture in six axes with these in another order, or in four again; None where it is no shuffle."""
    if node.op == "Transpose" and not value.order:
        order = tuple(int(each) for each in node.attributes.get("perm", ()))
        return replace(value, order=order) if sorted(order) == list(range(_SIX)) and order[0] == 0 else None
    if node.op != "Reshape" or not value.order:
        return None
    factor, made = _larger(value) if value.parts else _smaller(value)
    wanted = node.constant(1, "the shape")
    items = [] if wanted is None else [each if isinstance(each, Side) else int(each) for each in np.ravel(wanted)]
    if made is None or len(items) != len(value.base.axes) or items.count(-1) > 1:
        return None
    is_whole = _is_length(items[0], value.base, "N") and items[1] in (-1, made.channels())
    sides = zip(items[2:], "HW", strict=True)
    return made if is_whole and all(_is_length(item, value.base, letter, factor) for item, letter in sides) else None


def _larger(value: Pending) -> tuple[Fraction, Signal | None]:
    """Return the factor of the sides, and the picture whose channels have become blocks of pixels."""
    _, out, tall, row, wide, column = value.order
    factor = value.parts[row - 1] if row <= len(value.parts) else 0
    if (tall, wide) != (4, 5) or value.parts[column - 1] != factor:
        return Fraction(1), None
    order = np.arange(math.prod(value.parts)).reshape(value.parts).transpose(out - 1, row - 1, column - 1)
    return Fraction(factor), chosen(value.base, order.ravel().tolist()).then(PixelShuffle(factor))


def _smaller(value: Pending) -> tuple[Fraction, Signal | None]:
    """Return the factor of the sides, and the picture whose blocks of pixels have become channels."""
    factor, channels = int(value.factor), value.base.channels()
    if value.order[4:] != (2, 4):
        return Fraction(1), None
    axes = [(1, 3, 5).index(each) for each in value.order[1:4]]
    order = np.arange(channels * factor**2).reshape(channels, factor, factor).transpose(axes)
    return 1 / Fraction(factor), chosen(value.base.then(PixelUnshuffle(factor)), order.ravel().tolist())


def _is_length(item: Item, base: Signal, letter: str, factor: Fraction = Fraction(1)) -> bool:
    """Return whether an item of a shape is the length of an axis times a factor."""
    if letter == "N":
        return item in (0, 1, -1) if isinstance(item, int) else item.letter == "N"
    length = base.length(letter)
    if isinstance(item, int):
        return item == -1 or (length is not None and item == length * factor)
    return item.signal is base and item.letter == letter and item.factor == factor and not item.why
