"""The screens of the command are those that were looked at, and none has a word that is cut."""

from __future__ import annotations

import re

import pytest

from tests.support.screens import GOLDENS, SCREENS, WIDTHS, golden_screen

HEIGHT = 24

TYPED = re.compile(r"\$ convcli ")  # which the terminal folds as it is typed


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_the_one_that_is_kept(name: str, columns: int) -> None:
    """To make them anew, and look at what has changed: ``python docs/generate.py screens``."""
    kept = (GOLDENS / f"{name}-{columns}.txt").read_text(encoding="utf-8")
    assert golden_screen(name, columns) == kept


def test_no_screen_is_kept_that_is_not_made() -> None:
    assert {file.stem for file in GOLDENS.iterdir()} == {f"{name}-{columns}" for name in SCREENS for columns in WIDTHS}


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("name", SCREENS)
def test_no_line_is_wider_than_the_terminal(name: str, columns: int) -> None:
    lines = (GOLDENS / f"{name}-{columns}.txt").read_text(encoding="utf-8").splitlines()
    wide = [line for line in lines if len(line) > columns and not TYPED.match(line)]
    assert wide == []
    assert not [
        line for line in lines if "<class" in line or "<bool>" in line or "{FILTER}" in line or "[default" in line
    ]


def lines_of(name: str) -> list[str]:
    return (GOLDENS / f"{name}-80.txt").read_text(encoding="utf-8").splitlines()[1:]


def test_the_help_of_apply_fits_two_screens_and_the_edges_one() -> None:
    assert len(lines_of("help-apply")) <= 2 * HEIGHT - 2
    assert "|" in " ".join(line for line in lines_of("help-apply") if "convcli apply" in line)
    assert any("convcli list" in line for line in lines_of("help-apply"))
    for name in ("list-edge", "list-edges", "help-gaussian", "help-sharpen", "help-relu"):
        assert len(lines_of(name)) < HEIGHT, name
    assert len(lines_of("help")) < 2 * HEIGHT
