"""What convcli gives in every case of docs/peers.md, computed by hand: a function per case, no peers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

import convcli
from tests.peers import page as peer_page
from tests.peers import pictures as peer_pictures
from tests.peers import programs as peer_programs
from tests.peers.results import measure, pixels

SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]

Ours = Callable[..., list[Path]]


@pytest.fixture
def ours(tmp_path: Path) -> Ours:
    """Run convcli's commands of a case, and return what each wrote."""
    peer_pictures.draw(tmp_path)

    def run(case: str) -> list[Path]:
        written = []
        for index, row in enumerate(peer_page.ours(case)):
            output = re.search(r"\bout(\.\w+)", row.command)
            assert output
            own = f"out{index}{output[1]}"
            peer_programs.convcli(row.command.replace(output[0], own), tmp_path)
            written.append(tmp_path / own)
        return written

    return run


def correlated(picture: NDArray[Any], weights: ArrayLike) -> NDArray[np.float64]:
    """Return the exact results of a kernel of whole numbers; SciPy's mirror is our default border."""
    kernel = np.asarray(weights, float)
    kernel = kernel.reshape(*kernel.shape, *[1] * (picture.ndim - 2))
    values: NDArray[np.float64] = ndimage.correlate(picture.astype(float), kernel, mode="mirror")
    return values


def mean(picture: NDArray[Any]) -> NDArray[np.float64]:
    return correlated(picture, np.ones((3, 3))) / 9


def whole(values: NDArray[np.float64], top: int = 255) -> NDArray[np.float64]:
    """Return values as levels: rounded half up, and clipped."""
    return np.clip(np.floor(values + 0.5), 0, top)


def test_every_case_of_the_page_is_computed_here() -> None:
    names = [re.sub(r"\W+", "_", case.lower()) for case in peer_page.cases()]
    missing = [name for name in names if f"test_case_{name}" not in globals()]
    extra = {each.removeprefix("test_case_") for each in globals() if each.startswith("test_case_")} - set(names)
    assert not missing
    assert not extra


def test_case_one_kernel_three_directions(ours: Ours) -> None:
    correlation, convolution = map(pixels, ours("One kernel, three directions"))
    expected = np.zeros((9, 12))
    expected[5, 3], expected[5, 4] = 180, 90
    np.testing.assert_array_equal(correlation, expected)
    expected = np.zeros((9, 12))
    expected[3, 5], expected[3, 4] = 180, 90
    np.testing.assert_array_equal(convolution, expected)


def test_case_16_bits_become_8(ours: Ours) -> None:
    colors, gray = map(pixels, ours("16 bits become 8"))
    assert colors.dtype == gray.dtype == np.uint16
    np.testing.assert_array_equal(colors, whole(mean(peer_pictures.deep()), 65_535))
    np.testing.assert_array_equal(gray, whole(mean(peer_pictures.bar16()), 65_535))
    # Neighbors differ by less than a level of 8 bits.
    assert set(np.diff(colors[4, 1:-1, 0].astype(int))) == {16}


def test_case_fractions_are_cut_off(ours: Ours) -> None:
    (written,) = map(pixels, ours("Fractions are cut off"))
    exact = mean(peer_pictures.steps())
    assert (exact % 1 > 0.6).any(), "there is something to round up"
    np.testing.assert_array_equal(written, whole(exact))


def test_case_fractional_weights_become_whole_numbers(ours: Ours) -> None:
    (written,) = map(pixels, ours("Fractional weights become whole numbers"))
    tenths = correlated(peer_pictures.bar16(), [[1, 1, 1], [1, 2, 1], [1, 1, 1]])
    np.testing.assert_array_equal(written, whole(tenths / 10, 65_535))


def test_case_colors_of_transparent_pixels_bleed(ours: Ours) -> None:
    filtered, kept = map(pixels, ours("Colors of transparent pixels bleed"))
    picture = peer_pictures.rim()
    seen = picture[:, :, 3] > 0
    reached = ndimage.binary_dilation(seen, np.ones((3, 3)))
    # Whatever a seen pixel reaches is gray as it is; where nothing is seen all around, the magenta stays hidden.
    colors = np.where(reached[:, :, np.newaxis], [180, 180, 180], [255, 0, 255])
    for written in (filtered, kept):
        np.testing.assert_array_equal(written[:, :, :3], colors)
    np.testing.assert_array_equal(kept[:, :, 3], picture[:, :, 3])
    np.testing.assert_array_equal(filtered[:, :, 3], whole(mean(picture[:, :, 3])))


def test_case_frames_are_filtered_as_scraps(ours: Ours) -> None:
    (path,) = ours("Frames are filtered as scraps")
    for index, frame in enumerate(peer_pictures.moving()):
        np.testing.assert_array_equal(pixels(path, index), whole(mean(frame)))


def test_case_frames_bleed_into_each_other(ours: Ours) -> None:
    (path,) = ours("Frames bleed into each other")
    for index, frame in enumerate(peer_pictures.flash()):
        np.testing.assert_array_equal(pixels(path, index), frame)


def test_case_frames_are_dropped(ours: Ours) -> None:
    (path,) = ours("Frames are dropped")
    assert measure("frames", path, "") == "3"


def test_case_negative_results_are_cut_to_black(ours: Ours, tmp_path: Path) -> None:
    clipped, absolute, centered = map(pixels, ours("Negative results are cut to black"))
    exact = correlated(peer_pictures.bar(), SOBEL)
    np.testing.assert_array_equal(clipped, whole(exact))
    np.testing.assert_array_equal(absolute, np.abs(exact))
    np.testing.assert_array_equal(centered, whole(exact / 4 + 127.5))
    told = peer_programs.convcli("convcli apply sobel-x bar.png -o told.png", tmp_path).said
    assert f"{np.mean(exact < 0):.1%}".replace("%", " %") in told
    assert "--range abs" in told


def test_case_sums_wrap_around(ours: Ours) -> None:
    (written,) = map(pixels, ours("Sums wrap around"))
    exact = correlated(peer_pictures.bar(), SOBEL)
    np.testing.assert_array_equal(written, np.abs(exact))
    np.testing.assert_array_equal(convcli.apply("sobel-x", peer_pictures.bar()), whole(exact))
    np.testing.assert_array_equal(convcli.apply("sobel-x", peer_pictures.bar().astype(np.float32)), exact)


def test_case_a_kernel_of_sum_zero_gives_black(ours: Ours) -> None:
    (written,) = map(pixels, ours("A kernel of sum zero gives black"))
    np.testing.assert_array_equal(written, whole(correlated(peer_pictures.bar(), SOBEL)))


def test_case_weights_are_divided_by_their_sum(ours: Ours) -> None:
    (written,) = map(pixels, ours("Weights are divided by their sum"))
    np.testing.assert_array_equal(written, 2 * peer_pictures.dot())


def test_case_a_bias_counts_levels(ours: Ours) -> None:
    (written,) = map(pixels, ours("A bias counts levels"))
    exact = correlated(peer_pictures.bar16(), SOBEL) + 65_535 / 2
    np.testing.assert_array_equal(written, whole(exact, 65_535))


def test_case_the_rim_is_left_as_it_was(ours: Ours) -> None:
    (written,) = map(pixels, ours("The rim is left as it was"))
    expected = whole(mean(peer_pictures.bar()))
    assert (expected[0] != peer_pictures.bar()[0]).any()
    np.testing.assert_array_equal(written, expected)


def test_case_metadata_is_lost(ours: Ours) -> None:
    for path in ours("Metadata is lost"):
        told = {what: measure(what, path, "") for what in ("upright", "EXIF", "profile", "dpi")}
        assert told == {"upright": "yes", "EXIF": "kept", "profile": "kept", "dpi": "kept"}


def test_case_a_photograph_is_filtered_lying_on_its_side(ours: Ours) -> None:
    (written,) = map(pixels, ours("A photograph is filtered lying on its side"))
    upright = np.rot90(peer_pictures.turned(), -1)
    np.testing.assert_array_equal(written, whole(correlated(upright, SOBEL)))
    assert (written[:, 7:9] == 240).all()


def test_case_a_tiff_of_levels_becomes_one_of_floats(ours: Ours) -> None:
    (written,) = map(pixels, ours("A TIFF of levels becomes one of floats"))
    assert written.dtype == np.uint8
    np.testing.assert_array_equal(written, whole(mean(peer_pictures.bar())))
