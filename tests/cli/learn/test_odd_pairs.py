"""``learn`` with pairs that others made, and with pairs that are none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from tests.support.console import done, refused, run
from tests.support.pictures import harbour, save


def test_a_rim_that_was_not_filtered_is_said(tmp_path: Path) -> None:
    photo = save(tmp_path / "photo.png", harbour(60, 70) // 4 + 90)
    with Image.open(photo) as picture:
        picture.filter(ImageFilter.SHARPEN).save(tmp_path / "by-pillow.png")
    answer = done("learn", photo, tmp_path / "by-pillow.png", "-o", tmp_path / "k.yaml")
    border = "reflect, by default: TARGET's rim is INPUT's, unfiltered, as Pillow's is"
    assert f"border      {border}" in answer.lines
    assert "border: reflect" in (tmp_path / "k.yaml").read_text()
    told = json.loads(done("learn", photo, tmp_path / "by-pillow.png", "--json").stdout)["border_found"]
    assert (told["certain"], told["misfit"]) == (False, "copied")


def test_pictures_that_have_nothing_to_do_with_each_other(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, (2, 60, 70, 3), dtype=np.uint8)
    paths = save(tmp_path / "a.png", values[0]), save(tmp_path / "b.png", values[1])
    answer = run("learn", *paths, "-o", tmp_path / "k.yaml")
    assert answer.code == 1
    assert answer.lines[1] == "not the same picture"
    assert "--anyway" in answer.lines[-1]
    assert not (tmp_path / "k.yaml").exists()
    done("learn", *paths, "-o", tmp_path / "k.yaml", "--anyway")
    assert (tmp_path / "k.yaml").exists()


def test_pictures_of_different_sizes_that_have_nothing_to_do_with_each_other(tmp_path: Path) -> None:
    small, large = harbour(90, 110), np.random.default_rng(0).integers(0, 256, (140, 80, 3), dtype=np.uint8)
    paths = save(tmp_path / "a.png", small), save(tmp_path / "b.png", large)
    what, hint = refused(1, "learn", *paths, "-o", tmp_path / "k.yaml")
    assert what == "INPUT and TARGET are not the same picture"
    assert hint == "give the picture that TARGET was made of"
    assert not (tmp_path / "k.yaml").exists()


def test_values_that_are_no_numbers(tmp_path: Path) -> None:
    array = np.ones((30, 40))
    np.save(tmp_path / "a.npy", array)
    array[3, 4] = np.nan
    np.save(tmp_path / "b.npy", array)
    what, hint = refused(2, "learn", tmp_path / "a.npy", tmp_path / "b.npy", "-o", tmp_path / "k.yaml")
    assert what == "TARGET holds 1 value that is not finite (NaN or infinite)"
    assert "replace" in hint
    assert not (tmp_path / "k.yaml").exists()


def test_numbers_have_no_light(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((30, 40)))
    what, hint = refused(2, "learn", tmp_path / "a.npy", tmp_path / "a.npy", "--linear")
    assert what == f"{tmp_path / 'a.npy'} holds numbers, and --linear takes the levels of a picture for light"
    assert hint == "leave out --linear"


def test_pictures_of_one_color(tmp_path: Path) -> None:
    photo = save(tmp_path / "photo.png", harbour(60, 70))
    for level in (0, 128):
        flat = save(tmp_path / "flat.png", np.full((60, 70, 3), level, np.uint8))
        what, hint = refused(2, "learn", flat, photo)
        assert what == "INPUT has one color alone, and TARGET has not"
        assert hint == "give the picture that TARGET was made of"
    black = save(tmp_path / "black.png", np.zeros((60, 70, 3), np.uint8))
    what, _ = refused(2, "learn", photo, black, "-o", tmp_path / "k.yaml")
    assert what.startswith("TARGET is clipped everywhere")
    assert not (tmp_path / "k.yaml").exists()


def test_pictures_of_black_and_white_alone(tmp_path: Path) -> None:
    levels = harbour(60, 70)
    bilevel = save(tmp_path / "bilevel.png", np.where(levels > 100, 255, 0).astype(np.uint8))
    assert done("learn", bilevel, bilevel).lines[1] == "nothing: both hold the same pixels"
    answer = run("learn", save(tmp_path / "photo.png", levels), bilevel, "-o", tmp_path / "k.yaml")
    assert "this should not happen" not in answer.stderr
    assert answer.code in (0, 1)
