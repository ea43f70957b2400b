from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from tests.support.console import done, refused
from tests.support.paths import SAMPLES
from tests.support.pictures import harbour, pixels, save


def facts(*words: str | Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(done("show", *words, "--json").stdout)
    return loaded


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "sharpen",
            {
                "name": "sharpen",
                "weights": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
                "divisor": 1,
                "bias": [0],
                "anchor": [1, 1],
                "size": [3, 3],
                "shape": [3, 3],
                "sum": 1,
                "gain": 1,
                "rank": 2,
                "separable": False,
                "symmetry": "full",
                "output_range": [-4, 5],
                "border": None,
                "padding": "same",
                "stride": [1, 1],
                "dilation": [1, 1],
                "groups": 1,
            },
        ),
        (
            "sobel-x",
            {"sum": 0, "gain": 0, "rank": 1, "separable": True, "symmetry": "vertical", "output_range": [-4, 4]},
        ),
        ("box:5", {"size": [5, 5], "divisor": 25, "sum": 25, "gain": 1, "separable": True, "output_range": [0, 1]}),
        ("1 2 3", {"size": [1, 3], "anchor": [0, 1], "symmetry": "vertical", "gain": 6}),
        ("-1 -2; 2 1", {"symmetry": "odd", "gain": 0, "anchor": [1, 1]}),
        ("1 2; 2 1", {"symmetry": "point", "rank": 2}),
        ("1 2 1", {"symmetry": "horizontal and vertical"}),
        ("emboss-gray", {"bias": [0.5], "gain": 0}),
        ("-1/2 .5", {"weights": [[-0.5, 0.5]], "name": "kernel"}),
    ],
)
def test_the_figures(text: str, wanted: dict[str, Any]) -> None:
    shown = facts(text)
    assert {name: shown[name] for name in wanted} == wanted


def test_the_weights_are_those_that_are_applied() -> None:
    delta = np.zeros((13, 13))
    delta[6, 6] = 1
    weights = np.array(facts("gaussian:1.5")["weights"])
    assert np.allclose(weights, ndimage.gaussian_filter(delta, 1.5), atol=1e-15)
    assert facts("gaussian:1.5")["name"] == "gaussian-sigma1.5"


def test_a_file_with_all_its_settings(tmp_path: Path) -> None:
    (tmp_path / "k.yaml").write_text(
        "name: mine\ndescription: of mine\nweights: [[[[1, 2]]], [[[3, 4]]], [[[5, 6]]], [[[7, 8]]]]\ndivisor: 2\n"
        "bias: [0, 1, 2, 50%]\nborder: constant:0.5\npadding: [1, 2]\nstride: [3, 4]\ndilation: 5\ngroups: 2\n"
        "anchor: [0, 0]\n"
    )
    shown = facts(tmp_path / "k.yaml")
    assert (shown["name"], shown["description"]) == ("mine", "of mine")
    assert shown["shape"] == [4, 1, 1, 2]
    assert shown["bias"] == [0, 1, 2, 0.5]
    assert shown["border"] == "constant:0.5"
    assert (shown["padding"], shown["stride"], shown["dilation"], shown["groups"]) == ([1, 2], [3, 4], [5, 5], 2)
    assert shown["anchor"] == [0, 0]
    text = done("show", tmp_path / "k.yaml").stdout
    for part in ("mine  of mine", "output 3, input 0", "constant:0.5", "(3, 4)", "(5, 5)", "(0, 0)"):
        assert part in text


def test_the_text_for_a_person() -> None:
    text = done("show", "sharpen").stdout
    for part in (
        "sharpen  Stronger edges, same brightness",
        " 0  -1   0",
        "-1   5  -1",
        "a flat area stays as it is",
        "-4 to 5 of full scale",
        "3×3",
    ):
        assert part in text
    assert "separable" not in text
    assert "separable" in done("show", "box").stdout
    assert "a flat area is multiplied by 6" in done("show", "1 2 3").stdout


def test_planes_have_titles() -> None:
    lines = done("show", SAMPLES / "kernel-2to3.yaml").stdout.splitlines()
    titles = [line for line in lines if line.startswith("output ") and "range" not in line]
    assert titles == [f"output {output}, input {given}" for output in range(3) for given in range(2)]
    assert lines[lines.index("output 2, input 1") + 1].split() == ["3", "4"]


def test_a_large_kernel_is_shown_by_its_figures_alone() -> None:
    lines = done("show", "box:99").stdout.splitlines()
    assert len(lines) < 30
    told = "99×99 weights are too many for this screen: --csv prints them, -o kernel.png draws them."
    assert told in " ".join(lines)


def test_a_kernel_that_is_wide_is_shown_in_units_and_fits_80_columns() -> None:
    lines = done("show", "gaussian:2").stdout.splitlines()
    begin = lines.index("in units of 0.0001")
    weights = np.array(facts("gaussian:2")["weights"])
    shown = np.array([line.split() for line in lines[begin + 2 : begin + 2 + len(weights)]], float)
    assert np.array_equal(shown, np.rint(weights * 1e4))
    assert max(map(len, lines[begin : begin + 2 + len(weights)])) <= 80


def test_the_kernels_behind_a_gradient_are_shown() -> None:
    text = done("show", "sobel").stdout
    assert "magnitude of 2 kernels over 5.657" in text
    assert "-1  0  1    -1  -2  -1" in text
    assert " 5   5   5    -3   5   5    -3  -3  5" in done("show", "kirsch").stdout


def test_csv_has_the_weights_over_the_divisor() -> None:
    text = done("show", "box", "--csv").stdout
    assert np.array_equal(np.array([line.split(",") for line in text.splitlines()], float), np.full((3, 3), 1 / 9))
    assert done("show", "sharpen", "--csv").stdout == "0,-1,0\n-1,5,-1\n0,-1,0\n"
    assert "a CSV holds one kernel" in refused(2, "show", "sobel", "--csv")[0]
    assert "--csv and --json" in refused(2, "show", "sobel", "--csv", "--json")[0]


def test_a_filter_is_explained_below_its_weights() -> None:
    text = " ".join(done("show", "gaussian:2").stdout.split())
    for part in (
        "standard deviation in pixels",
        "formula exp(",
        "aliases gauss,",
        "convcli apply gaussian:2",
    ):
        assert part in text


@pytest.mark.parametrize("name", ["crop", "turn", "curve", "conv", "as", "add", "pixel-shuffle", "upsample", "pad"])
def test_what_has_nothing_to_show_without_parameters_is_explained(name: str) -> None:
    assert done("show", name).stdout == done("help", name).stdout
    for words in (("--json",), ("--yaml",), ("-o", "x.png")):
        refused(2, "show", name, *words)


def test_a_wrong_parameter_is_refused_and_not_explained() -> None:
    assert refused(2, "show", "turn:45")[0].startswith("turn: degrees 45")
    refused(2, "show", "zebra")


def test_whole_figures_are_in_full() -> None:
    assert "divisor       10000\n" in done("show", "luma:bt709").stdout


def test_no_line_ends_in_blanks_off_a_terminal() -> None:
    for words in (("list",), ("show", "sharpen"), ("show", "gaussian:1 | sobel"), ("help", "box"), ("apply", "--help")):
        assert not [line for line in done(*words).stdout.splitlines() if line != line.rstrip()]


@pytest.mark.parametrize(
    "words",
    [
        ("sharpen",),
        ("gaussian:1.3",),
        ("box:4",),
        ("emboss-gray",),
        ("-1/3 .1; 1e-3 7",),
        ("sepia",),
    ],
)
def test_the_yaml_is_a_file_that_apply_reads_back(tmp_path: Path, words: tuple[str, ...]) -> None:
    text = done("show", *words, "--yaml").stdout
    assert text.startswith("# yaml-language-server: $schema=https://")
    (tmp_path / "k.yaml").write_text(text, encoding="utf-8")
    source = save(tmp_path / "in.png", harbour())
    done("apply", *words, source, "-o", tmp_path / "a.png")
    done("apply", tmp_path / "k.yaml", source, "-o", tmp_path / "b.png")
    assert np.array_equal(pixels(tmp_path / "a.png"), pixels(tmp_path / "b.png"))
    first, second = facts(*words), facts(tmp_path / "k.yaml")
    assert first == second
    assert done("show", tmp_path / "k.yaml", "--yaml").stdout == done("show", *words, "--yaml").stdout
    done("check", tmp_path / "k.yaml")


def test_settings_of_a_file_survive_its_yaml(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "weights: [[1, 2], [3, 4]]\nflip: true\nnormalize: sum\nbias: 10%\nborder: wrap\npadding: full\n"
        "stride: [2, 1]\ndilation: 3\nanchor: [0, 1]\ntags: [a, b]\naliases: [c]\n"
    )
    (tmp_path / "b.yaml").write_text(done("show", tmp_path / "a.yaml", "--yaml").stdout)
    first, second = facts(tmp_path / "a.yaml"), facts(tmp_path / "b.yaml")
    assert first == second
    assert first["weights"] == [[4, 3], [2, 1]]
    assert first["divisor"] == 10


def test_yaml_and_json_are_not_both_printed() -> None:
    assert "--yaml" in refused(2, "show", "sharpen", "--yaml", "--json")[0]


def test_what_is_no_filter() -> None:
    assert "did you mean sharpen?" in refused(2, "show", "sharpn")[1]
    assert "no such filter file" in refused(2, "show", "none.yaml")[0]


def test_a_sum_of_roundings_is_zero() -> None:
    lines = done("show", "log:2").stdout.splitlines()
    assert ["sum", "0"] in [line.split() for line in lines]
    assert "gain          0: a flat area is multiplied by 0" in [line.rstrip() for line in lines]
