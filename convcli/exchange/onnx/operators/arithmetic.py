"""Sums, differences, products and quotients, of pictures and of constants."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convcli.array_types import Floats
from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import SHAPE, Signal, joined
from convcli.filters import Abs, Add, BatchNorm, Conv, Join, Kernel, Magnitude, Maximum, Multiply, Subtract

_AFFINE: dict[str, Callable[[Floats, bool], tuple[Floats, Floats]]] = {}


def per_channel(signal: Signal, numbers: Floats) -> Floats:
    """Return a constant that meets a signal as one number, or one for each channel, (channels).

    Raises Refusal where it differs from pixel to pixel.
    """
    axes = signal.axes
    if numbers.ndim > len(axes):
        extra = numbers.shape[: numbers.ndim - len(axes)]
        if any(each != 1 for each in extra):
            raise Refusal(f"a constant of {numbers.ndim} axes beside a picture of {len(axes)}", _UNIFORM)
        numbers = numbers.reshape(numbers.shape[len(extra) :])
    met = axes[len(axes) - numbers.ndim :]
    for place, letter in enumerate(met):
        if letter == "C":
            continue
        first = numbers.take([0], axis=place) if numbers.shape[place] else numbers
        if numbers.shape[place] != 1 and not np.array_equal(np.broadcast_to(first, numbers.shape), numbers):
            raise Refusal("a constant that differs from pixel to pixel", _UNIFORM)
        length = signal.length(letter)
        if numbers.shape[place] not in (1, length) and (length is not None or numbers.shape[place] == 0):
            raise Refusal(f"a constant of {numbers.shape[place]} along axis {letter}", _UNIFORM)
        numbers = first
    return np.ravel(numbers)


_UNIFORM = "a layer here takes a number, or one for each channel"


def scaled(signal: Signal, weight: Floats, bias: Floats) -> Signal:
    """Return x · weight + bias, with one number or one for each channel."""
    if max(weight.size, bias.size) > 1 and signal.shape[0] == 1:
        # One channel becomes as many as there are numbers.
        count = max(weight.size, bias.size)
        kernel = Kernel(
            np.broadcast_to(weight, (count,)).reshape(-1, 1, 1, 1), bias=tuple(np.broadcast_to(bias, count))
        )
        return signal.then(Conv(kernel, padding=(0, 0)))
    if signal.scaled_from is not None:  # both at once
        start, inner, shift = signal.scaled_from
        if len({weight.size, bias.size, inner.size, shift.size} - {1}) < 2:
            signal, weight, bias = start, weight * inner, bias + weight * shift
    if (weight == 1).all() and not bias.any():
        return signal
    made = signal.then(BatchNorm(weight=tuple(weight.tolist()), bias=tuple(bias.tolist()), eps=0.0))
    made.scaled_from = signal, weight, bias
    return made


def _sum(numbers: Floats, _is_first: bool) -> tuple[Floats, Floats]:
    return np.ones(1), numbers


def _difference(numbers: Floats, is_first: bool) -> tuple[Floats, Floats]:
    return (np.full(1, -1.0), numbers) if is_first else (np.ones(1), -numbers)


def _product(numbers: Floats, _is_first: bool) -> tuple[Floats, Floats]:
    return numbers, np.zeros(1)


def _quotient(numbers: Floats, is_first: bool) -> tuple[Floats, Floats]:
    if is_first:
        raise Refusal("a constant divided by the picture", "no layer here divides by a picture")
    if not numbers.all():
        raise Refusal("a division by zero", "the file is damaged")
    return 1 / numbers, np.zeros(1)


_AFFINE.update({"Add": _sum, "Sub": _difference, "Mul": _product, "Div": _quotient})
_JOINS: dict[str, type[Join]] = {"Add": Add, "Sum": Add, "Sub": Subtract, "Mul": Multiply}


def arithmetic(node: Node) -> Signal:
    """Return the signal behind Add, Sub, Mul or Div, of two pictures or of one and a constant."""
    first, second = (node.inputs[index] if node.has(index) else None for index in (0, 1))
    if isinstance(first, Signal) and isinstance(second, Signal):
        if node.op == "Div":
            raise Refusal("a picture divided by another", "no layer here divides by a picture")
        return _with_squares(node, joined(_JOINS[node.op], matching([first, second])), [first, second])
    is_first = not isinstance(first, Signal)
    signal = node.signal(1 if is_first else 0)
    numbers = per_channel(signal, node.needed(0 if is_first else 1, "numbers"))
    return scaled(signal, *_AFFINE[node.op](numbers, is_first))


def sum_of(node: Node) -> Signal:
    """Return the sum, the mean or the largest of any number of pictures."""
    signals = matching([node.signal(index) for index in range(len(node.inputs))])
    if len(signals) == 1:
        return signals[0]
    if node.op == "Max":
        return joined(Maximum, signals)
    total = _with_squares(node, joined(Add, signals), signals)
    return scaled(total, np.full(1, 1 / len(signals)), np.zeros(1)) if node.op == "Mean" else total


def _with_squares(node: Node, made: Signal, parts: list[Signal]) -> Signal:
    """Return the signal, with a note where it is a square or a sum of squares."""
    if node.op in ("Mul", "Pow") and parts[0] is parts[-1] and len(parts) == 2:
        made.squares = (parts[0],)
    elif node.op in ("Add", "Sum") and all(each.squares for each in parts):
        made.squares = tuple(square for each in parts for square in each.squares)
    return made


def root(node: Node) -> Signal:
    """Return the square root of a sum of squares; no layer has another."""
    squares = list(node.signal().squares)
    if not squares:
        raise Refusal("a square root", "no layer here has it, but for a sum of squares")
    return joined(Magnitude, squares) if len(squares) > 1 else squares[0].then(Abs())


def negative(node: Node) -> Signal:
    """Return −x."""
    return scaled(node.signal(), np.full(1, -1.0), np.zeros(1))


def power(node: Node) -> Signal:
    """Return x², or x³, as products; other powers have no layer."""
    signal, exponent = node.signal(), np.ravel(node.needed(1, "the exponent"))
    count = int(exponent[0]) if exponent.size == 1 else 0
    if count not in (1, 2, 3) or exponent[0] != count:
        raise Refusal("a power that is not 1, 2 or 3", "no layer here has it")
    if count == 1:
        return signal
    signals = [signal] * count
    return _with_squares(node, joined(Multiply, signals), signals)


def matching(signals: list[Signal]) -> list[Signal]:
    """Return signals whose axes have the same meaning; raise Refusal for others."""
    axes = {each.axes for each in signals}
    if len(axes) > 1:
        raise Refusal(f"pictures whose axes differ: {' and '.join(sorted(axes))}", "put a Transpose before one of them")
    known = {each.shape for each in signals if None not in each.shape}
    sides = {shape[1:] for shape in known}
    if len(sides - {(1, 1)}) > 1:
        texts = " and ".join("×".join(map(str, shape)) for shape in sorted(known, key=str))
        raise Refusal(f"pictures that differ in size: {texts}", "a layer here joins pictures of one size")
    return signals


def letter_of(axes: str, number: int) -> int:
    """Return the place of an axis of a shape here, of its number among `axes`."""
    return SHAPE.index(axes[number])
