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
    assert article.formula or article.weights or name.startswith("luma:") or name in NO_FORMULA
    for parameter in article.parameters:
        assert parameter.meaning, parameter.name
        assert parameter.range


NO_FORMULA = {"crop", "mirror", "turn", "sepia", "swap-rb"}


@pytest.mark.parametrize("name", [name for name in filter_names() if name not in COMPLETE])
def test_the_commands_of_the_help_work(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "photo.jpg", np.random.default_rng(1).integers(0, 256, (120, 240, 3), np.uint8))
    lines = re.findall(r"^ +convcli (apply .*)$", done("help", name).stdout, re.MULTILINE)
    assert lines
    for line in lines:
        words = shlex.split(line)
        assert run(*words, "--engine", "numpy", "--force").code == 0, line
