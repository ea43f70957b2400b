"""Progress of learning."""

from __future__ import annotations

import sys

import pytest

from convcli.report.learning.progress import watch_learning
from convcli.report.voice import Voice


@pytest.mark.parametrize(
    ("every", "steps", "said"),
    [(100, 250, [100, 200, 250]), (100, 200, [100, 200]), (1, 2, [1, 2]), (1000, 3, [3]), (None, 200, [])],
)
def test_the_loss_every_so_many_steps(
    every: int | None, steps: int, said: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    with watch_learning(Voice(), every) as watcher:
        watcher.pair(0, 1, "")
        for step in range(1, steps + 1):
            watcher.step(step, 1 / step)
        watcher.end(steps, 1 / steps)
    assert capsys.readouterr().err.splitlines() == [f"step {step}  loss {1 / step:.4g}" for step in said]


def test_progress_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    with watch_learning(Voice(), None) as watcher:
        watcher.pair(2, 12, "a/b.png")
        watcher.step(1, 0.5)
        watcher.end(1, 0.5)
    assert "reading pair 3 of 12: a/b.png" in capsys.readouterr().err


def test_hypotheses_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    with watch_learning(Voice(), None) as watcher:
        watcher.hypothesis("a kernel [and] a tone curve", 0.5, 41.25)
    told = capsys.readouterr().err
    assert "a kernel [and] a tone curve" in told
    assert "best so far 41.2 dB" in told


def test_hypotheses_are_no_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with watch_learning(Voice(), 1) as watcher:
        watcher.hypothesis("median:3", 0.5, 41.25)
    assert capsys.readouterr() == ("", "")
