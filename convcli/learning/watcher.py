"""Watcher: the callbacks that follow learning."""

from __future__ import annotations

from typing import Protocol


class Watcher(Protocol):
    """Callbacks of learning."""

    def pair(self, index: int, total: int, name: str) -> None:
        """Pair `index` (from 0) of `total` is read next."""

    def hypothesis(self, name: str, share: float, psnr: float) -> None:
        """Hypothesis `name` is judged, `share` of all (0 to 1) before it; the best so far reaches `psnr` dB."""

    def step(self, step: int, loss: float) -> None:
        """Step `step` (from 1) is taken, from where the loss is `loss`."""


class Unwatched(Watcher):
    """Callbacks that do nothing."""

    def pair(self, index: int, total: int, name: str) -> None:
        """Do nothing."""

    def hypothesis(self, name: str, share: float, psnr: float) -> None:
        """Do nothing."""

    def step(self, step: int, loss: float) -> None:
        """Do nothing."""
