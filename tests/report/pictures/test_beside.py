"""Small pictures for a terminal, beside arithmetic by hand."""

from __future__ import annotations

import numpy as np

from convcli.image import Picture
from convcli.report.pictures.beside import joined_pixels, small_pixels


def test_a_picture_is_reduced_to_the_means_of_blocks() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    means = frame.reshape(10, 4, 15, 4, 3).mean(axis=(1, 3))
    assert np.abs(small_pixels(Picture((frame,)), (10, 100), 2) - means).max() <= 1


def test_a_small_picture_is_enlarged_by_a_whole_factor_as_far_as_there_is_room() -> None:
    frame = np.arange(12, dtype=np.uint8).reshape(2, 6, 1)
    assert np.array_equal(
        small_pixels(Picture((frame,)), (11, 20), 2)[:, :, 0], np.kron(frame[:, :, 0], np.ones((3, 3)))
    )
    assert small_pixels(Picture((frame,)), (1000, 1000), 2).shape == (16, 48, 3)


def test_more_bits_are_shown_by_their_share_of_white() -> None:
    frame = np.full((80, 80, 1), 65535, np.uint16)
    frame[:, :40] = 0
    assert small_pixels(Picture((frame,)), (8, 8), 2)[:, :, 0].tolist() == [[0] * 4 + [255] * 4] * 8


def test_numbers_are_shown_from_the_smallest_to_the_largest() -> None:
    frame = np.array([[[-2.0], [0.0], [2.0], [np.nan]]])
    pixels = small_pixels(Picture((frame,), axes="HW"), (1, 4), 2)
    assert pixels[0, :, 0].tolist() == [0, 128, 255, 0]
    planes = np.stack([np.eye(4), *np.zeros((4, 4, 4))], axis=2)
    assert np.array_equal(small_pixels(Picture((planes,), axes="CHW"), (4, 4), 2)[:, :, 1], 255 * np.eye(4))


def test_what_is_transparent_lies_on_a_checkerboard() -> None:
    for full in (np.uint8(255), np.uint16(65535)):
        frame = np.zeros((64, 64, 4), full.dtype)
        frame[:, :32] = full, 0, 0, full
        frame[:, 32:] = 0, full, 0, 0  # a hidden color
        pixels = small_pixels(Picture((frame,), has_alpha=True), (8, 8), 2)
        assert np.array_equal(pixels[:, :4], np.broadcast_to([255, 0, 0], (8, 4, 3)))
        assert pixels[:2, 4:].tolist() == [[[204] * 3] * 2 + [[153] * 3] * 2] * 2
        assert pixels[2, 4].tolist() == [153] * 3


def test_colors_of_more_bits_count_by_their_opacity() -> None:
    frame = np.zeros((8, 8, 2), np.uint16)
    frame[:, ::2] = 40000, 65535
    frame[:, 1::2] = 65535, 0  # hidden
    pixels = small_pixels(Picture((frame,), has_alpha=True), (1, 1), 2)
    assert abs(int(pixels[0, 0, 0]) - (0.5 * 40000 / 257 + 0.5 * 204)) <= 1


def test_two_pictures_are_joined_with_a_gap() -> None:
    left, right = np.full((4, 100, 3), 10, np.uint8), np.full((2, 30, 3), 20, np.uint8)
    joined = np.asarray(joined_pixels(left, right))
    assert joined.shape == (4, 134, 4)
    assert joined[0, [99, 100, 104]].tolist() == [[10, 10, 10, 255], [0, 0, 0, 0], [20, 20, 20, 255]]
    assert joined[3, 110].tolist() == [0, 0, 0, 0]
