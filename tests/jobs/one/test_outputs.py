from __future__ import annotations

from convcli.jobs.one.outputs import no_format, refusal
from convcli.jobs.one.work import Job


def test_streams_are_never_refused() -> None:
    assert refusal(Job(None, None), "refuse") is None


def test_a_name_without_a_format_is_told_with_those_there_are() -> None:
    error = no_format("a/b.xyz")
    assert "a/b.xyz: .xyz stands for no format" in error.message
    assert ".png" in error.hint
    assert "without an ending" in no_format("b").message
