from __future__ import annotations

from pathlib import Path

from convcli.jobs.one.work import Job


def test_names_in_messages() -> None:
    assert (Job(None, None).source_name, Job(None, None).target_name) == ("stdin", "stdout")
    assert (Job(Path("a"), Path("b")).source_name, Job(Path("a"), Path("b")).target_name) == ("a", "b")
