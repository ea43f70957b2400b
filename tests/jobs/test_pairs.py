from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from convcli.errors import ReadError, ShapeError, UsageError
from convcli.jobs.pairs import Opened, open_pairs
from convcli.learning import Model
from tests.support.avif_files import NEEDS_AVIF
from tests.support.pictures import save
from tests.support.profiles import P3, in_srgb

RGB = np.random.default_rng(1).integers(0, 256, (6, 8, 3), np.uint8)
GRAY = RGB[:, :, 0]


def tree(folder: Path, *names: str) -> Path:
    for name in names:
        save(folder / name, GRAY)
    return folder


def opened(source: Path | str, target: Path | str, model: Model = "shared", stdin: bytes = b"") -> Opened:
    return open_pairs(str(source), str(target), model=model, max_pixels=10_000, stdin=io.BytesIO(stdin))


# Folders


def test_the_pairs_of_folders_can_be_gone_through_again(tmp_path: Path) -> None:
    source = tree(tmp_path / "in", "a.png", "sub/b.png")
    target = tree(tmp_path / "out", "a.png", "sub/b.png")
    pairs = opened(source, target).pairs
    assert len(pairs) == 2
    for _ in range(2):
        assert [pair.name for pair in pairs] == ["a.png", "sub/b.png"]
    assert all(np.array_equal(pair.source[:, :, 0], GRAY) for pair in pairs)


def test_a_note_has_the_name_of_its_file(tmp_path: Path) -> None:
    source = tree(tmp_path / "in", "a.png", "b.png")
    target = tree(tmp_path / "out", "a.png", "b.jpg")
    notes = [pair.notes for pair in opened(source, target).pairs]
    assert [len(each) for each in notes] == [0, 1]
    assert notes[1][0].startswith(f"{target / 'b.jpg'}: TARGET is a JPEG, whose compression")


def test_the_items_of_arrays_are_pairs(tmp_path: Path) -> None:
    array = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    for folder in ("in", "out"):
        (tmp_path / folder).mkdir()
        np.save(tmp_path / folder / "a.npy", array[:1])
        np.save(tmp_path / folder / "b.npy", array)
    for result, prefix, count in (
        (opened(tmp_path / "in", tmp_path / "out"), "b.npy, ", 3),
        (opened(tmp_path / "in" / "b.npy", tmp_path / "out" / "b.npy"), "", 2),
    ):
        pairs = list(result.pairs)
        assert len(pairs) == len(result.pairs) == count
        assert [pair.name for pair in pairs][-2:] == [f"{prefix}item 0", f"{prefix}item 1"]
        assert np.array_equal(pairs[-1].target, array[1].transpose(1, 2, 0))


def test_a_damaged_array_is_told_when_it_is_read(tmp_path: Path) -> None:
    tree(tmp_path / "out", "b.png")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.npy").write_bytes(b"\x93NUMPY, but not for long")
    pairs = opened(tmp_path / "in", tmp_path / "out").pairs
    assert len(pairs) == 1
    with pytest.raises(ReadError, match=r"b\.npy"):
        list(pairs)


def test_as_many_items_on_both_sides(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((2, 1, 4, 5)))
    np.save(tmp_path / "b.npy", np.zeros((3, 1, 4, 5)))
    with pytest.raises(ShapeError, match=r"holds 2 items, .* holds 3"):
        opened(tmp_path / "a.npy", tmp_path / "b.npy")


# Two files


def test_two_files_are_read_once(tmp_path: Path) -> None:
    source, target = save(tmp_path / "a.png", RGB), save(tmp_path / "b.png", RGB)
    result = opened(source, target)
    source.unlink()
    (pair,) = result.pairs
    assert np.array_equal(pair.source, RGB)
    assert (pair.name, pair.notes) == ("", ())
    assert result.names == (str(source), str(target))
    assert result.titles == ("a.png", "b.png")
    assert result.levels
    assert result.picture is not None


def test_arrays_have_no_levels(tmp_path: Path) -> None:
    for folder in ("in", "out"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.csv").write_text("1,2\n3,4\n")
    assert not opened(tmp_path / "in" / "a.csv", tmp_path / "out" / "a.csv").levels
    assert not opened(tmp_path / "in", tmp_path / "out").levels
    tree(tmp_path / "in", "0.png")
    tree(tmp_path / "out", "0.png")
    assert opened(tmp_path / "in", tmp_path / "out").levels


@pytest.mark.parametrize("which", [0, 1])
def test_standard_input_for_one(tmp_path: Path, which: int) -> None:
    file = save(tmp_path / "a.png", RGB)
    words = ["-", str(file)] if which == 0 else [str(file), "-"]
    result = opened(words[0], words[1], stdin=file.read_bytes())
    (pair,) = result.pairs
    assert np.array_equal(pair.source, pair.target)
    assert result.names[which] == "stdin"


def test_standard_input_for_both() -> None:
    with pytest.raises(UsageError, match="both come from standard input"):
        opened("-", "-")


@pytest.mark.parametrize("turned", [False, True])
def test_a_folder_and_a_file(tmp_path: Path, turned: bool) -> None:
    words = [str(tree(tmp_path / "in", "a.png")), str(save(tmp_path / "b.png", GRAY))]
    with pytest.raises(UsageError, match=r"in is a folder and .*b\.png is none"):
        opened(words[turned], words[not turned])
    with pytest.raises(ReadError, match="nowhere does not exist"):
        opened(words[0], tmp_path / "nowhere")
    with pytest.raises(UsageError, match="is a folder and stdin is none"):
        opened(words[0], "-")


# Channels


def test_alpha_is_left_out_and_that_is_said_where_it_matters(tmp_path: Path) -> None:
    opaque = np.dstack([RGB, np.full((6, 8), 255, np.uint8)])
    holes = np.dstack([RGB, GRAY])
    target = save(tmp_path / "b.png", RGB)
    for name, array, count in (("opaque.png", opaque, 0), ("holes.png", holes, 1)):
        (pair,) = opened(save(tmp_path / name, array), target).pairs
        assert pair.source.shape == (6, 8, 3)
        assert [note for note in pair.notes if "transparent and left out" in note] == list(pair.notes)
        assert len(pair.notes) == count
        assert (pair.source_mask is None) == (not count)
    (pair,) = opened(target, save(tmp_path / "after.png", np.dstack([RGB, GRAY]))).pairs
    assert pair.source_mask is None
    assert pair.mask is not None
    np.testing.assert_array_equal(pair.mask[:, :, 0], GRAY == 255)


@pytest.mark.parametrize("model", ["shared", "depthwise"])
@pytest.mark.parametrize("turned", [False, True])
def test_gray_and_color(tmp_path: Path, model: Model, turned: bool) -> None:
    files = [save(tmp_path / "gray.png", GRAY), save(tmp_path / "rgb.png", RGB)]
    if turned:
        files.reverse()
    with pytest.raises(ShapeError, match=f"the {model} model") as error:
        opened(files[0], files[1], model)
    assert "is gray" in str(error.value)
    assert "has 3 channels" in str(error.value)
    assert "--model full" in error.value.hint
    (pair,) = opened(files[0], files[1], "full").pairs
    assert sorted((pair.source.shape[2], pair.target.shape[2])) == [1, 3]


@pytest.mark.parametrize("turned", [False, True])
def test_gray_that_was_written_as_color_is_gray(tmp_path: Path, turned: bool) -> None:
    files = [save(tmp_path / "gray.png", GRAY), save(tmp_path / "rgb.png", np.dstack([GRAY] * 3))]
    if turned:
        files.reverse()
    (pair,) = opened(files[0], files[1]).pairs
    assert pair.source.shape == pair.target.shape == (6, 8, 1)


# Formats that lose


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("b.jpg", {}, "TARGET is a JPEG"),
        ("b.webp", {"quality": 90}, "TARGET is a WebP"),
        ("b.webp", {"lossless": True}, ""),
        ("b.gif", {}, "TARGET is a GIF, whose 256 colors are"),
        pytest.param("b.avif", {}, "TARGET is an AVIF, whose compression is", marks=NEEDS_AVIF),
        ("b.png", {}, ""),
        ("b.tif", {}, ""),
    ],
)
def test_a_target_that_lost_something(tmp_path: Path, name: str, options: dict[str, Any], said: str) -> None:
    source = save(tmp_path / "a.png", RGB)
    Image.fromarray(RGB).save(tmp_path / name, **options)
    (pair,) = opened(source, tmp_path / name).pairs
    lost = [note for note in pair.notes if "TARGET is " in note]
    assert len(lost) == bool(said)
    assert said in "".join(lost)


def test_a_jpeg_by_another_name_and_as_input(tmp_path: Path) -> None:
    source = save(tmp_path / "a.jpg", RGB)
    (tmp_path / "b.png").write_bytes(source.read_bytes())
    (pair,) = opened(source, save(tmp_path / "c.png", RGB)).pairs
    assert pair.notes == ()  # the filter was given what the file holds
    (pair,) = opened(source, tmp_path / "b.png").pairs
    assert "TARGET is a JPEG" in pair.notes[0]


# Colors


@pytest.mark.parametrize("from_p3", [True, False])
def test_a_target_is_converted_to_the_color_profile_of_input(tmp_path: Path, from_p3: bool) -> None:
    values = np.random.default_rng(2).integers(90, 160, (6, 8, 3), np.uint8)
    p3, srgb = tmp_path / "p3.png", tmp_path / "srgb.png"
    Image.fromarray(values).save(p3, icc_profile=P3)
    Image.fromarray((np.clip(in_srgb(values / 255), 0, 1) * 255).round().astype(np.uint8)).save(srgb)
    first, second = (p3, srgb) if from_p3 else (srgb, p3)
    (pair,) = opened(first, second).pairs
    assert np.abs(pair.source.astype(int) - pair.target).max() <= 2
    space = "the color profile of INPUT" if from_p3 else "sRGB"
    assert pair.notes[0] == f"{second}: its colors are converted to {space}, as the color profiles differ"
    (pair,) = opened(first, first).pairs
    assert not pair.notes


def test_a_profile_that_means_srgb_changes_nothing(tmp_path: Path) -> None:
    save(tmp_path / "a.png", RGB)
    Image.fromarray(RGB).save(
        tmp_path / "b.png", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    (pair,) = opened(tmp_path / "a.png", tmp_path / "b.png").pairs
    assert not pair.notes
    np.testing.assert_array_equal(pair.target, RGB)
