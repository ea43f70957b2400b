"""Filters in the syntax of other programs."""

from __future__ import annotations

import pytest

from convcli.catalog import filter_names, load_filter, meant_filter
from convcli.catalog.words.elsewhere import ELSEWHERE
from convcli.errors import FilterError


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("gaussian=5", "gaussian:5"),
        ("gaussian(5)", "gaussian:5"),
        ("gaussian (5)", "gaussian:5"),
        ("gaussian 5", "gaussian:5"),
        ("gaussian sigma=5", "gaussian:sigma=5"),
        ("gaussian(sigma=5, size=9)", "gaussian:sigma=5,size=9"),
        ("gaussian:sigma:5", "gaussian:sigma=5"),
        ("gaussian[5]", "gaussian:5"),
        ("gaussian: 5 9", "gaussian:5,9"),
        ("gaussian7", "gaussian:size=7"),
        ("median5", "median:size=5"),
        ("median 5x5", "median:5"),
        ("box 3x5", "box:height=3,width=5"),
        ("resize 50%", "resize:50%"),
        ("resize 640", "resize:width=640"),
        ("resize 640x480", "resize:width=640,height=480"),
        ("gaussian, sobel", "gaussian | sobel"),
        ("gaussian:2 > sobel", "gaussian:2 | sobel"),
        ("gaussian + sobel + normalize", "gaussian | sobel | normalize"),
        ("gaussian 2 then sobel", "gaussian:2 | sobel"),
        ("gaussian=2 | sobel", "gaussian:2 | sobel"),
        ("sharpen 2", "unsharp:amount=2"),
        ("sharpen=150%", "unsharp:amount=1.5"),
        ("grey | edges", "grayscale | sobel"),
        ("rotate", "turn:90"),
        ("Rotate_Left", "turn:90"),
        ("sharpen", "sharpen"),
        ("gaussian:2", "gaussian:2"),
        ("gaussian:0x2", "gaussian:2"),
        ("blur 0x2", "gaussian:2"),
        ("sharpen 0x1", "unsharp:sigma=1"),
        ("unsharp 0x1.5+0.7", "unsharp:sigma=1.5,amount=0.7"),
        ("resize 640x", "resize:width=640"),
        ("resize x480", "resize:height=480"),
        ("resize 640x480!", "resize:width=640,height=480"),
        ("crop:100x50+3+4", "crop:3,4,100,50"),
        ("gaussian:5px", "gaussian:5"),
        ("gaussian:5x5", "gaussian:size=5"),
        ("gaussian:2:5", "gaussian:2,5"),
        ("gblur=sigma=2", "gaussian:sigma=2"),
        ("boxblur=2:1", "box:5"),
        ("unsharp=5:5:1.5:5:5:0", "unsharp:amount=1.5"),
        ("scale=640:-1", "resize:width=640"),
        ("scale=-2:480", "resize:height=480"),
        ("scale=640:480", "resize:width=640,height=480"),
        ("crop=100:50:3:4", "crop:3,4,100,50"),
        ("gblur=2,hflip", "gaussian:2 | mirror"),
        ("transpose=1", "turn:270"),
        ("rotate:90", "turn:90"),
        ("rotate 45", ""),  # by no angle but right ones
        ("dilate:5", "max:5"),
        ("b&w", "grayscale"),
        ("zebra", ""),
        ("gaussian:-1", ""),
        ("gaussian zebra", ""),
        ("x" * 500, ""),
        ("", ""),
    ],
)
def test_what_is_meant(text: str, wanted: str) -> None:
    assert meant_filter(text) == wanted
    if wanted:
        load_filter(wanted)


def test_the_help_of_an_error_is_what_to_write() -> None:
    for text, wanted in (("gaussian=5", "write gaussian:5"), ("gaussian, sobel", 'write "gaussian | sobel"')):
        with pytest.raises(FilterError) as raised:
            load_filter(text)
        assert raised.value.hint == wanted
    with pytest.raises(FilterError) as raised:
        load_filter("canny")
    assert raised.value.hint.startswith('write "gaussian:1.4 | sobel | threshold:0.1"')


def test_a_wrong_value_keeps_its_own_help() -> None:
    with pytest.raises(FilterError) as raised:
        load_filter("gaussian:-1")
    assert raised.value.hint.startswith("sigma is a number from")


@pytest.mark.parametrize("name", ELSEWHERE)
def test_names_of_other_programs_lead_to_filters(name: str) -> None:
    load_filter(ELSEWHERE[name])
    assert name not in filter_names()
