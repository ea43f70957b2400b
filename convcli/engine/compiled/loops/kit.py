"""The compiling of loops, and vectors written by hand: LLVM's instructions on them, for intrinsics of Numba.

Divisions follow IEEE instead of raising. The compiler may fuse a product and its sum, which are then rounded once: a
tenth faster for floats, and more exact. It has no other freedom in the arithmetic. The interpreter lock is released.

All instructions are the same for every processor. Sums of products of bytes or words, and integers packed into bytes,
are functions that do the same one by one: the compiler puts the instructions of a processor level in their place,
whatever processor it runs on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numba
from llvmlite import ir

if TYPE_CHECKING:
    from convcli.engine.planning.levels import Level

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
# Functions that loops call, and loops: without wrappers that Python would call, a sixth of the time to compile. Where
# there is no loop but Numba's own, `called_by_python` has one.
jit: Callable[..., Any] = partial(numba.njit, no_cpython_wrapper=True, no_cfunc_wrapper=True, **OPTIONS)

INT8, INT16, INT32, INT64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
FLOAT32, FLOAT64 = ir.FloatType(), ir.DoubleType()

# Vectors bypass index checks and Python, which NUMBA_BOUNDSCHECK and NUMBA_DISABLE_JIT ask for: then a loop takes the
# plain twin of each function with vectors.
PLAIN: bool = numba.config.BOUNDSCHECK or numba.config.DISABLE_JIT  # type: ignore[attr-defined]  # filled at run time

# Bytes that come from memory at a time.
_CACHE_LINE = 64

# A product and its sum may be rounded once, together.
_FUSED = ("contract",)

# Sums of products of bytes or words, by their bits and the bytes of a vector: the machine, LLVM's name, and the type of
# lanes that this takes. Bytes on the left are unsigned on x86; all else is signed.
_DOTS = {
    (8, 64): ("x86_64", "llvm.x86.avx512.vpdpbusd.512", INT32),
    (8, 32): ("x86_64", "llvm.x86.avx512.vpdpbusd.256", INT32),
    (8, 16): ("aarch64", "llvm.aarch64.neon.sdot.v4i32.v16i8", INT8),
    (16, 64): ("x86_64", "llvm.x86.avx512.vpdpwssd.512", INT32),
}

# By the bytes of a vector: LLVM's names of what packs two vectors of int32 into one of int16, and two of these into one
# of bytes, clipped, in every 16 bytes by themselves.
_PACKS = {
    64: ("llvm.x86.avx512.packssdw.512", "llvm.x86.avx512.packuswb.512"),
    32: ("llvm.x86.avx2.packssdw", "llvm.x86.avx2.packuswb"),
    16: ("llvm.x86.sse2.packssdw.128", "llvm.x86.sse2.packuswb.128"),
}


class Vectors:
    """Instructions on vectors, added to the code of a builder."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder

    def number(self, kind: Any, value: float) -> Any:
        """Return a constant; of a vector type one with the value in every lane."""
        return ir.Constant(kind, [value] * kind.count if isinstance(kind, ir.VectorType) else value)

    def spread(self, value: Any, count: int) -> Any:
        """Return a vector with a value in each of its lanes."""
        nothing = ir.Constant(ir.VectorType(value.type, count), ir.Undefined)
        one = self.builder.insert_element(nothing, value, self.number(INT32, 0))
        return self.builder.shuffle_vector(one, nothing, ir.Constant(ir.VectorType(INT32, count), None))

    def after(self, index: Any, count: int) -> Any:
        """Return index + count."""
        return self.builder.add(index, self.number(INT64, count))

    def smaller(self, left: Any, right: Any) -> Any:
        """Return the smaller of two integers."""
        return self.builder.select(self.builder.icmp_signed("<", left, right), left, right)

    def larger(self, left: Any, right: Any) -> Any:
        """Return the larger of two integers."""
        return self.builder.select(self.builder.icmp_signed(">", left, right), left, right)

    def load(self, base: Any, index: Any, kind: Any) -> Any:
        """Return the vector or number of a type that starts at element `index` of the array at `base`."""
        return self.builder.load(self._place(base, index, kind), align=_bytes_of(base.type.pointee))

    def store(self, value: Any, base: Any, index: Any) -> None:
        """Write a vector or number from element `index` of the array at `base` on."""
        self.builder.store(value, self._place(base, index, value.type), align=_bytes_of(base.type.pointee))

    def prefetch(self, base: Any, index: Any, count: int) -> None:
        """Ask for `count` bytes from element `index` of the array at `base` on, which need not be in it."""
        read, often, data = (self.number(INT32, each) for each in (0, 3, 1))
        for first in range(0, count, _CACHE_LINE):
            place = self._place(base, self.after(index, first), INT8)
            self.call("llvm.prefetch.p0", ir.VoidType(), place, read, often, data)

    def _place(self, base: Any, index: Any, kind: Any) -> Any:
        return self.builder.bitcast(self.builder.gep(base, [index]), kind.as_pointer())

    def call(self, name: str, kind: Any, *arguments: Any) -> Any:
        """Return the result, of type `kind`, of a function of LLVM."""
        module = self.builder.module
        found = module.globals.get(name)
        if found is None:
            found = ir.Function(module, ir.FunctionType(kind, [each.type for each in arguments]), name)
        return self.builder.call(found, arguments)

    def extreme(self, name: str, left: Any, right: Any) -> Any:
        """Return smin, smax, umin or umax of two vectors of integers."""
        kind = left.type
        return self.call(f"llvm.{name}.v{kind.count}i{kind.element.width}", kind, left, right)

    def sum(self, left: Any, right: Any) -> Any:
        """Return the sum of vectors of integers or floats."""
        if isinstance(left.type.element, ir.IntType):
            return self.builder.add(left, right)
        return self.builder.fadd(left, right, flags=_FUSED)

    def sum_of_product(self, total: Any, left: Any, right: Any) -> Any:
        """Return total + left · right, of vectors of integers or floats; of floats it may be rounded once."""
        if isinstance(total.type.element, ir.IntType):
            return self.builder.add(total, self.builder.mul(left, right))
        return self.sum(total, self.builder.fmul(left, right, flags=_FUSED))

    def dot(self, total: Any, left: Any, right: Any) -> Any:
        """Return total, a vector of int32, and in each lane the sum of the four products of bytes of two vectors."""
        return self._dot(8, total, left, right)

    def dot_words(self, total: Any, left: Any, right: Any) -> Any:
        """Return total, a vector of 16 int32, and in each lane the sum of the two products of words of two vectors."""
        return self._dot(16, total, left, right)

    def _dot(self, bits: int, total: Any, *pair: Any) -> Any:
        module, size = self.builder.module, 4 * total.type.count
        found = module.globals.get(_dot_name(bits, size)) or _dot_one_by_one(module, bits, size)
        return self.builder.call(found, (total, *(self.builder.bitcast(each, total.type) for each in pair)))

    def packed(self, vectors: Sequence[Any]) -> Any:
        """Return the bytes of four vectors of int32, clipped: four of the first, four of the second, and so on.

        They are in the order of the vectors in every 16 bytes, which have the lanes of 16 bytes of each vector.
        """
        module, size = self.builder.module, 4 * vectors[0].type.count
        return self.builder.call(module.globals.get(_pack_name(size)) or _pack_by_steps(module, size), vectors)

    def shuffle(self, left: Any, right: Any, lanes: Sequence[int]) -> Any:
        """Return a vector of the given lanes of two, counted through both."""
        return self.builder.shuffle_vector(left, right, ir.Constant(ir.VectorType(INT32, len(lanes)), list(lanes)))

    def joined(self, vectors: Sequence[Any]) -> Any:
        """Return one vector of the lanes of several, whose number is a power of two."""
        parts = list(vectors)
        while len(parts) > 1:
            lanes = range(2 * parts[0].type.count)
            parts = [self.shuffle(left, right, lanes) for left, right in zip(parts[::2], parts[1::2], strict=True)]
        return parts[0]

    def bits(self, truths: Any) -> Any:
        """Return a vector of truth values as one integer with a bit per lane."""
        return self.builder.bitcast(truths, ir.IntType(truths.type.count))

    def loop(
        self, first: Any, last: Any, carried: Sequence[Any], body: Callable[[Any, list[Any]], Sequence[Any]]
    ) -> list[Any]:
        """Add a loop: ``for index in range(first, last): carried = body(index, carried)``; return what is carried."""
        builder = self.builder
        before = builder.block
        head, inside, after = (builder.append_basic_block() for _ in range(3))
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(INT64)
        index.add_incoming(first, before)
        held = [builder.phi(each.type) for each in carried]
        for phi, value in zip(held, carried, strict=True):
            phi.add_incoming(value, before)
        builder.cbranch(builder.icmp_signed("<", index, last), inside, after)
        builder.position_at_end(inside)
        changed = body(index, list(held))
        index.add_incoming(self.after(index, 1), builder.block)
        for phi, value in zip(held, changed, strict=True):
            phi.add_incoming(value, builder.block)
        builder.branch(head)
        builder.position_at_end(after)
        return held


def called_by_python(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a loop as a function for Python."""
    compiled: Callable[..., Any] = numba.njit(**OPTIONS)(getattr(function, "py_func", function))
    return compiled


def define_instructions(module: Any, level: Level) -> None:
    """Define the sums of products, and what packs bytes, in a module by the instructions of a processor level."""
    for (bits, size), (machine, name, kind) in _DOTS.items():
        if machine != level.machine or not level.dot_products:
            continue
        function, builder = _dot_function(module, bits, size)
        function.attributes.add("alwaysinline")
        total, *pair = function.args
        each = ir.VectorType(kind, 8 * size // kind.width)
        builder.ret(Vectors(builder).call(name, total.type, total, *(builder.bitcast(value, each) for value in pair)))
    for size, (to_words, to_bytes) in _PACKS.items():
        if level.machine != "x86_64" or size > level.vector_bytes:
            continue
        function, builder = _pack_function(module, size)
        function.attributes.add("alwaysinline")
        vectors, words = Vectors(builder), ir.VectorType(INT16, size // 2)
        halves = [vectors.call(to_words, words, *function.args[first : first + 2]) for first in (0, 2)]
        builder.ret(vectors.call(to_bytes, ir.VectorType(INT8, size), *halves))


def _dot_one_by_one(module: Any, bits: int, size: int) -> Any:
    """Define sums of products in a module, unless another module has them by an instruction."""
    function, builder = _dot_function(module, bits, size)
    function.linkage = "linkonce_odr"
    total, left, right = function.args
    number = Vectors(builder).number
    last, following = number(total.type, 32 - bits), number(total.type, bits)
    extended = builder.lshr if bits == 8 and _DOTS[bits, size][0] == "x86_64" else builder.ashr
    for _ in range(32 // bits):
        total = builder.add(total, builder.mul(extended(left, last), builder.ashr(right, last)))
        left, right = builder.shl(left, following), builder.shl(right, following)
    builder.ret(total)
    return function


def _dot_function(module: Any, bits: int, size: int) -> tuple[Any, Any]:
    kind = ir.VectorType(INT32, size // 4)
    function = ir.Function(module, ir.FunctionType(kind, [kind] * 3), _dot_name(bits, size))
    return function, ir.IRBuilder(function.append_basic_block())


def _dot_name(bits: int, size: int) -> str:
    return f"convcli_dot_{bits}_{size}"


def _pack_by_steps(module: Any, size: int) -> Any:
    """Define what packs bytes in a module, unless another module has it by instructions."""
    function, builder = _pack_function(module, size)
    function.linkage = "linkonce_odr"
    vectors = Vectors(builder)
    lowest, highest = (vectors.number(function.args[0].type, bound) for bound in (0, 255))
    clipped = [vectors.extreme("smin", vectors.extreme("smax", each, lowest), highest) for each in function.args]
    whole = builder.trunc(vectors.joined(clipped), ir.VectorType(INT8, size))
    order = [
        each * size // 4 + part + lane for part in range(0, size // 4, 4) for each in range(4) for lane in range(4)
    ]
    builder.ret(vectors.shuffle(whole, whole, order))
    return function


def _pack_function(module: Any, size: int) -> tuple[Any, Any]:
    kinds = [ir.VectorType(INT32, size // 4)] * 4
    function = ir.Function(module, ir.FunctionType(ir.VectorType(INT8, size), kinds), _pack_name(size))
    return function, ir.IRBuilder(function.append_basic_block())


def _pack_name(size: int) -> str:
    return f"convcli_pack_{size}"


def data_of(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    """Return the address of the first element of an array of a Numba type."""
    return context.make_array(kind)(context, builder, array).data


def _bytes_of(kind: Any) -> int:
    if isinstance(kind, ir.IntType):
        return int(kind.width) // 8
    return 4 if kind == FLOAT32 else 8
