from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from convcli.image import (
    Metadata,
    Picture,
    read_picture,
)
from tests.support.encoding import by_convcli
from tests.support.exif import exif, parsed
from tests.support.noise import noise

RNG = np.random.default_rng(11)


@pytest.mark.parametrize("shape", [(1, 1), (9, 14), (300, 211)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
def test_a_deep_tiff_is_read_by_others_the_same(channels: int, dtype: type, shape: tuple[int, int]) -> None:
    values = RNG.normal(size=(*shape, channels)) if dtype != np.uint16 else RNG.integers(0, 65536, (*shape, channels))
    frame: NDArray[Any] = values.astype(dtype)
    data = by_convcli(Picture((frame,), channels in (2, 4)), "tiff")
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        read, extra = file.asarray(), file.pages.first.extrasamples
    assert read.dtype == dtype
    assert np.array_equal(read.reshape(frame.shape), frame)
    assert extra == ((tifffile.EXTRASAMPLE.UNASSALPHA,) if channels in (2, 4) else ())
    if channels == 1 and dtype == np.float32:  # with libtiff, whose predictor undoes the differences of bytes
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), frame[:, :, 0])


def test_floats_that_are_no_numbers_come_back_too() -> None:
    frame = np.array([[[np.nan], [np.inf], [-np.inf], [-0.0], [1e-40], [3.5]]], np.float32)
    picture = read_picture(io.BytesIO(by_convcli(Picture((frame,)), "tiff")))
    assert picture.frames[0].tobytes() == frame.tobytes()
    assert (picture.full_scale, picture.is_array) == (1, False)


def test_a_tiff_is_compressed_without_loss() -> None:
    frame = np.zeros((500, 500, 3), np.uint8)
    data = by_convcli(Picture((frame,)), "tiff")
    assert len(data) < frame.size / 50
    image = Image.open(io.BytesIO(data))
    assert image.info["compression"] == "tiff_adobe_deflate"
    assert len(image.tag_v2[273]) > 1  # type: ignore[attr-defined]  # strips, so that readers need not hold it whole


def test_metadata_of_sixteen_bits_and_alpha_is_kept_in_tiff() -> None:
    for frame, has_alpha in ((noise(RNG, 5, 6, 4), True), (np.full((5, 6, 1), 999, np.uint16), False)):
        picture = Picture((frame,), has_alpha, Metadata(exif=exif(), dpi=(300, 300)))
        again = read_picture(io.BytesIO(by_convcli(picture, "tiff")))
        assert np.array_equal(again.frames[0], frame)
        assert again.metadata.dpi == (300, 300)
        assert parsed(again.metadata.exif)[0x010E] == "a description"


@pytest.mark.parametrize("number", [1, 3])
def test_pixels_beyond_four_gigabytes_get_offsets_of_64_bits(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcli.image.codecs.tiff.write._LARGEST_OF_32_BITS", 0)
    frames = tuple(noise(RNG, height, 211, 3) for height in (3, 1300, 600)[:number])
    pages = tuple(Picture((frame,)) for frame in frames[1:])
    data = by_convcli(Picture(frames[:1], metadata=Metadata(exif=exif(), dpi=(300, 300)), pages=pages), "tiff")
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert file.is_bigtiff
        assert len(file.pages) == number
        assert all(np.array_equal(page.asarray(), frame) for page, frame in zip(file.pages, frames, strict=True))
    with Image.open(io.BytesIO(data)) as image:  # through libtiff
        assert np.array_equal(np.asarray(image), frames[0])
    again = read_picture(io.BytesIO(data), frames="all")
    assert [each.frames[0].tobytes() for each in (again, *again.pages)] == [frame.tobytes() for frame in frames]
    assert parsed(again.metadata.exif)[0x010E] == "a description"
