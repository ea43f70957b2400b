"""What a file says about its pixels goes from format to format: written and read back by Pillow alone."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin, features
from PIL.ExifTags import Base

from convcli.image import Metadata, Picture, format_named, losses, read_picture, write_picture
from convcli.image.text import Text
from tests.support.encoding import SRGB, by_convcli

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6" exif:PixelXDimension="30">'
    b"<tiff:Orientation>6</tiff:Orientation><tiff:ImageLength>20</tiff:ImageLength><dc:title>caf\xc3\xa9</dc:title>"
    b"</rdf:Description></x:xmpmeta>"
)
UPRIGHT_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description exif:PixelXDimension="20">'
    b"<tiff:ImageLength>30</tiff:ImageLength><dc:title>caf\xc3\xa9</dc:title>"
    b"</rdf:Description></x:xmpmeta>"
)
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", *(("AVIF",) if features.check("avif") else ()))


def image() -> Image.Image:
    return Image.fromarray(np.full((20, 30, 3), (200, 30, 90), np.uint8))


def saved(name: str, **settings: Any) -> io.BytesIO:
    stream = io.BytesIO()
    image().save(stream, name, **settings)
    return stream


def with_everything(name: str) -> io.BytesIO:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    if name == "TIFF":
        exif[700] = XMP
        return saved(name, exif=exif, icc_profile=SRGB, dpi=(300, 300))
    if name == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
        return saved(name, exif=exif, icc_profile=SRGB, dpi=(300, 300), pnginfo=texts)
    if name in ("WEBP", "AVIF"):
        exif[0x011A], exif[0x011B], exif[0x0128] = 300.0, 300.0, 2
    return saved(name, exif=exif, icc_profile=SRGB, dpi=(300, 300), xmp=XMP)


def rewritten(stream: io.BytesIO, name: str) -> Image.Image:
    stream.seek(0)
    result = io.BytesIO()
    write_picture(read_picture(stream), result, format_named(name))
    again = Image.open(result)
    again.load()
    return again


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
def test_everything_goes_from_each_format_to_each(source: str, target: str) -> None:
    again = rewritten(with_everything(source), target)
    assert again.size == (20, 30)  # upright
    exif = again.getexif()
    assert exif[0x010F] == "Maker"
    assert 0x0112 not in exif
    assert again.info["icc_profile"] == SRGB
    assert again.info["xmp"].replace(b"  exif", b" exif") == UPRIGHT_XMP
    dpi = (exif[0x011A], exif[0x011B]) if target in ("WEBP", "AVIF") else again.info["dpi"]
    assert np.allclose([float(each) for each in dpi], 300, atol=0.02)


def test_the_texts_of_a_png_come_back_with_their_languages() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Ada")
    texts.add_text("Description", "long " * 1000, zip=True)
    texts.add_itxt("Title", "Grüße ☃", "de", "Titel")
    again = rewritten(saved("PNG", pnginfo=texts), "png")
    assert isinstance(again, PngImagePlugin.PngImageFile)
    assert dict(again.text) == {"Author": "Ada", "Description": "long " * 1000, "Title": "Grüße ☃"}
    title = again.text["Title"]
    assert isinstance(title, PngImagePlugin.iTXt)
    assert (title.lang, title.tkey) == ("de", "Titel")


def test_a_comment_goes_between_jpeg_gif_and_png() -> None:
    comment = "Grüße"
    jpeg = saved("JPEG", comment=comment.encode("latin-1"))
    assert rewritten(jpeg, "gif").info["comment"] == comment.encode()
    assert rewritten(jpeg, "jpeg").info["comment"] == comment.encode()
    assert rewritten(jpeg, "png").info["Comment"] == comment
    gif = saved("GIF", comment=comment.encode())
    assert rewritten(gif, "jpeg").info["comment"] == comment.encode()
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", comment)
    assert rewritten(saved("PNG", pnginfo=texts), "jpeg").info["comment"] == comment.encode()


def test_what_another_format_does_not_hold_is_said_by_name() -> None:
    metadata = Metadata(dpi=(300, 300), xmp=XMP, text=(Text("Author", "Ada"), Text("Comment", "mine")))
    picture = Picture((np.zeros((2, 3, 3), np.uint8),), metadata=metadata)
    assert losses(picture, format_named("png")) == ()
    assert losses(picture, format_named("jpeg")) == ("text is left out: Author",)
    assert losses(picture, format_named("webp")) == ("text is left out: Author, Comment",)
    said = ("the resolution is left out", "the XMP data is left out", "text is left out: Author, Comment")
    assert losses(picture, format_named("ppm")) == said


def test_what_is_too_long_for_a_jpeg_is_left_out_and_it_is_said() -> None:
    exif = Image.Exif()
    exif[0x010E] = "long " * 20_000
    long = "x" * 70_000
    metadata = Metadata(exif=exif.tobytes(), xmp=long.encode(), text=(Text("Comment", long),))
    picture = Picture((np.zeros((2, 3, 3), np.uint8),), metadata=metadata)
    result = io.BytesIO()
    write_picture(picture, result, format_named("jpeg"))
    assert not {"exif", "xmp", "comment"} & set(Image.open(result).info)
    assert [each.split(" is too long")[0] for each in losses(picture, format_named("jpeg"))] == [
        "the EXIF data",
        "the XMP data",
        "the comment",
    ]


def test_a_text_cannot_pass_for_anything_else() -> None:
    texts = PngImagePlugin.PngInfo()
    for keyword in ("transparency", "icc_profile", "exif", "dpi", "xmp", "comment", "duration"):
        texts.add_text(keyword, "not at all")
    picture = read_picture(io.BytesIO(saved("PNG", pnginfo=texts).getvalue()))
    assert not picture.has_alpha
    assert picture.notes == ()
    assert picture.metadata == Metadata(text=picture.metadata.text)
    assert len(picture.metadata.text) == 7


def test_metadata_in_imagemagicks_way_is_read_and_not_written_twice() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    texts = PngImagePlugin.PngInfo()
    for kind, data in (("exif", b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")), ("xmp", XMP)):
        texts.add_text(f"Raw profile type {kind}", f"\n{kind}\n{len(data):8}\n{data.hex()}\n", zip=True)
    texts.add_text("exif:Orientation", "6")
    again = rewritten(saved("PNG", pnginfo=texts), "png")
    assert isinstance(again, PngImagePlugin.PngImageFile)
    assert again.size == (20, 30)
    assert again.getexif()[0x010F] == "Maker"
    assert 0x0112 not in again.getexif()
    assert set(again.text) == {"XML:com.adobe.xmp"}


def test_a_thumbnail_in_xmp_data_goes_with_the_pixels_that_it_shows() -> None:
    small = b"<xmp:Thumbnails><rdf:Alt><rdf:li xmpGImg:image='/9j/4AAQ'/></rdf:Alt></xmp:Thumbnails>"
    xmp = b"<x:xmpmeta>%s<dc:title>pier</dc:title></x:xmpmeta>" % small
    picture = read_picture(io.BytesIO(saved("JPEG", xmp=xmp).getvalue()))
    assert picture.metadata.xmp == b"<x:xmpmeta><dc:title>pier</dc:title></x:xmpmeta>"


def test_damaged_xmp_data_does_not_cost_the_pixels() -> None:
    picture = read_picture(io.BytesIO(saved("JPEG", xmp=b"\xff\xfe broken").getvalue()))
    assert picture.metadata.xmp == b""
    assert picture.notes == ("its XMP data is damaged and is left out",)


@pytest.mark.parametrize("name", ["png", "tiff", "jpeg", "webp", "avif", "jpegxl", "jpeg2k", "heic"])
def test_letters_beyond_ascii_come_back_from_every_format(name: str) -> None:
    if name == "heic":
        pytest.importorskip("pillow_heif", reason="libheif comes with the extra [heic]")
    given = Image.Exif()
    given[Base.Artist] = "Müller".encode()
    picture = Picture((np.full((16, 16, 3), 90, np.uint8),), metadata=Metadata(exif=given.tobytes()))
    again = read_picture(io.BytesIO(by_convcli(picture, name)))
    assert "Müller".encode() in again.metadata.exif
