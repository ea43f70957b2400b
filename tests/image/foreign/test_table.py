"""Files of formats that are not read are named, each with a way to a picture that is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from convcli.image import FORMATS
from convcli.image.foreign.table import FOREIGN, PREFIX, Foreign, foreign_of
from convcli.image.formats import identify
from tests.support.console import run

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'


def made_by_pillow(name: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(stream, name)
    return stream.getvalue()


FILES = [
    ("a.pdf", made_by_pillow("PDF"), "PDF", "pdftoppm"),
    ("scan.png", b"\n\n" + made_by_pillow("PDF"), "PDF", "pdftoppm"),
    ("a.svg", SVG, "SVG", "rsvg-convert a.svg"),
    ("a.svg", b'<?xml version="1.0"?>\n<!-- drawn -->\n' + SVG, "SVG", "rsvg-convert"),
    ("a.svgz", b"\x1f\x8b\x08" + bytes(40), "compressed SVG", "gunzip"),
    ("a.eps", made_by_pillow("EPS"), "PostScript", "gs "),
    ("a.jpg", b"<!DOCTYPE html>\n<html><head>", "a web page", "browser"),
    ("a.png", b"version https://git-lfs.github.com/spec/v1\noid sha256:12\n", "a pointer of Git LFS", "git lfs pull"),
    ("a.xcf", b"gimp xcf v011\0" + bytes(40), "a GIMP file", "xcf2png"),
    ("a.kra", b"PK\x03\x04" + bytes(40), "a Krita file", "krita a.kra"),
    ("a.dcm", bytes(128) + b"DICM" + bytes(40), "DICOM", "dcm2pnm"),
    ("a.fits", b"SIMPLE  =                    T / conforms".ljust(80), "FITS", "astropy"),
    ("a.h5", b"\x89HDF\r\n\x1a\n" + bytes(40), "HDF5", "h5py"),
    ("a.wmf", b"\xd7\xcd\xc6\x9a" + bytes(40), "a Windows metafile", "inkscape"),
    ("a.icns", b"icns" + bytes(40), "Apple's icons", "icns2png"),
    ("b c.djvu", b"AT&TFORM" + bytes(40), "DjVu", 'ddjvu -format=tiff "b c.djvu" "b c".tif'),
    ("a.zip", b"PK\x03\x04" + bytes(40), "a ZIP archive", "unzip"),
    ("a.gz", b"\x1f\x8b\x08" + bytes(40), "compressed by gzip", "gunzip"),
]


@pytest.mark.parametrize(("name", "data", "title", "way"), FILES)
def test_it_is_named_in_one_line_with_a_way_out(
    name: str, data: bytes, title: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(data)
    answer = run("apply", "identity", name, "-o", "out.png")
    assert answer.code == 1
    first, second = answer.lines
    assert first == f"error: {name} is {title}, which convcli does not read"
    assert second.startswith("help: ")
    assert way in second
    assert not Path("out.png").exists()


@pytest.mark.parametrize("row", FOREIGN, ids=lambda each: each.title)
def test_a_row_has_a_way_and_is_told_by_something(row: Foreign) -> None:
    assert row.way.format(file="a", stem="b")
    assert row.signature or row.suffixes
    assert not set(row.suffixes) & {suffix for each in FORMATS for suffix in each.suffixes}


def test_what_is_read_is_not_foreign() -> None:
    for name in ("PNG", "TIFF", "JPEG", "WEBP", "GIF", "BMP", "PPM"):
        beginning = made_by_pillow(name)[:PREFIX]
        assert identify(beginning) is not None
        assert foreign_of(beginning) is None


def test_the_way_has_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "my scans"
    folder.mkdir()
    (folder / "a.svg").write_bytes(SVG)
    answer = run("apply", "sharpen", "my scans/a.svg", "-o", "out.png")
    assert answer.lines[-1] == 'help: rsvg-convert "my scans/a.svg" -o "my scans/a".png draws it'
