"""A picture under many filters."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import convcli
from convcli.errors import ConvcliError
from convcli.image import Picture
from convcli.report import Tile, draw_gallery, gallery_page, reduced, sample_subject, subject_of, tile_of
from tests.report.pages.test_filter_page import checked
from tests.support.pictures import gray, harbour


def tile(text: str, array: NDArray[np.uint8] | None = None) -> Tile:
    picture = Picture((harbour(60, 90) if array is None else array,))
    return tile_of(text, convcli.load_filter(text), subject_of(picture, "photo.png"))


def test_a_tile_is_what_apply_makes() -> None:
    found = tile("sharpen")
    assert (found.text, found.description) == ("sharpen", "Stronger edges, same brightness")
    assert np.array_equal(found.pixels, convcli.apply("sharpen", harbour(60, 90)))


def test_a_tile_that_would_be_black_is_stretched() -> None:
    found = tile("dog")
    assert found.text == "dog --range stretch"
    assert np.array_equal(found.pixels, convcli.apply("dog", harbour(60, 90), range="stretch"))
    black = tile("sobel", np.zeros((20, 20, 3), np.uint8))
    assert black.text == "sobel", "nothing is there to be stretched"


def test_what_makes_no_picture_is_refused() -> None:
    with pytest.raises(ConvcliError, match="linear:4 makes no picture"):
        tile("linear:4")


def test_a_large_picture_is_reduced_before() -> None:
    large = subject_of(Picture((harbour(600, 1000),)), "photo.png")
    assert reduced(large).picture.frames[0].shape == (288, 480, 3)
    small = subject_of(Picture((gray(60, 90)[:, :, np.newaxis],)), "photo.png")
    assert reduced(small) is small
    gray_and_large = subject_of(Picture((gray(600, 1000)[:, :, np.newaxis],)), "photo.png")
    assert reduced(gray_and_large).picture.colors == 1
    numbers = subject_of(Picture((np.zeros((600, 600, 1)),), axes="HW"), "numbers.npy")
    assert reduced(numbers) is numbers


def test_a_page_has_the_picture_and_every_tile() -> None:
    tiles = [tile(text) for text in ("sharpen", "sobel")]
    found = checked(gallery_page([*tiles, Tile("<b>", "& more", tiles[0].pixels)], sample_subject()))
    assert [each["alt"] for each in found.all("img")] == ["the picture", "sharpen", "sobel", "<b>"]
    assert "the test picture under 3 filters" in found.texts


def test_a_page_of_much_noise_stays_below_2_megabytes() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (480, 480, 3), np.uint8)
    subject = subject_of(Picture((noise,)), "noise.png")
    checked(gallery_page([Tile(str(number), "noise", noise) for number in range(60)], subject))


@pytest.mark.parametrize("count", [1, 5, 8, 53])
def test_a_picture_of_all_tiles(count: int) -> None:
    drawn = draw_gallery([tile("sharpen")] * count, sample_subject())
    assert drawn.shape[2] == 3
    assert drawn.shape[1] < 1800
    assert 0.2 < drawn.shape[1] / drawn.shape[0] < 4
