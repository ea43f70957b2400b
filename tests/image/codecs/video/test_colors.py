"""Colors of videos are those that their matrix and range mean, by arithmetic, and are stored so again."""

from __future__ import annotations

import io

import numpy as np
import pytest

from convcli.image import read_picture
from convcli.image.codecs.video.colors import Colors
from tests.support.videos import FIELD, SQUARE, video

av = pytest.importorskip("av", reason="PyAV comes with the extra [video]")
# The weights of red and blue in the brightness, of ITU-R BT.601, BT.709 and BT.2020, by the number of the matrix.
WEIGHTS = {5: (0.299, 0.114), 1: (0.2126, 0.0722), 9: (0.2627, 0.0593)}


def stored(rgb: tuple[int, int, int], matrix: int, *, full: bool) -> list[float]:
    """Return brightness and the differences of blue and red as 8 bits hold them."""
    red, green, blue = (each / 255 for each in rgb)
    of_red, of_blue = WEIGHTS[matrix]
    light = of_red * red + (1 - of_red - of_blue) * green + of_blue * blue
    shares = (blue - light) / (2 - 2 * of_blue), (red - light) / (2 - 2 * of_red)
    spread, black, swing = (255, 0, 255) if full else (219, 16, 224)
    return [black + spread * light, *(128 + swing * each for each in shares)]


def file_of(planes: dict[str, list[float]], matrix: int, *, full: bool) -> bytes:
    """Return a video without loss whose planes hold the numbers of the field and the square."""
    stream = io.BytesIO()
    file = av.open(stream, "w", format="matroska")
    made = file.add_stream("ffv1", rate=25)
    made.width, made.height, made.pix_fmt = 64, 48, "yuv444p"
    made.codec_context.colorspace, made.codec_context.color_range = matrix, 2 if full else 1
    array = np.empty((3, 48, 64), np.uint8)
    array[:] = np.rint(planes["field"])[:, None, None]
    array[:, :24, :32] = np.rint(planes["square"])[:, None, None]
    frame = av.VideoFrame.from_ndarray(array, format="yuv444p")
    frame.pts = 0
    file.mux(made.encode(frame))
    file.mux(made.encode(None))
    file.close()
    return stream.getvalue()


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", WEIGHTS)
def test_colors_are_those_of_the_matrix_and_the_range(matrix: int, full: bool) -> None:
    planes = {name: stored(rgb, matrix, full=full) for name, rgb in (("field", FIELD), ("square", SQUARE))}
    pixels = read_picture(io.BytesIO(file_of(planes, matrix, full=full))).frames[0].astype(int)
    assert np.abs(pixels[40, 60] - FIELD).max() <= 2
    assert np.abs(pixels[4, 4] - SQUARE).max() <= 2


def test_an_unknown_matrix_is_that_of_the_size() -> None:
    small = {name: stored(rgb, 5, full=False) for name, rgb in (("field", FIELD), ("square", SQUARE))}
    pixels = read_picture(io.BytesIO(file_of(small, 2, full=False))).frames[0].astype(int)
    assert np.abs(pixels[40, 60] - FIELD).max() <= 2


def test_ten_bits_are_read_as_16_where_they_are_wanted() -> None:
    data = video(4, codec="libx265", pixels="yuv420p10le")
    deep, shallow = (read_picture(io.BytesIO(data), deep=deep) for deep in (True, False))
    assert (deep.dtype.name, shallow.dtype.name) == ("uint16", "uint8")
    assert np.abs(deep.frames[0][40, 60] / 257 - FIELD).max() < 3
    assert np.abs(shallow.frames[0][40, 60].astype(int) - FIELD).max() < 3


def test_colors_of_wide_gamut_come_with_their_profile() -> None:
    picture = read_picture(io.BytesIO(video(1, colors=(1, 1, 9, 1))))
    assert picture.metadata.icc[16:20] == b"RGB "
    assert not read_picture(io.BytesIO(video(1))).metadata.icc
    high = read_picture(io.BytesIO(video(1, colors=(1, 1, 9, 16))))
    assert "high-dynamic-range" in [note.code for note in high.notes]


@pytest.mark.parametrize(
    ("form", "sampling"), [("gray", "420"), ("yuv420p", "420"), ("yuv444p", "444"), ("rgb24", "444")]
)
def test_gray_is_written_as_most_players_take_it(form: str, sampling: str) -> None:
    colors = Colors.of(av.VideoFrame.from_ndarray(np.zeros((16, 16), np.uint8), format="gray").reformat(format=form))
    assert (colors.sampling, colors.bits) == (sampling, 8)


def test_fewer_bits_than_8_are_8() -> None:
    frame = av.VideoFrame.from_ndarray(np.zeros((16, 16), np.uint8), format="gray").reformat(format="rgb565le")
    assert Colors.of(frame).bits == 8
