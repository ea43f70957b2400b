"""Sums of products in registers: the only vectors written by hand.

A loop over taps around one over values, which a compiler can vectorize, loads and stores every sum once per few taps.
Here the sums of a block of values in two rows stay in registers while all taps are added, and a value that both rows
need is loaded once. Measured for 12 megapixels of 3 channels in 2 threads, without the conversions, against plain loops
of six taps in one expression: 9×9 floats 28 and 56 ms (the multipliers alone allow 25), 3×3 floats 4 and 9, 5×5
integers of 16 bits 6 and 9.

The vectors have 32 bytes as in AVX2; LLVM halves them for processors with shorter ones. Longer ones cross cache lines
with every unaligned load, and gained nothing on processors that have them.
"""

from __future__ import annotations

from typing import Any, no_type_check

import numba
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, register_jitable

# Rows that are summed together.
ROWS = 2
_VECTOR_BYTES = 32
# Vectors of a row: twelve in two rows leave four of AVX2's sixteen registers for a value and two weights.
_VECTORS = 6
# Bytes of a row that one call works on.
BLOCK_BYTES = _VECTORS * _VECTOR_BYTES

# The rows of the taps of each list.
_LISTS = ((0,), (0, 1), (1,))

# A product and its sum may be rounded once, together.
_FUSED = ("contract",)

_INT64, _INT32 = ir.IntType(64), ir.IntType(32)


@no_type_check
def _in_plain_loops(sums, place, values, start, at, weights, ends, is_first):
    """Add as `add_block` does, without vectors: slowly, and with index checks where Numba makes them."""
    cast = sums.dtype.type
    for row in range(ROWS):
        for each in range(BLOCK_BYTES // values.itemsize):
            total = cast(0) if is_first else sums[row, place + each]
            for tap in range(ends[row], ends[row + 2]):
                total = cast(total + cast(weights[tap, row] * values[start + at[tap] + each]))
            sums[row, place + each] = total


@intrinsic
@no_type_check
def _in_vectors(_context, sums, place, values, start, at, weights, ends, is_first):
    """Add the products of a block to its sums, or set the sums to them."""
    return types.void(sums, place, values, start, at, weights, ends, is_first), _emit


class _Block:
    """The vectors of a block in the code that is built."""

    def __init__(self, builder: Any, element: Any, dtype: Any) -> None:
        self.builder = builder
        self.bytes = dtype.bitwidth // 8
        self.is_float = isinstance(dtype, types.Float)
        self.vector = ir.VectorType(element, _VECTOR_BYTES // self.bytes)

    def pointers(self, array: Any, start: Any) -> list[Any]:
        """Return pointers to the vectors of a block that starts at a value of an array."""
        first = self.builder.bitcast(self.builder.gep(array, [start]), self.vector.as_pointer())
        return [self.builder.gep(first, [ir.Constant(_INT64, index)]) for index in range(_VECTORS)]

    def load(self, place: Any) -> Any:
        return self.builder.load(place, align=self.bytes)

    def store(self, value: Any, place: Any) -> None:
        self.builder.store(value, place, align=self.bytes)

    def in_every_lane(self, value: Any) -> Any:
        nothing = ir.Constant(self.vector, ir.Undefined)
        one = self.builder.insert_element(nothing, value, ir.Constant(_INT32, 0))
        return self.builder.shuffle_vector(one, nothing, ir.Constant(ir.VectorType(_INT32, self.vector.count), None))

    def sum(self, left: Any, right: Any) -> Any:
        return self.builder.fadd(left, right, flags=_FUSED) if self.is_float else self.builder.add(left, right)

    def product(self, left: Any, right: Any) -> Any:
        return self.builder.fmul(left, right, flags=_FUSED) if self.is_float else self.builder.mul(left, right)


def _emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Emit the code of `_in_vectors`: three loops over taps, and the stores of the totals."""
    sums, values, at, weights = (
        context.make_array(signature.args[index])(context, builder, arguments[index]) for index in (0, 2, 4, 5)
    )
    place, start, is_first = arguments[1], arguments[3], arguments[7]
    ends = [builder.extract_value(arguments[6], index) for index in range(4)]
    dtype = signature.args[2].dtype
    block = _Block(builder, context.get_data_type(dtype), dtype)
    totals = [[ir.Constant(block.vector, None)] * _VECTORS for _ in range(ROWS)]
    for rows, first, last in zip(_LISTS, ends, ends[1:], strict=False):
        _loop_over_taps(block, totals, rows, (first, last), (values.data, start, at.data, weights.data))
    width = builder.extract_value(sums.shape, 1)
    found: list[tuple[Any, Any]] = []
    for row in range(ROWS):
        start = builder.add(place, builder.mul(width, ir.Constant(_INT64, row)))
        found += zip(block.pointers(sums.data, start), totals[row], strict=True)
    with builder.if_else(is_first) as (then, otherwise):
        with then:
            for each, total in found:
                block.store(total, each)
        with otherwise:
            for each, total in found:
                block.store(block.sum(block.load(each), total), each)
    return context.get_dummy_value()


def _loop_over_taps(
    block: _Block, totals: list[list[Any]], rows: tuple[int, ...], taps: tuple[Any, Any], arrays: tuple[Any, ...]
) -> None:
    """Emit a loop that adds the products of taps to rows, and replace their totals by the new ones."""
    builder = block.builder
    values, start, at, weights = arrays
    first, last = taps
    before = builder.block
    head, body, after = (builder.append_basic_block() for _ in range(3))
    builder.branch(head)
    builder.position_at_end(head)
    tap = builder.phi(_INT64)
    tap.add_incoming(first, before)
    running = {row: [builder.phi(block.vector) for _ in range(_VECTORS)] for row in rows}
    for row in rows:
        for phi, total in zip(running[row], totals[row], strict=True):
            phi.add_incoming(total, before)
        totals[row] = running[row]
    builder.cbranch(builder.icmp_signed("<", tap, last), body, after)
    builder.position_at_end(body)
    weight = {}
    for row in rows:
        index = builder.add(builder.mul(tap, ir.Constant(_INT64, ROWS)), ir.Constant(_INT64, row))
        weight[row] = block.in_every_lane(builder.load(builder.gep(weights, [index])))
    offset = builder.add(builder.load(builder.gep(at, [tap])), start)
    for index, each in enumerate(block.pointers(values, offset)):
        value = block.load(each)
        for row in rows:
            phi = running[row][index]
            phi.add_incoming(block.sum(phi, block.product(weight[row], value)), body)
    tap.add_incoming(builder.add(tap, ir.Constant(_INT64, 1)), body)
    builder.branch(head)
    builder.position_at_end(after)


# Vectors bypass index checks and Python, which NUMBA_BOUNDSCHECK and NUMBA_DISABLE_JIT ask for.
add_block = (
    register_jitable(_in_plain_loops)
    if numba.config.BOUNDSCHECK or numba.config.DISABLE_JIT  # type: ignore[attr-defined]  # filled at run time
    else _in_vectors
)
