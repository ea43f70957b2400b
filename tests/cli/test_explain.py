from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from tests.support.console import done, refused, run
from tests.support.paths import SAMPLES
from tests.support.pictures import deep, gray, harbour, logo, pixels, planes, save


def told(*words: str | Path, stdin: bytes | None = None) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(done("explain", *words, "--json", stdin=stdin).stdout)
    return loaded


def test_the_text_for_a_person(tmp_path: Path) -> None:
    array = np.zeros((3, 3), np.uint8)
    array[:] = [[10, 20, 30], [40, 50, 60], [70, 80, 90]]
    source = save(tmp_path / "in.png", array)
    answer = done("explain", "sharpen", source, "--at", "0,1", "--border", "constant:1")
    assert answer.lines == []
    assert answer.stdout.splitlines() == [
        f"sharpen on {source}: column 0, row 1, channel 0 of the output",
        "",
        (
            "The kernel lies on rows 0 to 2 and columns 0 to 1."
            " In brackets: beyond the picture, from the border (constant:1)."
        ),
        "",
        "values            weights       products",
        "[255]  10   20     0  -1   0       0  -10    0",
        "[255]  40   50    -1   5  -1    -255  200  -50",
        "[255]  70   80     0  -1   0       0  -70    0",
        "",
        "The products add up to -185.",
        "-185 is beyond 0 to 255: clipped, the output is 0.",
    ]


def test_divisor_bias_and_rounding_in_sentences(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", np.full((3, 3), 100, np.uint8))
    lines = done("explain", "1 1 1", source, "--at", "1,1", "--divisor", "7", "--bias", "10%").stdout.splitlines()
    assert lines[-4:] == [
        "The products add up to 300.",
        "Divided by 7 that is 42.8571.",
        "The bias of 0.1 of full scale adds 25.5: 68.3571.",
        "Rounded, the output is 68.",
    ]


def test_every_input_channel_has_its_block() -> None:
    lines = done(
        "explain", SAMPLES / "kernel-2to3.yaml", SAMPLES / "two-channels.npy", "--at", "1,0", "--channel", "2"
    ).stdout.splitlines()
    assert [line for line in lines if line.startswith("input channel")] == ["input channel 0", "input channel 1"]
    assert lines[-2:] == ["The channels add up to 49 and 79, together 128.", "The output is 128."]


def test_every_branch_has_its_sum_and_then_they_are_combined(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("0,0,0\n7,3,0\n0,9,0\n")
    (tmp_path / "f.yaml").write_text('layers:\n  - magnitude: ["1 -1", "1; -1"]\n')
    lines = done("explain", tmp_path / "f.yaml", tmp_path / "in.csv", "--at", "1,1").stdout.splitlines()
    assert [line for line in lines if line.endswith((".", ":"))] == [
        "Layer 1 (magnitude, branch 1): the kernel lies on row 1 and columns 0 to 1.",
        "The products add up to 4.",
        "Layer 1 (magnitude, branch 2): the kernel lies on rows 0 to 1 and column 1.",
        "The products add up to -3.",
        "The magnitude of 4 and -3 is 5.",
        "The output is 5.",
    ]


@pytest.mark.parametrize(
    ("count", "first", "rest"),
    [
        (4, "The products, the largest first:", []),
        (11, "The 10 largest of 11 products:", ["The other is 1."]),
        (12, "The 10 largest of 12 products:", ["The other 2 add up to 5."]),
    ],
)
def test_of_a_linear_layer_the_largest_products(tmp_path: Path, count: int, first: str, rest: list[str]) -> None:
    numbers = list(range(1, count + 1))
    (tmp_path / "in.csv").write_text(",".join(map(str, numbers)) + "\n")
    (tmp_path / "f.yaml").write_text(f"layers:\n  - abs\n  - linear: {{weights: [{numbers}], bias: [10]}}\n")
    lines = done("explain", tmp_path / "f.yaml", tmp_path / "in.csv", "--at", "0,0").stdout.splitlines()
    total = sum(each**2 for each in numbers)
    start = lines.index("Layer 2 (linear): every value of the input has a weight of its own.")
    shown = [line.split() for line in lines if line.startswith("  0 ")]
    assert [each[2:] for each in shown] == [[str(each), str(each), str(each**2)] for each in numbers[:-11:-1]]
    assert [line for line in lines[start + 1 :] if line.endswith((".", ":"))] == [
        first,
        *rest,
        f"Together that is {total}.",
        f"The bias adds 10: {total + 10}.",
        f"The output is {total + 10}.",
    ]


def test_of_a_large_kernel_the_largest_products(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", gray())
    lines = done("explain", "gaussian:4", source, "--at", "3,4").stdout.splitlines()
    assert len(lines) < 25
    assert "The 10 largest of 1089 products:" in lines
    assert any(line.startswith("The other 1079 add up to ") for line in lines)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--border", "wrap", "--stride", "2", "--dilation", "2"),
        ("--anchor", "0,0", "--flip"),
        ("--border", "constant:0.3", "--padding", "full", "--flip"),
        ("--padding", "valid", "--divisor", "3.7", "--bias", "50%"),
        ("--normalize", "l1", "--bias", "0.25", "--padding", "3"),
    ],
)
@pytest.mark.parametrize("filter_text", ["1 2 -1; 0.5 3 1", "gaussian:0.8", "emboss"])
def test_the_output_is_what_apply_writes(tmp_path: Path, filter_text: str, options: tuple[str, ...]) -> None:
    random = np.random.default_rng(0)
    for name, array in (("rgb", harbour(9, 11)), ("deep", deep(8, 7)), ("rgba", logo(10, 9))):
        source = save(tmp_path / f"{name}.png", array)
        done("apply", filter_text, source, "-o", tmp_path / f"{name}-out.png", *options)
        made = planes(pixels(tmp_path / f"{name}-out.png"))
        for _ in range(4):
            row, column = random.integers(0, made.shape[0]), random.integers(0, made.shape[1])
            channel = random.integers(0, 1 if name == "deep" else 3)
            found = told(filter_text, source, "--at", f"{column},{row}", "--channel", str(channel), *options)
            assert found["output"] == made[row, column, channel]
            assert abs(min(max(found["exact"], 0), 65535 if name == "deep" else 255) - found["output"]) <= 0.51


def test_an_array_is_explained_in_its_own_numbers(tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=(2, 6, 7)).astype(np.float32)
    np.save(tmp_path / "x.npy", array)
    done("apply", "1 2; 3 4", tmp_path / "x.npy", "-o", tmp_path / "y.npy", "--bias", "2")
    made = np.load(tmp_path / "y.npy")
    found = told("1 2; 3 4", tmp_path / "x.npy", "--at", "5,3", "--channel", "1", "--bias", "2")
    assert np.float32(found["output"]) == made[1, 3, 5]
    assert found["sums"][0]["bias"] == 2
    assert not found["clipped"]
    assert "The output is" in done("explain", "1 2", tmp_path / "x.npy", "--at", "0,0").stdout


def test_all_of_the_explanation_as_json(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", gray(4, 5))
    found = told("1 2 3", source, "--at", "0,2", "--border", "constant")
    assert list(found) == [
        "filter",
        "input",
        "at",
        "channel",
        "output",
        "exact",
        "clipped",
        "layers",
        "explained",
        "sums",
    ]
    assert (found["at"], found["channel"], found["input"]) == ([0, 2], 0, str(source))
    (each,) = found["sums"]
    assert each["columns"] == [None, 0, 1]
    assert each["outside"] == [[True, False, False]]
    (given,) = each["inputs"]
    patch = [[0, *gray(4, 5)[2, :2].tolist()]]
    assert given["patch"] == patch
    assert given["weights"] == [[1, 2, 3]]
    assert given["products"] == [[0, 2 * patch[0][1], 3 * patch[0][2]]]
    assert given["sum"] == each["sum"] == each["value"] == found["exact"] == 2 * patch[0][1] + 3 * patch[0][2]


def test_numbers_that_are_none_are_null(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([[np.nan, 1], [np.inf, 2]]))
    found = told("1 1", tmp_path / "x.npy", "--at", "1,0")
    assert (found["output"], found["exact"]) == (None, None)
    assert found["sums"][0]["inputs"][0]["patch"] == [[None, 1]]
    assert "nan" in done("explain", "1 1", tmp_path / "x.npy", "--at", "1,0").stdout


def test_values_whose_squares_are_infinite_are_explained_without_a_warning(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", harbour()[:, :, 0] * 1e200)
    answer = done("explain", "gaussian:1.4 | sobel | normalize", tmp_path / "a.npy", "--at", "3,4")
    assert answer.stderr == ""


def test_transparent_colors_are_told(tmp_path: Path) -> None:
    array = np.full((3, 3, 4), 100, np.uint8)
    array[:, :, 3] = [[255, 0, 255], [255, 255, 255], [255, 255, 255]]
    array[0, 1, :3] = 7
    source = save(tmp_path / "in.png", array)
    text = done("explain", "box", source, "--at", "1,1").stdout
    assert "Weights of 1 in all lie on what is transparent." in text
    assert "like what is seen, 100 on average, and adds 100." in text
    assert "Together with the products that is 900." in text
    assert "opacity" in text
    assert "opacity" not in done("explain", "box", source, "--at", "1,1", "--alpha", "drop").stdout
    assert "no channel 3" in refused(2, "explain", "box", source, "--at", "1,1", "--channel", "3")[0]


def test_a_picture_from_stdin(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", gray())
    answer = run("explain", "sharpen", "-", "--at", "2,2", stdin=source.read_bytes())
    assert answer.stdout.startswith("sharpen on stdin: ")
    assert told("sharpen", "-", "--at", "2,2", stdin=source.read_bytes())["input"] == "stdin"


def test_of_several_items_the_first(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((3, 1, 4, 4)))
    answer = done("explain", "1 1", tmp_path / "x.npy", "--at", "1,1")
    assert answer.lines == [f"warning: {tmp_path / 'x.npy'}: the first of 3 items is explained"]


@pytest.mark.parametrize("at", ["", "3", "a,b", "1;2", "1,2,3", "1.5,2", "99999999999,0"])
def test_what_is_no_place(tmp_path: Path, at: str) -> None:
    source = save(tmp_path / "in.png", gray())
    what, helps = refused(2, "explain", "sharpen", source, "--at", at)
    assert f"--at {at!r}" in what
    assert ("--at 1,2" if at == "1;2" else "--at 120,80") in helps


def test_a_place_outside_is_refused_with_the_places_there_are(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", gray(30, 44))
    for at in ("44,0", "0,30", "-1,0", "0,-1"):
        what, helps = refused(2, "explain", "sharpen", source, "--at", at)
        assert what == f"{at} lies outside the output, which is 44 wide and 30 high"
        assert helps == "give X from 0 to 43 and Y from 0 to 29"
    helps = refused(2, "explain", "sharpen", source, "--at", "22,0", "--stride", "2", "--padding", "valid")[1]
    assert helps == "give X from 0 to 20 and Y from 0 to 13"
    assert refused(2, "explain", "sharpen", source, "--at", "0,0", "--channel", "1")[1] == (
        "give --channel from 0 to 0"
    )


def test_what_apply_refuses_explain_refuses(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", gray())
    assert "does not exist" in refused(1, "explain", "sharpen", tmp_path / "none.png", "--at", "0,0")[0]
    assert "did you mean sharpen?" in refused(2, "explain", "sharpn", source, "--at", "0,0")[1]
    assert "padding 'some'" in refused(2, "explain", "sharpen", source, "--at", "0,0", "--padding", "some")[0]
    assert "--at" in refused(2, "explain", "sharpen", source)[0]
    limit = refused(1, "explain", "sharpen", source, "--at", "0,0", "--max-pixels", "100")[0]
    assert "100" in limit


def test_floats_of_a_picture_are_neither_clipped_nor_rounded(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.array([[0.25, 3.5, 0.5]], np.float32))
    answer = done("explain", "1 1 1", tmp_path / "a.tif", "--at", "1,0")
    assert answer.stdout.splitlines()[-1] == "The output is 4.25."
    assert answer.stderr == ""


def test_gray_goes_through_a_filter_of_three_colors_as_apply_takes_it(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", gray())
    done("apply", "luma", source, "-o", tmp_path / "out.png")
    assert told("luma", source, "--at", "5,7")["output"] == pixels(tmp_path / "out.png")[7, 5]
