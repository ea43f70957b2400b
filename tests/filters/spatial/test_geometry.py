from __future__ import annotations

from typing import Any

import pytest

from convcli.catalog import load_filter
from convcli.errors import ShapeError, UsageError
from convcli.filters import Crop, Curve, Median, Mirror, Pixelate, Resize, Turn
from convcli.filters.layer import ReceptiveField, layer_rows
from tests.support.filters import refusal


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("crop:2,3,7,5", (3, 5, 7)),
        ("mirror", (3, 13, 17)),
        ("turn:90", (3, 17, 13)),
        ("turn:180", (3, 13, 17)),
        ("resize:0.5", (3, 7, 9)),
        ("resize:width=34", (3, 26, 34)),
        ("resize:height=1", (3, 1, 1)),
        ("median:5", (3, 13, 17)),
        ("pixelate:4", (3, 13, 17)),
    ],
)
def test_shapes(text: str, shape: tuple[int, int, int]) -> None:
    assert load_filter(text).output_shape((3, 13, 17)) == shape


@pytest.mark.parametrize("text", ["crop:0,0,18,1", "crop:17,0,1,1", "crop:0,13,1,1", "crop:2,3,15,11"])
def test_a_crop_beyond_the_picture_says_both_sizes(text: str) -> None:
    with pytest.raises(ShapeError, match="the picture is 17 wide and 13 high") as caught:
        load_filter(text).output_shape((3, 13, 17))
    assert caught.value.message.startswith("crop of columns ")
    assert caught.value.hint == "keep x + width up to 17 and y + height up to 13"
    assert caught.value.hint.isascii()


def fields(text: str, height: int = 100, width: int = 80) -> list[ReceptiveField]:
    return [row.receptive_field for row in layer_rows(load_filter(text).layers, (1, height, width))]


def test_receptive_fields() -> None:
    assert fields("median:3x5 | box:3")[-1].extent == (5, 7)
    # Of a turned picture a window lies across: 3 high and 5 wide is 5 high and 3 wide before.
    assert fields("turn:90 | median:3x5")[-1].extent == (5, 3)
    assert fields("turn:90 | median:3x5 | turn:270 | median:3x1")[-1].extent == (7, 3)
    assert fields("turn:180 | median:3x5")[-1].extent == (3, 5)
    assert fields("crop:0,0,20,20 | max:4")[-1].extent == (4, 4)
    # Box of half the size: 2×2 pixels a value, 2 apart.
    assert fields("resize:0.5,filter=box") == [ReceptiveField((2, 2), (2, 2))]
    assert fields("resize:0.5,filter=box | box:3")[-1].extent == (6, 6)
    assert fields("resize:2,filter=lanczos | box:3")[-1].extent == (7, 7)
    assert fields("resize:2")[0].stride == (0.5, 0.5)
    assert fields("resize:width=20,height=50,filter=nearest")[0] == ReceptiveField((1, 1), (2, 4))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("crop", "crop has no x, y, width and height"),
        ("crop:1,2,3", "crop has no height"),
        ("pixelate", "pixelate has no size"),
        ("turn", "turn has no degrees"),
        ("turn:45", "turn: degrees 45 is not one of 90, 180, 270"),
        ("turn:-90", "turn: degrees -90 is not one of 90, 180, 270"),
        ("mirror:diagonal", "mirror: axis 'diagonal' is not one of horizontal, vertical"),
        ("resize", "resize takes a scale, or a width and a height"),
        ("resize:2,width=3", "resize takes a scale, or a width and a height, not both"),
        ("resize:0", "resize: scale '0' is not a number from 0.001 to 1000"),
        ("resize:2,filter=cubic", "resize: filter 'cubic' is not one of nearest, box"),
        ("median:0", "median: size 0 is not a whole number from 1 to 99"),
        ("median:101", "median: size 101 is not a whole number from 1 to 99"),
        ("curve", "curve has no points"),
        ("curve:0:0", "curve: points '0:0' is not points such as 0:0 0.5:0.7 1:1"),
        ("curve:0:0 1", "'1' is no point of a curve"),
        ("curve:0:0 1:x", "'x' is not a number"),
        ("curve:0:0 0:1", "a curve goes on from x = 0 to 0"),
        ("curve:0.5:0 0.2:1", "a curve goes on from x = 0.5 to 0.2"),
        ("curve:0:0 1:1,channels=a", "curve: channels 'a' is not one of all, r, g, b, rg, rb, gb"),
        ("unsharp:1,1,2", "unsharp: threshold '2' is not a share from 0 to 1, such as 3/255 or 1%"),
    ],
)
def test_refusals_say_what_is_taken(text: str, message: str) -> None:
    error = refusal(text)
    assert error.message.startswith(message)
    assert error.hint


@pytest.mark.parametrize(
    "make",
    [
        lambda: Crop(-1, 0, 2, 2),
        lambda: Crop(0, 0, 0, 2),
        lambda: Mirror("left"),
        lambda: Turn(45),
        Resize,
        lambda: Resize(0.0),
        lambda: Resize(1.0, width=3),
        lambda: Resize(width=0),
        lambda: Resize(1.0, filter="spline"),
        lambda: Median((0, 3)),
        lambda: Pixelate((0, 1)),
        lambda: Curve([(0, 0)]),
        lambda: Curve([(0, 0), (0, 1)]),
        lambda: Curve([(0, 0), (1, float("nan"))]),
        lambda: Curve([(0, 0), (1, 1)], "x"),
    ],
)
def test_values_that_make_no_layer(make: Any) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert caught.value.hint
