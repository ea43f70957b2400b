"""Masks in every form of file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convcli.errors import ConvcliError, ReadError, ShapeError, UsageError
from convcli.image import Picture, read_picture
from convcli.jobs.masks import masks_of
from convcli.jobs.pairs import open_pairs
from tests.support.pictures import save

RGB = np.random.default_rng(1).integers(1, 255, (6, 8, 3), np.uint8)
SHAPE = np.zeros((6, 8), bool)
SHAPE[1:4, 2:7] = True


def of_file(path: Path) -> NDArray[Any]:
    (mask,) = masks_of(read_picture(path), path.name)
    return np.asarray(mask[:, :, 0])


def with_alpha() -> NDArray[np.uint8]:
    rgba = np.full((*SHAPE.shape, 4), 255, np.uint8)
    rgba[..., 3] = 255 * SHAPE
    return rgba


@pytest.mark.parametrize(
    "name", ["m.png", "m.jpg", "m.tif", "m.bmp", "m.gif", "m.webp", "m.pgm", "16.png", "1.png", "rgb.png", "rgba.png"]
)
def test_pictures_of_every_kind(tmp_path: Path, name: str) -> None:
    levels = np.where(SHAPE, 255, 0).astype(np.uint8)
    image = {
        "16.png": lambda: Image.fromarray(np.where(SHAPE, 65535, 0).astype(np.uint16)),
        "1.png": lambda: Image.fromarray(SHAPE),
        "rgb.png": lambda: Image.fromarray(np.repeat(levels[..., np.newaxis], 3, 2)),
        "rgba.png": lambda: Image.fromarray(with_alpha()),
    }.get(name, lambda: Image.fromarray(levels))()
    image.save(tmp_path / name)
    # What blurs at the ends of an area is on both sides of half.
    assert np.array_equal(of_file(tmp_path / name), SHAPE)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
@pytest.mark.parametrize("white", [1, 255])
def test_arrays_of_every_kind(tmp_path: Path, dtype: Any, white: int) -> None:
    np.save(tmp_path / "m.npy", (white * SHAPE).astype(dtype))
    assert np.array_equal(of_file(tmp_path / "m.npy"), SHAPE)
    (mask,) = masks_of(Picture(((min(white, 255) * SHAPE[..., np.newaxis]).astype(np.uint8),)), "m")
    assert np.array_equal(mask[..., 0], SHAPE)


def test_white_begins_at_half(tmp_path: Path) -> None:
    levels = np.array([[0, 127, 128, 255]], np.uint8)
    assert of_file(save(tmp_path / "m.png", levels)).tolist() == [[False, False, True, True]]
    np.savetxt(tmp_path / "m.csv", [[0.0, 0.4, 0.5, 1.0]], delimiter=",")
    assert of_file(tmp_path / "m.csv").tolist() == [[False, False, True, True]]


@pytest.mark.parametrize(("level", "words"), [(0, "is black; nothing"), (9, "has no white: .* is 9 of 255;")])
def test_a_black_mask_is_refused(tmp_path: Path, level: int, words: str) -> None:
    path = save(tmp_path / "m.png", np.full((4, 4), level, np.uint8))
    with pytest.raises(UsageError, match=words) as caught:
        of_file(path)
    assert "white" in caught.value.hint


def masked(folder: Path, mask: Path | str, source: str = "a.png", target: str = "b.png") -> list[Any]:
    opened = open_pairs(str(folder / source), str(folder / target), max_pixels=10_000, mask=str(mask))
    return [None if pair.mask is None else pair.mask[..., 0] for pair in opened.pairs]


def test_a_mask_and_alpha(tmp_path: Path) -> None:
    save(tmp_path / "a.png", RGB)
    target = np.dstack([RGB, np.full(SHAPE.shape, 255, np.uint8)])
    target[2, :, 3] = 0
    Image.fromarray(target).save(tmp_path / "b.png")
    mask = save(tmp_path / "m.png", np.where(SHAPE, 255, 0).astype(np.uint8))
    wanted = SHAPE.copy()
    wanted[2] = False
    assert np.array_equal(masked(tmp_path, mask)[0], wanted)
    white = save(tmp_path / "white.png", np.full(SHAPE.shape, 255, np.uint8))
    assert masked(tmp_path, white, target="a.png") == [None]


def test_masks_of_items(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(2 * 6 * 8.0).reshape(2, 1, 6, 8))
    np.save(tmp_path / "one.npy", SHAPE)
    np.save(tmp_path / "two.npy", np.stack([SHAPE, ~SHAPE])[:, np.newaxis])
    np.save(tmp_path / "three.npy", np.ones((3, 1, 6, 8)))
    for name, wanted in (("one.npy", [SHAPE, SHAPE]), ("two.npy", [SHAPE, ~SHAPE])):
        assert np.array_equal(masked(tmp_path, tmp_path / name, "a.npy", "a.npy"), wanted)
    with pytest.raises(ShapeError, match=r"holds 3 masks, and .*a\.npy 2 items"):
        masked(tmp_path, tmp_path / "three.npy", "a.npy", "a.npy")


def test_the_masks_of_folders(tmp_path: Path) -> None:
    for name in ("in/a.png", "in/sub/b.jpg", "in/c.png", "out/a.png", "out/sub/b.jpg", "out/c.png"):
        save(tmp_path / name, RGB)
    for name in ("masks/a.png", "masks/sub/b.png", "masks/other.png"):
        save(tmp_path / name, np.where(SHAPE, 255, 0).astype(np.uint8))
    opened = open_pairs(str(tmp_path / "in"), str(tmp_path / "out"), max_pixels=10_000, mask=str(tmp_path / "masks"))
    for _ in range(2):
        assert {pair.name: pair.mask is not None for pair in opened.pairs} == {
            "a.png": True,
            "c.png": False,
            "sub/b.jpg": True,
        }
    assert opened.masks is not None
    assert opened.masks.missing == 1
    masks = masked(tmp_path, tmp_path / "masks" / "a.png", "in", "out")
    assert all(np.array_equal(each, SHAPE) for each in masks)


def test_masks_that_are_none(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "in/a.png", "out/a.png", "masks/b.png"):
        save(tmp_path / name, RGB)
    small = save(tmp_path / "small.png", np.full((5, 8), 255, np.uint8))
    cases: list[tuple[tuple[Any, ...], type[ConvcliError], str]] = [
        ((small,), ShapeError, r"small\.png is 8×5, and .*b\.png 8×6: the mask has another size than TARGET"),
        ((small, "in", "out"), ShapeError, "the mask has another size"),
        ((tmp_path / "masks",), UsageError, "is a folder, and INPUT is none"),
        ((tmp_path / "masks", "in", "out"), UsageError, "has the name of a pair"),
        ((tmp_path / "none.png",), ReadError, "does not exist"),
        (("-",), UsageError, "standard input"),
    ]
    for given, kind, words in cases:
        with pytest.raises(kind, match=words) as caught:
            masked(tmp_path, *given)
        assert caught.value.hint
