"""A picture looks the same whatever becomes of its profile: against the formulas of Display P3 and sRGB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from imagecodecs import png_decode, png_encode
from numpy.typing import NDArray
from PIL import Image

from tests.support.console import done
from tests.support.encoding import SRGB
from tests.support.pictures import gray, harbour, logo, pixels, save, smooth
from tests.support.profiles import GRAY, GRAY_GAMMA, P3, in_srgb, srgb_curve

SAID = "its colors are converted to sRGB; the color profile is left out"


def converted(array: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.clip(in_srgb(array / 255), 0, 1) * 255


def seen(path: Path) -> dict[str, Any]:
    with Image.open(path) as image:
        image.load()
        return {str(key): value for key, value in image.info.items()}


def test_strip_converts_to_srgb_and_says_so(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour(), icc_profile=P3)
    answer = done("apply", "identity", source, "-o", tmp_path / "out.png", "--metadata", "strip")
    assert f"warning: {source}: {SAID}" in answer.lines
    assert "icc_profile" not in seen(tmp_path / "out.png")
    assert np.abs(pixels(tmp_path / "out.png") - converted(harbour())).max() < 1


def test_color_keeps_the_profile_and_the_pixels_and_nothing_else(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 6
    source = save(tmp_path / "in.jpg", smooth(), icc_profile=P3, exif=exif, dpi=(300, 300), comment="mine", quality=95)
    for suffix in (".png", ".jpg", ".tif", ".webp", ".avif"):
        output = tmp_path / f"out{suffix}"
        answer = done("apply", "identity", source, "-o", output, "--metadata", "color")
        assert not any("warning" in line for line in answer.lines)
        kept = seen(output)
        assert kept["icc_profile"] == P3
        assert not {"exif", "comment", "xmp", "Comment"} & set(kept)
        if suffix != ".tif":  # of which Pillow makes 1 of none
            assert "dpi" not in kept
        assert pixels(output).shape == (48, 40, 3)  # upright


@pytest.mark.parametrize("metadata", ["color", "strip"])
def test_a_profile_that_is_srgbs_changes_no_pixel(tmp_path: Path, metadata: str) -> None:
    source = save(tmp_path / "in.png", harbour(), icc_profile=SRGB)
    answer = done("apply", "identity", source, "-o", tmp_path / "out.png", "--metadata", metadata)
    assert not any("warning" in line for line in answer.lines)
    assert np.array_equal(pixels(tmp_path / "out.png"), harbour())
    assert ("icc_profile" in seen(tmp_path / "out.png")) == (metadata == "color")


def test_sixteen_bits_and_floats(tmp_path: Path) -> None:
    values = np.random.default_rng(3).integers(0, 65_536, (20, 30, 3), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "in.tif", values, photometric="rgb", iccprofile=P3)
    done("apply", "identity", tmp_path / "in.tif", "-o", tmp_path / "out.png", "--metadata", "strip")
    result = png_decode((tmp_path / "out.png").read_bytes())
    wanted = in_srgb(values / 65_535)
    assert np.abs(result / 65_535 - np.clip(wanted, 0, 1)).max() < 0.001
    floats = (values / 65_535).astype(np.float32)
    tifffile.imwrite(tmp_path / "floats.tif", floats, photometric="rgb", iccprofile=P3)
    done("apply", "identity", tmp_path / "floats.tif", "-o", tmp_path / "out.tif", "--metadata", "strip")
    inside = (wanted >= 0).all(axis=2)
    assert np.abs(tifffile.imread(tmp_path / "out.tif") - wanted)[inside].max() < 0.001


def test_gray(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", gray(), icc_profile=GRAY)
    done("apply", "identity", source, "-o", tmp_path / "out.png", "--metadata", "strip")
    result = pixels(tmp_path / "out.png")
    assert result.ndim == 2
    assert np.abs(result - 255 * srgb_curve((gray() / 255) ** GRAY_GAMMA)).max() < 1


@pytest.mark.parametrize(
    ("suffix", "alpha", "words"),
    [(".webp", 255, ["--quality", "100"]), (".jpg", 0, ["--background", "orange", "--quality", "100"])],
)
def test_gray_that_becomes_rgb_looks_the_same(suffix: str, alpha: int, words: list[str], tmp_path: Path) -> None:
    ramp = np.full((16, 256, 2), 255, np.uint8)
    ramp[:, :, 0] = np.arange(256)
    ramp[8:, :, 1] = alpha
    source, output = save(tmp_path / "in.png", ramp, icc_profile=GRAY), tmp_path / f"out{suffix}"
    assert any(SAID in line for line in done("apply", "identity", source, "-o", output, *words).lines)
    assert "icc_profile" not in seen(output)
    expected = 255 * srgb_curve((ramp[0, :, :1] / 255) ** GRAY_GAMMA)
    with Image.open(output) as image:
        assert np.abs(np.asarray(image.convert("RGB"))[0].astype(float) - expected).max() < 3


def test_alpha_is_left_alone_and_the_background_is_in_srgb(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", logo(), icc_profile=P3)
    done("apply", "identity", source, "-o", tmp_path / "out.png", "--metadata", "strip")
    result = pixels(tmp_path / "out.png")
    assert np.array_equal(result[:, :, 3], logo()[:, :, 3])
    assert np.abs(result[:, :, :3] - converted(logo()[:, :, :3])).max() < 1
    done("apply", "identity", source, "-o", tmp_path / "out.ppm", "--background", "255,0,0")
    assert (pixels(tmp_path / "out.ppm")[logo()[:, :, 3] == 0] == (255, 0, 0)).all()


@pytest.mark.parametrize("suffix", [".bmp", ".ppm", ".gif"])
def test_a_format_without_profiles_gets_srgb(tmp_path: Path, suffix: str) -> None:
    flat = np.zeros((8, 8, 3), np.uint8)
    flat[:] = 200, 90, 60
    source = save(tmp_path / "in.png", flat, icc_profile=P3)
    answer = done("apply", "identity", source, "-o", tmp_path / f"out{suffix}")
    assert any(SAID in line for line in answer.lines)
    with Image.open(tmp_path / f"out{suffix}") as image:
        assert np.abs(np.asarray(image.convert("RGB")) - converted(flat)).max() < 1


def test_the_filter_works_on_the_levels_of_the_file(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour(), icc_profile=P3)
    done("apply", "gaussian:2", source, "-o", tmp_path / "kept.png")
    done("apply", "gaussian:2", source, "-o", tmp_path / "stripped.png", "--metadata", "strip")
    assert np.abs(pixels(tmp_path / "stripped.png") - converted(pixels(tmp_path / "kept.png"))).max() < 1


def test_arrays_and_single_channels_are_values_and_stay(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour(), icc_profile=P3)
    done("apply", "identity", source, "-o", tmp_path / "out.npy", "--metadata", "strip")
    assert np.array_equal(np.load(tmp_path / "out.npy"), np.moveaxis(harbour(), 2, 0))
    done("apply", "identity", source, "-o", tmp_path / "out.png", "--each", "--metadata", "strip")
    assert np.array_equal(pixels(tmp_path / "out-1.png"), harbour()[:, :, 1])


def test_a_damaged_profile_goes_without_a_word(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour(), icc_profile=P3[:140] + bytes(len(P3) - 140))
    done("apply", "identity", source, "-o", tmp_path / "out.png", "--metadata", "strip")
    assert np.array_equal(pixels(tmp_path / "out.png"), harbour())


def test_pages_have_profiles_of_their_own(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "in.tif") as file:
        for profile in (P3, SRGB):
            file.write(harbour(), photometric="rgb", iccprofile=profile)
    done("apply", "identity", tmp_path / "in.tif", "-o", tmp_path / "out.tif", "--metadata", "strip")
    first, second = (tifffile.imread(tmp_path / "out.tif", key=index) for index in (0, 1))
    assert np.abs(first - converted(harbour())).max() < 1
    assert np.array_equal(second, harbour())


def test_a_deep_png_keeps_its_depth(tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(png_encode(np.arange(12, dtype=np.uint16).reshape(2, 2, 3) * 999))
    done("apply", "identity", tmp_path / "in.png", "-o", tmp_path / "out.png", "--metadata", "color")
    assert png_decode((tmp_path / "out.png").read_bytes()).dtype == np.uint16


def test_every_frame_of_an_animation_is_converted(tmp_path: Path) -> None:
    frames = [Image.fromarray(harbour()), Image.fromarray(harbour()[::-1].copy())]
    frames[0].save(tmp_path / "in.png", save_all=True, append_images=frames[1:], duration=40, icc_profile=P3)
    done(
        "apply", "identity", tmp_path / "in.png", "-o", tmp_path / "out.webp", "--metadata", "strip", "--quality", "100"
    )
    with Image.open(tmp_path / "out.webp") as image:
        assert "icc_profile" not in image.info
        for index, frame in enumerate(frames):
            image.seek(index)
            assert np.abs(np.asarray(image.convert("RGB")) - converted(np.asarray(frame))).max() < 1


@pytest.mark.parametrize("metadata", ["color", "strip"])
def test_places_and_names_are_dropped(tmp_path: Path, metadata: str) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Ada"
    exif.get_ifd(0x8825)[1] = "N"
    source = save(tmp_path / "in.jpg", smooth(), exif=exif.tobytes(), xmp=b"<x:xmpmeta>Ada</x:xmpmeta>", comment=b"Ada")
    for suffix in (".jpg", ".png", ".webp", ".tif"):
        done("apply", "identity", source, "-o", tmp_path / f"out{suffix}", "--metadata", metadata)
        assert b"Ada" not in (tmp_path / f"out{suffix}").read_bytes()
        with Image.open(tmp_path / f"out{suffix}") as image:
            assert not image.getexif().get_ifd(0x8825)
