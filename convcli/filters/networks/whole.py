"""Layers whose output has positions of its own, and those of them that are computed of all rows at once."""

from __future__ import annotations

from typing import ClassVar

from convcli.errors import UsageError
from convcli.filters.layer import Layer, Shape

Position = tuple[int | None, int | None, int | None]  # channel, row, column; None for all along an axis


class Reshaping(Layer):
    """A layer whose output has positions of its own."""

    reshapes: ClassVar[bool] = True

    def for_untouched(self) -> Layer | None:
        """Raise UsageError: the output has no positions that untouched channels could have."""
        raise UsageError(
            f"{self.name} makes values that have no positions in the picture, and no alpha",
            "use --alpha drop, and leave out --channels",
        )

    def came_from(self, position: Position, shape: Shape) -> Position:  # noqa: ARG002 - those that know it override it
        """Return the position, in input of `shape`, that a value of the output comes from, or comes from most."""
        return None, None, None


class Whole(Reshaping):
    """One that is computed of all rows at once, and never in strips."""

    @property
    def needs_all_rows(self) -> bool:
        """True."""
        return True
