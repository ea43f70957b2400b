"""Cells that several places of grids have, which libavif does not read: each place gets an item of its own.

The items of a file share streams as they like, so that its pixels stay where they are. Without NumPy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from convcli.image.codec import Source
from convcli.image.limit import CELLS
from convcli.image.sampled.boxes import box, boxes

_FULL = 4  # bytes of a version and flags
_SHORT = 2  # the version of a box about an item up to which its number has two bytes
_DERIVED = b"dimg"  # a reference to what a picture is made of


def with_own_cells(source: Source) -> bytes | None:
    """Return a file without shared cells; None where it has none.

    Raises ReadError for too many, ValueError, KeyError, IndexError or OverflowError on damage.
    """
    file = source.content()
    found = [each for each in boxes(file) if each[0] == b"meta"]
    if not found:
        return None
    _, start, end = found[0]
    inside = {kind: file[first:last] for kind, first, last in boxes(file, start + _FULL, end)}
    if b"iref" not in inside or b"iinf" not in inside:
        return None
    entries = _about(inside[b"iinf"])
    references, copies = _own(inside[b"iref"], max(entries, default=0) + 1)
    if not copies:
        return None
    CELLS.check(source.name, len(copies), source.max_pixels)
    properties = [(kind, inside[b"iprp"][first:last]) for kind, first, last in boxes(inside[b"iprp"])]
    inside |= {
        b"iref": references,
        b"iinf": _with_entries(inside[b"iinf"], [(number, entries[item]) for number, item in copies.items()]),
        b"iloc": _places(inside[b"iloc"]).with_copies(copies),
        b"iprp": b"".join(
            box(kind, _associations(content).with_copies(copies) if kind == b"ipma" else content)
            for kind, content in properties
        ),
    }
    whole = file[start : start + _FULL] + b"".join(box(kind, content) for kind, content in inside.items())
    kind_at = file.rindex(b"meta", 0, start)
    return file[:kind_at] + b"free" + file[kind_at + 4 :] + box(b"meta", whole)


class _Table(NamedTuple):
    """A box of entries behind their count, of `of_count` bytes; each begins with an item's number, of `wide` bytes."""

    head: bytes
    of_count: int
    wide: int
    entries: dict[int, bytes]  # by their items, behind these

    def with_copies(self, copies: Mapping[int, int]) -> bytes:
        """Return the content of the box, in which new items, by their numbers, have what others have."""
        entries = self.entries | {number: self.entries[item] for number, item in copies.items()}
        rows = (number.to_bytes(self.wide, "big") + entry for number, entry in entries.items())
        return self.head + len(entries).to_bytes(self.of_count, "big") + b"".join(rows)


def _places(content: bytes) -> _Table:
    """Read where the bytes of items are: `iloc`."""
    version, wide = content[0], 2 if content[0] < 2 else 4
    of_offset, of_length = divmod(content[_FULL], 16)
    of_base, of_index = divmod(content[_FULL + 1], 16)
    fixed = (2 if version else 0) + 2 + of_base  # bytes before the number of parts
    of_part = (of_index if version else 0) + of_offset + of_length
    at = _FULL + 2 + wide
    entries = {}
    for _ in range(int.from_bytes(content[at - wide : at], "big")):
        item, at = int.from_bytes(content[at : at + wide], "big"), at + wide
        parts = int.from_bytes(content[at + fixed : at + fixed + 2], "big")
        end = at + fixed + 2 + parts * of_part
        entries[item], at = _cut(content, at, end), end
    return _Table(content[: _FULL + 2], wide, wide, entries)


def _associations(content: bytes) -> _Table:
    """Read what properties items have: `ipma`."""
    wide, of_one = 4 if content[0] else 2, 2 if content[3] & 1 else 1
    at = _FULL + 4
    entries = {}
    for _ in range(int.from_bytes(content[_FULL:at], "big")):
        item, at = int.from_bytes(content[at : at + wide], "big"), at + wide
        end = at + 1 + of_one * content[at]
        entries[item], at = _cut(content, at, end), end
    return _Table(content[:_FULL], 4, wide, entries)


def _cut(content: bytes, at: int, end: int) -> bytes:
    if end > len(content):
        raise ValueError("a box that is cut off")
    return content[at:end]


def _about(content: bytes) -> dict[int, bytes]:
    """Return the content of the box about each item, by its number: those in `iinf`."""
    entries = {}
    for kind, start, end in boxes(content, _FULL + (4 if content[0] else 2)):
        if kind == b"infe":
            wide = 4 if content[start] > _SHORT else 2
            entries[int.from_bytes(content[start + _FULL : start + _FULL + wide], "big")] = content[start:end]
    return entries


def _with_entries(content: bytes, more: list[tuple[int, bytes]]) -> bytes:
    """Return the content of `iinf` with boxes about more items, each like that about another."""
    wide = 4 if content[0] else 2
    count = int.from_bytes(content[_FULL : _FULL + wide], "big") + len(more)
    made = content[:_FULL] + count.to_bytes(wide, "big") + content[_FULL + wide :]
    for number, entry in more:
        end = _FULL + (4 if entry[0] > _SHORT else 2)
        made += box(b"infe", entry[:_FULL] + number.to_bytes(end - _FULL, "big") + entry[end:])
    return made


def _own(content: bytes, number: int) -> tuple[bytes, dict[int, int]]:
    """Return references that name no item twice, and the items that new numbers stand for, which begin at one."""
    wide = 4 if content[0] else 2
    made, seen, copies = content[:_FULL], set[int](), dict[int, int]()
    for kind, start, end in boxes(content, _FULL):
        inner = bytearray(content[start:end])
        for at in range(wide + 2, len(inner) - wide + 1, wide) if kind == _DERIVED else ():
            item = int.from_bytes(inner[at : at + wide], "big")
            if item in seen:
                copies[number] = item
                inner[at : at + wide] = number.to_bytes(wide, "big")
                number += 1
            seen.add(item)
        made += box(kind, bytes(inner))
    return made, copies
