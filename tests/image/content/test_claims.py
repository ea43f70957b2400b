"""IPTC data stays; what filtering makes false is left out, with what XMP says of it, and said."""

from __future__ import annotations

import io
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imagecodecs import brotli_encode, jpegxl_encode
from PIL import Image, IptcImagePlugin
from tifffile import TiffFile, TiffWriter

from convcli.image import Metadata, Picture, read_picture
from convcli.image.codecs.png.chunks import chunk
from convcli.image.content.claims import without_false_claims
from convcli.image.sampled.boxes import box
from tests.support.console import done
from tests.support.encoding import by_convcli

PIXELS = np.linspace(0, 255, 16 * 24 * 3).reshape(16, 24, 3).astype(np.uint8)
RECORDS = b"\x1c\x02\x00\0\2\0\4" + b"\x1c\x02\x78\0\x09A caption" + b"\x1c\x02\x19\0\4bird" + b"\x1c\x02\x19\0\3sea"
# A JUMBF box around a description of the kind of C2PA's.
MANIFEST = b"jumb\0\0\0\x26jumdc2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71\x03c2pa\0"
HDR = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="r"><rdf:Description'
    b' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" dc:title="kept">'
    b'<Container:Directory><rdf:Seq><rdf:li Item:Semantic="GainMap"/></rdf:Seq></Container:Directory>'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def segment(kind: int, content: bytes) -> bytes:
    return bytes([0xFF, kind]) + struct.pack(">H", len(content) + 2) + content


def jpeg(*segments: bytes, **settings: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(PIXELS).save(stream, "JPEG", quality=95, **settings)
    file = stream.getvalue()
    return file[:2] + b"".join(segments) + file[2:]


IPTC = segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(RECORDS)) + RECORDS + b"\0")


def codes(picture: Picture) -> list[str]:
    return [note.code for note in picture.notes]


@pytest.mark.parametrize("large", [False, True])
def test_iptc_goes_from_jpeg_to_jpeg_and_tiff_and_back(large: bool, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(IPTC))
    filters = "resize:width=900" if large else "identity"  # by either way to write
    for before, after in (("a.jpg", "b.jpg"), ("b.jpg", "c.tif"), ("c.tif", "d.jpg"), ("c.tif", "e.tif")):
        assert "left out" not in done("apply", filters, tmp_path / before, "-o", tmp_path / after).stderr
    for name in ("b.jpg", "d.jpg"):
        with Image.open(tmp_path / name) as image:
            found = IptcImagePlugin.getiptcinfo(image)
        assert found is not None
        assert (found[2, 120], found[2, 25]) == (b"A caption", [b"bird", b"sea"])
    with TiffFile(tmp_path / "e.tif") as file:
        assert bytes(file.pages.first.tags[33723].value) == RECORDS


@pytest.mark.parametrize("order", ["<", ">"])
def test_iptc_of_a_tiff_as_numbers_of_four_bytes(order: str) -> None:
    stream = io.BytesIO()
    whole = RECORDS + bytes(-len(RECORDS) % 4)
    numbers = struct.unpack(f"{order}{len(whole) // 4}I", whole)
    with TiffWriter(stream, byteorder=order) as file:  # type: ignore[arg-type]  # a literal
        file.write(PIXELS, photometric="rgb", extratags=[(33723, "I", len(numbers), numbers, True)])
    assert read_picture(io.BytesIO(stream.getvalue())).metadata.iptc == whole


def test_other_formats_and_long_data_say_that_it_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(IPTC))
    assert "the IPTC data is left out" in done("apply", "identity", tmp_path / "a.jpg", "-o", tmp_path / "a.png").stderr
    asked = done("apply", "identity", tmp_path / "a.jpg", "-o", tmp_path / "b.png", "--metadata", "strip")
    assert "IPTC" not in asked.stderr
    long = by_convcli(Picture((PIXELS,), metadata=Metadata(iptc=RECORDS + bytes(70_000))), "tiff")
    (tmp_path / "long.tif").write_bytes(long)
    answer = done("apply", "identity", tmp_path / "long.tif", "-o", tmp_path / "c.jpg")
    assert "the IPTC data is too long" in answer.stderr


def png() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(PIXELS).save(stream, "PNG")
    file = stream.getvalue()
    return file[:33] + chunk(b"caBX", MANIFEST) + file[33:]


def webp() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(PIXELS).save(stream, "WebP", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    body = stream.getvalue()[8:] + b"C2PA" + struct.pack("<I", len(MANIFEST)) + MANIFEST + b"\0" * (len(MANIFEST) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff() -> bytes:
    stream = io.BytesIO()
    with TiffWriter(stream) as file:
        file.write(PIXELS, photometric="rgb", extratags=[(52545, "B", len(MANIFEST), MANIFEST, True)])
    return stream.getvalue()


def avif() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(PIXELS).save(stream, "AVIF")
    return stream.getvalue() + struct.pack(">I4s", 24 + len(MANIFEST), b"uuid") + bytes(16) + MANIFEST


def jxl(kind: bytes = b"jumb") -> bytes:
    content = box(b"jumb", MANIFEST[4:])[8:]
    packed = b"jumb" + brotli_encode(content)
    said = box(b"brob", packed) if kind == b"brob" else box(kind, content)
    pixels = box(b"jxlc", bytes(jpegxl_encode(PIXELS)))
    return box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ") + said + pixels


def jp2() -> bytes:
    file = by_convcli(Picture((PIXELS,)), "jp2")
    at = file.index(b"jp2c") - 4
    return file[:at] + box(b"uuid", bytes(16) + MANIFEST) + file[at:]


@pytest.mark.parametrize(
    "file",
    [
        jpeg(segment(0xEB, b"JP\0\1\0\0\0\1\0\0\0\x2e" + MANIFEST)),
        *(png(), webp(), tiff(), avif(), jxl(), jxl(b"brob"), jp2()),
    ],
)
def test_content_credentials_are_left_out_and_said(file: bytes) -> None:
    assert codes(read_picture(io.BytesIO(file))).count("credentials-left-out") == 1


def test_a_gain_map_is_left_out_with_what_xmp_says_of_it(tmp_path: Path) -> None:
    picture = read_picture(io.BytesIO(jpeg(xmp=HDR)))
    assert codes(picture) == ["gain-map-left-out"]
    assert b'dc:title="kept"' in picture.metadata.xmp
    assert not any(word in picture.metadata.xmp for word in (b"hdrgm", b"GainMap", b"Directory"))
    iso = segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0")
    assert codes(read_picture(io.BytesIO(jpeg(iso)))) == ["gain-map-left-out"]
    apple = jpeg(xmp=b"<apdi:a>urn:com:apple:photo:2020:aux:hdrgainmap</a>")
    behind = jpeg(segment(0xE2, b"MPF\0" + bytes(20))) + apple
    (tmp_path / "apple.jpg").write_bytes(behind)
    assert "gain map" in done("apply", "identity", tmp_path / "apple.jpg", "-o", tmp_path / "a.jpg").stderr
    plain = jpeg(segment(0xE2, b"MPF\0" + bytes(20))) + jpeg()
    assert codes(read_picture(io.BytesIO(plain))) == []


def test_a_motion_photo_is_said() -> None:
    claim = b'<rdf:Description GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1" dc:title="kept"/>'
    picture = read_picture(io.BytesIO(jpeg(xmp=claim)))
    assert codes(picture) == ["motion-left-out"]
    assert picture.metadata.xmp == b'<rdf:Description dc:title="kept"/>'


def test_xmp_beyond_one_segment_is_said() -> None:
    further = segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(40))
    main = b'<rdf:Description xmpNote:HasExtendedXMP="0123" dc:title="kept"/>'
    picture = read_picture(io.BytesIO(jpeg(further, xmp=main)))
    assert codes(picture) == ["xmp-left-out"]
    assert picture.metadata.xmp == b'<rdf:Description dc:title="kept"/>'


@pytest.mark.parametrize(
    "worst",
    [
        b" " * 1_000_000,
        b" hdrgm:" * 150_000,
        b"<hdrgm:a" * 120_000,
        b"<Container:Directory>" * 50_000,
    ],
)
def test_time_is_in_proportion_to_the_text(worst: bytes) -> None:
    start = time.process_time()
    without_false_claims(worst)
    without_false_claims(b" hdrgm:a='b'" + worst)
    assert time.process_time() - start < 2


def test_elements_of_any_form_are_left_out() -> None:
    text = b"<r><hdrgm:Gamma>1</hdrgm:Gamma><hdrgm:Map/><b/><GContainer:Directory a='>'>x</GContainer:Directory></r>"
    assert without_false_claims(text) == b"<r><b/></r>"
    unfinished = b"<r><hdrgm:Gamma>1</r>"
    assert without_false_claims(unfinished) == unfinished


def test_the_gain_map_of_a_jpeg_xl_is_said() -> None:
    assert codes(read_picture(io.BytesIO(jxl(b"jhgm")))) == ["gain-map-left-out"]
