"""The channels that are not filtered, at the positions of those that are."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from convcli import engine
from convcli.jobs.one.treatment import Treatment


def untouched_channels(colors: NDArray[Any], treatment: Treatment) -> NDArray[Any]:
    """Return colors at the positions of the output: themselves, or floats in levels."""
    if treatment.moves is None:
        return colors
    values = treatment.light.of(colors)
    moved = engine.apply_pipeline(
        treatment.moves, values, full_scale=treatment.full_scale, dtype=values.dtype, settings=treatment.settings
    )
    return treatment.light.back(moved.values)
