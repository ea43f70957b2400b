"""Drawn pictures, looked at by pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convcli.report.pictures.colors import PAPER


def count(picture: NDArray[np.uint8], color: NDArray[np.uint8]) -> int:
    """Return how many pixels have a color."""
    return int((picture == color).all(axis=2).sum())


def margins_are_free(picture: NDArray[np.uint8]) -> bool:
    rim = np.ones(picture.shape[:2], bool)
    rim[12:-12, 12:-12] = False
    return bool((picture[rim] == PAPER).all())
