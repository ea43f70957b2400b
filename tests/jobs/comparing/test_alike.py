"""Two pictures in one form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.errors import FileError
from convcli.image import Metadata, Picture
from convcli.jobs.comparing.alike import Alike, made_alike
from tests.support.pictures import gray, harbour, logo, planes
from tests.support.profiles import P3

NAMES = ("a.png", "b.png")


def alike(first: Picture, second: Picture) -> Alike:
    return made_alike(first, second, NAMES)


def codes(found: Alike) -> list[str]:
    return [note.code for note in found.notes]


def picture(array: NDArray[Any], **settings: Any) -> Picture:
    return Picture((planes(array),), **settings)


def test_pictures_of_one_form_stay_as_they_are() -> None:
    first, second = picture(harbour()), picture(harbour() // 2)
    found = alike(first, second)
    assert found.frames == ((first.frames[0], second.frames[0]),)
    assert (found.channels, found.values, found.peak, found.notes) == (("red", "green", "blue"), "8 bits", 255, ())


@pytest.mark.parametrize("swapped", [False, True])
def test_8_bits_become_16(swapped: bool) -> None:
    low = picture(gray())
    high = picture(gray().astype(np.uint16) * 257 + 3)
    found = alike(high, low) if swapped else alike(low, high)
    (pair,) = found.frames
    assert (np.abs(pair[0].astype(int) - pair[1]) == 3).all()
    assert (found.values, found.peak, found.channels) == ("16 bits", 65535, ("gray",))
    assert codes(found) == ["depth"]
    name, other = NAMES[::-1] if swapped else NAMES
    assert found.notes[0] == f"{name} has 8 bits, and {other} 16: its levels are multiplied by 257"


def test_levels_become_floats() -> None:
    found = alike(picture(gray()), picture((gray() / 255).astype(np.float32)))
    (pair,) = found.frames
    assert np.abs(pair[0] - pair[1]).max() < 1e-7
    assert (found.values, found.peak) == ("floats", 1)
    assert found.notes == ("a.png has 8 bits, and b.png floats: its levels are divided by white",)


def test_floats_of_any_width_are_compared_as_they_are() -> None:
    first = picture((gray() / 255).astype(np.float32))
    assert alike(first, picture(gray() / 255)).notes == ()


def test_gray_is_compared_with_every_color() -> None:
    found = alike(picture(harbour()), picture(gray()))
    (pair,) = found.frames
    assert (pair[1] == gray()[:, :, np.newaxis]).all()
    assert pair[1].shape == (30, 44, 3)
    assert found.notes == ("b.png is gray, and compared with every color of a.png",)


def test_opaque_alpha_does_not_count() -> None:
    opaque = np.dstack([harbour(), np.full((30, 44), 255, np.uint8)])
    found = alike(picture(opaque, has_alpha=True), picture(harbour()))
    assert found.channels == ("red", "green", "blue")
    assert found.notes == ()
    assert np.array_equal(*found.frames[0])


def test_colors_that_neither_shows_do_not_count() -> None:
    hidden = logo().copy()
    hidden[hidden[:, :, 3] == 0, :3] = 7
    found = alike(picture(logo(), has_alpha=True), picture(hidden, has_alpha=True))
    assert np.array_equal(*found.frames[0])
    assert found.channels == ("red", "green", "blue", "alpha")
    assert codes(found) == ["hidden-colors"]


def test_a_picture_without_alpha_is_opaque() -> None:
    found = alike(picture(logo()[:, :, :3]), picture(logo(), has_alpha=True))
    (pair,) = found.frames
    assert (pair[0][:, :, 3] == 255).all()
    assert found.notes == ("a.png has no alpha channel, and counts as opaque",)


def test_different_profiles_are_converted_and_equal_ones_are_not() -> None:
    wide = picture(harbour(), metadata=Metadata(P3))
    found = alike(wide, picture(harbour()))
    assert not np.array_equal(*found.frames[0])
    assert codes(found) == ["profile-converted"]
    assert "the colors of a.png are converted to sRGB" in found.notes[0]
    assert alike(wide, wide).notes == ()


def test_numbers_have_their_range_and_are_levels_beside_a_picture() -> None:
    numbers = Picture((np.array([[[-3.0], [7.0], [np.inf]]]),), axes="HW")
    found = alike(numbers, numbers)
    assert (found.values, found.peak, found.channels) == ("numbers", 10, ("channel 0",))
    assert alike(Picture((np.ones((1, 1, 1)),), axes="HW"), Picture((np.zeros((1, 1, 1)),), axes="HW")).peak == 1
    beside = alike(Picture((gray().astype(np.float64)[:, :, np.newaxis],), axes="HW"), picture(gray()))
    assert np.array_equal(*beside.frames[0])
    assert beside.peak == 255
    assert beside.notes == ("the numbers in a.png are compared with the levels of b.png as they are",)


def test_frames_and_pages_in_pairs() -> None:
    frames = tuple(np.full((4, 5, 1), level, np.uint8) for level in (1, 2, 3))
    found = alike(Picture(frames), Picture(frames[::-1]))
    assert [(int(first[0, 0, 0]), int(second[0, 0, 0])) for first, second in found.frames] == [(1, 3), (2, 2), (3, 1)]
    document = replace(picture(gray()), pages=(picture(gray(9, 8)),))
    assert [first.shape for first, _ in alike(document, document).frames] == [(30, 44, 1), (9, 8, 1)]
    mixed = replace(picture(gray()), pages=(picture(harbour()),))
    with pytest.raises(FileError, match=r"pages of a\.png and b\.png are not of one kind"):
        alike(mixed, mixed)


@pytest.mark.parametrize(
    ("sizes", "advice"),
    [
        (((30, 44), (44, 30)), "convcli apply turn:90 b.png -o turned.png turns it, turn:270 the other way"),
        (((30, 44), (60, 88)), "convcli apply resize:width=44,height=30 b.png -o resized.png makes them alike"),
        (((30, 44), (31, 30)), "convcli apply crop:X,Y,30,30 FILE -o part.png cuts one size out of each"),
    ],
)
def test_other_sizes_say_what_to_do(sizes: tuple[tuple[int, int], tuple[int, int]], advice: str) -> None:
    first, second = (picture(gray(*size)) for size in sizes)
    with pytest.raises(FileError) as caught:
        alike(first, second)
    (height, width), (tall, wide) = sizes
    assert caught.value.message == f"a.png is {width}×{height}, and b.png {wide}×{tall}: they differ in size"
    assert caught.value.hint == advice


def test_the_advice_for_arrays_writes_arrays() -> None:
    first, second = (Picture((np.zeros((*size, 1)),), axes="HW") for size in ((3, 4), (6, 8)))
    with pytest.raises(FileError) as caught:
        made_alike(first, second, ("a.npy", "b.npy"))
    assert caught.value.hint == "convcli apply resize:width=4,height=3 b.npy -o resized.npy makes them alike"


def test_other_numbers_of_frames_and_channels_say_what_to_do() -> None:
    frames = Picture(tuple(np.zeros((3, 4, 1), np.uint8) for _ in range(3)))
    with pytest.raises(FileError) as caught:
        alike(frames, picture(gray(3, 4)))
    assert caught.value.message == "a.png holds 3 frames, and b.png 1"
    assert caught.value.hint == "convcli apply identity a.png --frame 0 -o first.png takes the first frame of a.png"
    with pytest.raises(FileError) as caught:
        alike(Picture((np.zeros((3, 4, 5)),), axes="CHW"), Picture((np.zeros((3, 4, 2)),), axes="CHW"))
    assert caught.value.message == "a.png has 5 channels, and b.png 2"


def test_frames_of_an_animation_are_compared_with_pages_of_a_document() -> None:
    one, two = planes(gray()), planes(gray() // 2)
    animation = Picture((one, two, one))
    document = Picture((one,), pages=(Picture((two,)), Picture((two,))))
    for first, second in ((animation, document), (document, animation)):
        found = alike(first, second)
        assert [bool((here == there).all()) for here, there in found.frames] == [True, True, False]


def test_a_command_that_is_advised_quotes_names() -> None:
    turned = np.ascontiguousarray(gray()[:20, :30].T)
    with pytest.raises(FileError) as raised:
        made_alike(picture(gray()[:20, :30]), picture(turned), ("a.png", "my photo.png"))
    assert raised.value.hint.startswith('convcli apply turn:90 "my photo.png" -o turned.png')
