"""The streams of AV1 in an AVIF file, located by its boxes.

The boxes are those of ISO/IEC 14496-12, read as libavif reads them. Every stream counts, also one that will not be
decoded: a second picture, alpha, the cells of a grid, all frames of a sequence.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

from convcli.image.codecs.avif.av1 import largest_frame
from convcli.lazy import dataclass

_AV1 = b"av01"
_SAMPLES = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_NUMBERED = int.from_bytes(b"nclx", "big")
YCGCO_RE = 16  # a matrix
_OVERLAP = 4  # the most readings of a byte of a file
_MOST_FRAMES = 12 * 60 * 60 * 60  # of a track; libavif reads none that has more

_MOST_BOXES = 100_000  # side by side

_Size = tuple[int, int]  # width and height
_Extents = tuple[tuple[int, int], ...]  # begin and end of the parts of an item in the file


@dataclass
class _Fields:
    """A reader of numbers; behind the end they are 0, as no decoder takes a box that ends before them."""

    data: memoryview
    at: int = 0

    def take(self, size: int) -> int:
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "big")

    def take_all(self, size: int, count: int) -> list[int]:
        return [self.take(size) for _ in range(min(count, (len(self.data) - self.at) // size))]


class _Streams:
    """The streams of a file, each read once however many items share it."""

    def __init__(self, file: memoryview) -> None:
        self._file = file
        self._left = _OVERLAP * len(file)
        self._known: dict[_Extents, _Size] = {}

    def item(self, extents: _Extents) -> _Size:
        if extents not in self._known:
            whole = b"".join(self._read(extents))
            self._known[extents] = largest_frame([memoryview(whole)])
        return self._known[extents]

    def track(self, samples: Iterator[tuple[int, int]]) -> _Size:
        return largest_frame(self._read(samples))

    def _read(self, extents: _Extents | Iterator[tuple[int, int]]) -> Iterator[memoryview]:
        for start, end in extents:
            part = self._file[start:end]
            self._left -= len(part)
            if self._left < 0:  # reading the same bytes again and again would take for ever
                raise OSError("frames overlap")
            yield part


def frame_sizes(file: memoryview) -> tuple[list[_Size], list[_Size]]:
    """Return the sizes of the largest frames of all items, and of all tracks, by their streams, not by the boxes.

    Raises OSError where streams overlap, one begins without a header, or a box claims to hold more than it does.
    """
    streams = _Streams(file)
    items: list[_Size] = []
    tracks: list[_Size] = []
    for start, end in _boxes(file, (b"meta",)):
        meta = file[start + 4 : end]
        items += [streams.item(extents) for extents in _items(meta, start + 4)]
    for start, end in _boxes(file, _SAMPLES):
        table = file[start:end]
        if _AV1 in b"".join(table[first:last] for first, last in _boxes(table, (b"stsd",))):
            tracks.append(streams.track(islice(_samples(table, len(file)), _MOST_FRAMES)))
    return items, tracks


def color_numbers(file: memoryview) -> tuple[int, int]:
    """Return the numbers of the primaries and of the curve that a file names first; 0 where it names none."""
    for start, end in _boxes(file, (b"meta",)):
        for first, last in _boxes(file[start + 4 : end], (b"iprp", b"ipco", b"colr")):
            fields = _Fields(file[start + 4 + first : start + 4 + last])
            if fields.take(4) == _NUMBERED:
                return fields.take(2), fields.take(2)
    return 0, 0


def stored_bits(file: memoryview) -> int:
    """Return the bits of a value of the first picture that a file describes; 8 where it describes none.

    Two of them serve the matrix YCgCo-Re, which loses nothing, and are none of the colors.
    """
    for data in _properties(file, b"av1C"):
        is_high, is_twelve = data[2:3] and data[2] & 0x40, data[2:3] and data[2] & 0x20
        bits = (12 if is_twelve else 10) if is_high else 8
        return bits - 2 if _has_ycgco_re(file) else bits
    return 8


def _has_ycgco_re(file: memoryview) -> bool:
    numbers = (data for data in _properties(file, b"colr") if bytes(data[:4]) == b"nclx")
    return any(int.from_bytes(data[8:10], "big") == YCGCO_RE for data in numbers)


def clean_aperture(file: memoryview, width: int, height: int) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom of the part that a file of this size says to show; None for all of it.

    Also None where the part does not begin and end at pixels, or where pictures of the file have one each.
    """
    found = list(_properties(file, b"clap"))
    if len(found) != 1 or len(found[0]) < 32:
        return None
    numbers = [int.from_bytes(found[0][at : at + 4], "big", signed=at >= 16 and at % 8 == 0) for at in range(0, 32, 4)]
    if not all(numbers[1::2]):
        return None
    wide, high, right, down = (Fraction(*numbers[at : at + 2]) for at in range(0, 8, 2))
    left, top = (width - wide) / 2 + right, (height - high) / 2 + down
    box = left, top, left + wide, top + high
    if any(each.denominator != 1 for each in box) or not (0 <= left < box[2] <= width and 0 <= top < box[3] <= height):
        return None
    return int(left), int(top), int(box[2]), int(box[3])


def _properties(file: memoryview, name: bytes) -> Iterator[memoryview]:
    """Yield the contents of all properties of items with a name."""
    for start, end in _boxes(file, (b"meta",)):
        meta = file[start + 4 : end]
        for first, last in _boxes(meta, (b"iprp", b"ipco", name)):
            yield meta[first:last]


def _boxes(data: memoryview, path: tuple[bytes, ...], start: int = 0) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the contents of all boxes with a path of names; raise OSError beyond any number of them.

    A file is gone through several times: its sizes, colors, bits and aperture stand in boxes apart.
    """
    at, end, count = start, len(data), 0
    while at + 8 <= end:
        count += 1
        if count > _MOST_BOXES:
            raise OSError("more boxes than any picture has")
        head = 8
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            head, size = 16, int.from_bytes(data[at + 8 : at + 16], "big")
        last = min(at + size, end) if size else end
        if last < at + head:
            return
        if data[at + 4 : at + 8] == path[0]:
            yield from _boxes(data[:last], path[1:], at + head) if path[1:] else [(at + head, last)]
        at = last


def _items(meta: memoryview, offset: int) -> Iterator[_Extents]:
    """Yield the extents of the items of AV1; the box begins at `offset` in the file."""
    pictures = {item for start, end in _boxes(meta, (b"iinf",)) for item in _pictures(meta[start:end])}
    inner, inner_end = next(_boxes(meta, (b"idat",)), (0, 0))
    for start, end in _boxes(meta, (b"iloc",)):
        for item, in_box, extents in _locations(_Fields(meta[start:end])):
            if item in pictures and in_box:
                base, most = offset + inner, offset + inner_end
                yield tuple((min(base + first, most), min(base + last, most)) for first, last in extents)
            elif item in pictures:
                yield extents


def _pictures(information: memoryview) -> Iterator[int]:
    """Yield the numbers of the items that are AV1."""
    entries = 6 if not any(information[:1]) else 8
    for start, end in _boxes(information, (b"infe",), entries):
        fields = _Fields(information[start:end])
        version = fields.take(1)
        fields.take(3)
        item = fields.take(2 if version < 3 else 4)
        fields.take(2)
        if fields.data[fields.at : fields.at + 4] == _AV1:
            yield item


def _locations(fields: _Fields) -> Iterator[tuple[int, bool, _Extents]]:
    """Yield the number of each item, whether it is in a box of `meta` beside this one, and its extents."""
    version = fields.take(1)
    fields.take(3)
    offset_size, length_size = divmod(fields.take(1), 16)
    base_size, index_size = divmod(fields.take(1), 16)
    wide = 2 if version < 2 else 4
    for _ in range(fields.take(wide)):
        if fields.at >= len(fields.data):
            return
        item = fields.take(wide)
        in_box = version > 0 and fields.take(2) & 15 == 1
        fields.take(2)
        base, count = fields.take(base_size), fields.take(2)
        extent_size = (index_size if version else 0) + offset_size + length_size
        # libavif would allocate as many, and a few bytes may claim so again and again.
        if count > 1 and (not extent_size or fields.at + count * extent_size > len(fields.data)):
            raise OSError("more extents than there is room for")
        extents = []
        for _ in range(count):
            fields.take(index_size if version else 0)
            start = base + fields.take(offset_size)
            extents.append((start, start + fields.take(length_size)))
        yield item, in_box, tuple(extents)


def _samples(table: memoryview, length: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the frames of a track, in a file of `length` bytes."""
    sizes, alike = [], 0
    for start, end in _boxes(table, (b"stsz",)):
        fields = _Fields(table[start:end], 4)
        size, count = fields.take(4), fields.take(4)
        alike = size or alike
        sizes += fields.take_all(4, 0 if size else count)
    chunks = []
    for name, wide in ((b"stco", 4), (b"co64", 8)):
        for start, end in _boxes(table, (name,)):
            fields = _Fields(table[start:end], 4)
            chunks += fields.take_all(wide, fields.take(4))
    runs = []
    for start, end in _boxes(table, (b"stsc",)):
        fields = _Fields(table[start:end], 4)
        numbers = fields.take_all(4, 3 * fields.take(4))
        runs = list(zip(numbers[::3], numbers[1::3], strict=False))
    each = iter(sizes)
    firsts = [first for first, _ in runs]
    for number, chunk in enumerate(chunks, start=1):
        start, run = chunk, bisect_right(firsts, number) - 1
        for _ in range(runs[run][1] if run >= 0 else 0):
            size = alike or next(each, length + 1)
            if start + size > length:  # libavif decodes none then
                return
            yield start, start + size
            start += size
