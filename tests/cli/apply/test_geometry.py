"""Layers that put pixels elsewhere, through the command: some channels, brightness, metadata, limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support.console import done, refused
from tests.support.pictures import deep, harbour, logo, pixels, save

MOVES: dict[str, Any] = {
    "crop:3,4,20,10": lambda array: array[4:14, 3:23],
    "mirror:vertical": np.flipud,
    "turn:90": np.rot90,
    "resize:width=22,height=15,filter=nearest": lambda array: array[1::2, 1::2],
}


def result(folder: Path, picture: NDArray[Any], *words: str) -> NDArray[Any]:
    source, output = save(folder / "in.png", picture), folder / "out.png"
    done("apply", *words, source, "-o", output, "-f", "-q")
    return pixels(output)


@pytest.mark.parametrize("text", MOVES)
def test_channels_that_are_not_filtered_move_along(tmp_path: Path, text: str) -> None:
    move = MOVES[text]
    for picture in (harbour(), logo(30, 44)):
        shown = move(picture)[:, :, -1] > (0 if picture.shape[2] == 4 else -1)
        for channels in ("r", "g,b", "all", "luma"):
            found = result(tmp_path, picture, text, "--channels", channels)
            assert found.shape == move(picture).shape
            difference = np.abs(found.astype(int) - move(picture))[shown]
            # A brightness that goes out and back is rounded.
            assert difference.max() <= (1 if channels == "luma" else 0)
        inverted = result(tmp_path, picture, f"{text} | invert", "--channels", "g")
        expected = move(picture).copy()
        expected[:, :, 1] = 255 - expected[:, :, 1]
        np.testing.assert_array_equal(inverted[shown], expected[shown])


def test_other_channels_are_resampled_alike(tmp_path: Path) -> None:
    whole = result(tmp_path, harbour(), "resize:0.4")
    part = result(tmp_path, harbour(), "resize:0.4", "--channels", "b")
    assert np.abs(whole.astype(int) - part).max() == 0


def test_a_resized_file_says_its_own_size(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0100], exif[0x0101], exif[0x010F] = 44, 30, "Maker"
    source = tmp_path / "in.jpg"
    Image.fromarray(harbour()).save(source, exif=exif, dpi=(300, 300))
    done("apply", "resize:0.5 | turn:90", source, "-o", tmp_path / "out.jpg", "-q")
    with Image.open(tmp_path / "out.jpg") as image:
        assert image.size == (15, 22)
        assert image.info["dpi"] == (300, 300)
        written = image.getexif()
        assert (written[0x0100], written[0x0101], written[0x010F]) == (15, 22, "Maker")


def test_sixteen_bits_stay(tmp_path: Path) -> None:
    picture = deep()
    found = result(tmp_path, picture, "resize:2,filter=bilinear")
    assert found.dtype == np.uint16
    assert found.shape == (64, 80)
    assert len(np.unique(found)) > 256


def test_a_picture_that_gets_too_large_is_refused_before_it_is_computed(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    what, way = refused(1, "apply", "resize:1000", source, "-o", tmp_path / "out.png")
    assert what.endswith("in.png has 44000×30000 pixels after the filter, over the limit of 89 478 485")
    assert way == "--max-pixels 1320000000 allows it"
    what, _ = refused(1, "apply", "resize:3", source, "-o", tmp_path / "out.png", "--max-pixels", "2000")
    assert "132×90 pixels after the filter" in what
    assert not (tmp_path / "out.png").exists()
    # What is no larger than the input is none of the limit's business.
    done("apply", "turn:90", source, "-o", tmp_path / "out.png", "--max-pixels", "1320")


def test_a_crop_beyond_the_picture_is_one_line(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    what, way = refused(1, "apply", "crop:30,0,20,20", source, "-o", tmp_path / "out.png")
    assert "crop of columns 30 to 49 and rows 0 to 19, the picture is 44 wide and 30 high" in what
    assert way == "keep x + width up to 44 and y + height up to 30"


def test_levels_where_shares_are_meant(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    for text in ("curve:0:0 128:200 255:255", "median:3,border=constant:128"):
        what, way = refused(2, "apply", text, source, "-o", tmp_path / "out.png")
        assert "shares of full scale" in what
        assert "128/255" in way


def test_border_holds_for_ranks(tmp_path: Path) -> None:
    picture = np.full((5, 5), 100, np.uint8)
    found = result(tmp_path, picture, "max:3", "--border", "constant:0.5")
    assert found[0, 0] == 128
    assert found[2, 2] == 100


def test_each_layer_is_shown_with_its_settings() -> None:
    text = "median:3x5 | curve:0:0 0.5:0.7 1:1,channels=r | turn:90 | resize:width=14 | pixelate:4 | unsharp:1,1,2%"
    shown = json.loads(done("show", text, "--json", "--input-size", "3x20x28").stdout)
    assert [(row["layer"], row["settings"], row["output_shape"]) for row in shown["layers"]] == [
        ("median", "3×5", [3, 20, 28]),
        ("curve", "0:0 0.5:0.7 1:1, channels r", [3, 20, 28]),
        ("turn", "90° counter-clockwise", [3, 28, 20]),
        ("resize", "width 14, lanczos", [3, 20, 14]),
        ("pixelate", "4×4", [3, 20, 14]),
        ("unsharp", "sigma 1, amount 1, threshold 0.02", [3, 20, 14]),
    ]


def test_a_file_of_all_of_them_does_the_same(tmp_path: Path) -> None:
    text = "crop:2,3,30,20 | median:3 | curve:0:0 0.5:0.7 1:1 | mirror | turn:270 | resize:0.6 | unsharp:1,1,2%"
    (tmp_path / "steps.yaml").write_text(done("show", text, "--yaml").stdout, encoding="utf-8")
    first = result(tmp_path, harbour(), text)
    np.testing.assert_array_equal(first, result(tmp_path, harbour(), str(tmp_path / "steps.yaml")))
    (tmp_path / "hand.yaml").write_text(
        "layers:\n- crop: {x: 2, y: 3, width: 30, height: 20}\n- median: 3\n"
        "- curve: {points: [[0, 0], [0.5, 0.7], [1, 1]]}\n- mirror\n- turn: 270\n- resize: 0.6\n"
        "- unsharp: {threshold: 2%}\n"
    )
    np.testing.assert_array_equal(first, result(tmp_path, harbour(), str(tmp_path / "hand.yaml")))
