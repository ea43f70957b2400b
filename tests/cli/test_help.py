"""``convcli help``: commands, filters and layers explained."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from convcli.catalog import article_of, filter_names
from tests.support.console import done, refused, run
from tests.support.filters import COMPLETE
from tests.support.pictures import save
from tests.support.screens import screen


def test_without_a_topic_it_is_the_help_of_the_commands() -> None:
    assert done("help").stdout == done("--help").stdout == done().stdout


@pytest.mark.parametrize("command", ["apply", "learn", "list", "help"])
def test_a_command_has_its_own_help(command: str) -> None:
    assert done("help", command).stdout == done(command, "--help").stdout


def test_the_short_help_names_the_options_that_it_leaves_out() -> None:
    short, whole = (" ".join(done("apply", option).stdout.split()) for option in ("--help", "--help-all"))
    assert "convcli apply --help-all explains the others" in short
    for option in ("--output", "--border", "--overviews", "--max-pixels", "--debug"):
        assert option in short
        assert option in whole
    assert "Pixels from one weight to the next (default: 1)." in whole
    assert "Pixels from one weight to the next" not in short


def test_a_filter_has_its_parameters_with_ranges_and_defaults_its_formula_and_a_command() -> None:
    text = " ".join(done("help", "gaussian").stdout.split())
    for part in (
        "gaussian Soft blur",
        "sigma standard deviation in pixels; more is softer; a number from 0.01 to 127 (default: 1)",
        "exp(−x² / 2σx² − y² / 2σy²)",
        "gauss, gaussian-blur",
        "scipy.ndimage.gaussian_filter",
        "convcli apply gaussian:2 photo.jpg -o out.jpg",
        "convcli show gaussian",
    ):
        assert part in text


def test_a_matrix_is_shown() -> None:
    assert "   0  -1   0\n  -1   5  -1\n   0  -1   0\n" in done("help", "sharpen").stdout


def test_an_alias_and_arguments_lead_to_the_filter() -> None:
    assert done("help", "blur:5").stdout == done("help", "box").stdout


def test_a_pipeline_is_explained_step_by_step() -> None:
    text = done("help", "gaussian:2 | sobel").stdout
    assert text == done("help", "gaussian").stdout + "\n" + done("help", "sobel").stdout


def test_a_filter_of_the_users(my_folder: Path) -> None:
    (my_folder / "mine.yaml").write_text("description: of mine\nweights: [[1]]\nsource: me\n")
    text = done("help", "mine").stdout
    assert text.startswith("mine  of mine\n")
    assert "convcli show mine" in text


def test_what_is_neither() -> None:
    assert "did you mean sharpen?" in refused(2, "help", "sharpn")[1]


@pytest.mark.parametrize("name", filter_names())
def test_every_built_in_filter_is_explained(name: str) -> None:
    article = article_of(name)
    assert article is not None
    assert article.name == name
    assert article.description
    assert article.source
    assert article.formula or article.weights
    for parameter in article.parameters:
        assert parameter.meaning, parameter.name
        assert parameter.range


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("command", ["help", "show"])
@pytest.mark.parametrize("name", filter_names())
def test_every_explanation_fits_the_terminal(name: str, command: str, columns: int) -> None:
    text = screen((command, name), columns)
    assert text.startswith(name), "the name that the list has"
    lines = text.splitlines()
    assert max(map(len, lines)) <= columns
    assert len(lines) > 3, "no error"


def test_the_formula_of_a_kernel_of_one_pixel_has_its_weights() -> None:
    assert "formula  0.299 red + 0.587 green + 0.114 blue\n" in done("help", "luma").stdout
    assert "green = 0.349 red + 0.686 green + 0.168 blue" in " ".join(done("help", "sepia").stdout.split())
    assert "formula  red = blue; green = green; blue = red\n" in done("help", "swap-rb").stdout


def test_the_divisor_and_the_bias_stand_beside_a_matrix() -> None:
    assert "\n  1  0  0  0  1   / 16\n" in done("help", "pillow:blur").stdout
    assert "\n  -1   0   1   + 50%\n" in done("help", "emboss-gray").stdout
    assert "\n  -1   8  -1   + 100%\n" in done("help", "pillow:contour").stdout
    assert "\n   0   1   0   + 128/255\n" in done("help", "pillow:emboss").stdout


def test_more_is_softer_of_a_blur_alone() -> None:
    assert "more is softer" in done("help", "gaussian").stdout
    for name in ("unsharp", "highpass"):
        assert "more takes in coarser detail" in " ".join(done("help", name).stdout.split())


@pytest.mark.parametrize("name", [name for name in filter_names() if name not in COMPLETE])
def test_the_commands_of_the_help_work(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "photo.jpg", np.random.default_rng(1).integers(0, 256, (120, 240, 3), np.uint8))
    lines = re.findall(r"^ +convcli (apply .*)$", done("help", name).stdout, re.MULTILINE)
    assert lines
    for line in lines:
        words = shlex.split(line)
        assert run(*words, "--engine", "numpy", "--force").code == 0, line
