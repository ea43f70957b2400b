"""A frame to be filtered: all of it in memory, or some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from convcli import engine
from convcli.array_types import Array, Bools
from convcli.filters import Pipeline
from convcli.jobs.one.treatment import Treatment


class Frame(Protocol):
    """Values (height, width, channels), widened as `Treatment.widened` has it, of which some rows may be asked for."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the whole."""

    @property
    def channels(self) -> int:
        """Their number, with alpha."""

    @property
    def own(self) -> Array:
        """The values at the rows that are asked for, of a filter that keeps the size."""

    def filtered(
        self,
        key: str,
        treatment: Treatment,
        pipeline: Pipeline,
        given: Callable[[Array], Array],
        dtype: np.dtype[Any] | None = None,
    ) -> engine.Computed:
        """Return what a pipeline makes of the values that a function makes of each pixel.

        `key` names the use of a pipeline. Without a dtype the result has that of the values.
        """

    def extremes(self, key: str, parts: Sequence[Array], visible: Bools | None) -> list[engine.Extremes | None]:
        """Return the smallest and the largest of the values of which some parts are those at the rows asked for."""
