"""The colors that chunks of a PNG mean go along: against the formulas of Display P3 and sRGB."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imagecodecs import png_encode
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin

from convcli.image import read_picture
from tests.support.console import done
from tests.support.encoding import SRGB, by_pillow
from tests.support.pictures import gray, harbour, pixels
from tests.support.png import chunk, chunks, png_file
from tests.support.profiles import in_srgb, primaries_in_srgb, srgb_curve, srgb_light

P3_CHUNK = (b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
SRGB_CHROMATICITIES = (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(100_000 * value))


def with_chunks(file: bytes, *more: tuple[bytes, bytes]) -> bytes:
    head, *rest = chunks(file)
    return png_file(*(chunk(*each) for each in (head, *more, *rest) if each[0] != b"IEND"))


def profile_of(file: bytes) -> bytes:
    return read_picture(io.BytesIO(file)).metadata.icc


def png(array: NDArray[Any], *more: tuple[bytes, bytes]) -> bytes:
    return with_chunks(by_pillow(Image.fromarray(array), "PNG"), *more)


def stripped(tmp_path: Path, file: bytes) -> NDArray[Any]:
    (tmp_path / "in.png").write_bytes(file)
    done("apply", "identity", tmp_path / "in.png", "-o", tmp_path / "out.png", "--metadata", "strip", "-f")
    return pixels(tmp_path / "out.png")


def test_other_primaries(tmp_path: Path) -> None:
    result = stripped(tmp_path, png(harbour(), gamma(1 / 2.2), P3_CHUNK))
    assert np.abs(result - 255 * np.clip(in_srgb(harbour() / 255), 0, 1)).max() < 1


@pytest.mark.parametrize("value", [1.0, 1 / 1.8, 0.4])
def test_another_gamma(tmp_path: Path, value: float) -> None:
    result = stripped(tmp_path, png(harbour(), gamma(value)))
    assert np.abs(result - 255 * srgb_curve((harbour() / 255) ** (1 / value))).max() < 1.1
    result = stripped(tmp_path, png(gray(), gamma(value)))
    assert result.ndim == 2
    assert np.abs(result - 255 * srgb_curve((gray() / 255) ** (1 / value))).max() < 1.1


def test_sixteen_bits(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 65_536, (6, 7, 3), dtype=np.uint16)
    (tmp_path / "in.png").write_bytes(with_chunks(bytes(png_encode(values)), gamma(1.0)))
    done("apply", "identity", tmp_path / "in.png", "-o", tmp_path / "out.ppm")
    body = (tmp_path / "out.ppm").read_bytes().split(b"\n65535\n", 1)[1]
    result = np.frombuffer(body, ">u2").reshape(values.shape) / 65_535
    assert np.abs(result - srgb_curve(values / 65_535)).max() < 0.001


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
@pytest.mark.parametrize("metadata", ["keep", "color"])
def test_they_go_along_as_a_profile(tmp_path: Path, suffix: str, metadata: str) -> None:
    source, output = tmp_path / "in.png", tmp_path / f"out{suffix}"
    source.write_bytes(png(harbour(), gamma(1.0)))
    done("apply", "identity", source, "-o", output, "--metadata", metadata)
    with Image.open(output) as image:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        seen = ImageCms.profileToProfile(Image.fromarray(harbour()), profile, ImageCms.createProfile("sRGB"))
    assert np.abs(np.asarray(seen) - 255 * srgb_curve(harbour() / 255)).max() < 2


def test_a_palette_and_an_animation(tmp_path: Path) -> None:
    indexed = Image.fromarray(harbour()).quantize(16)
    shown = np.asarray(indexed.convert("RGB"))
    result = stripped(tmp_path, with_chunks(by_pillow(indexed, "PNG"), gamma(1.0)))
    assert np.abs(result - 255 * srgb_curve(shown / 255)).max() < 1.1
    first, second = Image.fromarray(harbour()), Image.fromarray(harbour()[::-1])
    moving = by_pillow(first, "PNG", save_all=True, append_images=[second], duration=40)
    assert len(profile_of(with_chunks(moving, gamma(1.0)))) > 128


@pytest.mark.parametrize(
    "more",
    [
        (),
        (gamma(0.45455),),
        (gamma(0.45455), SRGB_CHROMATICITIES),
        (gamma(1.0), P3_CHUNK, (b"sRGB", b"\0")),
        (gamma(0.0),),
        (gamma(1.0), (b"cHRM", bytes(32))),
    ],
)
def test_srgb_and_what_means_no_colors_need_none(more: tuple[tuple[bytes, bytes], ...]) -> None:
    picture = read_picture(io.BytesIO(png(harbour(), *more)))
    assert picture.metadata.icc == b""
    assert np.array_equal(picture.frames[0], harbour())


def test_a_profile_is_taken_over_them() -> None:
    file = by_pillow(Image.fromarray(harbour()), "PNG", icc_profile=SRGB)
    assert profile_of(with_chunks(file, gamma(1.0))) == SRGB


def test_a_text_is_no_gamma() -> None:
    texts = PngImagePlugin.PngInfo()
    for keyword in ("gamma", "chromaticity", "srgb"):
        texts.add_text(keyword, "2.2")
    assert profile_of(by_pillow(Image.fromarray(harbour()), "PNG", pnginfo=texts)) == b""


def test_the_output_is_the_same_each_time() -> None:
    file = png(harbour(), gamma(1.0))
    assert profile_of(file)[24:36] == bytes.fromhex("07d0 0001 0001 0000 0000 0000")


def numbered(primaries: int, curve: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, curve, 0, 1])


def test_colors_by_numbers(tmp_path: Path) -> None:
    wanted = 255 * np.clip(srgb_curve(primaries_in_srgb(srgb_light(harbour() / 255))), 0, 1)
    result = stripped(tmp_path, png(harbour(), numbered(12, 13)))
    assert np.abs(result - wanted).max() < 1
    # They are taken over all other chunks.
    profiled = by_pillow(Image.fromarray(harbour()), "PNG", icc_profile=SRGB)
    result = stripped(tmp_path, with_chunks(profiled, numbered(12, 13), gamma(0.3), (b"sRGB", b"\0")))
    assert np.abs(result - wanted).max() < 1


def test_colors_by_numbers_of_sixteen_bits_and_of_animations() -> None:
    deep = bytes(png_encode(np.zeros((6, 7, 3), np.uint16)))
    moving = by_pillow(Image.new("RGB", (4, 4)), "PNG", save_all=True, append_images=[Image.new("RGB", (4, 4), "red")])
    for file in (deep, moving):
        assert len(profile_of(with_chunks(file, numbered(12, 13)))) > 128
        (note,) = read_picture(io.BytesIO(with_chunks(file, numbered(9, 16))), frames="all").notes
        assert "(PQ)" in note


def test_srgb_by_numbers_needs_no_profile() -> None:
    assert profile_of(png(harbour(), numbered(1, 13), gamma(1.0))) == b""


MASTERED = (b"mDCV", bytes(range(24)))
LIGHT = (b"cLLI", bytes(range(8)))


def colors_of(path: Path) -> list[tuple[bytes, bytes]]:
    """Return the chunks before the pixels but the header."""
    found = list(chunks(path.read_bytes()))
    return found[1 : [name for name, _ in found].index(b"IDAT")]


@pytest.mark.parametrize("curve", [16, 18])
@pytest.mark.parametrize("words", [(), ("--memory", "3MB"), ("--metadata", "color")])
def test_a_high_dynamic_range_stays_in_png(curve: int, words: tuple[str, ...], tmp_path: Path) -> None:
    about = [numbered(9, curve), MASTERED, LIGHT]
    deep = bytes(png_encode(np.zeros((700, 300, 3), np.uint16)))
    (tmp_path / "in.png").write_bytes(with_chunks(deep, *about))
    done("apply", "box", tmp_path / "in.png", "-o", tmp_path / "out.png", *words)
    assert colors_of(tmp_path / "out.png") == about


def test_a_high_dynamic_range_is_said_where_it_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(png(harbour(), numbered(9, 16), MASTERED))
    answer = done("apply", "box", tmp_path / "in.png", "-o", tmp_path / "out.webp")
    assert "that its levels are those of a high dynamic range is left out" in answer.stderr
    (tmp_path / "in.png").write_bytes(png(harbour(), MASTERED, (b"cLLI", b"short")))
    assert (
        "the screen that it was made on"
        in done("apply", "box", tmp_path / "in.png", "-o", tmp_path / "out.webp", "-f").stderr
    )
    done("apply", "box", tmp_path / "in.png", "-o", tmp_path / "out.png")
    assert colors_of(tmp_path / "out.png") == [MASTERED]
    done("apply", "box", tmp_path / "in.png", "-o", tmp_path / "bare.png", "--metadata", "strip")
    assert colors_of(tmp_path / "bare.png") == []


def test_the_range_of_an_animation_stays(tmp_path: Path) -> None:
    moving = by_pillow(Image.new("RGB", (4, 4)), "PNG", save_all=True, append_images=[Image.new("RGB", (4, 4), "red")])
    (tmp_path / "in.png").write_bytes(with_chunks(moving, numbered(9, 16), LIGHT))
    done("apply", "identity", tmp_path / "in.png", "-o", tmp_path / "out.png")
    assert {numbered(9, 16), LIGHT} <= set(colors_of(tmp_path / "out.png"))
