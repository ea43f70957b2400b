"""Jobs in strips: the same pixels, metadata and warnings as with all of the picture at once."""

from __future__ import annotations

import errno
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from convcli import load_filter
from convcli.array_types import Array
from convcli.engine import Settings
from convcli.errors import NoRoomError
from convcli.image import Metadata, Picture, format_named, read_picture, write_picture
from convcli.image.codecs.tiff.tiles import TiffTiles
from convcli.jobs import Done, Failed, Job, Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.strips.frame import StripsOfFrame
from tests.support.noise import noise
from tests.support.pictures import save

ABOUT = Metadata(dpi=(300.0, 300.0))
NUMPY = Settings("numpy", threads=2)
ROWS = 23  # of a strip, at least
SHAPE = 211, 57
KINDS = {"gray": 1, "rgb": 3, "rgba": 4}
LAYOUTS: dict[str, dict[str, Any]] = {
    "raw": {},
    "strips": {"compression": "zlib", "predictor": True, "rowsperstrip": 13},
    "tiles": {"compression": "lzw", "tile": (64, 48)},
    "planar": {"compression": "zstd", "tile": (32, 80), "planarconfig": "separate"},
    "planar raw": {"planarconfig": "separate"},
    "big": {"bigtiff": True, "compression": "packbits", "rowsperstrip": 40},
}


def written(file: Path, array: Array, **options: Any) -> Path:
    """Write an array (height, width, channels) as a TIFF of any layout."""
    channels = array.shape[2]
    if options.get("planarconfig") == "separate":
        if channels == 1:
            pytest.skip("one plane")
        array = np.ascontiguousarray(np.moveaxis(array, 2, 0))
    elif channels == 1:
        array = array[:, :, 0]
    if channels == 4:
        options["extrasamples"] = ["unassalpha"]
    photometric = "rgb" if channels > 1 else "minisblack"
    tifffile.imwrite(file, array, photometric=photometric, metadata=None, resolution=(300, 300), **options)
    return file


def done(source: Path, target: Path, recipe: Recipe, **policy: Any) -> Done:
    settings = policy.pop("settings", NUMPY)
    outcome = run_job(Job(source, target), recipe, Policy(existing="overwrite", settings=settings, **policy))
    assert isinstance(outcome, Done), outcome
    return outcome


@pytest.fixture(autouse=True)
def low_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take few rows at a time, so that small pictures do."""

    def fit_into(frame: StripsOfFrame, bound: int, _: int) -> None:
        if bound == 1:
            frame.rows_at_once = -(-ROWS // frame.main.unit) * frame.main.unit
        else:
            fit(frame, 0, _)

    fit = StripsOfFrame.fit_into
    monkeypatch.setattr(StripsOfFrame, "fit_into", fit_into)
    monkeypatch.setattr("convcli.jobs.one.strips.running.SHARE", 1e9)  # what is decoded whole takes as much as it likes


def check(source: Path, ending: str, text: str, **options: Any) -> tuple[Done, Done]:
    """Check that strips make of a file what all of the picture at once makes of it."""
    recipe = Recipe(load_filter(text), **options)
    one, other = source.with_name(f"whole{ending}"), source.with_name(f"strips{ending}")
    whole, strips = done(source, one, recipe, takes_all=True), done(source, other, recipe, bound=1)
    assert (whole.strips, strips.strips > 1) == (1, True)
    first, second = read_picture(one), read_picture(other)
    np.testing.assert_array_equal(second.frames[0], first.frames[0])
    assert second.dtype == first.dtype
    assert (second.has_alpha, second.metadata, second.axes) == (first.has_alpha, first.metadata, first.axes)
    assert strips[2:7] == whole[2:7]
    return whole, strips


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_tiff_of_every_layout(tmp_path: Path, layout: str, kind: str, dtype: Any) -> None:
    array = noise(1, *SHAPE, KINDS[kind], dtype=dtype)
    source = written(tmp_path / "in.tif", array, **LAYOUTS[layout])
    check(source, ".tif", "gaussian:1.3")


OPTIONS: dict[str, dict[str, Any]] = {
    "stretched": {"range": "stretch"},
    "centered": {"range": "center", "depth": 16},
    "floats": {"depth": "float"},
    "light": {"linear": True},
    "brightness": {"channels": "luma", "range": "stretch"},
    "brightness in light": {"channels": "luma", "linear": True},
    "one color": {"channels": "g"},
    "colors and alpha": {"channels": "ra", "alpha": "filter"},
    "filtered alpha": {"alpha": "filter"},
    "dropped alpha": {"alpha": "drop"},
}


@pytest.mark.parametrize("text", ["-1 0 1; -2 0 2; -1 0 1", "sobel | normalize", "median:3 | maxpool:2"])
@pytest.mark.parametrize("options", OPTIONS)
def test_treatment_of_values(tmp_path: Path, options: str, text: str) -> None:
    array = noise(2, *SHAPE, 4)
    array[100:, :, 3] = 255
    source = written(tmp_path / "in.tif", array, compression="zlib", rowsperstrip=16)
    check(source, ".tif", text, **OPTIONS[options])


@pytest.mark.parametrize(
    ("text", "shape"), [("sobel", (40, 50)), ("gaussian:2 | abs", (3, 90, 31)), ("1 -1", (1, 3, 60, 40))]
)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_array_files(tmp_path: Path, text: str, shape: tuple[int, ...], dtype: Any) -> None:
    source = tmp_path / "in.npy"
    np.save(source, noise(3, *shape, dtype=dtype))
    check(source, ".npy", text)
    np.save(source, np.asfortranarray(noise(3, *shape, dtype=dtype)))
    check(source, ".npy", text)


@pytest.mark.parametrize("ending", [".png", ".jpg", ".bmp", ".webp"])
def test_formats_that_are_decoded_or_encoded_whole(tmp_path: Path, ending: str) -> None:
    source = save(tmp_path / f"in{ending}", noise(4, *SHAPE, 3))
    check(source, ending, "sharpen")
    check(source, ".tif", "gaussian:1.5 | sobel")
    tiff = written(tmp_path / "in.tif", noise(4, *SHAPE, 4))
    check(tiff, ending, "sharpen")


def test_warnings_and_clipped_values_are_those_of_the_whole(tmp_path: Path) -> None:
    source = written(tmp_path / "in.tif", noise(5, *SHAPE, 3))
    whole, strips = check(source, ".tif", "0 -1 0; -1 4 -1; 0 -1 0")
    assert whole.clipped > 0.1
    assert "--range" in strips.notes[0]


@pytest.mark.parametrize(
    ("text", "options", "reason"),
    [
        ("turn:90", {}, "the layer turn needs all of the picture at once"),
        ("box:3", {"artist": lambda *_: noise(1, 9, 9, 3)}, "a sheet shows all of the picture"),
    ],
)
def test_what_is_not_done_in_strips_says_so(tmp_path: Path, text: str, options: dict[str, Any], reason: str) -> None:
    source = written(tmp_path / "in.tif", noise(6, *SHAPE, 3))
    outcome = run_job(Job(source, tmp_path / "out.tif"), Recipe(load_filter(text), **options), Policy(bound=1))
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, NoRoomError)
    assert reason in outcome.error.message
    assert "--memory" in outcome.error.hint
    assert not (tmp_path / "out.tif").exists()


def test_a_bound_that_not_one_row_fits_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcli.jobs.one.strips.running.SHARE", 0.7)
    source = written(tmp_path / "in.tif", noise(6, *SHAPE, 3))
    outcome = run_job(Job(source, tmp_path / "out.tif"), Recipe(load_filter("sharpen")), Policy(bound=2))
    assert isinstance(outcome, Failed)
    assert "strips of 2 rows need about" in outcome.error.message
    bmp = save(tmp_path / "in.bmp", noise(6, *SHAPE, 3))
    outcome = run_job(Job(bmp, tmp_path / "out.tif"), Recipe(load_filter("sharpen")), Policy(bound=2))
    assert isinstance(outcome, Failed)
    assert "in.bmp is decoded whole, which takes about" in outcome.error.message


def test_pages_are_done_together(tmp_path: Path) -> None:
    source = tmp_path / "in.tif"
    tifffile.imwrite(source, noise(7, 3, *SHAPE), photometric="minisblack")
    recipe = Recipe(load_filter("sharpen"))
    outcome = run_job(Job(source, tmp_path / "out.tif"), recipe, Policy(bound=1))
    assert isinstance(outcome, Failed)
    assert "pages" in outcome.error.message
    check(source, ".tif", "sharpen", frame=1)


def halved(array: Array) -> Array:
    """Return the means of 2 × 2 opaque pixels, rounded half up, where the last row and column stand twice."""
    padded = np.pad(array.astype(int), ((0, len(array) % 2), (0, array.shape[1] % 2), (0, 0)), mode="edge")
    means: Array = (padded[::2, ::2] + padded[1::2, ::2] + padded[::2, 1::2] + padded[1::2, 1::2] + 2) // 4
    return means


@pytest.mark.parametrize("bound", [1, None])
def test_overviews_are_means_of_the_level_before(tmp_path: Path, bound: int | None) -> None:
    array = noise(8, 1050, 517, 3)
    source = written(tmp_path / "in.tif", array, compression="zlib", rowsperstrip=50)
    outcome = done(source, tmp_path / "out.tif", Recipe(load_filter("identity"), overviews=True), bound=bound)
    assert (outcome.strips > 1) == (bound is not None)
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        levels = [page.asarray() for page in file.pages]
        assert [page.subfiletype for page in file.pages] == [0, 1, 1, 1]  # type: ignore[union-attr]
    np.testing.assert_array_equal(levels[0], array)
    for larger, smaller in pairwise(levels):
        np.testing.assert_array_equal(smaller, halved(larger))
    again = done(tmp_path / "out.tif", tmp_path / "again.tif", Recipe(load_filter("invert")), bound=bound)
    assert [note.code for note in again.notes] == ["overviews"]
    with tifffile.TiffFile(tmp_path / "again.tif") as file:
        assert len(file.pages) == 1
        np.testing.assert_array_equal(file.pages[0].asarray(), 255 - array)
    anew = done(tmp_path / "out.tif", tmp_path / "again.tif", Recipe(load_filter("invert"), overviews=True))
    assert anew.notes == ()


def test_overviews_weigh_colors_by_alpha(tmp_path: Path) -> None:
    array = np.zeros((300, 2, 4), np.uint16)
    array[:, 0] = 60000, 30000, 0, 65535
    array[:, 1] = 1000, 2000, 3000, 0
    source = written(tmp_path / "in.tif", array)
    done(source, tmp_path / "out.tif", Recipe(load_filter("identity"), overviews=True))
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        np.testing.assert_array_equal(file.pages[1].asarray(), np.full((150, 1, 4), [60000, 30000, 0, 32768]))


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_large_files_have_offsets_of_64_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: Any) -> None:
    monkeypatch.setattr("convcli.image.codecs.tiff.write._LARGEST_OF_32_BITS", 0)
    source = written(tmp_path / "in.tif", noise(9, 300, 270, 4, dtype=dtype))
    check(source, ".tif", "invert")
    done(source, tmp_path / "out.tif", Recipe(load_filter("invert"), overviews=True), bound=1)
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        assert file.is_bigtiff
        assert len(file.pages) == 2


def test_pages_have_no_overviews(tmp_path: Path) -> None:
    source = tmp_path / "in.tif"
    tifffile.imwrite(source, noise(7, 3, *SHAPE), photometric="minisblack")
    outcome = run_job(Job(source, tmp_path / "out.tif"), Recipe(load_filter("sharpen"), overviews=True))
    assert isinstance(outcome, Failed)
    assert "--overviews takes one page" in outcome.error.message


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("effort", ["fast", "balanced", "small"])
def test_png_is_read_and_written_in_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, channels: int, dtype: Any, effort: Any
) -> None:
    monkeypatch.setattr("convcli.image.codecs.png.rows._BLOCK", 7000)
    monkeypatch.setattr("convcli.image.codecs.png.rows._PIECE", 500)
    monkeypatch.setattr("convcli.image.codecs.png.bands.BAND_BYTES", 3000)
    monkeypatch.setattr("convcli.image.strips.reading.WholeRows", None)
    array = noise(1, *SHAPE, channels, dtype=dtype)
    array[:90] //= 64
    source = tmp_path / "in.png"
    write_picture(Picture((array,), has_alpha=channels in (2, 4), metadata=ABOUT), source, format_named("png"))
    check(source, ".png", "gaussian:1.5", png_effort=effort)
    # The other end is wanted first: the file is begun again.
    check(source, ".png", "motion:7,border=wrap | mirror:vertical")
    with Image.open(tmp_path / "strips.png") as image:
        image.verify()


def test_damage_of_a_png_is_told(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", noise(2, *SHAPE, 3))
    whole = source.read_bytes()
    middle = len(whole) // 2
    for damaged in (whole[:middle], whole[:middle] + bytes([whole[middle] ^ 9]) + whole[middle + 1 :]):
        source.write_bytes(damaged)
        outcome = run_job(Job(source, tmp_path / "out.png"), Recipe(load_filter("sharpen")), Policy(bound=1))
        assert isinstance(outcome, Failed)
        assert "in.png" in outcome.error.message
        assert not (tmp_path / "out.png").exists()


def test_a_kind_of_png_that_is_decoded_whole(tmp_path: Path) -> None:
    source = tmp_path / "in.png"
    Image.fromarray(noise(3, *SHAPE, 3)).quantize(9).save(source)
    check(source, ".png", "sharpen")


@pytest.mark.parametrize("when", [1, 3, 8])
def test_an_error_of_a_strip_that_is_written_ends_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: int
) -> None:
    source = written(tmp_path / "in.tif", noise(1, *SHAPE, 3))
    write, calls = TiffTiles.write, count(1)

    def failing(tiles: TiffTiles, rows: Array) -> None:
        if next(calls) == when:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(tiles, rows)

    monkeypatch.setattr(TiffTiles, "write", failing)
    outcome = run_job(Job(source, tmp_path / "out.tif"), Recipe(load_filter("sharpen")), Policy(bound=1))
    assert isinstance(outcome, Failed)
    assert "no space is left on its disk" in outcome.error.message
    assert [each.name for each in tmp_path.iterdir()] == ["in.tif"]


def test_an_error_of_a_strip_that_is_made_ends_the_job(tmp_path: Path) -> None:
    source = written(tmp_path / "in.tif", noise(1, *SHAPE, 3), compression="zlib", rowsperstrip=10)
    data = bytearray(source.read_bytes())
    with tifffile.TiffFile(source) as file:
        (page,) = file.pages
        first = page.dataoffsets[15]
    data[first : first + 40] = bytes(40)
    source.write_bytes(data)
    outcome = run_job(Job(source, tmp_path / "out.tif"), Recipe(load_filter("sharpen")), Policy(bound=1))
    assert isinstance(outcome, Failed)
    assert "truncated or damaged" in outcome.error.message
    assert [each.name for each in tmp_path.iterdir()] == ["in.tif"]
