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
    thread needs. `source` and `out`, which every kind has, are (rows, values in a row). They stand for all pictures of
    a shape: only their shapes and dtypes are to be looked at. All threads share the arrays.

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

# The arrays that differ between the pictures of a shape; those that every kind of loop has.
_PICTURES = ("source", "out")


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


class Arguments:
    """The values of a loop's parameters for pictures of one shape, all but the arrays that it reads and writes."""

    def __init__(self, loop: Loop, values: Mapping[str, Any]) -> None:
        self.loop = loop
        self.arrays = {
            name: np.ascontiguousarray(values[name], loop.dtype(name))
            for name in loop.kind.arrays
            if name not in _PICTURES
        }
        self.scalars = {name: loop.dtype(name).type(values[name]) for name in loop.kind.scalars}
        self.parts: dict[str, tuple[int, int]] = {}  # offset in bytes and number of elements of each part of scratch
        end = 0
        for name in loop.kind.scratch:
            self.parts[name] = end, int(values[name])
            end += -(-int(values[name]) * loop.dtype(name).itemsize // _ALIGNMENT) * _ALIGNMENT
        self.scratch_bytes = end
        # After the arrays.
        self.rest = [each for part in self.parts.values() for each in part]
        self.rest += [_bits(each) for each in self.scalars.values()]
        addresses = {name: (_address(array), array.size) for name, array in self.arrays.items()}
        places = [addresses.get(name, (0, 0)) for name in loop.kind.arrays]
        self._table = np.array([each for place in places for each in place] + self.rest, np.int64)
        self._places = [(name, 2 * index) for index, name in enumerate(loop.kind.arrays) if name in _PICTURES]

    def table(self, pictures: Mapping[str, Array]) -> NDArray[np.int64]:
        """Return the table of arguments, in the order of `slots`."""
        table = self._table.copy()
        for name, at in self._places:
            table[at], table[at + 1] = _address(pictures[name]), pictures[name].size
        return table


class Call:
    """A loop with the values of its parameters, to be called for bands of rows from any thread."""

    def __init__(self, arguments: Arguments, source: Array, out: Array) -> None:
        self._arguments = arguments
        self._pictures = {"source": np.ascontiguousarray(source, arguments.loop.dtype("source")), "out": out}

    def _arrays(self) -> dict[str, Array]:
        every = self._arguments.arrays | self._pictures
        return {name: every[name] for name in self._arguments.loop.kind.arrays}

    def packed(self, output: str) -> tuple[list[tuple[bytes, int]], list[int], int, int]:
        """Return the call for another process: arrays, the rest of the table, which array is `output`, scratch bytes.

        Arrays are their bytes, and how many elements they have.
        """
        arrays = self._arrays()
        content = [(each.tobytes(), each.size) for each in arrays.values()]
        return content, self._arguments.rest, list(arrays).index(output), self._arguments.scratch_bytes

    def through(self, entry: Entry) -> Callable[[int, int], int]:
        """Return the call by the convention, as a function of a band's first and last row."""
        table, scratch_bytes = self._arguments.table(self._pictures), self._arguments.scratch_bytes
        address = _address(table)

        def work(first: int, last: int) -> int:
            with _scratch(scratch_bytes) as scratch:
                return entry(address, first, last, scratch)

        work.kept = self, table  # type: ignore[attr-defined]
        return work

    def by_numba(self, function: Callable[..., int]) -> Callable[[int, int], int]:
        """Return the call of the function in the loop's source, plain or compiled by Numba."""
        flat = {name: array.reshape(-1) for name, array in self._arrays().items()}
        loop, scalars, parts = self._arguments.loop, self._arguments.scalars, self._arguments.parts

        def work(first: int, last: int) -> int:
            scratch = {name: np.zeros(count, loop.dtype(name)) for name, (_, count) in parts.items()}
            return int(function(**flat, **scalars, **scratch, first=first, last=last))

        return work


def slots(kind: Kind) -> dict[str, int]:
    """Return where each parameter is in the table.

    Arrays take two slots, address and size; scratch takes two, offset in the block and size; scalars take one.
    """
    pairs = (*kind.arrays, *kind.scratch)
    return {name: 2 * index for index, name in enumerate(pairs)} | {
        name: 2 * len(pairs) + index for index, name in enumerate(kind.scalars)
    }


def _address(array: Array) -> int:
    """Return where the values of an array begin in memory."""
    address: int = array.__array_interface__["data"][0]
    return address


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
        start = -_address(room) % _ALIGNMENT
        block = room[start : start + size]
    try:
        yield _address(block)
    finally:
        _unused.append(block)
