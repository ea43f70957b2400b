"""Numbers of a JPEG XL header, whose bits follow from the lowest of each byte to the highest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

# Ways to a number, of which two bits choose: the bits that follow, and what is added to them.
Ways: TypeAlias = tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]

ENUM: Ways = ((0, 0), (0, 1), (4, 2), (6, 18))


class Bits:
    """A reader of bits; raises ValueError behind the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def take(self, count: int) -> int:
        """Return the next bits as a number."""
        first, last = self.at // 8, (self.at + count + 7) // 8
        if last > len(self._data):
            raise ValueError("a header that is cut off")
        number = int.from_bytes(self._data[first:last], "little") >> (self.at % 8)
        self.at += count
        return number & ((1 << count) - 1)

    def flag(self) -> bool:
        """Return the next bit."""
        return self.take(1) == 1

    def number(self, ways: Ways) -> int:
        """Return a number in one of four ways."""
        count, more = ways[self.take(2)]
        return self.take(count) + more

    def skip(self, ways: Sequence[Ways]) -> None:
        """Leave numbers out."""
        for each in ways:
            self.number(each)


def replaced(data: bytes, at: int, count: int, number: int) -> bytes:
    """Return data with the bits from a place on replaced by those of a number."""
    end = (at + count + 7) // 8
    whole = int.from_bytes(data[:end], "little") & ~(((1 << count) - 1) << at)
    return (whole | (number << at)).to_bytes(end, "little") + data[end:]
