"""Operators on constants, and on the sizes of pictures: what exporters leave in a graph of its own making."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from convcli.exchange.onnx.limits import MOST_NUMBERS
from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import Constant, Pending, Side, Signal

_OPEN = "a size that depends on the picture"
_DAMAGED = "the file is damaged"
# NumPy's types by the numbers of ONNX's.
_TYPES = {1: "f4", 2: "u1", 3: "i1", 4: "u2", 5: "i2", 6: "i4", 7: "i8", 9: "?", 10: "f2", 11: "f8", 12: "u4", 13: "u8"}


def shape_of(node: Node) -> Constant:
    """Return the lengths of the axes of a picture or a constant."""
    value = node.inputs[0] if node.has(0) else None
    if value is None:
        raise Refusal("input 1 is missing", _DAMAGED)
    if isinstance(value, Pending):
        raise Refusal("a part of a GELU or of a norm by itself", "no layer here has it")
    if isinstance(value, Signal):
        sides: list[Any] = [Side.of(value, letter) for letter in value.axes]
        lengths = np.empty(len(sides), object)
        lengths[:] = sides
    else:
        lengths = np.array(value.shape, np.int64)
    start, end = int(node.number("start", 0)), node.attributes.get("end")
    return lengths[start : None if end is None else int(end)]


def folded(node: Node) -> Constant | list[Constant]:
    """Return what a node makes of constants; raise Refusal where it is not known here."""
    if node.op == "Shape":
        return shape_of(node)
    operator = _FOLDED.get(node.op)
    if operator is None:
        raise Refusal("an operator on constants that is not known here", "simplify the file: onnxsim, constant folding")
    if not node.has(0):
        raise Refusal("input 1 is missing", _DAMAGED)
    values = [node.constant(index, "a constant") for index in range(len(node.inputs))]
    try:
        made = operator(node, values)
    except (ValueError, IndexError, TypeError, AttributeError, ArithmeticError) as error:
        raise Refusal(f"constants that do not fit it ({error})", _DAMAGED) from error
    return made


def _checked(*shape: int) -> None:
    if math.prod(shape) > MOST_NUMBERS:
        raise Refusal(f"a constant of more than {MOST_NUMBERS} numbers", "use a smaller network")


def _binary(function: Callable[[Any, Any], Any]) -> Callable[[Node, list[Any]], Constant]:
    def apply(_: Node, values: list[Any]) -> Constant:
        first, second = values[0], values[1]
        _checked(*np.broadcast_shapes(first.shape, second.shape))
        if object in (first.dtype, second.dtype):
            return _on_sides(function, first, second)
        with np.errstate(all="ignore"):
            return np.asarray(function(first, second)).astype(np.result_type(first, second), copy=False)

    return apply


def _on_sides(function: Callable[[Any, Any], Any], first: Constant, second: Constant) -> Constant:
    one, other = np.broadcast_arrays(first, second)
    made = np.empty(one.shape, object)
    with np.errstate(all="ignore"):
        for index in np.ndindex(one.shape):
            made[index] = _on_side(function, one[index], other[index])
    return made


def _on_side(function: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    numbers = [each.number if isinstance(each, Side) else each for each in (one, other)]
    is_known = all(each is not None for each in numbers)
    made = np.asarray(function(*numbers)).item() if is_known else None
    if isinstance(other, Side) and function is np.multiply:
        one, other = other, one
    if isinstance(one, Side) and not isinstance(other, Side) and function in (np.multiply, _divided):
        factor = Fraction(float(other)).limit_denominator(10**6)
        if factor > 0:
            divides = function is _divided
            is_whole = np.asarray(other).dtype.kind in "iu"
            return one.scaled(1 / factor if divides else factor, made, divides_whole=divides and is_whole)
    side = one if isinstance(one, Side) else other
    return side.unknown(_OPEN) if isinstance(side, Side) and not is_known else made


def _divided(one: Any, other: Any) -> Any:
    whole = np.asarray(one).dtype.kind in "iu" and np.asarray(other).dtype.kind in "iu"
    return np.floor_divide(one, other) if whole else np.divide(one, other)


def _gathered(node: Node, values: list[Any]) -> Constant:
    axis = int(node.number("axis", 0))
    _checked(values[1].size, *(length for number, length in enumerate(values[0].shape) if number != axis))
    return np.asarray(values[0].take(values[1].astype(np.int64), axis=axis))


def _sliced(node: Node, values: list[Any]) -> Constant:
    starts, ends = node.whole(1, "starts") or [], node.whole(2, "ends") or []
    axes = node.whole(3, "axes") or list(range(len(starts)))
    steps = node.whole(4, "steps") or [1] * len(starts)
    parts = [slice(None)] * values[0].ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        least = -values[0].shape[axis] - 1
        parts[axis] = slice(start, None if step < 0 and end <= least else end, step)
    return np.asarray(values[0][tuple(parts)])


def _reshaped(node: Node, values: list[Any]) -> Constant:
    shape = node.whole(1, "shape") or []
    if not node.number("allowzero", 0):
        shape = [values[0].shape[place] if each == 0 else each for place, each in enumerate(shape)]
    return np.asarray(values[0].reshape(shape))


def _unsqueezed(node: Node, values: list[Any]) -> Constant:
    return np.expand_dims(values[0], tuple(node.whole(1, "axes") or ()))


def _squeezed(node: Node, values: list[Any]) -> Constant:
    axes = node.whole(1, "axes")
    return np.asarray(np.squeeze(values[0], None if axes is None else tuple(axes)))


def _cast(node: Node, values: list[Any]) -> Constant:
    kind = _TYPES.get(int(node.number("to", 1)))
    if kind is None:
        return np.asarray(values[0])
    if values[0].dtype == object:
        return _each(values[0], lambda item: _cast_side(item, np.dtype(kind)))
    with np.errstate(all="ignore"):
        return np.asarray(values[0].astype(kind))


def _cast_side(item: Any, kind: np.dtype[Any]) -> Any:
    if not isinstance(item, Side):
        return np.asarray(item).astype(kind).item()
    number = None if item.number is None else np.asarray(item.number).astype(kind).item()
    return item.rounded(number) if kind.kind in "iu" else replace(item, number=number)


def _each(values: Constant, function: Callable[[Any], Any]) -> Constant:
    """Return an array of objects, some of which may be a `Side`, with a function of each."""
    made = np.empty(values.shape, object)
    with np.errstate(all="ignore"):
        for index in np.ndindex(values.shape):
            made[index] = function(values[index])
    return made


def _filled(node: Node, _: list[Any]) -> Constant:
    shape = node.whole(0, "shape") or []
    _checked(*shape)
    value = node.attributes.get("value", np.zeros(1, np.float32))
    return np.full(shape, np.ravel(value)[0])


def _expanded(node: Node, values: list[Any]) -> Constant:
    shape = np.broadcast_shapes(values[0].shape, tuple(node.whole(1, "shape") or ()))
    _checked(*shape)
    return np.broadcast_to(values[0], shape)


def _ranged(_: Node, values: list[Any]) -> Constant:
    start, end, step = (np.ravel(each)[0] for each in values)
    _checked(max(0, math.ceil((float(end) - float(start)) / float(step))))
    return np.arange(start, end, step)


def _concatenated(node: Node, values: list[Any]) -> Constant:
    kept = [each for each in values if each is not None]
    _checked(sum(each.size for each in kept))
    return np.concatenate(kept, axis=int(node.number("axis", 0)))


def _scale(node: Node, values: list[Any]) -> Constant:
    """Return (x − zero point) · scale, as quantized weights stand in a file."""
    numbers, scale = values[0].astype(np.float32), values[1].astype(np.float32)
    zero = values[2].astype(np.float32) if len(values) > 2 and values[2] is not None else np.zeros_like(scale)
    if scale.ndim == 1 and scale.size > 1:
        shape = [1] * numbers.ndim
        shape[int(node.number("axis", 1))] = -1
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    return np.asarray((numbers - zero) * scale)


def _unary(function: Callable[[Any], Any]) -> Callable[[Node, list[Any]], Constant]:
    def apply(_: Node, values: list[Any]) -> Constant:
        if values[0].dtype == object:
            return _each(values[0], lambda item: _unary_of_side(function, item))
        with np.errstate(all="ignore"):
            return np.asarray(function(values[0])).astype(values[0].dtype, copy=False)

    return apply


def _unary_of_side(function: Callable[[Any], Any], item: Any) -> Any:
    number = item.number if isinstance(item, Side) else item
    made = None if number is None else np.asarray(function(number)).item()
    if isinstance(item, Side) and function in (np.floor, np.ceil):
        return item.rounded(made, up=function is np.ceil)
    return item.unknown(_OPEN) if isinstance(item, Side) and made is None else made


_FOLDED: dict[str, Callable[[Node, list[Any]], Constant]] = {
    "Add": _binary(np.add),
    "Cast": _cast,
    "Ceil": _unary(np.ceil),
    "Concat": _concatenated,
    "ConstantOfShape": _filled,
    "DequantizeLinear": _scale,
    "Div": _binary(_divided),
    "Exp": _unary(np.exp),
    "Expand": _expanded,
    "Floor": _unary(np.floor),
    "Gather": _gathered,
    "Identity": lambda _, values: np.asarray(values[0]),
    "Mul": _binary(np.multiply),
    "Neg": _unary(np.negative),
    "Pow": _binary(np.power),
    "Range": _ranged,
    "Reciprocal": _unary(np.reciprocal),
    "Reshape": _reshaped,
    "Slice": _sliced,
    "Sqrt": _unary(np.sqrt),
    "Squeeze": _squeezed,
    "Sub": _binary(np.subtract),
    "Transpose": lambda node, values: np.transpose(values[0], node.attributes.get("perm")),
    "Unsqueeze": _unsqueezed,
}
