"""Transparency in formats without it: laid on a background, against Pillow's compositing and sums by hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from imagecodecs import png_encode
from numpy.typing import NDArray
from PIL import Image

from tests.support.console import done, refused, run
from tests.support.noise import noise
from tests.support.pictures import gray, logo, pixels, save, smooth

SAID = "what is transparent is laid on white; --background names another color"
RNG = np.random.default_rng(16)
ALPHA = np.tile(np.linspace(0, 255, 48).astype(np.uint8), (40, 1))[:, :, np.newaxis]
SHEER = np.concatenate([smooth(), ALPHA], axis=2)


def by_pillow(array: NDArray[np.uint8], color: tuple[int, int, int]) -> NDArray[np.uint8]:
    image = Image.fromarray(array).convert("RGBA")
    ground = Image.new("RGBA", image.size, (*color, 255))
    return np.asarray(Image.alpha_composite(ground, image).convert("RGB"))


def by_hand(values: NDArray[np.uint8 | np.uint16], below: list[int], white: int) -> NDArray[np.int64]:
    """Mix levels in fractions, and round half up."""
    height, width, channels = values.shape
    result = np.empty((height, width, channels - 1), np.int64)
    for row, column, channel in np.ndindex(result.shape):
        share = Fraction(int(values[row, column, -1]), white)
        mixed = share * int(values[row, column, channel]) + (1 - share) * below[channel]
        result[row, column, channel] = int(mixed + Fraction(1, 2))
    return result


def applied(tmp_path: Path, array: NDArray[np.uint8], suffix: str, *words: str) -> NDArray[np.uint8]:
    source, output = save(tmp_path / "in.png", array), tmp_path / f"out{suffix}"
    done("apply", "identity", source, "-o", output, "-f", *words)
    return pixels(output)


@pytest.mark.parametrize("suffix", [".jpg", ".ppm", ".pcx"])
def test_it_is_laid_on_white_and_said(tmp_path: Path, suffix: str) -> None:
    source, output = save(tmp_path / "in.png", SHEER), tmp_path / f"out{suffix}"
    answer = done("apply", "identity", source, "-o", output)
    assert f"warning: {source}: {SAID}" in answer.lines
    difference = np.abs(pixels(output).astype(int) - by_pillow(SHEER, (255, 255, 255)))
    assert difference.max() <= (16 if suffix == ".jpg" else 1)
    assert difference.mean() < 1.5


def test_hidden_colors_stay_hidden(tmp_path: Path) -> None:
    hidden = np.zeros((8, 8, 4), np.uint8)
    hidden[:, :4] = 20, 200, 90, 255
    result = applied(tmp_path, hidden, ".ppm")
    assert (result[:, :4] == (20, 200, 90)).all()
    assert (result[:, 4:] == 255).all()


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("white", (255, 255, 255)),
        ("black", (0, 0, 0)),
        ("SteelBlue", (70, 130, 180)),
        ("#f80", (255, 136, 0)),
        ("#102030", (16, 32, 48)),
        ("255,128,0", (255, 128, 0)),
        (" 1, 2 ,3 ", (1, 2, 3)),
        ("rgb(9, 8, 7)", (9, 8, 7)),
        ("hsl(120, 100%, 50%)", (0, 255, 0)),
    ],
)
def test_every_way_to_write_a_color(tmp_path: Path, text: str, color: tuple[int, int, int]) -> None:
    result = applied(tmp_path, SHEER, ".ppm", "--background", text)
    assert np.array_equal(result, by_hand(SHEER, list(color), 255))
    assert np.abs(result.astype(int) - by_pillow(SHEER, color)).max() <= 1


def test_a_named_background_needs_no_word(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", SHEER)
    answer = done("apply", "identity", source, "-o", tmp_path / "out.ppm", "--background", "white")
    assert not any("warning" in line for line in answer.lines)


@pytest.mark.parametrize(
    "text", ["", "whitish", "#12", "#12345", "256,0,0", "1,2", "1,2,3,4", "-1,0,0", "rgb(999,0,0)"]
)
def test_what_is_no_color_is_refused(tmp_path: Path, text: str) -> None:
    source = save(tmp_path / "in.png", SHEER)
    what, hint = refused(2, "apply", "identity", source, "-o", tmp_path / "out.jpg", f"--background={text}")
    assert what == f"--background {text!r} is no color"
    assert "#rrggbb" in hint


@pytest.mark.parametrize("text", ["#1234", "#11223344", "rgba(1,2,3,4)"])
def test_a_background_is_opaque(tmp_path: Path, text: str) -> None:
    source = save(tmp_path / "in.png", SHEER)
    assert "opaque" in refused(2, "apply", "box", source, "-o", tmp_path / "out.jpg", "--background", text)[0]


def test_alpha_that_hides_nothing_is_left_out_without_a_word(tmp_path: Path) -> None:
    opaque = np.concatenate([smooth(), np.full_like(ALPHA, 255)], axis=2)
    source = save(tmp_path / "in.png", opaque)
    answer = done("apply", "identity", source, "-o", tmp_path / "out.ppm")
    assert not any("warning" in line for line in answer.lines)
    assert np.array_equal(pixels(tmp_path / "out.ppm"), smooth())


def test_sixteen_bits(tmp_path: Path) -> None:
    values = RNG.integers(0, 65_536, (9, 11, 4), dtype=np.uint16)
    (tmp_path / "in.png").write_bytes(png_encode(values))
    done("apply", "identity", tmp_path / "in.png", "-o", tmp_path / "out.ppm", "--background", "10,20,255")
    head, body = (tmp_path / "out.ppm").read_bytes().split(b"\n65535\n", 1)
    assert head.startswith(b"P6")
    result = np.frombuffer(body, ">u2").reshape(9, 11, 3)
    assert np.array_equal(result, by_hand(values, [10 * 257, 20 * 257, 65_535], 65_535))


def test_gray_stays_gray_on_gray_and_becomes_rgb_on_a_color(tmp_path: Path) -> None:
    sheer = np.concatenate([gray(40, 48)[:, :, np.newaxis], ALPHA], axis=2)
    assert np.array_equal(applied(tmp_path, sheer, ".pgm"), by_hand(sheer, [255], 255)[:, :, 0])
    assert applied(tmp_path, sheer, ".jpg").ndim == 2
    assert np.array_equal(
        applied(tmp_path, sheer, ".ppm", "--background", "#f80"), by_hand(sheer[:, :, [0, 0, 0, 1]], [255, 136, 0], 255)
    )
    # A PGM holds no color: it takes the brightness, as Pillow has it.
    below = Image.new("RGB", (1, 1), "#f80").convert("L").getpixel((0, 0))
    assert isinstance(below, int)
    assert np.array_equal(applied(tmp_path, sheer, ".pgm", "--background", "#f80")[:, 0], np.full(40, below))


def test_the_picture_is_filtered_first_by_its_visible_colors(tmp_path: Path) -> None:
    for words in ((), ("--alpha", "filter"), ("--linear",), ("--channels", "luma"), ("--channels", "r,a")):
        source = save(tmp_path / "in.png", logo())
        done("apply", "gaussian:2", source, "-o", tmp_path / "a.png", "-f", *words)
        done("apply", "gaussian:2", source, "-o", tmp_path / "b.ppm", "-f", *words)
        assert np.array_equal(pixels(tmp_path / "b.ppm"), by_hand(pixels(tmp_path / "a.png"), [255] * 3, 255))


def test_floats_are_laid_at_the_depth_that_is_written(tmp_path: Path) -> None:
    import tifffile

    values = np.full((4, 5, 4), 0.5, np.float32)
    values[:, 2:, 3] = 0
    tifffile.imwrite(tmp_path / "in.tif", values, photometric="rgb", extrasamples=["unassalpha"])
    done("apply", "identity", tmp_path / "in.tif", "-o", tmp_path / "out.ppm", "--depth", "8")
    result = pixels(tmp_path / "out.ppm")
    assert (result[:, :2] == 191).all()  # 128 at an alpha of 128, which leaves 127 of 255 to white: 191.25
    assert (result[:, 2:] == 255).all()


def test_each_channel_is_laid_on_its_part_of_the_color(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", SHEER)
    done("apply", "identity", source, "-o", tmp_path / "out.pgm", "--each", "--background", "10,20,30")
    whole = by_hand(SHEER, [10, 20, 30], 255)
    for channel in range(3):
        assert np.array_equal(pixels(tmp_path / f"out-{channel}.pgm"), whole[:, :, channel])


def test_formats_that_hold_alpha_keep_it(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", SHEER)
    answer = done("apply", "identity", source, "-o", tmp_path / "out.png", "--background", "red")
    assert "warning: --background is left unused for PNG: it is for formats without alpha" in answer.lines
    assert np.array_equal(pixels(tmp_path / "out.png"), SHEER)


def test_dropped_alpha_uncovers_the_colors_as_asked(tmp_path: Path) -> None:
    assert np.array_equal(applied(tmp_path, SHEER, ".ppm", "--alpha", "drop"), smooth())
    source = tmp_path / "in.png"
    words = ("--alpha", "drop", "--background", "red")
    assert "--background" in refused(2, "apply", "box", source, "-o", tmp_path / "out.jpg", *words)[0]


def test_one_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.fromarray(noise(RNG, 20, 24, 4)) for _ in range(3)]
    frames[0].save(tmp_path / "in.webp", save_all=True, append_images=frames[1:], lossless=True, exact=True)
    assert run("apply", "identity", tmp_path / "in.webp", "-o", tmp_path / "out.ppm").code == 1
    done("apply", "identity", tmp_path / "in.webp", "-o", tmp_path / "out.ppm", "--frame", "1")
    assert np.array_equal(pixels(tmp_path / "out.ppm"), by_hand(np.asarray(frames[1]), [255] * 3, 255))


def test_a_folder_of_transparent_pictures_into_jpeg(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        save(tmp_path / "in" / name, logo())
    answer = done(
        "apply", "sharpen", tmp_path / "in", "-o", f"{tmp_path / 'out'}/", "--format", "jpeg", "--name", "{stem}.jpg"
    )
    assert sum(SAID in line for line in answer.lines) == 2
    assert pixels(tmp_path / "out" / "a.jpg").shape == (40, 60, 3)


def test_a_sheet(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", logo())
    white, orange = tmp_path / "white.png", tmp_path / "orange.png"
    assert f"warning: {source}: {SAID}" in done("apply", "identity", source, "-o", white, "--sheet").lines
    answer = done("apply", "identity", source, "-o", orange, "--sheet", "--background", "#f80")
    assert not any("warning" in line for line in answer.lines)
    assert ((pixels(orange) == (255, 136, 0)).all(axis=2) & (pixels(white) == 255).all(axis=2)).any()
