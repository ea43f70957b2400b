"""Watcher: the callbacks that follow learning."""

from __future__ import annotations

from typing import Protocol


class Watcher(Protocol):
    """Callbacks of learning."""

    def pair(self, index: int, total: int, name: str) -> None:
        """Pair `index` (from 0) of `total` is read next."""

    def step(self, step: int, loss: float) -> None:
        """Step `step` (from 1) is taken, from where the loss is `loss`."""


class Unwatched(Watcher):
    """Callbacks that do nothing."""

    def pair(self, index: int, total: int, name: str) -> None:
        """Do nothing."""

    def step(self, step: int, loss: float) -> None:
        """Do nothing."""
