from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage, signal

from tests.support.console import done, refused
from tests.support.oracle import clipped, correlate, margins, rounded
from tests.support.pictures import gray, harbour, pixels, planes, save

# No symmetry, whole numbers, and a sum that is not 1: a mistake in orientation, order or scale cannot hide.
WEIGHTS = np.array([[1, 2, 0], [-3, 9, 1], [0, -2, -1]])
TEXT = "1 2 0; -3 9 1; 0 -2 -1"
WIDE = np.array([[2, -1, 4, 0]])


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save(tmp_path / "photo.png", harbour())


def applied(photo: Path, *words: str, kernel: str = TEXT) -> NDArray[Any]:
    output = photo.with_name("out.png")
    done("apply", kernel, photo, "-o", output, "-q", "-f", *words)
    return pixels(output)


def expected(photo: Path, weights: NDArray[Any] = WEIGHTS, **settings: Any) -> NDArray[Any]:
    settings = {"margins": margins("same", (weights.shape[0], weights.shape[1])), **settings}
    return rounded(correlate(planes(pixels(photo)), weights, **settings), np.uint8)


@pytest.mark.parametrize(
    ("text", "border", "fill"),
    [
        ("constant", "constant", 0),
        ("constant:0.2", "constant", 51),
        ("constant:50%", "constant", 128),
        ("edge", "edge", 0),
        ("reflect", "reflect", 0),
        ("symmetric", "symmetric", 0),
        ("wrap", "wrap", 0),
        ("replicate", "edge", 0),
        ("scipy:mirror", "reflect", 0),
        ("scipy:reflect", "symmetric", 0),
        ("cv2:reflect", "symmetric", 0),
        ("im:mirror", "symmetric", 0),
        ("Circular", "wrap", 0),
    ],
)
def test_the_border(photo: Path, text: str, border: str, fill: float) -> None:
    assert np.array_equal(applied(photo, "--border", text), expected(photo, border=border, fill=fill))


@pytest.mark.parametrize(
    ("border", "mode"),
    [
        ("constant", "constant"),
        ("edge", "nearest"),
        ("reflect", "mirror"),
        ("symmetric", "reflect"),
        ("wrap", "grid-wrap"),
    ],
)
def test_the_borders_are_those_of_scipy_by_its_own_names(photo: Path, border: str, mode: str) -> None:
    source = harbour().astype(np.float64)
    theirs = np.stack([ndimage.correlate(source[..., each], WEIGHTS, mode=mode) for each in range(3)], axis=2)
    ours = applied(photo, "--border", border)
    assert np.array_equal(ours, rounded(theirs, np.uint8))
    assert np.array_equal(applied(photo, "--border", f"scipy:{mode}"), ours)


def test_the_border_is_reflect_unless_given(photo: Path) -> None:
    assert np.array_equal(applied(photo), applied(photo, "--border", "reflect"))
    assert not np.array_equal(applied(photo), applied(photo, "--border", "constant"))


@pytest.mark.parametrize("padding", ["same", "valid", "full", "0", "1", "4"])
@pytest.mark.parametrize("border", ["constant:1", "wrap"])
def test_the_padding(photo: Path, padding: str, border: str) -> None:
    amount = int(padding) if padding.isdigit() else padding
    for text, weights in ((TEXT, WEIGHTS), ("2 -1 4 0", WIDE)):
        size = (weights.shape[0], weights.shape[1])
        name = border.partition(":")[0]
        wanted = expected(photo, weights, margins=margins(amount, size), border=name, fill=255)
        assert np.array_equal(applied(photo, "--padding", padding, "--border", border, kernel=text), wanted)


def test_an_even_kernel_has_its_anchor_right_of_the_middle_as_in_scipy(photo: Path) -> None:
    source = gray().astype(np.float64)
    save(photo, gray())
    for text, weights in (("2 -1 4 0", WIDE), ("1 2; 3 -5", np.array([[1, 2], [3, -5]]))):
        wanted = rounded(ndimage.correlate(source, weights, mode="mirror"), np.uint8)
        assert np.array_equal(applied(photo, kernel=text), wanted)


@pytest.mark.parametrize("stride", [1, 2, 3, 50])
@pytest.mark.parametrize("dilation", [1, 2, 5])
def test_stride_and_dilation(photo: Path, stride: int, dilation: int) -> None:
    steps = (stride, stride), (dilation, dilation)
    wanted = expected(photo, stride=steps[0], dilation=steps[1], margins=margins("same", (3, 3), steps[1]))
    assert np.array_equal(applied(photo, "--stride", str(stride), "--dilation", str(dilation)), wanted)


@pytest.mark.parametrize("padding", ["valid", "full", "3"])
def test_stride_dilation_and_padding_together(photo: Path, padding: str) -> None:
    amount = int(padding) if padding.isdigit() else padding
    wanted = expected(photo, stride=(3, 3), dilation=(2, 2), margins=margins(amount, (3, 3), (2, 2)), border="edge")
    words = ("--stride", "3", "--dilation", "2", "--padding", padding, "--border", "edge")
    assert np.array_equal(applied(photo, *words), wanted)
    height, width, _ = harbour().shape
    added = {"valid": 0, "full": 8}.get(padding, 6)
    assert wanted.shape == ((height + added - 5) // 3 + 1, (width + added - 5) // 3 + 1, 3)


@pytest.mark.parametrize(
    ("text", "divisor"), [("7", 7), ("-2", -2), ("1/9", 1 / 9), ("2.5", 2.5), ("1e1", 10), ("-.5", -0.5)]
)
def test_the_divisor(photo: Path, text: str, divisor: float) -> None:
    assert np.array_equal(applied(photo, "--divisor", text), expected(photo, divisor=divisor))


@pytest.mark.parametrize(
    ("text", "bias"), [("0.5", 0.5), ("50%", 0.5), ("-25%", -0.25), ("-.1", -0.1), ("1/3", 1 / 3), ("1e-2", 0.01)]
)
def test_the_bias_is_a_fraction_of_full_scale_added_after_the_division(photo: Path, text: str, bias: float) -> None:
    wanted = expected(photo, divisor=4, offset=bias * 255)
    assert np.array_equal(applied(photo, "--bias", text, "--divisor", "4"), wanted)


@pytest.mark.parametrize(
    ("kernel", "normalize", "divisor"),
    [
        (TEXT, "none", 1),
        (TEXT, "sum", 7),
        (TEXT, "l1", 19),
        ("1 2 1; 2 4 2; 1 2 1", "sum", 16),
        ("-1 -2; -3 -4", "sum", -10),
        ("0 1 0; 1 -4 1; 0 1 0", "sum", 1),  # a sum of zero divides nothing
        ("0 1 0; 1 -4 1; 0 1 0", "l1", 8),
        ("0 0; 0 0", "l1", 1),
    ],
)
def test_normalizing(photo: Path, kernel: str, normalize: str, divisor: float) -> None:
    weights = np.array([[float(each) for each in row.split()] for row in kernel.split(";")])
    size = (weights.shape[0], weights.shape[1])
    wanted = expected(photo, weights, divisor=divisor, margins=margins("same", size))
    assert np.array_equal(applied(photo, "--normalize", normalize, kernel=kernel), wanted)


@pytest.mark.parametrize("option", ["--flip", "--convolve"])
def test_flipping_is_true_convolution(photo: Path, option: str) -> None:
    source = harbour().astype(np.float64)
    for text, weights in ((TEXT, WEIGHTS), ("2 -1 4 0", WIDE)):
        theirs = np.stack([signal.convolve2d(source[..., each], weights, mode="same") for each in range(3)], axis=2)
        assert np.array_equal(applied(photo, option, "--border", "constant", kernel=text), rounded(theirs, np.uint8))


EVEN = np.array([[1, 2, -1, 4], [3, -5, 0, 2]])
EVEN_TEXT = "1 2 -1 4; 3 -5 0 2"


@pytest.mark.parametrize("anchor", [(0, 0), (1, 1), (1, 3)])
def test_the_anchor_is_scipys_origin_and_opencvs_anchor(photo: Path, anchor: tuple[int, int]) -> None:
    ours = applied(photo, "--anchor", f"{anchor[0]},{anchor[1]}", kernel=EVEN_TEXT)
    source = harbour().astype(np.float64)
    origin = anchor[0] - 1, anchor[1] - 2
    theirs = [ndimage.correlate(source[..., each], EVEN, mode="mirror", origin=origin) for each in range(3)]
    assert np.array_equal(ours, rounded(np.stack(theirs, axis=2), np.uint8))
    cv2 = pytest.importorskip("cv2", reason="OpenCV is compared where it is installed")
    # OpenCV has column and row, x and y.
    theirs = cv2.filter2D(harbour(), -1, EVEN.astype(np.float32), anchor=anchor[::-1])
    assert np.array_equal(ours, theirs)


def test_the_anchor_turns_with_the_kernel(photo: Path) -> None:
    source = harbour().astype(np.float64)
    # ndimage.convolve turns the default of even kernels, which is 1, 2 here.
    theirs = np.stack([ndimage.convolve(source[..., each], EVEN, mode="mirror") for each in range(3)], axis=2)
    words = ("--flip", "--border", "scipy:mirror", "--anchor")
    assert np.array_equal(applied(photo, *words, "1,2", kernel=EVEN_TEXT), rounded(theirs, np.uint8))
    file = photo.with_name("own.yaml")
    file.write_text(f"weights: {EVEN.tolist()}\nanchor: [1, 2]\n")
    assert np.array_equal(applied(photo, "--flip", kernel=str(file)), rounded(theirs, np.uint8))


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", ["same", "valid", "full", "2"])
def test_the_anchor_with_stride_dilation_and_every_padding(photo: Path, padding: str, stride: int, engine: str) -> None:
    amount = int(padding) if padding.isdigit() else padding
    added = margins(amount, (2, 4), (3, 1), anchor=(1, 0))
    file = photo.with_name("f.yaml")
    file.write_text(f"weights: {EVEN.tolist()}\ndilation: [3, 1]\nborder: edge\n")
    words = ("--anchor", "[1, 0]", "--padding", padding, "--stride", str(stride), "--engine", engine)
    wanted = expected(photo, EVEN, margins=added, dilation=(3, 1), stride=(stride, stride), border="edge")
    assert np.array_equal(applied(photo, *words, kernel=str(file)), wanted)


def test_untouched_channels_and_alpha_lie_under_the_anchor(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    source = rng.integers(1, 256, (20, 30, 4), np.uint8)
    photo = save(tmp_path / "rgba.png", source)
    # One weight: every output is one input pixel, that under the anchor or beside it.
    valid = applied(photo, "--anchor", "0,1", "--padding", "valid", "--stride", "2", kernel="0 1; 0 0")
    assert np.array_equal(valid, source[:-1:2, 1::2])
    moved = applied(photo, "--anchor", "0,0", "--padding", "valid", "--channels", "r", kernel="0 1; 0 0")
    assert np.array_equal(moved[..., 0], source[:-1, 1:, 0])
    assert np.array_equal(moved[..., 1:], source[:-1, :-1, 1:])
    luma = applied(photo, "--anchor", "0,1", "--padding", "valid", "--channels", "luma", kernel="0 1; 0 0")
    assert np.array_equal(luma, source[:-1, 1:])
    assert np.array_equal(applied(photo, "--anchor", "0,0", kernel="1 0; 0 0"), source)


REFERENCES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "clip": lambda values: values,
    "abs": np.abs,
    "stretch": lambda values: (values - values.min()) * (255 / (values.max() - values.min())),
    "center": lambda values: 127.5 + values * (127.5 / np.abs(values).max()),
}


@pytest.mark.parametrize("into", REFERENCES)
@pytest.mark.parametrize("kernel", [TEXT, "0 1 0; 1 -4 1; 0 1 0", "1 1; 1 1"])
def test_the_range(photo: Path, into: str, kernel: str) -> None:
    weights = np.array([[float(each) for each in row.split()] for row in kernel.split(";")])
    size = (weights.shape[0], weights.shape[1])
    values = REFERENCES[into](correlate(harbour(), weights, margins=margins("same", size)))
    output = photo.with_name("out.png")
    answer = done("apply", kernel, photo, "-o", output, "--range", into, "--json")
    assert np.array_equal(pixels(output), rounded(values, np.uint8))
    share = clipped(values, np.uint8) / values.size
    assert json.loads(answer.stdout)["clipped"] == pytest.approx(share, abs=1e-6)
    warned = [line for line in answer.lines if line.startswith("warning: ")]
    assert len(warned) == (share > 0.01)
    advice = "--normalize sum" if weights.sum() > 1 else "--range"
    assert all(f"{100 * share:.1f} % of the values were clipped" in line and advice in line for line in warned)


def test_center_has_mid_gray_for_nothing_and_stretch_uses_the_whole_range(photo: Path) -> None:
    centered = applied(photo, "--range", "center", kernel="-1 0 1")
    assert centered.min() == 0 or centered.max() == 255
    save(photo, np.full((8, 8), 90, np.uint8))
    assert (applied(photo, "--range", "center", kernel="-1 0 1") == 128).all()
    save(photo, gray())
    stretched = applied(photo, "--range", "stretch", kernel="-1 0 1")
    assert (stretched.min(), stretched.max()) == (0, 255)


def test_a_few_clipped_values_are_no_warning(photo: Path) -> None:
    source = np.full((40, 40), 100, np.uint8)
    source[20, 20] = 255
    save(photo, source)
    answer = done("apply", "2", photo, "-o", photo.with_name("out.png"), "--json")
    assert json.loads(answer.stdout)["clipped"] == pytest.approx(1 / 1600, abs=1e-6)
    assert not any(line.startswith("warning: ") for line in answer.lines)


@pytest.mark.parametrize(
    ("kernel", "weights", "divisor"),
    [
        ("sharpen", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1),
        ("SHARPEN", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1),
        ("box", [[1, 1, 1]] * 3, 9),
        ("box:5", [[1] * 5] * 5, 25),
        ("mean:size=5", [[1] * 5] * 5, 25),
        ("binomial:5", np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]), 256),
        ("1/9 1/9 1/9; 1/9, 1/9, 1/9; 1/9 1/9 1/9", [[1, 1, 1]] * 3, 9),
        ("0,-1,0;-1,5,-1;0,-1,0", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1),
        ("0 -1 0\n-1 5 -1\n0 -1 0\n", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1),
        ("-1 0 1", [[-1, 0, 1]], 1),
        ("-1", [[-1]], 1),
        ("-.5 .5", [[-0.5, 0.5]], 1),
        ("-1,2", [[-1, 2]], 1),
        ("-1/2 3/2", [[-0.5, 1.5]], 1),
        ("-1e-1 2", [[-0.1, 2]], 1),
    ],
)
def test_the_filter_by_name_with_parameters_and_written_out(
    photo: Path, kernel: str, weights: list[list[float]], divisor: float
) -> None:
    array = np.array(weights, np.float64)
    size = (array.shape[0], array.shape[1])
    assert np.array_equal(
        applied(photo, kernel=kernel), expected(photo, array, divisor=divisor, margins=margins("same", size))
    )


def test_the_gaussian_is_that_of_scipy_within_a_level(photo: Path) -> None:
    source = harbour().astype(np.float64)
    theirs = rounded(ndimage.gaussian_filter(source, (1.3, 1.3, 0), mode="mirror"), np.uint8).astype(int)
    for kernel in ("gaussian:1.3", "gaussian:sigma=1.3"):
        assert np.abs(applied(photo, kernel=kernel) - theirs).max() <= 1


def test_the_filter_in_a_file_with_its_settings(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        f"weights: {WEIGHTS.tolist()}\ndivisor: 3\nbias: 10%\nborder: wrap\npadding: valid\nstride: [2, 1]\n"
    )
    valid = margins("valid", (3, 3))
    wanted = expected(photo, divisor=3, offset=25.5, border="wrap", stride=(2, 1), margins=valid)
    assert np.array_equal(applied(photo, kernel=str(tmp_path / "mine.yaml")), wanted)


def test_options_replace_the_settings_of_the_file(photo: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(f"weights: {WEIGHTS.tolist()}\ndivisor: 3\nbias: 10%\nborder: wrap\npadding: valid\nstride: 2\n")
    words = ("--divisor", "5", "--bias", "0", "--border", "edge", "--padding", "same", "--stride", "1")
    assert np.array_equal(applied(photo, *words, kernel=str(file)), expected(photo, divisor=5, border="edge"))


def test_the_order_of_options_is_free(photo: Path, tmp_path: Path) -> None:
    once = applied(photo, "--divisor", "3", "--border", "wrap")
    done("apply", "--border=wrap", "-o", tmp_path / "b.png", TEXT, "-q", photo, "--divisor=3")
    done("apply", "-qo", tmp_path / "c.png", "--divisor", "3", "--border", "wrap", "--", TEXT, photo)
    assert np.array_equal(pixels(tmp_path / "b.png"), once)
    assert np.array_equal(pixels(tmp_path / "c.png"), once)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("threads", ["1", "2"])
def test_both_engines_give_the_same_and_say_which_they_were(photo: Path, engine: str, threads: str) -> None:
    output = photo.with_name("out.png")
    answer = done("apply", TEXT, photo, "-o", output, "--engine", engine, "--threads", threads, "--json")
    assert json.loads(answer.stdout)["engine"] == engine
    assert np.array_equal(pixels(output), expected(photo))


@pytest.mark.parametrize(
    ("words", "what", "helps"),
    [
        (("--border", "mirror"), "'mirror'", "reflect (dcb|abcd|cba, scipy:mirror) or symmetric (cba|abcd|dcb"),
        (("--border", "reflct"), "unknown border 'reflct'", "did you mean reflect?"),
        (("--border", "scipy:edge"), "unknown border 'scipy:edge'", "scipy:nearest"),
        (("--border", "wrap:1"), "takes no value", "constant:1"),
        (("--border", "constant:x"), "'x' is not a number", "50%"),
        (("--padding", "some"), "padding 'some'", "same, valid, full"),
        (("--padding", "1.5"), "padding '1.5' is unknown", "whole number"),
        (("--padding=-1",), "padding", "from 0"),
        (("--stride", "0"), "'--stride'", "convcli apply --help"),
        (("--stride", "-2"), "'--stride'", "convcli apply --help"),
        (("--stride", "65536"), "'--stride'", "convcli apply --help"),
        (("--padding", "65536"), "padding 65536", "pixels from 0"),
        (("--dilation", "two"), "'--dilation'", "convcli apply --help"),
        (("--divisor", "0"), "divisor '0' is not a number", "other than 0"),
        (("--divisor", "1/0"), "divides by zero", "finite"),
        (("--divisor", "nan"), "not a finite number", "finite"),
        (("--divisor", "half"), "'half' is not a number", "1/9"),
        (("--bias", "inf"), "not a finite number", "finite"),
        (("--bias", "50 percent"), "not a number", "50%"),
        (("--anchor", "3,0"), "anchor [3, 0] lies outside a 3×3 kernel", "a row from 0 to 2"),
        (("--anchor", "1"), "anchor '1' is not two whole numbers", "[row, column]"),
        (("--anchor", "-1,0"), "anchor '-1,0' is not two whole numbers", "[row, column]"),
        (("--normalize", "max"), "'--normalize'", "convcli apply --help"),
        (("--range", "wrap"), "'--range'", "convcli apply --help"),
        (("--engine", "cuda"), "'--engine'", "convcli apply --help"),
        (("--threads", "0"), "'--threads'", "convcli apply --help"),
        (("--jobs", "0"), "--jobs '0'", "from 1"),
        (("--jobs", "many"), "--jobs 'many'", "auto"),
        (("--depth", "12"), "'--depth'", "convcli apply --help"),
        (("--quality", "101"), "'--quality'", "convcli apply --help"),
        (("--png-effort", "6"), "'--png-effort'", "convcli apply --help"),
        (("--max-pixels", "0"), "--max-pixels '0'", "write 250M"),
        (("--format", "pngg"), "unknown format 'pngg'", "did you mean png?"),
        (("--no-such",), "--no-such", "convcli apply --help"),
        (("-z",), "-z", "--png-effort for PNG"),
        (("--force", "--skip-existing"), "contradict", "one of them"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_read(
    tmp_path: Path, words: tuple[str, ...], what: str, helps: str
) -> None:
    told = refused(2, "apply", TEXT, tmp_path / "missing.png", "-o", tmp_path / "out.png", *words)
    assert what in told[0]
    assert helps in told[1]
