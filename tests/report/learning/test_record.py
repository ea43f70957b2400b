"""The record of what was learned, in comments of a filter file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convcli
from convcli.catalog import text_of_file
from convcli.detective import Detected, ResidualMap
from convcli.detective.steps import CurveStep, FilterStep
from convcli.report import LearnedFrom, Record, filter_page, record_comment, record_in, sample_subject
from convcli.report.learning.text import report_lines
from tests.report.pages.test_filter_page import checked
from tests.support.learned import made

SUBJECT = LearnedFrom(("a.png", "b.png"), levels=True)
CURVES: dict[str, tuple[tuple[float, float], ...]] = {"r": ((0.0, 0.0), (1.0, 0.5)), "g": ((0.0, 0.25), (1.0, 1.0))}


def residual(cells: Any) -> ResidualMap:
    array = np.asarray(cells, np.float64)
    return ResidualMap(array, float(array.mean()), (80, 120), (0, 0), 0.5, 0.0, 1.0, None)


def comment_of(learned: Detected) -> str:
    return record_comment(learned, SUBJECT, learned.pipeline)


def record(**fields: Any) -> Record:
    steps = (FilterStep(None, "shared"), CurveStep(CURVES, None))
    found = record_in("weights: [[1]]\n" + comment_of(made(np.eye(3), found=steps, **fields)))
    assert found is not None
    return found


def test_a_record_reads_back() -> None:
    errors = np.full((3, 3), 0.001234567)
    errors[0, 1] = np.inf
    found = record(errors=errors, cause="sharpen = σ, then # 5")
    assert found.cause == "sharpen = σ, then # 5"
    assert dict(found.rows)["kernel"] == "3×3, shared: one plane for every channel"
    assert found.loss == ((1, 0.3), (2, 0.01), (3, 0.0004))
    assert found.curves == CURVES
    assert found.errors is not None
    assert found.errors[0, 1] == np.inf
    assert found.errors[0, 0] == 0.00123457
    assert found.residual is None


def test_much_is_thinned() -> None:
    history = np.geomspace(1, 1e-9, 5000)
    points = tuple((float(each), float(each) ** 2) for each in np.linspace(0, 1, 1001))
    comment = comment_of(
        made(
            np.ones((16, 16)),
            history=history,
            found=(CurveStep(points, None),),
            residual=residual(np.random.default_rng(0).random((85, 128))),
        )
    )
    assert len(comment) < 9000
    found = record_in(comment)
    assert found is not None
    assert found.errors is None, "they are many"
    assert found.loss[0] == (1, 1)
    assert found.loss[-1] == pytest.approx((5000, 1e-9))
    assert len(found.loss) < 81
    assert found.curves[""][-1] == (1, 1)
    assert len(found.curves[""]) == 33


def test_the_cells_of_the_residual_keep_their_squares() -> None:
    cells = np.random.default_rng(0).random((64, 96))
    found = record(residual=residual(cells))
    assert found.residual is not None
    assert found.residual.shape == (22, 32)
    assert found.size == (80, 120)
    exact = np.sqrt(np.square(cells[:63]).reshape(21, 3, 32, 3).mean(axis=(1, 3)))
    assert np.abs(found.residual[:21] - exact).max() <= exact.max() / 254


@pytest.mark.parametrize(
    "text",
    [
        "weights: [[1]]\n",
        "#: cause = 5\n",
        "#: cause = \"x\"\n#: rows = []\n#: loss = [[1, 2, 3]]\n",
        "#: cause = \"x\"\n#: rows = [[\"a\"]]\n#: loss = []\n",
        "#: cause = \"x\n#: rows = []\n#: loss = []\n",
        "#: cause = \"x\"\n#: rows = []\n#: loss = []\n#: errors = [[1], [1, 2]]\n",
        "#: cause = \"x\"\n#: rows = []\n#: loss = []\n#: residual = {\"rows\": [\"zz\"], \"largest\": 1}\n",
        "#: cause = \"x\"\n#: rows = []\n#: loss = []\n#: residual = {\"rows\": [], \"largest\": 1}\n",
        "#: cause = \"x\"\n#: rows = []\n#: loss = []\n#: curves = 7\n",
    ],
)  # fmt: skip
def test_what_was_edited_is_no_record(text: str) -> None:
    assert record_in(text) is None


def test_a_page_shows_the_record() -> None:
    learned = made(
        np.eye(3),
        found=(FilterStep(None, "shared"), CurveStep(CURVES, None)),
        residual=residual(np.eye(4)),
        cause="a & b",
    )
    found = record_in(comment_of(learned))
    page = checked(filter_page(convcli.load_filter("1 0 0; 0 1 0; 0 0 1"), sample_subject(), found))
    for title in ("How it was learned", "Tone curve", "Residual", "Loss"):
        assert title in page.texts
    assert "a & b." in page.texts
    assert page.texts.count("± 0.0002") == 9
    plain = checked(filter_page(convcli.load_filter("1 2 1"), sample_subject(), found))
    assert "± 0.0002" not in plain.texts, "these are no such weights"


def test_errors_are_shown_of_the_learned_kernel_alone() -> None:
    learned = made(np.eye(3), errors=np.full((3, 3), 7e-5))
    text = "box | 1 0 0; 0 1 0; 0 0 1 | sharpen"
    found = record_in(record_comment(learned, SUBJECT, convcli.load_filter(text)))
    assert found is not None
    assert found.layer == 2
    page = checked(filter_page(convcli.load_filter(text), sample_subject(), found))
    assert page.texts.count("± 7e-05") == 9, "the errors of one of three kernels of 3×3"
    for other in ("1 2 1; 2 4 2; 1 2 1", "gaussian", "relu"):  # exact forms and names have no errors
        found = record_in(record_comment(learned, SUBJECT, convcli.load_filter(other)))
        assert found is not None
        assert found.errors is None


def test_the_nearest_kernel_to_what_none_explains_has_no_errors() -> None:
    learned = made(np.eye(3), is_explained=False, found=(), cause="not the same picture")
    found = record_in(comment_of(learned))
    assert found is not None
    assert (found.errors, found.is_explained) == (None, False)
    page = checked(filter_page(learned.pipeline, sample_subject(), found))
    assert "±" not in " ".join(page.texts)
    assert any(text.startswith("No filter makes TARGET of INPUT") for text in page.texts)
    lines = report_lines(learned, SUBJECT, verbose=True)
    assert not any("±" in line or line.startswith("errors") for line in lines)
    assert any(line.startswith("errors") for line in report_lines(made(np.eye(3)), SUBJECT, verbose=True))


def test_the_text_of_a_file_that_is_a_filter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("weights: [[1]]\n")
    monkeypatch.setenv("CONVCLI_PATH", str(tmp_path))
    assert text_of_file(str(path)) == text_of_file("mine") == "weights: [[1]]\n"
    for other in ("sharpen", "1 2 1", f"{path} | relu", "gaussian:2"):
        assert text_of_file(other) is None
