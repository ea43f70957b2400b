"""Batches of small files, which a worker takes at once."""

from __future__ import annotations

from collections.abc import Iterable

from convcli.jobs.one.work import Done, Outcome

_SECONDS_OF_A_TASK = 0.04
_LARGEST_TASK = 64


class TaskSize:
    """The number of files in the next task, by how long others took.

    Handing over a task takes a millisecond of two processes together, half of what a small picture does.
    """

    files = 1

    def fit(self, outcomes: Iterable[Outcome]) -> None:
        """Choose it by the outcomes of a task."""
        seconds = [each.seconds for each in outcomes if isinstance(each, Done)]
        if seconds:
            self.files = min(max(1, int(_SECONDS_OF_A_TASK * len(seconds) / sum(seconds))), _LARGEST_TASK)
