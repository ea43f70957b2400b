"""TIFF of science and maps: numbers, channels, masks, compressions and colors that pictures for people do not have."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from convcli.image import read_picture
from tests.support.console import run
from tests.support.encoding import tiff
from tests.support.noise import noise
from tests.support.reading import failure


def read(data: bytes, **settings: Any) -> Any:
    return read_picture(io.BytesIO(data), everything=True, **settings)


def through(tmp_path: Path, data: bytes, filter_: str, *options: str, name: str = "out.tif") -> Any:
    """Return what `apply` answers to a TIFF; its output is beside it."""
    source = tmp_path / "in.tif"
    source.write_bytes(data)
    return run("apply", filter_, source, "-o", tmp_path / name, *options)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint32, np.int64, np.uint64])
def test_numbers_come_back_in_their_type_and_filters_see_the_numbers(dtype: type[Any], tmp_path: Path) -> None:
    limits = np.iinfo(dtype)
    low, high = max(limits.min, -(2**40)) // 2, min(limits.max, 2**40) // 2
    values = np.random.default_rng(3).integers(low, high, (9, 11), dtype)
    data = tiff(values, photometric="minisblack")
    assert through(tmp_path, data, "identity").code == 0
    again = tifffile.imread(tmp_path / "out.tif")
    assert again.dtype == dtype
    assert np.array_equal(again, values)
    assert through(tmp_path, data, "1/2 1/2", "--padding", "valid", "--force").code == 0
    means = np.floor((values[:, :-1].astype(np.float64) + values[:, 1:]) / 2 + 0.5)
    assert np.array_equal(tifffile.imread(tmp_path / "out.tif"), means.astype(dtype))


def test_numbers_beyond_the_type_become_the_nearest_and_it_is_said(tmp_path: Path) -> None:
    values = np.array([[-30_000, 20_000, 5]], np.int16)
    answer = through(tmp_path, tiff(values, photometric="minisblack"), "2", "--json")
    assert tifffile.imread(tmp_path / "out.tif").tolist() == [[-32_768, 32_767, 10]]
    (note,) = json.loads(answer.stdout)["notes"]
    assert note["code"] == "clipped"
    assert note["text"].startswith("66.7 % of the values do not fit int16")
    assert through(tmp_path, tiff(values, photometric="minisblack"), "2", "--depth", "float", "-f").code == 0
    assert tifffile.imread(tmp_path / "out.tif").tolist() == [[-60_000, 40_000, 10]]


def test_signed_numbers_for_a_format_without_them_are_refused_with_the_way_out(tmp_path: Path) -> None:
    data = tiff(np.array([[-1, 5]], np.int16), photometric="minisblack")
    answer = through(tmp_path, data, "identity", name="out.png")
    assert answer.code == 1
    assert "values from -1 to 5, which do not fit 16 bits" in answer.stderr
    assert "TIFF" in answer.lines[-1]


def channels(count: int) -> bytes:
    """Return a TIFF of gray and further channels, the last of which is alpha."""
    kinds = ["unspecified"] * (count - 2) + ["unassalpha"]
    return tiff(noise(4, 7, 8, count), photometric="minisblack", planarconfig="contig", extrasamples=kinds)


def test_channels_of_their_own_are_filtered_and_kept_with_alpha_last(tmp_path: Path) -> None:
    data = channels(6)
    values = tifffile.imread(io.BytesIO(data))
    picture = read(data)
    assert (picture.colors, picture.has_alpha) == (5, True)
    assert through(tmp_path, data, "identity").code == 0
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        assert np.array_equal(file.asarray(), values)
        assert [int(kind) for kind in file.pages.first.extrasamples] == [0, 0, 0, 0, 2]


def test_alpha_before_another_channel_is_found() -> None:
    values = noise(5, 7, 8, 5)
    data = tiff(values, photometric="rgb", extrasamples=["unassalpha", "unspecified"])
    picture = read(data)
    assert picture.has_alpha
    assert np.array_equal(picture.frames[0], values[:, :, [0, 1, 2, 4, 3]])


def test_channels_are_named_by_number_and_the_others_stay(tmp_path: Path) -> None:
    values = noise(6, 7, 8, 6, top=100)
    data = tiff(values, photometric="minisblack", planarconfig="contig", extrasamples=["unspecified"] * 5)
    assert through(tmp_path, data, "2", "--channels", "0,3,5").code == 0
    wanted = values.copy()
    wanted[:, :, [0, 3, 5]] *= 2
    assert np.array_equal(tifffile.imread(tmp_path / "out.tif"), wanted)
    answer = through(tmp_path, data, "2", "--channels", "6", "-f")
    assert answer.code in (1, 2)
    assert "has 6 channels, counted from 0: there is no 6" in answer.stderr
    assert "twice" in through(tmp_path, data, "2", "--channels", "1,01", "-f").stderr
    assert "no brightness" in through(tmp_path, data, "2", "--channels", "luma", "-f").stderr


def test_the_mask_of_a_page_is_its_alpha_and_that_is_said() -> None:
    values, shown = noise(7, 32, 48, 3), noise(8, 32, 48, top=1).astype(bool)
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(values, photometric="rgb", metadata=None)
        writer.write(shown, photometric="mask", subfiletype=4, metadata=None)
        writer.write(values[::2, ::2], photometric="rgb", subfiletype=1, metadata=None)
        writer.write(shown[::2, ::2], photometric="mask", subfiletype=5, metadata=None)
    picture = read_picture(io.BytesIO(stream.getvalue()), frames="all")
    assert picture.count == 1
    assert np.array_equal(picture.frames[0], np.dstack([values, shown * np.uint8(255)]))
    assert [note.code for note in picture.notes] == ["mask", "overviews"]


@pytest.mark.parametrize("compression", ["webp", "jpeg2000", "jpegxl", "lerc", "png", "jpegxr", "zstd", "lzma", "jpeg"])
@pytest.mark.parametrize("tile", [None, (16, 32)])
def test_whatever_compression_a_tiff_has_its_pixels_are_those_of_tifffile(compression: str, tile: Any) -> None:
    down, right = np.mgrid[0:40, 0:50]
    values = np.stack([4 * right, 5 * down, down + right], axis=2).astype(np.uint8)
    level = {"webp": {"lossless": True}, "jpegxl": {"lossless": True}}.get(compression, {})
    data = tiff(values, photometric="rgb", compression=compression, compressionargs=level, tile=tile)
    picture = read(data)
    assert np.array_equal(picture.frames[0], tifffile.imread(io.BytesIO(data)))
    assert np.abs(picture.frames[0].astype(int) - values).max() < (60 if compression == "jpeg" else 12)


@pytest.mark.parametrize("compression", ["lerc", "jpeg2000", "jpegxl", "png"])
def test_sixteen_bits_in_other_compressions(compression: str) -> None:
    values = noise(9, 33, 20, dtype=np.uint16)
    data = tiff(
        values,
        photometric="minisblack",
        compression=compression,
        compressionargs={"level": 0}
        if compression == "jpeg2000"
        else {"lossless": True}
        if compression == "jpegxl"
        else {},
    )
    assert np.array_equal(read(data).frames[0][:, :, 0], tifffile.imread(io.BytesIO(data)))


@pytest.mark.parametrize("compression", ["webp", "jpeg2000", "jpegxl", "png"])
def test_a_picture_inside_that_is_larger_than_any_may_be_is_refused_before_it_is_decoded(compression: str) -> None:
    large = tiff(np.zeros((2048, 2048, 3), np.uint8), photometric="rgb", compression=compression, rowsperstrip=2048)
    with tifffile.TiffFile(io.BytesIO(large)) as file:
        tags = file.pages.first.tags
        places = [tags[name].valueoffset for name in ("ImageWidth", "ImageLength")]
    claimed = bytearray(large)
    for place in places:
        claimed[place : place + 2] = (16).to_bytes(2, "little")
    error = failure(bytes(claimed), max_pixels=1000)
    assert "over the limit of 1 000" in error.message


def with_inside(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return a file of one strip whose content begins otherwise, and is as much shorter at its end."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        start, count = file.pages.first.dataoffsets[0], file.pages.first.databytecounts[0]
    strip = data[start : start + count]
    assert strip.startswith(old)
    return data[:start] + (new + strip[len(old) :])[:count] + data[start + count :]


def test_a_jpeg_inside_whose_comment_looks_like_a_smaller_frame_is_refused() -> None:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:  # with a mask, so that tifffile decodes it
        writer.write(noise(3, 64, 64), photometric="minisblack", compression="jpeg", rowsperstrip=64, metadata=None)
        writer.write(np.ones((64, 64), bool), photometric="mask", subfiletype=4, metadata=None)
    data = stream.getvalue()
    comment = b"\xff\xfe\x00\x0f" + b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00"
    huge = b"\xff\xc0\x00\x0b\x08" + (60_000).to_bytes(2, "big") * 2 + b"\x01\x01\x11\x00"
    error = failure(with_inside(data, b"\xff\xd8", b"\xff\xd8" + comment + huge))
    assert "tiles of 60000×60000 pixels, over the limit" in error.message


@pytest.mark.parametrize("compression", ["webp", "jpeg2000", "jpegxl", "png", "jpegxr", "jpeg"])
def test_a_picture_inside_that_is_larger_than_its_strip_is_damage(compression: str) -> None:
    data = bytearray(tiff(noise(4, 64, 48, 3), photometric="rgb", compression=compression, rowsperstrip=64))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages.first.tags
        places = [tags[name].valueoffset for name in ("ImageWidth", "ImageLength")]
    for place in places:
        data[place : place + 2] = (16).to_bytes(2, "little")
    failure(bytes(data), everything=True)


@pytest.mark.parametrize("bits", [2, 3, 4, 5, 6, 7])
def test_few_bits_are_scaled_to_eight_as_shares_of_white(bits: int) -> None:
    rng = np.random.default_rng(bits)
    values = rng.integers(0, 2**bits, (5, 16, 3), np.uint8)
    packed = [np.unpackbits(values[..., np.newaxis], axis=-1)[..., 8 - bits :].reshape(5, -1)]
    rows = np.packbits(packed[0], axis=1)
    data = bytearray(tiff(np.zeros((5, rows.shape[1], 3), np.uint8), photometric="rgb", metadata=None, software=False))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags, start = file.pages.first.tags, file.pages.first.dataoffsets[0]
        width, depth, count = tags["ImageWidth"], tags["BitsPerSample"], tags["StripByteCounts"]
    data[width.valueoffset : width.valueoffset + 2] = (16).to_bytes(2, "little")
    data[depth.valueoffset : depth.valueoffset + 6] = bits.to_bytes(2, "little") * 3
    data[start : start + rows.size] = rows.tobytes()
    data[count.valueoffset : count.valueoffset + 2] = rows.size.to_bytes(2, "little")
    picture = read(bytes(data))
    assert np.array_equal(picture.frames[0], np.floor(values / (2**bits - 1) * 255 + 0.5))
    assert [note.code for note in picture.notes] == ["scaled"]


def test_cmyk_of_sixteen_bits_is_that_of_eight_without_a_profile() -> None:
    inks = noise(10, 12, 13, 4)
    deep = inks.astype(np.uint16) * 257
    picture = read(tiff(deep, photometric="separated"))
    wanted = np.asarray(Image.fromarray(inks, "CMYK").convert("RGB"))
    assert picture.dtype == np.uint16
    assert np.abs(picture.frames[0] / 257 - wanted).max() <= 1
    assert [note.code for note in picture.notes] == ["converted"]


@pytest.mark.parametrize("kind", ["cielab", "icclab"])
def test_lab_of_sixteen_bits_shows_the_colors_of_little_cms(kind: str) -> None:
    down, right = np.mgrid[0:20, 0:30]
    rgb = np.stack([8 * right, 12 * down, 5 * (down + right)], axis=2).astype(np.uint8)
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(Image.fromarray(rgb), srgb, lab, outputMode="LAB")
    assert image is not None
    values = np.asarray(image).astype(np.int64)  # L of 255, a and b around 128 as Pillow shows them
    lightness, opponents = values[:, :, :1] * 257, values[:, :, 1:]
    opponents = np.where(opponents >= 128, opponents - 256, opponents)  # Pillow stores them signed
    deep = np.concatenate([lightness, opponents * 256 + (32_768 if kind == "icclab" else 0)], axis=2)
    picture = read(tiff((deep % 65_536).astype(np.uint16), photometric=kind))
    assert np.abs(picture.frames[0] / 257 - rgb).max() < 12  # the steps of 8 bits are that coarse in the dark
    assert picture.notes[0].code == "converted"


def test_a_palette_of_sixteen_bits_is_looked_up() -> None:
    colors = noise(11, 3, 65_536, dtype=np.uint16)
    indices = noise(12, 9, 10, dtype=np.uint16)
    picture = read(tiff(indices, photometric="palette", colormap=colors))
    assert np.array_equal(picture.frames[0], colors.T[indices])


@pytest.mark.parametrize("values", [noise(13, 6, 7, 3), noise(13, 6, 7, 3, dtype=np.uint16)])
def test_offsets_of_64_bits_with_their_first_byte_first(values: Any) -> None:
    data = tiff(values, photometric="rgb", bigtiff=True, byteorder=">", description="seen", resolution=(300, 300))
    picture = read(data)
    assert np.array_equal(picture.frames[0], values)
    exif = Image.Exif()
    exif.load(picture.metadata.exif)
    assert exif[270] == "seen"
    assert picture.metadata.dpi == (300, 300)
    two = io.BytesIO()
    with tifffile.TiffWriter(two, bigtiff=True, byteorder=">") as writer:
        writer.write(values, photometric="rgb", metadata=None)
        writer.write(values[::-1], photometric="rgb", metadata=None)
    assert np.array_equal(read(two.getvalue(), frames=1).frames[0], values[::-1])


def test_planes_apart_and_a_sparse_tile(tmp_path: Path) -> None:
    values = noise(14, 5, 20, 30, dtype=np.int16) // 2
    data = tiff(values, photometric="minisblack", planarconfig="separate", tile=(16, 16), compression="zlib")
    assert through(tmp_path, data, "identity").code == 0
    assert np.array_equal(tifffile.imread(tmp_path / "out.tif"), values.transpose(1, 2, 0))


def test_whole_numbers_of_32_bits_whose_0_is_white_are_rounded_to_16() -> None:
    pixels = np.array(
        [[0, 1 << 15, 65_535 << 16], [(1 << 32) - 1, 40_000 << 16, (40_000 << 16) + (1 << 15)]], np.uint32
    )
    file = tiff(pixels, photometric="miniswhite", metadata=None)
    for everything in (False, True):
        picture = read_picture(io.BytesIO(file), everything=everything)
        assert picture.frames[0][:, :, 0].tolist() == [[65_535, 65_534, 0], [0, 25_535, 25_534]]
        assert [note.code for note in picture.notes] == ["converted"]


def test_deflate_by_its_third_number_is_read() -> None:
    pixels = noise(6, 20, 30, 1)[:, :, 0]
    file = bytearray(tiff(pixels, photometric="minisblack", compression="zlib", metadata=None))
    (at,) = struct.unpack_from("<I", file, 4)
    (count,) = struct.unpack_from("<H", file, at)
    places = range(at + 2, at + 2 + 12 * count, 12)
    place = next(each for each in places if struct.unpack_from("<H", file, each) == (259,))
    struct.pack_into("<H", file, place + 8, 50_013)
    np.testing.assert_array_equal(read_picture(io.BytesIO(bytes(file))).frames[0][:, :, 0], pixels)


@pytest.mark.parametrize("count", [1, 100])
def test_a_color_that_is_not_in_the_palette_is_black(count: int) -> None:
    colors = noise(11, 3, 65_536, dtype=np.uint16)
    indices = np.arange(200, dtype=np.uint16).reshape(10, 20)
    whole = tiff(indices, photometric="palette", colormap=colors)
    entry = struct.pack("<HHI", 320, 3, colors.size)
    assert whole.count(entry) == 1
    picture = read(whole.replace(entry, struct.pack("<HHI", 320, 3, 3 * count)))
    pixels = picture.frames[0].reshape(-1, 3)
    np.testing.assert_array_equal(pixels[:count], colors.ravel()[: 3 * count].reshape(3, count).T)
    assert not pixels[count:].any()
    assert [note.code for note in picture.damage] == ["damaged"]
