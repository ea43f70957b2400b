"""--channels, --linear and --alpha, against SciPy and the formulas written once more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from tests.support.console import done, names, refused, run
from tests.support.pictures import deep, gray, harbour, logo, pixels, planes, save

GAUSSIAN = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
BLUR = "binomial:5"
SOBEL_X = "-1 0 1; -2 0 2; -1 0 1"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return save(tmp_path / "in.png", harbour())


def applied(folder: Path, *words: str | Path) -> NDArray[Any]:
    """Run apply with these words, and return what it wrote."""
    done("apply", *words, "-o", folder / "applied.png", "--force")
    return pixels(folder / "applied.png")


def blurred(channel: NDArray[Any]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = ndimage.correlate(channel.astype(np.float64), GAUSSIAN, mode="mirror")
    return result


def light_of(levels: NDArray[Any]) -> NDArray[np.float64]:
    share = levels / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def levels_of(light: NDArray[Any]) -> NDArray[np.float64]:
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)


def assert_rounded(found: NDArray[Any], expected: NDArray[np.float64]) -> None:
    """Values are what was computed, rounded: but for those that lie at a half, where an error of 1e-4 decides."""
    assert found.shape == expected.shape
    assert np.abs(found - np.clip(expected, 0, np.iinfo(found.dtype).max)).max() <= 0.5 + 1e-3


# Named channels


@pytest.mark.parametrize("named", ["r", "g", "b", "r,b", "B , g"])
def test_named_channels_are_filtered_and_the_others_kept(tmp_path: Path, source: Path, named: str) -> None:
    whole = applied(tmp_path, "sharpen", source)
    found = applied(tmp_path, "sharpen", source, "--channels", named)
    for channel, letter in enumerate("rgb"):
        expected = whole if letter in named.lower() else harbour()
        np.testing.assert_array_equal(found[:, :, channel], expected[:, :, channel])


@pytest.mark.parametrize("words", [("--padding", "valid"), ("--stride", "2")], ids=["valid", "stride"])
def test_kept_channels_go_along(tmp_path: Path, source: Path, words: tuple[str, str]) -> None:
    found = applied(tmp_path, "box", source, "--channels", "g", *words)
    expected = harbour()[1:-1, 1:-1] if "valid" in words else harbour()[::2, ::2]
    np.testing.assert_array_equal(found[:, :, [0, 2]], expected[:, :, [0, 2]])
    np.testing.assert_array_equal(found[:, :, 1], applied(tmp_path, "box", source, *words)[:, :, 1])


def test_alpha_alone(tmp_path: Path) -> None:
    rgba = save(tmp_path / "rgba.png", logo())
    found = applied(tmp_path, BLUR, rgba, "--channels", "a")
    shown = logo()[:, :, 3] > 0
    np.testing.assert_array_equal(found[shown][:, :3], logo()[shown][:, :3])
    assert_rounded(found[:, :, 3], blurred(logo()[:, :, 3]))


def test_alpha_among_named_channels_is_filtered(tmp_path: Path) -> None:
    rgba = save(tmp_path / "rgba.png", logo())
    filtered = applied(tmp_path, BLUR, rgba, "--alpha", "filter")
    np.testing.assert_array_equal(applied(tmp_path, BLUR, rgba, "--channels", "r,g,b,a"), filtered)
    found = applied(tmp_path, BLUR, rgba, "--channels", "g,a")
    np.testing.assert_array_equal(found[:, :, [1, 3]], filtered[:, :, [1, 3]])
    # What was hidden and comes to light has no color of its own.
    shown = logo()[:, :, 3] > 0
    np.testing.assert_array_equal(found[shown][:, [0, 2]], logo()[shown][:, [0, 2]])
    np.testing.assert_array_equal(found[~shown], filtered[~shown])


def test_all_colors_by_their_names_are_all(tmp_path: Path, source: Path) -> None:
    whole = applied(tmp_path, "sepia", source)
    np.testing.assert_array_equal(applied(tmp_path, "sepia", source, "--channels", "r,g,b"), whole)
    mono = save(tmp_path / "gray.png", gray())
    np.testing.assert_array_equal(
        applied(tmp_path, "sharpen", mono, "--channels", "r,g,b,a"), applied(tmp_path, "sharpen", mono)
    )


def test_the_range_is_of_the_named_channels(tmp_path: Path, source: Path) -> None:
    found = applied(tmp_path, SOBEL_X, source, "--channels", "r", "--range", "stretch")
    assert (found[:, :, 0].min(), found[:, :, 0].max()) == (0, 255)
    np.testing.assert_array_equal(found[:, :, 1:], harbour()[:, :, 1:])


# Brightness


@pytest.mark.parametrize("linear", [False, True], ids=["levels", "light"])
@pytest.mark.parametrize("alpha", [False, True], ids=["opaque", "alpha"])
def test_identity_of_brightness_changes_nothing(tmp_path: Path, linear: bool, alpha: bool) -> None:
    array = logo() if alpha else harbour()
    path = save(tmp_path / "in.png", array)
    for channels in ("luma", "all", "r"):
        words = ("--channels", channels, *(["--linear"] if linear else []))
        np.testing.assert_array_equal(applied(tmp_path, "identity", path, *words), array)


def test_brightness_is_filtered_and_the_color_kept(tmp_path: Path, source: Path) -> None:
    array = harbour().astype(np.float64)
    brightness = array @ (0.299, 0.587, 0.114)
    expected = array + (blurred(brightness) - brightness)[:, :, np.newaxis]
    inside = ((expected >= 0) & (expected <= 255)).all(axis=2)
    assert inside.mean() > 0.5
    found = applied(tmp_path, BLUR, source, "--channels", "luma")
    assert_rounded(found[inside], expected[inside])
    # Outside of the range the brightness is right all the same, as far as three rounded channels have it.
    assert np.abs(found @ (0.299, 0.587, 0.114) - blurred(brightness)).max() <= 0.5 + 1e-3


def test_brightness_of_light_is_filtered(tmp_path: Path, source: Path) -> None:
    light = light_of(harbour())
    luminance = light @ (0.2126, 0.7152, 0.0722)
    expected = light + (blurred(luminance) - luminance)[:, :, np.newaxis]
    inside = ((expected >= 0) & (expected <= 1)).all(axis=2)
    assert inside.mean() > 0.3
    found = applied(tmp_path, BLUR, source, "--channels", "luma", "--linear")
    assert_rounded(found[inside], levels_of(expected[inside]))


@pytest.mark.parametrize("into", ["clip", "abs", "stretch", "center"])
@pytest.mark.parametrize("linear", [(), ("--linear",)], ids=["levels", "light"])
def test_a_gray_picture_in_color_is_filtered_as_in_gray(tmp_path: Path, into: str, linear: tuple[str, ...]) -> None:
    mono = save(tmp_path / "gray.png", gray())
    color = save(tmp_path / "color.png", np.dstack([gray()] * 3))
    words = ("--range", into, *linear)
    expected = applied(tmp_path, SOBEL_X, mono, *words)
    np.testing.assert_array_equal(applied(tmp_path, SOBEL_X, mono, *words, "--channels", "luma"), expected)
    found = applied(tmp_path, SOBEL_X, color, *words, "--channels", "luma")
    # The light of gray is a sum of three products, which misses a half by a rounding.
    assert np.abs(found.astype(int) - expected[:, :, np.newaxis]).max() <= bool(linear)
    assert np.mean(found != expected[:, :, np.newaxis]) < 0.01
    assert (found == found[:, :, :1]).all()


def test_brightness_is_weighed_by_alpha(tmp_path: Path) -> None:
    """What is hidden does not count: another hidden color changes no pixel that is seen."""
    array = logo()
    assert (array[:, :, 3] == 0).any()
    other = array.copy()
    other[array[:, :, 3] == 0, :3] = (0, 255, 0)
    seen = array[:, :, 3] > 0
    for words in (("--channels", "luma"), ("--channels", "luma", "--linear"), ("--linear",), ("--channels", "r")):
        one, two = (applied(tmp_path, BLUR, save(tmp_path / "x.png", each), *words) for each in (array, other))
        np.testing.assert_array_equal(one[seen], two[seen])
        np.testing.assert_array_equal(one[:, :, 3], array[:, :, 3])


# Light


def test_light_is_filtered(tmp_path: Path, source: Path) -> None:
    found = applied(tmp_path, BLUR, source, "--linear")
    for channel in range(3):
        assert_rounded(found[:, :, channel], levels_of(blurred(light_of(harbour()[:, :, channel]))))


def test_light_of_sixteen_bits(tmp_path: Path) -> None:
    path = save(tmp_path / "deep.png", deep())
    np.testing.assert_array_equal(applied(tmp_path, "identity", path, "--linear"), deep())
    found = applied(tmp_path, BLUR, path, "--linear")
    assert found.dtype == np.uint16
    assert_rounded(found, 257 * levels_of(blurred(light_of(deep() / 257))))
    eight = applied(tmp_path, BLUR, path, "--linear", "--depth", "8")
    assert_rounded(eight, levels_of(blurred(light_of(deep() / 257))))


def test_red_beside_green_is_yellow_in_light_and_olive_in_levels(tmp_path: Path) -> None:
    array = np.zeros((8, 20, 3), np.uint8)
    array[:, :10, 0] = array[:, 10:, 1] = 255
    path = save(tmp_path / "edge.png", array)
    words = ("1 1", path, "--normalize", "sum")
    np.testing.assert_array_equal(applied(tmp_path, *words)[4, 10], [128, 128, 0])
    np.testing.assert_array_equal(applied(tmp_path, *words, "--linear")[4, 10], [188, 188, 0])


def test_a_pipeline_in_light(tmp_path: Path, source: Path) -> None:
    found = applied(tmp_path, f"{BLUR} | maxpool:2", source, "--linear")
    for channel in range(3):
        soft = blurred(light_of(harbour()[:, :, channel]))
        largest = soft.reshape(15, 2, 22, 2).max(axis=(1, 3))
        assert_rounded(found[:, :, channel], levels_of(largest))


def test_a_bias_is_a_share_of_the_light_of_white(tmp_path: Path, source: Path) -> None:
    assert (applied(tmp_path, "0", source, "--bias", "50%", "--linear") == 188).all()
    assert (applied(tmp_path, "0", source, "--bias", "50%") == 128).all()


def test_alpha_is_never_light(tmp_path: Path) -> None:
    rgba = save(tmp_path / "rgba.png", logo())
    found = applied(tmp_path, BLUR, rgba, "--linear", "--alpha", "filter")
    assert_rounded(found[:, :, 3], blurred(logo()[:, :, 3]))
    share = logo()[:, :, 3] / 255
    total = blurred(share)
    seen = total > 1e-3
    for channel in range(3):
        mean = blurred(light_of(logo()[:, :, channel]) * share)[seen] / total[seen]
        assert_rounded(found[:, :, channel][seen], levels_of(mean))
    assert applied(tmp_path, BLUR, rgba, "--linear", "--alpha", "drop").shape[2] == 3


@pytest.mark.parametrize("words", [("--linear",), ("--channels", "luma"), ("--channels", "luma", "--linear")])
def test_clipped_values_are_counted(tmp_path: Path, words: tuple[str, ...]) -> None:
    array = np.repeat(np.where(np.arange(40) % 8 < 4, 30, 220)[np.newaxis], 30, axis=0).astype(np.uint8)
    path = save(tmp_path / "in.png", np.dstack([array] * 3))
    answer = run("apply", "0 -4 0; 0 9 0; 0 -4 0", path, "-o", tmp_path / "same.png", "--json", *words)
    assert json.loads(answer.stdout)["clipped"] == 0
    answer = run("apply", "-4 9 -4", path, "-o", tmp_path / "out.png", "--json", *words)
    assert json.loads(answer.stdout)["clipped"] == 18 / 40  # both sides of nine edges
    assert "of the values were clipped" in answer.stderr


# With everything else


@pytest.mark.parametrize("words", [("--linear",), ("--channels", "luma"), ("--channels", "r,b"), ("--channels", "a")])
def test_sheets_and_files_of_channels(tmp_path: Path, words: tuple[str, ...]) -> None:
    rgba = save(tmp_path / "rgba.png", logo())
    whole = applied(tmp_path, BLUR, rgba, *words)
    (tmp_path / "out").mkdir()
    done("apply", BLUR, rgba, "-o", tmp_path / "out" / "map.png", "--each", *words)
    assert names(tmp_path / "out") == ["map-0.png", "map-1.png", "map-2.png"]
    for channel in range(3):
        part = pixels(tmp_path / "out" / f"map-{channel}.png")
        np.testing.assert_array_equal(part, whole[:, :, [channel, 3]])
    assert applied(tmp_path, BLUR, rgba, "--sheet", *words).shape[2] == 3


def test_numbers_of_a_picture(tmp_path: Path, source: Path) -> None:
    """Levels, neither clipped nor rounded."""
    for words in (("--linear",), ("--channels", "luma"), ("--channels", "r"), ("--channels", "luma", "--linear")):
        done("apply", "sharpen", source, "-o", tmp_path / "y.npy", "--force", *words)
        values = np.load(tmp_path / "y.npy").transpose(1, 2, 0)
        assert values.min() < -1
        inside = ((values >= 0) & (values <= 255)).all(axis=2)
        assert_rounded(planes(applied(tmp_path, "sharpen", source, *words))[inside], values[inside])


def test_a_folder_in_processes_and_a_dry_run(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        save(tmp_path / "in" / f"{number}.png", harbour()[:, number:])
    words = ("apply", BLUR, tmp_path / "in", "--channels", "luma", "--linear")
    assert "would write" in done(*words, "-o", f"{tmp_path}/out/", "-n").stderr
    assert not (tmp_path / "out").exists()
    done(*words, "-o", f"{tmp_path}/out/", "-j", "2")
    for number in range(3):
        alone = applied(tmp_path, BLUR, tmp_path / "in" / f"{number}.png", "--channels", "luma", "--linear")
        np.testing.assert_array_equal(pixels(tmp_path / "out" / f"{number}.png"), alone)


def test_what_contradicts_itself_is_refused_at_once(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out.png"
    for text in ("x", "", "r,", "luma,a", "rgb", "r,r", "red"):
        what, helps = refused(2, "apply", "sharpen", source, "-o", target, "--channels", text)
        assert repr(text) in what
        assert helps
    assert "contradict" in refused(2, "apply", "box", source, "-o", target, "--channels", "r,a", "--alpha", "drop")[0]
    # Luma has an a in it, and all has one too.
    done("apply", "box", source, "-o", target, "--channels", "luma", "--alpha", "drop", "-n")
    done("apply", "box", source, "-o", target, "--channels", "all", "--alpha", "drop", "-n")


@pytest.mark.parametrize("text", ["sepia", "luma", "swap-rb | relu"])
@pytest.mark.parametrize("channels", ["luma", "r", "g,b", "a"])
def test_filters_that_mix_channels_are_refused(tmp_path: Path, text: str, channels: str) -> None:
    rgba = save(tmp_path / "rgba.png", logo())
    what, helps = refused(1, "apply", text, rgba, "-o", tmp_path / "out.png", "--channels", channels)
    assert "mixes channels or changes their number" in what
    assert "--channels" in helps
    words = ("apply", text, rgba, "-o", tmp_path / "out.png", "--channels", channels, "--sheet")
    assert refused(1, *words) == (what, helps)
    assert names(tmp_path) == ["rgba.png"]


def test_filters_that_make_channels_are_refused(tmp_path: Path, source: Path) -> None:
    np.save(tmp_path / "w.npy", np.ones((5, 1, 3, 3)))
    (tmp_path / "five.yaml").write_text("weights: {file: w.npy}\n")
    what, helps = refused(1, "apply", tmp_path / "five.yaml", source, "-o", tmp_path / "o.npy", "--channels", "luma")
    assert "changes their number" in what
    assert "--channels" in helps


def test_a_kernel_that_does_not_fit_says_so_itself(tmp_path: Path, source: Path) -> None:
    words = ("apply", "box:45", source, "-o", tmp_path / "out.png", "--padding", "valid", "--channels", "luma")
    assert "does not fit into a picture of 30×44" in refused(1, *words)[0]


def test_channels_that_a_picture_lacks(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out.png"
    assert "no alpha channel" in refused(1, "apply", "box", source, "-o", target, "--channels", "a")[0]
    mono = save(tmp_path / "gray.png", gray())
    assert "is gray and has no green" in refused(1, "apply", "box", mono, "-o", target, "--channels", "g,b")[0]


@pytest.mark.parametrize("words", [("--linear",), ("--channels", "luma"), ("--channels", "r,g,b")])
def test_arrays_have_no_colors_and_no_light(tmp_path: Path, words: tuple[str, ...]) -> None:
    np.save(tmp_path / "x.npy", np.ones((3, 8, 9)))
    what, helps = refused(1, "apply", "box", tmp_path / "x.npy", "-o", tmp_path / "y.npy", *words)
    assert "holds numbers" in what
    assert helps == f"leave out {words[0]}"


# Transparency


def test_colors_that_come_to_light_are_those_that_were_seen(tmp_path: Path) -> None:
    """Of brightness with filtered alpha: seen pixels keep their own color, hidden ones have none to keep."""
    array = np.zeros((20, 30, 4), np.uint8)
    array[:, :, :3] = (255, 0, 255)
    array[:, :15] = (120, 90, 60, 255)
    path = save(tmp_path / "half.png", array)
    for words in ((), ("--linear",), ("--stride", "2")):
        found = applied(tmp_path, BLUR, path, "--channels", "luma", "--alpha", "filter", *words)
        shown = found[:, :, 3] > 0
        assert shown.any(axis=0).sum() == (9 if "--stride" in words else 17)
        assert (np.abs(found[shown, :3].astype(int) - (120, 90, 60)) <= 1).all()


def test_no_dark_and_no_colored_fringe(tmp_path: Path) -> None:
    """A white disk on transparent black, and one on transparent magenta: blurred, the rim is white to the last pixel.

    What is filtered without weighing by alpha turns it gray, or pink.
    """
    y, x = np.mgrid[:40, :40]
    alpha = np.clip(255 * (14.5 - np.hypot(y - 20, x - 20)), 0, 255).astype(np.uint8)
    for hidden in ((0, 0, 0), (255, 0, 255)):
        array = np.dstack([np.full((40, 40, 3), hidden), alpha]).astype(np.uint8)
        array[alpha > 0, :3] = 255
        path = save(tmp_path / "disk.png", array)
        for words in ((), ("--linear",), ("--channels", "luma"), ("--channels", "luma", "--linear")):
            kept = applied(tmp_path, "gaussian:2", path, *words)
            assert (kept[kept[:, :, 3] > 0, :3] == 255).all()
            np.testing.assert_array_equal(kept[:, :, 3], alpha)
        for words in ((), ("--linear",), ("--channels", "luma"), ("--channels", "luma", "--linear")):
            filtered = applied(tmp_path, "gaussian:2", path, "--alpha", "filter", *words)
            shown = filtered[:, :, 3] > 0
            assert np.count_nonzero(shown) > np.count_nonzero(alpha) + 100
            assert (filtered[shown, :3] == 255).all()
        dropped = applied(tmp_path, "gaussian:2", path, "--alpha", "drop")
        assert dropped.shape == (40, 40, 3)
        assert (dropped[20, 6] < 255).any()
