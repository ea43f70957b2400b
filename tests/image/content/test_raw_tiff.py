"""RAW files of cameras among TIFFs: told by their tags, or by a maker and the end of a name."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from tifffile import TiffWriter

from convcli.image.formats import identified
from tests.support.raw import dng

MAKE = (271, "s", 0, "NIKON", True)
CFA = 32803


def tiff(order: str = "<", *, make: bool = True, inside: int = 1) -> bytes:
    """Return a TIFF of a preview, below which is a picture of a kind, as cameras write."""
    stream = io.BytesIO()
    with TiffWriter(stream, byteorder=order) as file:  # type: ignore[arg-type]  # a literal
        tags = [MAKE] if make else []
        gray = np.zeros((8, 8), np.uint8)
        file.write(gray, photometric="minisblack", extratags=tags, subifds=2, metadata=None)
        file.write(gray, photometric="minisblack", metadata=None)
        file.write(gray, photometric=inside, metadata=None)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("file", "name", "form"),
    [
        (dng(), "", "raw"),
        (dng(order=">"), "photo.tif", "raw"),
        (tiff(inside=CFA), "", "raw"),
        (tiff(">", inside=CFA), "", "raw"),
        (tiff(make=False, inside=CFA), "", "tiff"),
        (tiff(), "photo.tif", "tiff"),
        (tiff(), "photo.NEF", "raw"),
        (tiff(make=False), "photo.nef", "tiff"),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(40), "", "raw"),
        (b"\0\0\0\x18ftypcrx " + bytes(40), "", "raw"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(40), "", "raw"),
        (b"II\x1a\0\0\0HEAPCCDR" + bytes(40), "", "raw"),
        (b"IIU\0\x18\0\0\0" + bytes(40), "", "raw"),
        (b"MMOR\0\0\0\x08" + bytes(40), "", "raw"),
        (b"II*\0" + struct.pack("<I", 1 << 31) + bytes(8), "a.nef", "tiff"),
        (b"MM\0*", "a.nef", "tiff"),
    ],
)
def test_files_that_begin_alike(file: bytes, name: str, form: str) -> None:
    stream = io.BytesIO(file)
    found = identified(stream, name)
    assert found is not None
    assert (found.name, stream.tell()) == (form, 0)
