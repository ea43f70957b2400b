"""The report on a learned kernel."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest

from convcli.detective.steps import FilterStep, ResizeStep, Step, UnrelatedStep
from convcli.filters.border import Border
from convcli.filters.kernel import Kernel
from convcli.learning import ExactForm, FoundBorder, Nearest, Replay
from convcli.report.learning.text import (
    LearnedFrom,
    exact_text,
    learned_description,
    nearest_text,
    print_learned,
    report_lines,
)
from convcli.report.pictures.colors import diverging
from convcli.report.voice import Voice
from tests.support.learned import made

SUBJECT = LearnedFrom(("photo.png", "sharp.png"), levels=True)


SHARPEN: list[list[float]] = [[0, -1.0002, 3e-6], [-1, 4.9998, -1], [0, -1, 0]]


GAUSS = Kernel([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16)


def lines(weights: Any = SHARPEN, *, verbose: bool = False, subject: LearnedFrom = SUBJECT, **fields: Any) -> list[str]:
    return report_lines(made(weights, **fields), subject, verbose=verbose)


def row(name: str, told: list[str]) -> str:
    (found,) = [line for line in told if line.startswith(f"{name} ")]
    return found.removeprefix(name).strip()


def test_the_whole_report() -> None:
    assert lines(exact=ExactForm(Kernel([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]), 0.0002)) == [
        "photo.png → sharp.png",
        "gaussian:sigma=1.5; 52.1 dB",
        "",
        "before      30.2 dB between INPUT and TARGET",
        "after       52.1 dB between the answer and TARGET",
        "residual    0.4 levels rms",
        "",
        "        0  -1.0002        0",
        "  -1.0000   4.9998  -1.0000",
        "        0  -1.0000        0",
        "",
        "kernel      3×3, shared: one plane for every channel",
        "bias        0.25 ± 0.0001, of full scale",
        "errors      each weight ±0.0002 (standard error)",
        "loss        0.0004 of full scale squared, over 123\N{NO-BREAK SPACE}456 values of TARGET",
        "descent     3 steps of dct, learning rate 0.5",
        "replay      52.1 dB on 12\N{NO-BREAK SPACE}000 values held out, largest difference 1",
        "explained   99.991 % of TARGET's variance; 0.4 levels rms are left",
        "left out    3.2 % of the values of TARGET, which are clipped",
        "border      wrap (rms on the rim 0.3; next reflect, 12.1)",
        "exact form  0 -1 0; -1 5 -1; 0 -1 0; weights within 0.0002",
        "nearest     gaussian:sigma=1.5, weights within 0.2 %",
    ]


@pytest.mark.parametrize(
    ("nearest", "text"),
    [
        (Nearest("gaussian:sigma=1.5", 1.0, 0.002), "gaussian:sigma=1.5, weights within 0.2 %"),
        (Nearest("sharpen", 1.0004, 1e-12), "sharpen, weights within 0.0001 %"),
        (Nearest("box", 0.97, 0.041), "box, weights within 4.1 %"),
        (Nearest("sobel-x", -1.0, 0.0021), "-1 × sobel-x, weights within 0.21 %"),
        (Nearest("sobel-x", -0.125, 0.0021), "-0.125 × sobel-x, weights within 0.21 %"),
        (Nearest("sobel-x", 2.0, 0.01), "2 × sobel-x, weights within 1 %"),
        (None, "no built-in is near"),
    ],
)
def test_the_nearest_in_the_words_of_the_contract(nearest: Nearest | None, text: str) -> None:
    assert nearest_text(nearest) == text


@pytest.mark.parametrize(
    ("kernel", "text"),
    [
        (GAUSS, "1 2 1; 2 4 2; 1 2 1 over 16"),
        (Kernel([[1, -1]], bias=0.5), "1 -1, bias 0.5"),
        (Kernel([[[1, 2]], [[1, 2]]], 3), "1 2 in every plane over 3"),
        (Kernel([[[1, 2]], [[1, 3]]]), "4 whole numbers"),
        (Kernel(np.full((15, 15), 12), 2700), "225 whole numbers over 2700"),
        (Kernel(np.ones((15, 15)), 225), "225 ones over 225"),
    ],
)
def test_an_exact_form_as_apply_takes_it(kernel: Kernel, text: str) -> None:
    assert exact_text(kernel) == text


def test_a_replay_without_a_difference() -> None:
    told = lines(replay=Replay(math.inf, 0.0, 500, held_out=False))
    assert row("replay", told) == "exact: all 500 values learned from are TARGET's"


def test_what_the_pair_leaves_open_is_named_and_marked() -> None:
    is_open = np.zeros((3, 3), np.bool_)
    is_open[0, 2] = is_open[2, 1] = True
    errors = np.where(is_open, np.inf, 1e-3)
    told = lines(undetermined=is_open, errors=errors)
    assert row("open", told) == "(row 0, column 2) and (row 2, column 1): the pair does not tell"
    assert row("errors", told) == "each weight ±0.001 (standard error)"
    assert told[7].endswith("[0]")
    assert "[-1.0000]" in told[9]
    everything = lines(undetermined=np.ones((3, 3), np.bool_), errors=np.full((3, 3), np.inf))
    assert row("open", everything) == "all of them: the pair does not tell"
    many = lines(undetermined=np.arange(9).reshape(3, 3) > 0)
    assert row("open", many).endswith("(row 2, column 0) and 2 more: the pair does not tell")
    assert row("errors", everything) == "unknown: the pair says nothing of the weights"
    channels = lines(np.ones((2, 2, 1, 1)), undetermined=np.arange(4).reshape(2, 2, 1, 1) == 2)
    assert row("open", channels) == "(output 1, input 0, row 0, column 0): the pair does not tell"


@pytest.mark.parametrize(
    ("found", "given", "text"),
    [
        (
            FoundBorder(Border("edge"), 0.2, ("symmetric", 0.21), certain=False),
            None,
            "edge, but symmetric fits as well",
        ),
        (FoundBorder(Border("constant", 0.5), 0.2, ("edge", 9.0), certain=True), None, "constant:0.5 (rms on the rim"),
        (None, Border("wrap"), "wrap, as given"),
    ],
)
def test_the_border(found: FoundBorder | None, given: Border | None, text: str) -> None:
    assert row("border", lines(border=found, given_border=given)).startswith(text)


def test_no_border_is_told_where_there_is_no_rim() -> None:
    told = lines([[1, -1]], border=None, padding="valid", bias_errors=())
    assert not [line for line in told if line.startswith(("border", "bias"))]
    assert row("kernel", told) == "1×2, shared: one plane for every channel, padding valid"


def test_a_share_of_almost_all_is_not_all() -> None:
    assert row("explained", lines(explained=0.99999895)).startswith("99.9998 %")
    assert row("explained", lines(explained=1.0)).startswith("over 99.9999 %")
    assert row("left out", lines(clipped=0.0)) == "nothing: no value of TARGET is clipped"


def test_a_descent_that_ran_out_of_steps() -> None:
    told = row("descent", lines(history=[0.5], converged=False, optimizer="gd", learning_rate=0.01))
    assert told == "1 step of gd, learning rate 0.01, ended before the weights stood still"


@pytest.mark.parametrize(
    ("misfit", "text"),
    [
        ("copied", "edge, by default: TARGET's rim is INPUT's, unfiltered, as Pillow's is"),
        ("unlike", "edge is nearest; none gives TARGET's rim (rms on the rim 9)"),
    ],
)
def test_a_rim_that_no_border_gives(misfit: Any, text: str) -> None:
    border = FoundBorder(Border("edge"), 9.0, ("wrap", 12.0), certain=False, misfit=misfit)
    assert row("border", lines(border=border)) == text


def test_a_bias_of_roundings_is_none() -> None:
    assert row("bias", lines([[1.0]], bias=-1e-15)).startswith("0 ±")


def test_details_where_they_are_asked_for() -> None:
    told = lines(verbose=True, sizes=(((1, 1), 0.25), ((3, 3), 1e-6)), rows_used=0.5)
    assert "errors" in told
    assert "  0.0002  0.0002  0.0002" in told
    assert row("rows used", told) == "50 %"
    assert "size tried  3×3: 1e-06 mean squared error, held out" in told


@pytest.mark.parametrize(
    ("pairs", "exact", "text"),
    [
        (0, False, "Learned from a.png and b.png: sharpen; 52.1 dB"),
        (12, False, "Learned from 12 pairs of a.png and b.png: sharpen; 52.1 dB"),
        (0, True, "Learned from a.png and b.png: sharpen; 52.1 dB; written in its exact form"),
    ],
)
def test_the_description_in_the_file(pairs: int, exact: bool, text: str) -> None:
    learned = made(SHARPEN, cause="sharpen; 52.1 dB")
    assert learned_description(learned, ("a.png", "b.png"), pairs, exact=exact) == text


@pytest.mark.parametrize(
    ("step", "near", "is_shown"),
    [
        (FilterStep("sharpen", "shared"), "sharpen", True),
        (FilterStep(None, "shared"), "", True),
        (FilterStep("median:3", "shared"), "identity", False),
        (ResizeStep(0.5, "box", 256, 256), "identity", False),
        (UnrelatedStep(), "", False),
    ],
)
def test_the_kernel_is_shown_where_it_is_part_of_the_answer(step: Step, near: str, is_shown: bool) -> None:
    nearest = Nearest(near, 1.0, 1e-4) if near else None
    told = lines(found=(step,), nearest=nearest)
    assert told[:4] == lines()[:4]
    assert bool([line for line in told if line.startswith("kernel ")]) == is_shown
    assert [line for line in lines(found=(step,), nearest=nearest, verbose=True) if line.startswith("kernel ")]


def test_every_line_of_the_report_fits_into_80_columns() -> None:
    border = FoundBorder(Border("symmetric"), 123.45678, ("constant", 234.5678), certain=False, misfit="unlike")
    replay = Replay(29.21, 0.003816, 72_864, held_out=True)
    told = lines(border=border, replay=replay, explained=1.0, rms=5.863e-6, errors=np.linspace(2.5e-9, 1.7e-8, 9))
    assert max(map(len, told)) <= 80


def test_quiet_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_learned(made(SHARPEN), SUBJECT, Voice(quiet=True))
    assert capsys.readouterr() == ("", "")
    print_learned(made(SHARPEN), SUBJECT, Voice())
    assert capsys.readouterr().err.splitlines() == lines()


@pytest.mark.parametrize("size", [(3, 3), (20, 20), (3, 3, 3)])
def test_on_a_terminal(
    size: tuple[int, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for name, value in {"COLORTERM": "truecolor", "TERM": "xterm-256color", "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    learned = made(np.random.default_rng(0).normal(size=size))
    print_learned(learned, SUBJECT, Voice())
    told = capsys.readouterr().err
    assert "\x1b[" in told
    assert "gaussian:sigma=1.5, weights within 0.2 %" in told
    darkest = diverging(np.array(np.sign(learned.kernel.weights.ravel()[np.abs(learned.kernel.weights).argmax()])))
    if size != (20, 20) or np.abs(learned.kernel.weights).argmax() < 400:
        assert "48;2;{};{};{}m".format(*darkest.tolist()) in told
