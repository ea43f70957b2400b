"""Netpbm, BMP, .npy and CSV files that are small, or cheap to send, and ask for much."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator


def _npy(header: bytes) -> bytes:
    header = header.ljust(1, b" ") + b"\n"
    return b"\x93NUMPY\2\0" + struct.pack("<I", len(header)) + header


def _header(shape: bytes, descr: bytes = b"'|u1'") -> bytes:
    return b"{'descr': " + descr + b", 'fortran_order': False, 'shape': " + shape + b", }"


def _bmp(width: int, height: int, compression: int, data: bytes, colors: int = 0) -> bytes:
    palette = bytes(4 * min(colors, 256))
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, compression, len(data), 0, 0, colors, 0)
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(data), 0, 0, 54 + len(palette)) + head + palette + data


def array_files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield a name and a function that makes the bytes of each."""
    yield "one-row.ppm", lambda: b"P6\n5000000 1\n255\n" + bytes(15_000_000)
    yield "one-row.bmp", lambda: _bmp(5_000_000, 1, 0, bytes(5_000_000), 256)
    yield "comment.ppm", lambda: b"P6\n#" + b"a" * 50_000_000
    yield "comments.ppm", lambda: b"P6\n" + b"#\n" * 5_000_000 + b"1 1 255\n\0\0\0"
    yield "deep-comments.ppm", lambda: b"P6\n" + b"#\n" * 5_000_000 + b"1 1 65535\n\0\0\0\0\0\0"
    yield "blanks.ppm", lambda: b"P6" + b" " * 30_000 + b"1 1 65535\n\0\0\0\0\0\0"
    yield "digits.ppm", lambda: b"P6\n" + b"1" * 1_000_000 + b" 1 255\n"
    yield "zeros.ppm", lambda: b"P6\n" + b"0" * 1_000_000 + b"1 1 255\n\0\0\0"
    yield "text.ppm", lambda: b"P3\n1 1 255\n" + b" " * 30_000_000 + b"1 2 3"
    yield "text-comments.ppm", lambda: b"P3\n1 1 255\n" + b"#\n" * 5_000_000 + b"1 2 3"
    yield "text-digits.ppm", lambda: b"P3\n1 1 255\n" + b"1" * 10_000_000
    yield "deep-text.ppm", lambda: b"P3\n1 1 65535\n" + b"#" * 10_000_000
    yield "run-lengths.bmp", lambda: _bmp(9000, 9000, 1, b"\0\1", 256)
    yield "deltas.bmp", lambda: _bmp(1000, 1000, 1, b"\0\2\0\0" * 2_000_000, 256)
    yield "line-ends.bmp", lambda: _bmp(9000, 9000, 1, b"\0\0" * 2_000_000, 256)
    yield "colors.bmp", lambda: _bmp(1, 1, 0, bytes(4), (1 << 32) - 1)
    yield "parentheses.npy", lambda: _npy(_header(b"(" * 5000 + b"1,1" + b")" * 5000))
    yield "long-header.npy", lambda: _npy(b" " * 1_000_000 + _header(b"(1, 1)"))
    yield "minus-signs.npy", lambda: _npy(_header(b"(" + b"-" * 9000 + b"1, 1)"))
    yield "objects.npy", lambda: _npy(_header(b"(1, 1)", b"'|O'")) + b"\x80\4."
    yield "shape.npy", lambda: _npy(_header(b"(99999999999, 99999999999)"))
    yield "empty-shape.npy", lambda: _npy(_header(b"(0, 4611686018427387904)"))
    yield "fields.npy", lambda: _npy(_header(b"(1, 1)", b"[" + b"('a', '<u1')," * 400 + b"]"))
    yield "long-items.npy", lambda: _npy(_header(b"(1, 1)", b"'|S2147483647'"))
    yield "axes.npy", lambda: _npy(_header(b"(" + b"1, " * 3000 + b")"))
    yield "one-line.csv", lambda: b"1," * 50_000_000
    yield "no-separator.csv", lambda: b"1" * 100_000_000
    yield "columns.csv", lambda: b",".join([b"1"] * 1_000_000) + b"\n"
    yield "not-numbers.csv", lambda: b",".join([b"nan"] * 1_000_000) + b"\n"
    yield "names.csv", lambda: b",".join([b"a"] * 1_000_000) + b"\n1\n"
    yield "quotes.csv", lambda: b'"' * 2_000_000
    yield "quoted.csv", lambda: b'""' * 500_000 + b"x,1\n"
    yield "open-quote.csv", lambda: b'1,"' * 300_000 + b"x\n"
    yield "blanks.csv", lambda: b"1" + b" " * 3_000_000 + b"x\n"
    yield "empty-lines.csv", lambda: b"\n" * 10_000_000
    yield "long-number.csv", lambda: b"1,2\n3," + b"9" * 5_000_000 + b"x\n"
    yield "commas.csv", lambda: b"1,2\n" + b"," * 2_000_000 + b"\n"
    yield "underscores.csv", lambda: b"1_0," * 500_000 + b"\n"
