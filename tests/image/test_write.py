from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convcli.errors import OutputRefused, UsageError, WriteError
from convcli.image import (
    FORMATS as ALL_FORMATS,
)
from convcli.image import (
    Format,
    Metadata,
    Picture,
    PngEffort,
    check_writable,
    format_named,
    losses,
    read_picture,
    write_picture,
)
from convcli.image.codec import codec_of
from tests.support.encoding import SRGB, by_convcli
from tests.support.exif import exif, parsed
from tests.support.noise import noise
from tests.support.pictures import smooth

RNG = np.random.default_rng(11)


FORMATS = [each for each in ALL_FORMATS if each.written and not each.chunked and not each.extra]  # of one file each
PICTURE_FORMATS = [each.name for each in FORMATS if not each.array]


HELD_WITHOUT_LOSS = [
    (each, channels, shape)
    for each in FORMATS
    for channels, colors in ((1, 1), (2, 1), (3, 3), (4, 3))
    for shape in ((1, 1), (9, 14), (300, 700))
    if not each.array and each.whole_numbers and each.name not in ("jpeg", "gif", "avif")
    if colors in each.colors and (each.alpha or channels == colors)
    if not 0 < each.largest_side < max(shape)
]


@pytest.mark.parametrize(("target_format", "channels", "shape"), HELD_WITHOUT_LOSS)
def test_pixels_come_back_from_every_format_that_holds_them(
    tmp_path: Path, target_format: Format, channels: int, shape: tuple[int, int]
) -> None:
    has_alpha = channels in (2, 4)
    frame = noise(RNG, *shape, channels)
    path = tmp_path / f"a{target_format.suffixes[0]}"
    write_picture(Picture((frame,), has_alpha), path, target_format, quality=100)
    picture = read_picture(path)
    if channels < 3 and (target_format.gray_as_rgb or (channels, target_format.name) in ((2, "bmp"), (2, "jpegxr"))):
        assert picture.channels == channels + 2
        frame = np.concatenate([frame[:, :, :1]] * 2 + [frame], axis=2)
    assert picture.has_alpha == has_alpha
    assert np.array_equal(picture.frames[0], frame)
    assert picture.notes == ()
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("target_format", "channels", "shape"), [each for each in HELD_WITHOUT_LOSS if each[0].sixteen_bits]
)
def test_sixteen_bits_come_back_from_every_format_that_holds_them(
    target_format: Format, channels: int, shape: tuple[int, int]
) -> None:
    has_alpha = channels in (2, 4)
    frame = noise(RNG, *shape, channels, dtype=np.uint16)
    picture = read_picture(io.BytesIO(by_convcli(Picture((frame,), has_alpha), target_format.name)))
    if channels == 1 and target_format.gray_as_rgb:
        frame = np.repeat(frame, 3, axis=2)
    if (channels, target_format.name) == (2, "jpegxr"):
        frame = frame[:, :, [0, 0, 0, 1]]
    assert picture.dtype == np.uint16
    assert picture.has_alpha == has_alpha
    assert np.array_equal(picture.frames[0], frame)
    assert picture.notes == ()


@pytest.mark.slow
@pytest.mark.parametrize("channels", [2, 3, 4])
@pytest.mark.parametrize("effort", ["fast", "balanced", "small"])
def test_a_deep_png_is_read_by_others_the_same(channels: int, effort: PngEffort) -> None:
    rows, columns = np.mgrid[0:150, 0:200]
    smoothly = np.stack([rows * 400, columns * 300, rows * columns, 65535 - rows][:channels], axis=2).astype(np.uint16)
    for frame in (smoothly, noise(RNG, 150, 200, channels, dtype=np.uint16)):
        data = by_convcli(Picture((frame,), channels != 3), "png", png_effort=effort)
        assert np.array_equal(unpacked(data), frame)
        assert Image.open(io.BytesIO(data)).size == (200, 150)


def unpacked(png: bytes) -> NDArray[np.uint16]:
    """Undo the row filters of PNG by its definition, without a library for it."""
    width, height, _, color = struct.unpack_from(">IIBB", png, 16)
    data, position = b"", 8
    while position < len(png):
        length, kind = struct.unpack_from(">I4s", png, position)
        data += png[position + 8 : position + 8 + length] if kind == b"IDAT" else b""
        position += length + 12
    pixel = {0: 2, 2: 6, 4: 4, 6: 8}[color]
    raw = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * pixel).astype(int)
    rows = np.zeros((height + 1, width + 1, pixel), int)
    for y, row in enumerate(raw, start=1):
        for x in range(1, width + 1):
            left, up, corner = rows[y, x - 1], rows[y - 1, x], rows[y - 1, x - 1]
            away = [np.abs(left + up - corner - each) for each in (left, up, corner)]
            nearest = np.where(away[1] <= away[2], up, corner)
            nearest = np.where((away[0] <= away[1]) & (away[0] <= away[2]), left, nearest)
            before = (0, left, up, (left + up) // 2, nearest)[row[0]]
            rows[y, x] = (row[1 + (x - 1) * pixel :][:pixel] + before) % 256
    return rows[1:, 1:].astype(np.uint8).reshape(height, width, pixel).view(">u2").astype(np.uint16)


def test_the_metadata_of_a_deep_picture_is_kept() -> None:
    metadata = Metadata(SRGB, exif(), (300, 300))
    frame = noise(RNG, 5, 6, 4, dtype=np.uint16)
    for name in ("png", "tiff"):
        data = by_convcli(Picture((frame,), True, metadata), name)
        again = read_picture(io.BytesIO(data))
        assert np.array_equal(again.frames[0], frame)
        assert again.metadata.icc == SRGB
        assert again.metadata.dpi == pytest.approx((300, 300), abs=0.02)
        assert parsed(again.metadata.exif)[0x010E] == "a description"
        assert parsed(again.metadata.exif).get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:05"
        if name == "png":
            assert Image.open(io.BytesIO(data)).info["icc_profile"] == SRGB


@pytest.mark.parametrize("name", ["png", "tiff", "bmp"])
def test_what_is_written_is_read_by_others_the_same(name: str) -> None:
    frame = noise(RNG, 30, 40, 3)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(by_convcli(Picture((frame,)), name)))), frame)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_jpeg_looks_the_same_and_keeps_its_channels(channels: int) -> None:
    frame = smooth()[:, :, :channels]
    picture = read_picture(io.BytesIO(by_convcli(Picture((frame,)), "jpeg")))
    assert picture.frames[0].shape == frame.shape
    assert np.abs(picture.frames[0].astype(int) - frame).max() <= 8


def test_frames_that_lie_otherwise_in_memory_are_written_right() -> None:
    frame = noise(RNG, 30, 40, 3)
    for view in (frame[::2, ::-1], frame.swapaxes(0, 1), frame[:, :, ::-1]):
        for name in ("png", "tiff", "ppm", "bmp"):
            assert np.array_equal(read_picture(io.BytesIO(by_convcli(Picture((view,)), name))).frames[0], view)


def test_jpeg_quality_is_passed_on_and_colors_are_whole_from_90() -> None:
    def sampling(**settings: Any) -> int:
        from PIL import JpegImagePlugin

        return JpegImagePlugin.get_sampling(
            Image.open(io.BytesIO(by_convcli(Picture((smooth(),)), "jpeg", **settings)))
        )

    whole, halved = 0, 2
    assert (sampling(), sampling(quality=90), sampling(quality=89)) == (whole, whole, halved)
    frame = noise(RNG, 64, 64, 3)
    sizes = [len(by_convcli(Picture((frame,)), "jpeg", quality=quality)) for quality in (10, 50, 95)]
    assert sizes == sorted(sizes)
    assert by_convcli(Picture((frame,)), "jpeg") == by_convcli(Picture((frame,)), "jpeg", quality=92)


def test_webp_has_losses_unless_quality_is_100() -> None:
    frame = noise(RNG, 64, 64, 3)
    assert not np.array_equal(read_picture(io.BytesIO(by_convcli(Picture((frame,)), "webp"))).frames[0], frame)
    sizes = [len(by_convcli(Picture((frame,)), "webp", quality=quality)) for quality in (10, 50, 95)]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("quality", [0, 101, -1])
def test_a_quality_out_of_range_is_a_usage_error(tmp_path: Path, quality: int) -> None:
    with pytest.raises(UsageError, match=f"quality {quality} is out of range"):
        write_picture(Picture((smooth(),)), tmp_path / "a.jpg", format_named("jpeg"), quality=quality)
    assert not list(tmp_path.iterdir())


def test_a_format_without_a_quality_takes_none_amiss() -> None:
    assert by_convcli(Picture((smooth(),)), "png", quality=50) == by_convcli(Picture((smooth(),)), "png")


@pytest.mark.parametrize("name", ["png", "jpeg", "webp", "tiff"])
def test_metadata_is_kept(name: str) -> None:
    picture = Picture((smooth(),), metadata=Metadata(SRGB, exif(), (150, 75)))
    metadata = read_picture(io.BytesIO(by_convcli(picture, name))).metadata
    assert metadata.icc == SRGB
    read = parsed(metadata.exif)
    assert read[0x010E] == "a description"
    assert read.get_ifd(0x8825)[1] == "N"
    camera = read.get_ifd(0x8769)
    assert camera[0x9003] == "2020:01:02 03:04:05"
    assert (camera[0xA002], camera[0xA003]) == (48, 40)  # the size it has now
    assert read.get_ifd(0xA005)[1] == "R98"
    assert metadata.dpi is not None
    assert np.allclose(metadata.dpi, (150, 75), atol=0.02)
    assert losses(picture, format_named(name)) == ()


def test_metadata_survives_one_format_after_the_other() -> None:
    picture = Picture((smooth(),), metadata=Metadata(SRGB, exif(), (150, 150)))
    for name in ("tiff", "png", "jpeg", "webp", "tiff", "jpeg"):
        picture = read_picture(io.BytesIO(by_convcli(picture, name)))
    assert picture.metadata.icc == SRGB
    assert parsed(picture.metadata.exif).get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:05"


def test_bmp_keeps_the_resolution() -> None:
    dpi = read_picture(
        io.BytesIO(by_convcli(Picture((smooth(),), metadata=Metadata(dpi=(150, 150))), "bmp"))
    ).metadata.dpi
    assert dpi is not None
    assert np.allclose(dpi, 150, atol=0.02)


def test_a_picture_without_metadata_is_written_without() -> None:
    for name in ("png", "jpeg", "webp", "tiff"):
        metadata = read_picture(io.BytesIO(by_convcli(Picture((smooth(),)), name))).metadata
        assert (metadata.icc, metadata.exif, metadata.dpi) == (b"", b"", None)


def test_what_a_format_leaves_out_is_said() -> None:
    picture = Picture((smooth(),), metadata=Metadata(SRGB, exif(), (150, 150)))
    for name in ("bmp", "ppm", "gif"):
        lost = losses(picture, format_named(name))
        assert "the color profile is left out" in lost
        assert "the EXIF data is left out" in lost
    assert losses(picture, format_named("npy")) == ()


def test_a_profile_for_rgb_is_not_written_with_gray_and_it_is_said() -> None:
    picture = Picture((noise(RNG, 4, 4, 1),), metadata=Metadata(SRGB))
    assert "icc_profile" not in Image.open(io.BytesIO(by_convcli(picture, "png"))).info
    assert losses(picture, format_named("png")) == ("the color profile no longer fits and is left out",)


@pytest.mark.parametrize(
    ("name", "has", "message", "hint"),
    [
        ("jpeg", {"bits": 16}, "JPEG holds 8 bits a channel, this picture has 16", "PNG, TIFF, PPM or PGM"),
        ("webp", {"bits": 16}, "WebP holds 8 bits a channel", "--depth 8"),
        ("bmp", {"bits": 16}, "BMP holds 8 bits a channel", "PNG"),
        ("gif", {"bits": 16}, "GIF holds 8 bits a channel", "PNG"),
        ("png", {"bits": 16, "channels": 3, "size": (1, 1_000_001)}, "PNG holds at most 1000000 pixels", "write TIFF"),
        ("png", {"bits": 32}, "PNG holds whole numbers, this result has floats of 32", "TIFF or .npy"),
        ("pgm", {"bits": 32}, "PGM holds whole numbers", "--depth 8 or --depth 16"),
        ("jpeg", {"bits": 64}, "floats of 64", "--depth"),
        ("jpeg", {"channels": 4, "has_alpha": True}, "JPEG holds no alpha channel", "PNG, WebP or TIFF"),
        ("ppm", {"channels": 4, "has_alpha": True}, "PPM holds no alpha channel", "--alpha drop"),
        ("pgm", {"channels": 2, "has_alpha": True}, "PGM holds no alpha channel", "--alpha drop"),
        ("pcx", {"channels": 2, "has_alpha": True}, "PCX holds no alpha channel", "--alpha drop"),
        ("pgm", {"channels": 3}, "PGM holds gray, this picture is RGB", "PPM"),
        ("png", {"channels": 2}, "PNG holds gray or RGB, this result has 2 channels", "--each"),
        ("webp", {"channels": 16}, "WebP holds gray or RGB, this result has 16 channels", ".npy"),
        ("png", {"channels": 5, "has_alpha": True}, "this result has 4 channels", ".npy"),
        ("png", {"frames": 3}, "PNG is written with one frame, this result has 3", ".npy"),
        ("webp", {"size": (10, 16384)}, "WebP holds at most 16383 pixels on a side, this result has 16384×10", "PNG"),
        ("jpeg", {"size": (65501, 1)}, "JPEG holds at most 65500 pixels on a side", "PNG or TIFF"),
    ],
)
def test_what_a_format_does_not_hold_is_refused_with_the_way_out(
    name: str, has: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(WriteError) as caught:
        check_writable(format_named(name), **({"bits": 8, "has_alpha": False, "channels": 1} | has))
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("name", PICTURE_FORMATS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_what_is_not_refused_is_written(name: str, channels: int, dtype: type) -> None:
    picture = Picture((noise(RNG, 4, 5, channels).astype(dtype),), has_alpha=channels in (2, 4))
    try:
        check_writable(
            format_named(name), bits=picture.bits, has_alpha=picture.has_alpha, channels=channels, size=picture.size
        )
    except WriteError:
        with pytest.raises((WriteError, TypeError)):
            by_convcli(picture, name)
    else:
        assert read_picture(io.BytesIO(by_convcli(picture, name))).size == (4, 5)


def test_the_sizes_that_a_format_is_said_to_hold_are_true() -> None:
    for each in FORMATS:
        if each.largest_side:
            frame = np.zeros((1, each.largest_side, 1), np.uint8 if each.whole_numbers else np.float32)
            assert read_picture(io.BytesIO(by_convcli(Picture((frame,)), each.name))).size == (1, each.largest_side)


def test_floats_for_a_picture_format_are_the_callers_fault(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="PNG takes uint8 or uint16, got float32"):
        write_picture(Picture((np.zeros((4, 4, 1), np.float32),)), tmp_path / "a.png", format_named("png"))
    assert not list(tmp_path.iterdir())


def test_frames_of_another_shape_are_the_callers_fault() -> None:
    with pytest.raises(ValueError, match=r"H×W×C wanted, got shapes \[\(4, 4\)\]"):
        Picture((np.zeros((4, 4)),))
    with pytest.raises(ValueError, match="wanted"):
        Picture(())


def test_the_format_is_the_callers_word_whatever_the_suffix(tmp_path: Path) -> None:
    write_picture(Picture((smooth(),)), tmp_path / "a.jpg", format_named("png"))
    assert (tmp_path / "a.jpg").read_bytes().startswith(b"\x89PNG")


def test_an_existing_file_is_kept_unless_overwriting_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    with pytest.raises(OutputRefused):
        write_picture(Picture((smooth(),)), path, format_named("png"))
    assert path.read_bytes() == b"old"
    write_picture(Picture((smooth(),)), path, format_named("png"), overwrite=True)
    assert np.array_equal(read_picture(path).frames[0], smooth())


@pytest.mark.parametrize("overwrite", [True, False])
def test_what_cannot_be_encoded_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, overwrite: bool
) -> None:
    def fail(_picture: Picture, stream: Any, *_: Any) -> None:
        stream.write(b"half a picture")
        raise OSError("encoder error -2")  # Pillow's words when a codec gives up

    monkeypatch.setattr(codec_of(format_named("jpeg")), "write", fail)
    picture = Picture((smooth(),))
    path = tmp_path / "a.jpg"
    if overwrite:
        path.write_bytes(b"old")
    with pytest.raises(WriteError) as caught:
        write_picture(picture, path, format_named("jpeg"), overwrite=overwrite)
    assert caught.value.message.startswith(f"{path} cannot be written as JPEG: encoder error -2")
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([b"old"] if overwrite else [])


class Sink(io.RawIOBase):
    """A stream that can neither seek nor take much at a time, as an unbuffered pipe."""

    def __init__(self) -> None:
        self.received = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data[:1000])
        self.received += part
        return len(part)


@pytest.mark.parametrize("name", [each.name for each in FORMATS])
def test_a_stream_gets_what_a_file_would(tmp_path: Path, name: str) -> None:
    form = format_named(name)
    picture = Picture((noise(RNG, 30, 40, 1, dtype=np.uint8 if form.whole_numbers else np.float32),))
    sink = Sink()
    write_picture(picture, sink, form)  # type: ignore[arg-type]  # raw, yet binary
    write_picture(picture, tmp_path / "file", form)
    assert sink.received == (tmp_path / "file").read_bytes()


def test_everything_has_left_the_buffer_when_it_is_written() -> None:
    sink = Sink()
    stream = io.BufferedWriter(sink, 10**6)
    write_picture(Picture((smooth(),)), stream, format_named("png"))
    assert np.array_equal(read_picture(io.BytesIO(sink.received)).frames[0], smooth())


def test_a_full_disk_behind_stdout_is_one_line() -> None:
    with Path("/dev/full").open("wb", buffering=0) as stream, pytest.raises(WriteError) as caught:
        write_picture(Picture((smooth(),)), stream, format_named("png"))
    assert caught.value.message == "stdout cannot be written: no space is left on its disk"


def test_a_reader_that_has_gone_is_a_broken_pipe() -> None:
    code = """
import os, sys
import numpy as np
from convcli.image import Picture, format_named, write_picture
try:
    write_picture(Picture((np.zeros((900, 900, 3), np.uint8),)), sys.stdout.buffer, format_named("bmp"))
except BrokenPipeError:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(141)
"""
    reader, writer = os.pipe()
    os.close(reader)
    assert subprocess.run([sys.executable, "-c", code], stdout=writer, check=False).returncode == 141
    os.close(writer)
