"""The calling convention of compiled loops: a table of arguments, made in NumPy, and one block of memory a thread.

A loop is a function ``int64 loop(const int64 *table, int64 first, int64 last, uint8 *scratch)``. It computes the output
rows first ≤ y < last and returns how many values were clipped. It allocates nothing and needs no library, so that it
can be kept as plain machine code (see `convcli.engine.compiled.objects`) and called without Numba.

To add a loop, write two files of one name, the first word of the loops' names (`Plan.loop`); nothing else lists them:

``tables/NAME.py``
    imports NumPy alone, and has ``KIND``, a `Kind`: the words of a loop's name, the parameters by role, each with its
    dtype (or the word that stands for it), and the function that computes their values from a plan. ::

        KIND = Kind(
            words=("source", "pieces"),  # of names like quads-uint8-3, after the first: dtypes and numbers
            arrays={"source": "source", "out": "uint8", "rows": "int64"},
            scalars={"pitch": "int64", "divisor": "float32"},
            scratch={"ring": "float32"},
            values=_values,
        )

    ``values(plan, source, out)`` returns arrays for arrays, numbers for scalars, and for scratch how many elements each
    thread needs. `source` and `out` are (rows, values in a row), contiguous. All threads share the arrays.

``loops/NAME.py``
    may import Numba, and has ``make(**words)``: it returns the function for these words (numbers are ints), whose
    parameters are ``first``, ``last`` and those of the declaration. Arrays arrive flat (one axis), scratch does too,
    uninitialized and aligned to 64 bytes; scalars have their dtype. ::

        def make(source, pieces):
            @jit
            def band(source, out, rows, pitch, divisor, ring, first, last): ...
            return band

    The function must not allocate, reshape or raise, nor call what Python or its libraries provide: the compiler
    refuses an object that needs anything from outside. A ``range`` with a variable step would raise on zero.

`convcli.engine.warming.loop_samples` needs a correlation that takes the loop: on it a new one is tried against NumPy,
in a process of its own, before it is used. With NUMBA_DISABLE_JIT or NUMBA_BOUNDSCHECK, and where images cannot be
loaded, the function is called by Numba's own convention with the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array
from convcli.lazy import dataclass

if TYPE_CHECKING:
    from convcli.engine.planning.plan import Plan

# A loop as it is called: address of the table, first and last row, address of the scratch memory.
Entry = Callable[[int, int, int, int], int]

_ALIGNMENT = 64


@dataclass(frozen=True, eq=False)
class Kind:
    """The declaration of the loops that share a source: dtypes are names of NumPy's or words of the loop's name."""

    words: tuple[str, ...]
    arrays: Mapping[str, str]
    scalars: Mapping[str, str]
    scratch: Mapping[str, str]
    values: Callable[[Plan, Array, Array], dict[str, Any]]
    # Rows that are computed together. Floats are summed in an order that depends on a row's place among them, so calls
    # begin at multiples.
    unit: Callable[[Plan], int] = lambda _: 2


@dataclass(frozen=True, eq=False)
class Loop:
    """One compiled loop: a kind, and its words."""

    name: str
    kind: Kind
    words: Mapping[str, str]

    def dtype(self, parameter: str) -> np.dtype[Any]:
        """Return the dtype of a parameter."""
        (declared,) = (
            each[parameter] for each in (self.kind.arrays, self.kind.scalars, self.kind.scratch) if parameter in each
        )
        return np.dtype(self.words.get(declared, declared))

    def function(self) -> Callable[..., int]:
        """Return the function in its source, for Numba to compile, which this imports."""
        source = import_module(f"convcli.engine.compiled.loops.{self.name.partition('-')[0]}")
        function: Callable[..., int] = source.make(
            **{word: int(value) if value.isdigit() else value for word, value in self.words.items()}
        )
        return function


def loop_named(name: str) -> Loop:
    """Return the loop of a name."""
    kind_name, *words = name.split("-")
    kind: Kind = import_module(f"convcli.engine.compiled.tables.{kind_name}").KIND
    return Loop(name, kind, dict(zip(kind.words, words, strict=True)))


class Call:
    """A loop with the values of its parameters, to be called for bands of rows from any thread."""

    def __init__(self, loop: Loop, values: Mapping[str, Any]) -> None:
        self._loop = loop
        self._arrays = {name: np.ascontiguousarray(values[name], loop.dtype(name)) for name in loop.kind.arrays}
        self._scalars = {name: loop.dtype(name).type(values[name]) for name in loop.kind.scalars}
        self._parts: dict[str, tuple[int, int]] = {}  # offset in bytes and number of elements of each part of scratch
        end = 0
        for name in loop.kind.scratch:
            self._parts[name] = end, int(values[name])
            end += -(-int(values[name]) * loop.dtype(name).itemsize // _ALIGNMENT) * _ALIGNMENT
        self._scratch_bytes = end

    def _table(self) -> NDArray[np.int64]:
        """Return the table of arguments, in the order of `slots`."""
        table: list[int] = []
        for array in self._arrays.values():
            table += array.__array_interface__["data"][0], array.size
        return np.array(table + self._rest(), np.int64)

    def _rest(self) -> list[int]:
        """Return the table after the arrays."""
        parts = [each for part in self._parts.values() for each in part]
        return parts + [_bits(each) for each in self._scalars.values()]

    def packed(self, output: str) -> tuple[list[tuple[bytes, int]], list[int], int, int]:
        """Return the call for another process: arrays, the rest of the table, which array is `output`, scratch bytes.

        Arrays are their bytes, and how many elements they have.
        """
        arrays = [(each.tobytes(), each.size) for each in self._arrays.values()]
        return arrays, self._rest(), list(self._arrays).index(output), self._scratch_bytes

    def through(self, entry: Entry) -> Callable[[int, int], int]:
        """Return the call by the convention, as a function of a band's first and last row."""
        table = self._table()
        address = table.__array_interface__["data"][0]

        def work(first: int, last: int) -> int:
            with _scratch(self._scratch_bytes) as scratch:
                return entry(address, first, last, scratch)

        work.kept = self, table  # type: ignore[attr-defined]
        return work

    def by_numba(self, function: Callable[..., int]) -> Callable[[int, int], int]:
        """Return the call of the function in the loop's source, plain or compiled by Numba."""
        flat = {name: array.reshape(-1) for name, array in self._arrays.items()}

        def work(first: int, last: int) -> int:
            scratch = {name: np.zeros(count, self._loop.dtype(name)) for name, (_, count) in self._parts.items()}
            return int(function(**flat, **self._scalars, **scratch, first=first, last=last))

        return work


def slots(kind: Kind) -> dict[str, int]:
    """Return where each parameter is in the table.

    Arrays take two slots, address and size; scratch takes two, offset in the block and size; scalars take one.
    """
    pairs = (*kind.arrays, *kind.scratch)
    return {name: 2 * index for index, name in enumerate(pairs)} | {
        name: 2 * len(pairs) + index for index, name in enumerate(kind.scalars)
    }


def _bits(value: Any) -> int:
    """Return a scalar as the table has it: integers as they are, floats by the bits of a float64."""
    return int(np.float64(value).view(np.int64)) if isinstance(value, np.floating) else int(value)


# Blocks of memory that no thread uses now. Threads do not last, and pages that are new cost more than all of a start.
_unused: list[NDArray[np.uint8]] = []


@contextmanager
def _scratch(size: int) -> Iterator[int]:
    """Give the address of a block of at least `size` bytes, aligned; what it holds is of no meaning."""
    try:
        block = _unused.pop()
    except IndexError:
        block = np.empty(0, np.uint8)
    if block.size < size:
        room = np.empty(size + _ALIGNMENT, np.uint8)
        start = -room.__array_interface__["data"][0] % _ALIGNMENT
        block = room[start : start + size]
    try:
        yield block.__array_interface__["data"][0]
    finally:
        _unused.append(block)
