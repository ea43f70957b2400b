"""TIFF of more than 8 bits a channel, written by tifffile."""

from __future__ import annotations

import io
import struct
from itertools import product
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from convcli.errors import ReadError
from convcli.image import format_named, read_picture, write_picture
from tests.support.deep import deep, rgb_tiff
from tests.support.encoding import SRGB, tiff
from tests.support.reading import attempt, failure

RNG = np.random.default_rng(16)


LAYOUTS = [
    (channels, planar, settings)
    for channels, planar in (*product((1, 2, 3, 4), ("contig",)), *product((3, 4), ("separate",)))
    for settings in (
        {"rowsperstrip": 7},
        {"compression": "lzw", "predictor": True, "rowsperstrip": 7},
        {"compression": "zlib", "tile": (16, 16)},
        {"compression": "zlib", "predictor": True, "tile": (16, 16)},
    )
]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
@pytest.mark.parametrize(("channels", "planar", "settings"), LAYOUTS)
def test_a_tiff_keeps_its_depth(channels: int, planar: str, settings: dict[str, Any], dtype: type, order: Any) -> None:
    values = deep(20, 23, channels) if dtype == np.uint16 else RNG.normal(size=(20, 23, channels)).astype(dtype)
    stored = values.transpose(2, 0, 1) if planar == "separate" else values[:, :, 0] if channels == 1 else values
    more: dict[str, Any] = {"photometric": "rgb" if channels > 2 else "minisblack"}
    more |= {"planarconfig": planar} if channels > 1 else {}
    more |= {"extrasamples": ["unassalpha"]} if channels in (2, 4) else {}
    picture = read_picture(io.BytesIO(tiff(stored, byteorder=order, **settings, **more)))
    assert picture.dtype == dtype
    assert picture.frames[0].dtype.isnative
    assert picture.has_alpha == (channels in (2, 4))
    assert np.array_equal(picture.frames[0], values)
    assert (picture.notes, picture.is_array) == ((), False)
    assert picture.full_scale == (65535 if dtype == np.uint16 else 1)


@pytest.mark.parametrize("compression", ["packbits", "lzma", "zstd"])
def test_other_compressions_without_loss(compression: str) -> None:
    values = deep(20, 23, 3)
    frame = read_picture(io.BytesIO(rgb_tiff(values, compression=compression))).frames[0]
    assert np.array_equal(frame, values)


def test_offsets_of_64_bits() -> None:
    values = deep(5, 6, 3)
    assert np.array_equal(read_picture(io.BytesIO(rgb_tiff(values, bigtiff=True))).frames[0], values)


def test_floats_of_16_bits_become_32_without_loss() -> None:
    values = RNG.normal(size=(4, 5)).astype(np.float16)
    picture = read_picture(io.BytesIO(tiff(values)))
    assert picture.dtype == np.float32
    assert np.array_equal(picture.frames[0][:, :, 0], values)


def test_white_may_be_zero() -> None:
    values = deep(4, 5)
    frame = read_picture(io.BytesIO(tiff(values, photometric="miniswhite", byteorder=">"))).frames[0]
    assert np.array_equal(frame[:, :, 0], 65535 - values)
    floats = np.array([[0, 0.25, 1]], np.float32)
    frame = read_picture(io.BytesIO(tiff(floats, photometric="miniswhite"))).frames[0]
    assert frame.ravel().tolist() == [1, 0.75, 0]


def test_multiplied_alpha_is_undone_and_it_is_said() -> None:
    pixels = np.array([[[1000, 2000, 0, 32768], [7, 8, 9, 65535], [5, 5, 5, 0]]], np.uint16)
    picture = read_picture(io.BytesIO(rgb_tiff(pixels, extrasamples=["assocalpha"])))
    assert picture.frames[0].tolist() == [[[2000, 4000, 0, 32768], [7, 8, 9, 65535], [5, 5, 5, 0]]]
    assert picture.notes == ("its alpha was multiplied into the colors; that is undone",)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_channel_that_is_neither_color_nor_alpha_is_left_out_and_it_is_said(dtype: type) -> None:
    values: NDArray[Any] = deep(4, 5, 4).astype(dtype)
    picture = read_picture(io.BytesIO(rgb_tiff(values, extrasamples=["unspecified"])))
    assert not picture.has_alpha
    assert np.array_equal(picture.frames[0], values[:, :, :3])
    assert picture.notes == ("it has more channels than colors and alpha; they are left out",)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint32, np.int64, np.uint64])
def test_other_whole_numbers_are_read_where_they_fit_16_bits(dtype: type) -> None:
    values: NDArray[Any] = RNG.integers(0, 128, (4, 5, 3)).astype(dtype)
    picture = read_picture(io.BytesIO(rgb_tiff(values)))
    assert picture.dtype == np.uint16
    assert np.array_equal(picture.frames[0], values)
    assert "whole numbers are filtered as 16 bits a channel" in picture.notes[0]
    values[0, 0, 0] = wrong = 70_000 if np.iinfo(dtype).min == 0 else -1
    error = failure(rgb_tiff(values))
    assert str(wrong) in error.message
    assert ".npy" in error.hint


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (tiff(np.zeros((4, 5), np.uint16), photometric="cfa"), "colors of a sensor's mosaic"),
        (tiff(np.zeros((4, 5), np.complex64)), "numbers of 64 bits, COMPLEXIEEEFP"),
        (
            tiff(np.zeros((7, 4, 5), np.uint16), planarconfig="separate", photometric="minisblack"),
            "is said to be gray and has 7 channels",
        ),
    ],
)
def test_what_is_not_read_is_refused_by_name_with_the_way_out(data: bytes, what: str) -> None:
    error = failure(data)
    assert what in error.message
    assert error.hint


def test_the_metadata_of_a_deep_tiff_is_taken_along() -> None:
    values = deep(4, 5, 3)
    for unit, per in (("INCH", 300), ("CENTIMETER", 300 / 2.54)):
        resolution: dict[str, Any] = {"resolution": (per, per), "resolutionunit": unit}
        data = rgb_tiff(values, iccprofile=SRGB, description="a description", metadata=None, **resolution)
        metadata = read_picture(io.BytesIO(data)).metadata
        assert metadata.icc == SRGB
        assert metadata.dpi == pytest.approx((300, 300), abs=0.01)
        read = Image.Exif()
        read.load(metadata.exif)
        assert read[0x010E] == "a description"
        assert 258 not in read
    assert read_picture(io.BytesIO(rgb_tiff(values, metadata=None, software=False))).metadata.dpi is None


def test_a_profile_for_other_channels_is_left_out_and_it_is_said() -> None:
    picture = read_picture(io.BytesIO(tiff(np.zeros((4, 5), np.float32), iccprofile=SRGB)))
    assert picture.metadata.icc == b""
    assert picture.notes == ("its color profile is not one for these channels and is left out",)


def test_the_first_of_several_deep_pages_is_read_and_it_is_said() -> None:
    values = deep(3, 4, 5, 3)
    picture = read_picture(io.BytesIO(rgb_tiff(values)))
    assert np.array_equal(picture.frames[0], values[0])
    assert picture.notes == ("the first of 3 frames is filtered; the others are left out",)


def test_a_document_may_mix_deep_pages_with_others() -> None:
    pages = [deep(3, 4, 3), RNG.integers(0, 256, (5, 2, 4), np.uint8), RNG.random((2, 3, 1)).astype(np.float32)]
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(pages[0], photometric="rgb", description="the first")
        writer.write(pages[1], photometric="rgb", extrasamples=["unassalpha"], description="the second")
        writer.write(pages[2][:, :, 0], photometric="minisblack")
    picture = read_picture(io.BytesIO(stream.getvalue()), frames="all")
    assert picture.count == 3
    for page, values in zip((picture, *picture.pages), pages, strict=True):
        assert page.dtype == values.dtype
        assert np.array_equal(page.frames[0], values)
    assert [page.has_alpha for page in (picture, *picture.pages)] == [False, True, False]
    for index, values in enumerate(pages):
        one = read_picture(io.BytesIO(stream.getvalue()), frames=index)
        assert np.array_equal(one.frames[0], values)
        assert one.count == 1
    again = io.BytesIO()
    write_picture(picture, again, format_named("tiff"))
    with tifffile.TiffFile(io.BytesIO(again.getvalue())) as file:
        for stored, values in zip(file.pages, pages, strict=True):
            assert np.array_equal(stored.asarray().reshape(values.shape), values)
            assert stored.asarray().dtype == values.dtype


def test_ycbcr_in_a_tiff_has_no_further_channel() -> None:
    stream = io.BytesIO()
    image = Image.fromarray((deep(16, 16, 3) >> 8).astype(np.uint8)).convert("YCbCr")
    image.save(stream, "TIFF", compression="tiff_deflate")
    assert "RGBX" in str(Image.open(stream).tile[0].args)  # on the way from libtiff to Pillow there is one
    picture = read_picture(io.BytesIO(stream.getvalue()))
    assert picture.channels == 3
    assert not any("channels" in note for note in picture.notes)


def test_strips_that_are_not_there_are_not_made_up() -> None:
    data = rgb_tiff(np.full((12, 12, 3), 777, np.uint16), compression="zlib", rowsperstrip=4)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        counts, offsets = file.pages.first.tags[279], file.pages.first.tags[273]
    for tag in (counts, offsets):
        entry = tag.offset + 4  # how many strips there are
        fewer = data[:entry] + struct.pack("<I", 2) + data[entry + 4 :]
        assert isinstance(attempt(fewer), ReadError)
    at = counts.valueoffset
    size = {3: 2, 4: 4}[counts.dtype]
    empty = data[:at] + bytes(size) + data[at + size :]
    assert failure(empty).message == "stdin is truncated or damaged"


@pytest.mark.parametrize("form", ["classic", "large", "classic, motorola"])
def test_huge_tiles_behind_a_damaged_tag_are_refused(form: str) -> None:
    order = ">" if "motorola" in form else "<"
    values = np.zeros((16, 16, 3), np.uint8)
    settings: dict[str, Any] = {"bigtiff": "large" in form, "byteorder": order, "compression": "zlib"}
    data = bytearray(rgb_tiff(values, tile=(16, 16), resolution=(3, 7), **settings))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages.first.tags
        length, resolution = tags[323], tags[282]
    data[length.offset + 2 : length.offset + 4] = struct.pack(order + "H", 4)  # a long number
    struct.pack_into(order + "I", data, length.valueoffset, 1 << 25)
    # So that the number of the resolution, on the way to the tiles, lies beyond the end of the file.
    size, place = ("Q", 12) if "large" in form else ("I", 8)
    struct.pack_into(order + size, data, resolution.offset + place, len(data) + 9)
    assert "tiles of 16×33554432 pixels" in failure(bytes(data)).message


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("compression", ["zlib", None])
def test_huge_tiles_are_refused_before_they_are_made(dtype: type[Any], compression: str | None) -> None:
    data = rgb_tiff(np.zeros((16, 16, 3), dtype), compression=compression, tile=(16, 16))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        for tag in (322, 323):
            at = file.pages.first.tags[tag].valueoffset
            data = data[:at] + struct.pack("<H", 65520) + data[at + 2 :]
    assert "tiles of 65520×65520 pixels" in failure(data).message


@pytest.mark.parametrize("sampling", [(1, 1), (2, 1), (2, 2)])
def test_brightness_beside_halved_colors_that_is_not_compressed(sampling: tuple[int, int]) -> None:
    across, down = sampling
    height, width = 4 * down, 6 * across
    bright = RNG.integers(40, 200, (height, width), np.uint8)
    blocks = bright.reshape(4, down, 6, across).transpose(0, 2, 1, 3).reshape(4, 6, -1)
    stored = np.concatenate([blocks, np.full((4, 6, 2), 128, np.uint8)], axis=2).tobytes()
    file = tiff(np.zeros((height, width, 3), np.uint8), photometric="rgb", metadata=None, software=None)
    tags = [(530, 3, 2, across | down << 16), (262, 3, 1, 6), (279, 4, 1, len(stored))]
    data = with_tags(file, tags, stored)
    pixels = read_picture(io.BytesIO(data)).frames[0]
    assert pixels.shape == (height, width, 3)
    assert np.abs(pixels.astype(int) - bright[:, :, np.newaxis]).max() <= 2
    assert "damaged" in failure(data[:-9]).message


def with_tags(file: bytes, tags: list[tuple[int, int, int, int]], stored: bytes) -> bytes:
    """Return a small TIFF of one strip with other tags, and with other bytes as its strip, behind the rest."""
    at = struct.unpack_from("<I", file, 4)[0]
    (count,) = struct.unpack_from("<H", file, at)
    found = {entry[0]: entry for entry in struct.iter_unpack("<HHII", file[at + 2 : at + 2 + 12 * count])}
    found |= {tag[0]: tag for tag in tags}
    place = len(file) + 6 + 12 * len(found)
    found[273] = (273, 4, 1, place)
    entries = b"".join(struct.pack("<HHII", *found[tag]) for tag in sorted(found))
    head = file[:4] + struct.pack("<I", len(file)) + file[8:]
    return head + struct.pack("<H", len(found)) + entries + bytes(4) + stored


def test_gray_of_the_old_kind_of_jpeg() -> None:
    gray = np.tile(np.linspace(0, 255, 48).astype(np.uint8), (32, 1))
    inside = bytes(imagecodecs.jpeg8_encode(gray, level=98))
    file = tiff(gray, photometric="minisblack", metadata=None, software=None)
    tags = [(259, 3, 1, 6), (279, 4, 1, len(inside)), (513, 4, 1, 0), (514, 4, 1, len(inside))]
    data = with_tags(file, tags, inside)
    at = data.index(inside)
    data = with_tags(file, [*tags[:2], (513, 4, 1, at), tags[3]], inside)
    assert np.abs(read_picture(io.BytesIO(data)).frames[0][:, :, 0].astype(int) - gray).max() <= 3


def test_sixteen_bits_of_jpeg_without_loss() -> None:
    pixels = RNG.integers(0, 65_536, (40, 30), np.uint16)
    inside = bytes(imagecodecs.ljpeg_encode(pixels, bitspersample=16))
    file = tiff(pixels, photometric="minisblack", metadata=None, software=None)
    data = with_tags(file, [(259, 3, 1, 7), (279, 4, 1, len(inside))], inside)
    np.testing.assert_array_equal(read_picture(io.BytesIO(data), deep=True).frames[0][:, :, 0], pixels)


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("tile", [None, (16, 16)])
@pytest.mark.parametrize(
    ("kind", "channels", "further"),
    [
        ("minisblack", 2, "unassalpha"),
        ("minisblack", 2, "assocalpha"),
        ("minisblack", 2, "unspecified"),
        ("miniswhite", 2, "unspecified"),
        ("rgb", 3, ""),
        ("rgb", 4, "unassalpha"),
        ("rgb", 4, "assocalpha"),
        ("rgb", 5, "unspecified"),
        ("separated", 4, ""),
        ("separated", 5, "unspecified"),
        ("cielab", 3, ""),
    ],
)
def test_planes_of_8_bits_are_what_pixels_are(
    kind: str, channels: int, further: str, tile: tuple[int, int] | None, compression: str | None
) -> None:
    pixels = RNG.integers(0, 256, (20, 24, channels), np.uint8)
    if further == "assocalpha":
        pixels[..., :-1] = np.minimum(pixels[..., :-1], pixels[..., -1:])
    if kind == "cielab":
        pixels = pixels // np.array([3, 12, 12], np.uint8) + np.array([90, 0, 0], np.uint8)  # colors that sRGB has
    about: dict[str, Any] = {"photometric": kind, "compression": compression, "tile": tile, "metadata": None}
    if further:
        about["extrasamples"] = [further] * (channels - {"rgb": 3, "separated": 4}.get(kind, 1))
    together, apart = (
        read_picture(io.BytesIO(tiff(each, planarconfig=planar, **about)))
        for each, planar in ((pixels, "contig"), (pixels.transpose(2, 0, 1), "separate"))
    )
    assert apart.has_alpha == together.has_alpha
    # Pillow rounds Lab, and what alpha was multiplied into, down.
    most = {"cielab": 2, "minisblack": 1, "rgb": 1}.get(kind, 0)
    assert np.abs(apart.frames[0].astype(int) - together.frames[0]).max() <= most
