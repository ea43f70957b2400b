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
        ("gaussian-2", "gaussian:2"),
        ("gaussian@2", "gaussian:2"),
        ("gaussian:2,", "gaussian:2"),
        ("sharpen:2", "unsharp:amount=2"),
        ("sharpen:amount=2", "unsharp:amount=2"),
        ("sharpen:8", "sharpen8"),
        ("laplacian:8", "laplacian8"),
        ("sobel:x", "sobel-x"),
        ("prewitt:vertical", "prewitt-y"),
        ("roberts:2", "roberts-2"),
        ("luma:709", "luma:bt709"),
        ("sobel:4", "sobel:5"),
        ("median:3,5", "median:3x5"),
        ("box:3,5", "box:height=3,width=5"),
        ("turn:-90", "turn:270"),
        ("turn:450", "turn:90"),
        ("turn:left", "turn:90"),
        ("turn:counter-clockwise", "turn:90"),
        ("turn:cw", "turn:270"),
        ("turn:360", ""),
        ("mirror:v", "mirror:vertical"),
        ("mirror:axis=horizontally", "mirror:horizontal"),
        ("mirror:both", "mirror | mirror:vertical"),
        ("gabor:theta=45deg", "gabor:theta=0.785398"),
        ("gabor:theta=-3*pi/4,lambda=8", "gabor:theta=-2.35619,lambda=8"),
        ("motion:9,angle=45°", "motion:9,angle=45"),
        ("motion:9,angle=pi/2", "motion:9,angle=90"),
        ("unsharp:1,2,3", "unsharp:1,2,3/255"),
        ("unsharp:threshold=3", "unsharp:threshold=3/255"),
        ("resize:800px", "resize:width=800"),
        ("resize:2x", "resize:2"),
        ("resize 2x", "resize:2"),
        ("resize:width=50%", "resize:50%"),
        ("resize:0", ""),
        ("curve:0,0 0.5,0.7 1,1", "curve:0:0 0.5:0.7 1:1"),
        ("curve:(0,0),(1,0.5)", "curve:0:0 1:0.5"),
        ("as", ""),
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


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("median:[3, 5]", "median:3x5"),
        ("maxpool:[2,3],stride=[1, 2]", "maxpool:2x3,stride=1x2"),
        ("batch-norm:mean=[0.4, 0.5, 0.6],variance=2", "batch-norm:mean=0.4 0.5 0.6,variance=2"),
        ("curve:[[0, 0], [0.5, 70%], [1, 1]],r", "curve:0:0 0.5:70% 1:1,r"),
        ("as:a | sobel | add:[a, input]", "as:a | sobel | add:a input"),
    ],
)
def test_lists_are_written_as_in_a_file_too(text: str, same: str) -> None:
    assert repr(load_filter(text).layers) == repr(load_filter(same).layers)


@pytest.mark.parametrize("text", ["median:[3", "median:3]", "median:[3,5,7]", "median:[[3,5]]", "curve:[0,0]"])
def test_other_lists_are_refused(text: str) -> None:
    with pytest.raises(FilterError):
        load_filter(text)


def test_an_unknown_filter_is_named_as_it_was_typed() -> None:
    with pytest.raises(FilterError, match="unknown filter 'sobel > Abs'"):
        load_filter("sobel > Abs")


def test_a_wrong_value_keeps_its_own_help() -> None:
    with pytest.raises(FilterError) as raised:
        load_filter("gaussian:-1")
    assert raised.value.hint.startswith("sigma is a number from")


@pytest.mark.parametrize("name", ELSEWHERE)
def test_names_of_other_programs_lead_to_filters(name: str) -> None:
    load_filter(ELSEWHERE[name])
    assert name not in filter_names()
