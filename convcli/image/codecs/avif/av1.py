"""The size of the frames in a stream of AV1, from its headers, before any frame is decoded.

The fields are named in the AV1 specification: 5.3 for units, 5.5 for a sequence, 5.9 for a frame. Values out of bounds
are read as by dav1d, the decoder in Pillow.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from convcli.lazy import dataclass

_SEQUENCE, _FRAMES = 1, (3, 6, 7)  # types of units: a header of a sequence; a header of a frame, alone or not
_KEY, _SWITCH = 0, 3  # types of frames
_LONGEST = 1024  # bytes; no header of a sequence is longer
_EACH_FRAME = 2  # a choice that a sequence leaves to its frames


@dataclass(frozen=True)
class _Sequence:
    """The header of a sequence: the size of its frames, and the lengths in bits of fields in their headers.

    `still` is a single picture, whose header is the shortest.
    """

    width: int
    height: int
    still: bool
    width_bits: int
    height_bits: int
    time_bits: int = 0
    number_bits: int = 0
    screen_tools: int = _EACH_FRAME
    whole_motion: int = _EACH_FRAME


class _Bits:
    """A reader of bits; behind the end are zeros, as for the decoder."""

    def __init__(self, data: memoryview) -> None:
        self._value = int.from_bytes(bytes(data[:_LONGEST]).ljust(_LONGEST, b"\0"), "big")
        self._left = 8 * _LONGEST

    def take(self, count: int) -> int:
        self._left = max(0, self._left - count)
        return self._value >> self._left & ((1 << count) - 1)

    def skip_number(self) -> None:
        """Skip a number whose length is the number of zeros in front of it: `uvlc`."""
        zeros = 0
        while zeros < 32 and not self.take(1):
            zeros += 1
        if zeros < 32:
            self.take(zeros)


def largest_frame(pieces: Iterable[memoryview]) -> tuple[int, int]:
    """Return the width and height of the largest frame that a stream, cut into these pieces, may have.

    A frame may be larger than its sequence says: one with a size of its own counts as the largest that has bits. Raises
    OSError where one comes before any header with its size.
    """
    sequence = None
    largest = (0, 0)
    for piece in pieces:
        for kind, payload in _units(piece):
            if kind == _SEQUENCE:
                sequence = _sequence(_Bits(payload))
                size = sequence.width, sequence.height
            elif sequence is None:
                raise OSError("a frame without a header")
            elif _has_own_size(_Bits(payload[:32]), sequence):
                size = 1 << sequence.width_bits, 1 << sequence.height_bits
            else:
                continue
            largest = max(largest, size, key=lambda each: each[0] * each[1])
    return largest


def _units(piece: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield the type and the payload of each unit that has a header of a sequence or of a frame."""
    at = 0
    while at < len(piece):
        head = piece[at]
        at += 2 if head & 4 else 1
        length = len(piece) - at
        if head & 2:
            length, at = _length(piece, at)
        kind = head >> 3 & 15
        if kind == _SEQUENCE or kind in _FRAMES:
            yield kind, piece[at : at + length]
        at += length


def _length(piece: memoryview, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, the last of them first, and its end: `leb128`."""
    number = 0
    for index, byte in enumerate(piece[at : at + 8]):
        number |= (byte & 127) << 7 * index
        if byte < 128:
            return number, at + index + 1
    return 0, at + 8


def _sequence(bits: _Bits) -> _Sequence:
    bits.take(3 + 1)
    still = bool(bits.take(1))
    time_bits = 0
    if still:
        bits.take(5)
    else:
        time_bits = _skip_to_size(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    width, height = bits.take(width_bits) + 1, bits.take(height_bits) + 1
    if still:
        return _Sequence(width, height, still, width_bits, height_bits)
    number_bits = bits.take(4) + 2 + bits.take(3) + 1 if bits.take(1) else 0
    bits.take(3 + 4)
    if bits.take(1):
        bits.take(2)
    screen_tools = _EACH_FRAME if bits.take(1) else bits.take(1)
    whole_motion = _EACH_FRAME
    if screen_tools and not bits.take(1):
        whole_motion = bits.take(1)
    return _Sequence(width, height, still, width_bits, height_bits, time_bits, number_bits, screen_tools, whole_motion)


def _skip_to_size(bits: _Bits) -> int:
    """Skip timing and operating points; return the number of bits of a frame's time."""
    delay_bits = time_bits = evenly = 0
    if bits.take(1):
        bits.take(32 + 32)
        evenly = bits.take(1)
        if evenly:
            bits.skip_number()
        if bits.take(1):
            delay_bits = bits.take(5) + 1
            bits.take(32 + 5)
            time_bits = bits.take(5) + 1
    has_display_delay = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:  # the level, which has a tier from here on
            bits.take(1)
        if delay_bits and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if has_display_delay and bits.take(1):
            bits.take(4)
    return 0 if evenly else time_bits


def _has_own_size(bits: _Bits, sequence: _Sequence) -> bool:
    """Return whether a frame has a size of its own: `frame_size_override_flag`."""
    if sequence.still or bits.take(1):  # the second: it is one that was decoded before
        return False
    kind, is_shown = bits.take(2), bits.take(1)
    bits.take(sequence.time_bits if is_shown else 1)
    if kind != _SWITCH and not (kind == _KEY and is_shown):
        bits.take(1)
    bits.take(1)
    has_screen_tools = bits.take(1) if sequence.screen_tools == _EACH_FRAME else sequence.screen_tools
    if has_screen_tools and sequence.whole_motion == _EACH_FRAME:
        bits.take(1)
    bits.take(sequence.number_bits)
    return kind == _SWITCH or bool(bits.take(1))
