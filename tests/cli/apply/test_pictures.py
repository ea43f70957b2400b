from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import ExifTags, Image

from tests.support.console import done, names, refused
from tests.support.encoding import SRGB
from tests.support.oracle import clipped, correlate, margins, rounded
from tests.support.paths import SAMPLES
from tests.support.pictures import deep, gray, harbour, logo, pixels, planes, save

SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
# Transparent as PNG and GIF say it: one index of the palette.
PALETTE = Image.fromarray(harbour()).quantize(16)


def sharpened(array: NDArray[Any], dtype: type[np.integer[Any]] = np.uint8) -> NDArray[Any]:
    out = rounded(correlate(planes(array), SHARPEN, margins=margins("same", (3, 3))), dtype)
    return out[:, :, 0] if array.ndim == 2 else out


def with_alpha(array: NDArray[np.uint8], weights: NDArray[Any]) -> NDArray[np.float64]:
    """Colors weighed by their alpha, for weights of at least 0: Porter and Duff's premultiplied filter."""
    colors, opacity = array[..., :-1].astype(np.float64), array[..., -1:] / 255
    around = margins("same", (weights.shape[0], weights.shape[1]))
    seen = correlate(colors * opacity, weights, margins=around)
    share = correlate(opacity, weights, margins=around)
    # A quotient that is a half is to be one, whatever its last place says.
    means: NDArray[np.float64] = np.where(share > 0, seen / np.where(share > 0, share, 1) * weights.sum(), colors)
    return means.round(9)


def gray_alpha() -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(logo()).convert("LA"))


SOURCES: dict[str, tuple[Callable[[Path], object], str]] = {
    "gray.png": (lambda path: save(path, gray()), "L"),
    "rgb.png": (lambda path: save(path, harbour()), "RGB"),
    "opaque.png": (lambda path: Image.fromarray(harbour()).convert("RGBA").save(path), "RGBA"),
    "palette.png": (PALETTE.save, "RGB"),
    "bits.png": (lambda path: Image.fromarray(gray()).convert("1").save(path), "L"),
    "deep.png": (lambda path: save(path, deep()), "I;16"),
    "gray.jpg": (lambda path: save(path, gray()), "L"),
    "rgb.jpeg": (lambda path: save(path, harbour()), "RGB"),
    "rgb.webp": (lambda path: save(path, harbour()), "RGB"),
    "gray.tif": (lambda path: save(path, gray()), "L"),
    "rgb.tiff": (lambda path: save(path, harbour(), compression="tiff_lzw"), "RGB"),
    "opaque.tif": (lambda path: Image.fromarray(harbour()).convert("RGBA").save(path), "RGBA"),
    "palette.tif": (PALETTE.save, "RGB"),
    "deep.tif": (lambda path: save(path, deep()), "I;16"),
    "gray.bmp": (lambda path: save(path, gray()), "L"),
    "rgb.bmp": (lambda path: save(path, harbour()), "RGB"),
    "palette.bmp": (PALETTE.save, "RGB"),
    "gray.gif": (lambda path: save(path, gray()), "L"),
    "palette.gif": (PALETTE.save, "RGB"),
    "gray.pgm": (lambda path: save(path, gray()), "L"),
    "deep.pgm": (lambda path: save(path, deep()), "I;16"),
    "rgb.ppm": (lambda path: save(path, harbour()), "RGB"),
    "bits.pbm.png": (lambda path: Image.fromarray(gray()).convert("1").save(path), "L"),
    "UPPER.PNG": (lambda path: save(path, harbour()), "RGB"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_format_and_mode_is_read_and_filtered(tmp_path: Path, name: str) -> None:
    make, mode = SOURCES[name]
    source, output = tmp_path / name, tmp_path / "out.png"
    make(source)
    done("apply", "sharpen", source, "-o", output)
    with Image.open(source) as image:
        given = np.asarray(image) if mode == "I;16" else np.asarray(image.convert(mode))
    if mode == "RGBA":
        wanted = np.dstack([sharpened(given[..., :3]), given[..., 3]])
    else:
        wanted = sharpened(given, np.uint16 if mode == "I;16" else np.uint8)
    written = pixels(output)
    assert written.dtype == wanted.dtype
    assert np.array_equal(written, wanted)


LOSSLESS: dict[str, dict[str, Any]] = {
    "gray": {"make": gray, "to": (".png", ".tif", ".bmp", ".gif", ".pgm", ".pnm")},
    "rgb": {"make": harbour, "to": (".png", ".tiff", ".bmp", ".ppm", ".pnm", ".webp")},
    "deep": {"make": deep, "to": (".png", ".tif", ".pgm", ".pnm")},
}


@pytest.mark.parametrize(("kind", "suffix"), [(kind, each) for kind, facts in LOSSLESS.items() for each in facts["to"]])
def test_every_format_is_written_without_loss_where_it_can_be(tmp_path: Path, kind: str, suffix: str) -> None:
    given = LOSSLESS[kind]["make"]()
    source, output = save(tmp_path / "in.png", given), tmp_path / f"out{suffix}"
    done("apply", "sharpen", source, "-o", output, *(("--quality", "100") if suffix == ".webp" else ()))
    with Image.open(output) as image:
        written = np.asarray(image.convert("L")) if image.mode == "P" else pixels(output)
    assert written.dtype == given.dtype
    assert np.array_equal(written, sharpened(given, given.dtype.type))


@pytest.mark.parametrize("make", [gray, harbour])
def test_gray_becomes_color_where_the_format_has_no_gray(tmp_path: Path, make: Callable[[], NDArray[np.uint8]]) -> None:
    source = save(tmp_path / "in.png", make())
    done("apply", "sharpen", source, "-o", tmp_path / "out.ppm")
    wanted = sharpened(make())
    assert np.array_equal(pixels(tmp_path / "out.ppm"), wanted if wanted.ndim == 3 else np.dstack([wanted] * 3))


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ((), {"quality": 92, "subsampling": "4:4:4"}),
        (("--quality", "97"), {"quality": 97, "subsampling": "4:4:4"}),
        (("--quality", "60"), {"quality": 60, "subsampling": "4:2:0"}),
    ],
)
def test_a_jpeg_is_what_pillow_makes_of_the_reference(
    tmp_path: Path, words: tuple[str, ...], settings: dict[str, Any]
) -> None:
    source = save(tmp_path / "in.png", harbour())
    done("apply", "sharpen", source, "-o", tmp_path / "out.jpg", *words)
    theirs = save(tmp_path / "theirs.jpg", sharpened(harbour()), **settings)
    difference = pixels(tmp_path / "out.jpg").astype(int) - pixels(theirs)
    assert np.abs(difference).max() <= 1


def test_the_quality_counts_for_webp_too(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour(200, 300))
    for quality in (20, 90, 100):
        done("apply", "sharpen", source, "-o", tmp_path / f"{quality}.webp", "--quality", str(quality))
    sizes = [(tmp_path / f"{quality}.webp").stat().st_size for quality in (20, 90, 100)]
    assert sizes == sorted(sizes)
    assert sizes[0] * 2 < sizes[1]
    assert np.array_equal(pixels(tmp_path / "100.webp"), sharpened(harbour(200, 300)))


def test_the_effort_for_a_png_changes_its_size_and_no_pixel(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.png", "b.png"):  # two, so that worker processes write them
        save(folder / name, harbour(400, 600))
    sizes = []
    for effort in ("small", "balanced", "fast"):
        done("apply", "sharpen", folder, "-o", f"{tmp_path / effort}/", "--png-effort", effort, "-j", "2")
        for name in ("a.png", "b.png"):
            assert np.array_equal(pixels(tmp_path / effort / name), sharpened(harbour(400, 600)))
        sizes.append((tmp_path / effort / "b.png").stat().st_size)
    assert sizes == sorted(set(sizes))
    done("apply", "sharpen", folder, "-o", f"{tmp_path / 'default'}/")
    assert (tmp_path / "default" / "b.png").read_bytes() == (tmp_path / "balanced" / "b.png").read_bytes()


def test_a_format_other_than_png_takes_no_effort_amiss(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    done("apply", "sharpen", source, "-o", tmp_path / "plain.jpg")
    done("apply", "sharpen", source, "-o", tmp_path / "hard.jpg", "--png-effort", "small")
    assert (tmp_path / "plain.jpg").read_bytes() == (tmp_path / "hard.jpg").read_bytes()


def test_a_gif_keeps_sixteen_colors_exactly_and_reduces_more_with_a_word(tmp_path: Path) -> None:
    PALETTE.save(tmp_path / "in.gif")
    done("apply", "identity", tmp_path / "in.gif", "-o", tmp_path / "few.gif")
    with Image.open(tmp_path / "few.gif") as few:
        assert np.array_equal(np.asarray(few.convert("RGB")), np.asarray(PALETTE.convert("RGB")))
    save(tmp_path / "rgb.png", harbour())
    answer = done("apply", "sharpen", tmp_path / "rgb.png", "-o", tmp_path / "many.gif")
    assert "256 colors" in answer.stderr
    with Image.open(tmp_path / "many.gif") as many:
        assert np.abs(np.asarray(many.convert("RGB")).astype(int) - sharpened(harbour())).mean() < 8


def test_the_first_frame_of_an_animation_is_filtered_with_its_alpha(tmp_path: Path) -> None:
    answer = done("apply", "box", SAMPLES / "beacon.gif", "-o", tmp_path / "out.png", "--frame", "0")
    assert "8 frames" not in answer.stderr
    with Image.open(SAMPLES / "beacon.gif") as image:
        given = np.asarray(image.convert("RGBA"))
    wanted = rounded(with_alpha(given, np.full((3, 3), 1 / 9)), np.uint8)
    assert np.array_equal(pixels(tmp_path / "out.png")[..., 3], given[..., 3])
    assert np.array_equal(pixels(tmp_path / "out.png")[..., :3], wanted)


def test_a_transparent_color_of_a_palette_becomes_alpha_with_a_word(tmp_path: Path) -> None:
    PALETTE.save(tmp_path / "in.png", transparency=3)
    answer = done("apply", "box", tmp_path / "in.png", "-o", tmp_path / "out.png")
    assert "palette" in answer.stderr
    with Image.open(tmp_path / "in.png") as image:
        given = np.asarray(image.convert("RGBA"))
    assert 0 < np.count_nonzero(given[..., 3] == 0) < given[..., 3].size
    written = pixels(tmp_path / "out.png")
    assert np.array_equal(written[..., 3], given[..., 3])
    assert np.array_equal(written[..., :3], rounded(with_alpha(given, np.full((3, 3), 1 / 9)), np.uint8))


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
@pytest.mark.parametrize("make", [logo, gray_alpha])
def test_colors_are_filtered_as_much_as_they_are_seen_and_alpha_is_kept(
    tmp_path: Path, make: Callable[[], NDArray[np.uint8]], suffix: str
) -> None:
    given = make()
    source, output = save(tmp_path / "in.png", given), tmp_path / f"out{suffix}"
    done("apply", "1 2 1; 2 4 2; 1 2 1", source, "-o", output, "--divisor", "16", "--quality", "100")
    with Image.open(output) as image:
        written = np.asarray(image.convert("LA" if given.shape[2] == 2 else "RGBA"))
    weights = np.outer([1, 2, 1], [1, 2, 1]) / 16
    assert np.array_equal(written[..., -1], given[..., -1])
    seen = given[..., -1] > 0 if suffix == ".webp" else np.ones(given.shape[:2], bool)
    assert np.array_equal(written[seen][:, :-1], rounded(with_alpha(given, weights), np.uint8)[seen])


def test_what_hides_under_transparent_pixels_never_bleeds(tmp_path: Path) -> None:
    visible = logo()
    hidden = visible[..., 3] == 0
    assert (visible[hidden][:, :3] == (255, 0, 255)).all()
    other = visible.copy()
    other[hidden, :3] = (0, 255, 0)
    for name, picture in (("a", visible), ("b", other)):
        save(tmp_path / f"{name}.png", picture)
        for kernel in ("gaussian:2", "sharpen"):
            done("apply", kernel, tmp_path / f"{name}.png", "-o", tmp_path / f"{name}-{kernel[:5]}.png")
    for kernel in ("gauss", "sharp"):
        first, second = (pixels(tmp_path / f"{name}-{kernel}.png") for name in "ab")
        assert np.array_equal(first[~hidden], second[~hidden])


def test_alpha_filtered_or_dropped(tmp_path: Path) -> None:
    given = logo()
    source = save(tmp_path / "in.png", given)
    weights = np.full((3, 3), 1 / 9)
    around = margins("same", (3, 3))
    for choice in ("keep", "filter", "drop"):
        done("apply", "box", source, "-o", tmp_path / f"{choice}.png", "--alpha", choice)
    kept, filtered, dropped = (pixels(tmp_path / f"{choice}.png") for choice in ("keep", "filter", "drop"))
    assert np.array_equal(filtered[..., :3], kept[..., :3])
    assert np.array_equal(filtered[..., 3:], rounded(correlate(given[..., 3:], weights, margins=around), np.uint8))
    assert np.array_equal(dropped, rounded(correlate(given[..., :3], weights, margins=around), np.uint8))


def test_alpha_follows_the_size_of_the_output(tmp_path: Path) -> None:
    given = logo()
    source = save(tmp_path / "in.png", given)
    done("apply", "box", source, "-o", tmp_path / "half.png", "--stride", "2")
    done("apply", "box", source, "-o", tmp_path / "valid.png", "--padding", "valid")
    assert np.array_equal(pixels(tmp_path / "half.png")[..., 3], given[::2, ::2, 3])
    assert np.array_equal(pixels(tmp_path / "valid.png")[..., 3], given[1:-1, 1:-1, 3])


def test_the_clipped_share_is_that_of_the_colors_not_of_alpha(tmp_path: Path) -> None:
    given = np.dstack([np.full((8, 8, 3), 200, np.uint8), np.full((8, 8), 255, np.uint8)])
    source = save(tmp_path / "in.png", given)
    for alpha in ("keep", "drop"):
        answer = done("apply", "2", source, "-o", tmp_path / f"{alpha}.png", "--alpha", alpha, "--json")
        assert json.loads(answer.stdout)["clipped"] == 1


@pytest.mark.parametrize(("source", "target"), [(".png", ".tif"), (".tif", ".pgm"), (".pgm", ".png")])
@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_sixteen_bits_stay_sixteen_bits(tmp_path: Path, source: str, target: str, engine: str) -> None:
    given = deep()
    assert len(np.unique(given)) > 250
    save(tmp_path / f"in{source}", given)
    words = ("--engine", engine, "--bias", "10%", "--divisor", "2")
    answer = done("apply", "sharpen", tmp_path / f"in{source}", "-o", tmp_path / f"out{target}", "--json", *words)
    values = correlate(planes(given), SHARPEN, margins=margins("same", (3, 3)), divisor=2, offset=6553.5)
    written = pixels(tmp_path / f"out{target}")
    assert written.dtype == np.uint16
    assert np.array_equal(written, rounded(values, np.uint16)[:, :, 0])
    assert json.loads(answer.stdout)["clipped"] == pytest.approx(clipped(values, np.uint16) / values.size, abs=1e-6)


def test_the_depth_of_the_output_can_be_chosen(tmp_path: Path) -> None:
    save(tmp_path / "8.png", gray())
    save(tmp_path / "16.png", deep())
    kernel, around = np.array([[1, 2, 1]]) / 4, margins("same", (1, 3))
    for source, depth in (("8", "16"), ("16", "8"), ("8", "8"), ("16", "16")):
        output = tmp_path / f"{source}to{depth}.png"
        done("apply", "1/4 1/2 1/4", tmp_path / f"{source}.png", "-o", output, "--depth", depth)
    low, high = (correlate(planes(each), kernel, margins=around) for each in (gray(), deep()))
    for name, values, dtype in (
        ("8to16", low * 257, np.uint16),
        ("16to8", high / 257, np.uint8),
        ("8to8", low, np.uint8),
        ("16to16", high, np.uint16),
    ):
        written = pixels(tmp_path / f"{name}.png")
        assert written.dtype == dtype
        assert np.array_equal(written, rounded(values, dtype)[:, :, 0])
    assert len(np.unique(pixels(tmp_path / "8to16.png"))) > 256  # the fractions between levels of 8 bits


def test_the_depth_of_colors_is_kept_from_end_to_end(tmp_path: Path) -> None:
    given = np.dstack([deep(), 65535 - deep(), deep() // 2])
    tifffile.imwrite(tmp_path / "in.tif", given, photometric="rgb")
    values = correlate(given, SHARPEN, margins=margins("same", (3, 3)))
    for name in ("out.png", "out.tif", "out.ppm"):
        done("apply", "sharpen", tmp_path / "in.tif", "-o", tmp_path / name)
    assert np.array_equal(tifffile.imread(tmp_path / "out.tif"), rounded(values, np.uint16))
    assert np.array_equal(imagecodecs.png_decode((tmp_path / "out.png").read_bytes()), rounded(values, np.uint16))
    assert (tmp_path / "out.ppm").read_bytes() == b"P6\n40 32\n65535\n" + rounded(values, np.uint16).astype(
        ">u2"
    ).tobytes()


def test_floats_stay_floats_and_are_neither_scaled_nor_clipped(tmp_path: Path) -> None:
    given = np.linspace(-1, 3, 48, dtype=np.float32).reshape(4, 4, 3) ** 3
    tifffile.imwrite(tmp_path / "in.tif", given, photometric="rgb")
    values = correlate(given, SHARPEN, margins=margins("same", (3, 3)))
    done("apply", "sharpen", tmp_path / "in.tif", "-o", tmp_path / "out.tif")
    written = tifffile.imread(tmp_path / "out.tif")
    assert written.dtype == np.float32
    assert np.allclose(written, values, rtol=1e-5, atol=1e-5)
    assert values.min() < -1
    assert values.max() > 3
    told = refused(1, "apply", "sharpen", tmp_path / "in.tif", "-o", tmp_path / "out.png")
    assert "floats of 32 bits" in told[0]
    assert "--depth 8 or --depth 16" in told[1]
    answer = done("apply", "identity", tmp_path / "in.tif", "-o", tmp_path / "out.png", "--depth", "16")
    assert "were clipped" in answer.stderr
    wanted = rounded(given.astype(np.float64) * 65535, np.uint16)
    assert np.array_equal(imagecodecs.png_decode((tmp_path / "out.png").read_bytes()), wanted)


@pytest.mark.parametrize(
    ("range_", "wanted"),
    [
        ("clip", [-1, 0, 1]),
        ("abs", [1, 0, 1]),
        ("stretch", [0, 0.5, 1]),
        ("center", [0, 0.5, 1]),
    ],
)
def test_whole_numbers_become_floats_from_0_to_1_and_beyond(tmp_path: Path, range_: str, wanted: list[float]) -> None:
    for dtype, white in ((np.uint8, 255), (np.uint16, 65535)):
        save(tmp_path / "in.png", np.array([[0, white, white, 0, 0, 0, white]], dtype))
        words = ("--padding", "valid", "--depth", "float", "--range", range_, "-f")
        done("apply", "-1 1", tmp_path / "in.png", "-o", tmp_path / "out.tif", *words)
        written = tifffile.imread(tmp_path / "out.tif")
        assert written.dtype == np.float32
        low, middle, high = wanted
        assert written.ravel().tolist() == [high, middle, low, middle, middle, high]
        told = refused(1, "apply", "-1 1", tmp_path / "in.png", "-o", tmp_path / "no.png", "--depth", "float")
        assert "PNG holds whole numbers" in told[0]


def test_an_array_becomes_floats_as_it_is(tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", np.array([[-7.5, 300]]))
    answer = done("apply", "identity", tmp_path / "in.npy", "-o", tmp_path / "out.tif", "--depth", "float")
    assert tifffile.imread(tmp_path / "out.tif").ravel().tolist() == [-7.5, 300]
    assert "span" not in answer.stderr


@pytest.mark.parametrize("range_", ["clip", "abs", "stretch", "center"])
def test_floats_that_are_no_numbers_spread_without_a_word_of_numpys(tmp_path: Path, range_: str) -> None:
    given = np.array([[[np.nan, 1, np.inf, 1, -np.inf, 1, 1, 1, 5]] * 2] * 2, np.float32)[0][:, :, np.newaxis]
    for alpha in (False, True):
        values = np.concatenate([given, np.full_like(given, 0.5)], axis=2) if alpha else given[:, :, 0]
        tifffile.imwrite(tmp_path / "in.tif", values, photometric="minisblack", extrasamples=["unassalpha"] * alpha)
        for words in ((), ("--depth", "8")):
            answer = done(
                "apply", "1 -1", tmp_path / "in.tif", "-o", tmp_path / "out.tif", "-f", "--range", range_, *words
            )
            assert "Warning" not in answer.stderr
    assert pixels(tmp_path / "out.tif").dtype == np.uint8


def test_small_floats_under_alpha_are_not_rounded(tmp_path: Path) -> None:
    given = np.array([[[1e-7, 2e-7, 3e-7, 0.5], [3e-7, 2e-7, 1e-7, 0.5]]], np.float32)
    tifffile.imwrite(tmp_path / "in.tif", given, photometric="rgb", extrasamples=["unassalpha"])
    done("apply", "1 1", tmp_path / "in.tif", "-o", tmp_path / "out.tif", "--divisor", "2", "--border", "edge")
    written = tifffile.imread(tmp_path / "out.tif")
    assert np.allclose(written[0, 1], [2e-7, 2e-7, 2e-7, 0.5], rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "given", "what"),
    [
        ("out.jpg", deep, "JPEG holds 8 bits"),
        ("out.bmp", deep, "BMP holds 8 bits"),
        ("out.webp", deep, "WebP holds 8 bits"),
        ("out.pgm", harbour, "PGM holds gray"),
    ],
)
def test_depth_and_colors_are_not_lost_silently(
    tmp_path: Path, name: str, given: Callable[[], NDArray[Any]], what: str
) -> None:
    source = save(tmp_path / "in.png", given())
    told = refused(1, "apply", "sharpen", source, "-o", tmp_path / name)
    assert what in told[0]
    assert names(tmp_path) == ["in.png"]
    if given is deep:
        assert "--depth 8" in told[1]
        done("apply", "sharpen", source, "-o", tmp_path / name, "--depth", "8")
        assert pixels(tmp_path / name).dtype == np.uint8


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(tmp_path: Path, orientation: int) -> None:
    upright = Image.fromarray(harbour())
    back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    (upright if back is None else upright.transpose(back)).save(tmp_path / "in.png", exif=exif)
    # Not symmetric: turning after the filter would not be the same.
    done("apply", "1 2 0; -3 9 1; 0 -2 -1", tmp_path / "in.png", "-o", tmp_path / "out.png")
    weights = np.array([[1, 2, 0], [-3, 9, 1], [0, -2, -1]])
    wanted = rounded(correlate(harbour(), weights, margins=margins("same", (3, 3))), np.uint8)
    assert np.array_equal(pixels(tmp_path / "out.png"), wanted)
    with Image.open(tmp_path / "out.png") as image:
        assert image.getexif().get(ExifTags.Base.Orientation, 1) == 1


@pytest.mark.parametrize("source", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("target", [".jpg", ".png", ".tif", ".webp"])
def test_profile_and_exif_are_kept(tmp_path: Path, source: str, target: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "A. Painter"
    exif[ExifTags.Base.Copyright] = "nobody"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FNumber] = 2.8
    save(tmp_path / f"in{source}", harbour(), exif=exif.tobytes(), icc_profile=SRGB)
    answer = done("apply", "sharpen", tmp_path / f"in{source}", "-o", tmp_path / f"out{target}")
    assert "left out" not in answer.stderr
    with Image.open(tmp_path / f"out{target}") as image:
        image.load()
        assert image.info["icc_profile"] == SRGB
        assert image.getexif()[ExifTags.Base.Artist] == "A. Painter"
        assert image.getexif()[ExifTags.Base.Copyright] == "nobody"
        assert float(image.getexif().get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FNumber]) == pytest.approx(2.8)


@pytest.mark.parametrize("target", [".bmp", ".gif", ".ppm"])
def test_what_a_format_cannot_keep_is_told(tmp_path: Path, target: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "A. Painter"
    save(tmp_path / "in.jpg", harbour(), exif=exif, icc_profile=SRGB)
    answer = done("apply", "identity", tmp_path / "in.jpg", "-o", tmp_path / f"out{target}")
    assert "the color profile is left out" in answer.stderr
    assert "the EXIF data is left out" in answer.stderr
    assert all(line.startswith("warning: ") for line in answer.lines[:-1])


def test_a_format_is_told_by_content_when_read_and_by_name_when_written(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(harbour()).save(buffer, "TIFF")
    (tmp_path / "in.png").write_bytes(buffer.getvalue())
    done("apply", "sharpen", tmp_path / "in.png", "-o", tmp_path / "out.tif")
    done("apply", "sharpen", tmp_path / "in.png", "-o", tmp_path / "other.dat", "--format", "bmp")
    for name, form in (("out.tif", "TIFF"), ("other.dat", "BMP")):
        with Image.open(tmp_path / name) as image:
            assert image.format == form
            assert np.array_equal(np.asarray(image), sharpened(harbour()))


def test_colors_mixed_by_a_kernel_of_output_and_input_channels(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    done("apply", "sepia", source, "-o", tmp_path / "sepia.png")
    done("apply", "luma-bt601", source, "-o", tmp_path / "gray.png")
    done("apply", "swap-rb", source, "-o", tmp_path / "bgr.png")
    mixed = harbour() @ np.array([[0.393, 0.349, 0.272], [0.769, 0.686, 0.534], [0.189, 0.168, 0.131]])
    assert np.array_equal(pixels(tmp_path / "sepia.png"), rounded(mixed, np.uint8))
    assert np.array_equal(pixels(tmp_path / "bgr.png"), harbour()[..., ::-1])
    luma = harbour() @ np.array([0.299, 0.587, 0.114])
    assert np.array_equal(pixels(tmp_path / "gray.png"), rounded(luma, np.uint8))
    pairs = SAMPLES / "kernel-2to1.yaml"
    assert "takes 2 input channels" in refused(1, "apply", pairs, source, "-o", tmp_path / "no.png")[0]


def test_one_pixel_and_one_row(tmp_path: Path) -> None:
    for name, shape in (("dot", (1, 1)), ("row", (1, 9)), ("column", (9, 1))):
        given = gray()[: shape[0], : shape[1]]
        source = save(tmp_path / f"{name}.png", given)
        for border in ("constant", "edge", "reflect", "symmetric", "wrap"):
            output = tmp_path / f"{name}-{border}.png"
            done("apply", "1 2 1; 2 4 2; 1 2 1", source, "-o", output, "--divisor", "16", "--border", border)
            wanted = correlate(
                planes(given),
                np.outer([1, 2, 1], [1, 2, 1]),
                margins=margins("same", (3, 3)),
                border=border,
                divisor=16,
            )
            assert np.array_equal(pixels(output), rounded(wanted, np.uint8)[:, :, 0])
