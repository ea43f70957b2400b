"""Outcomes of jobs."""

from __future__ import annotations

from convcli.errors import ConvcliError
from convcli.jobs.one.work import Failed


def error_of(outcome: object) -> ConvcliError:
    """Return the error of a job that failed."""
    assert isinstance(outcome, Failed)
    return outcome.error
