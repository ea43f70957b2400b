"""Layers on a part of a picture: what they compute of the whole, for some rows of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.engine.color.alpha import KeptAlpha
from convcli.engine.layers import apply_layer, normalized, opacity_after
from convcli.engine.part import Part, Rows, in_runs, span
from convcli.engine.pooling import pooled, pooled_opacity
from convcli.engine.spatial.resampling import resized
from convcli.engine.strips.rows import Step, rank_sources, rows_before
from convcli.filters import (
    DEFAULT_BORDER,
    Crop,
    Geometry,
    Layer,
    Mirror,
    Normalize,
    Pixelate,
    Pool,
    Rank,
    Reshaping,
    Resize,
    Turn,
)
from convcli.lazy import dataclass


@dataclass(frozen=True, eq=False)
class PartOfLayer:
    """A layer, other than Conv and without branches, and a part of its input."""

    step: Step
    part: Part
    full_scale: float
    alpha: KeptAlpha
    threads: int | None

    @property
    def keeps_alpha(self) -> bool:
        """True where the alpha of the output is that of the input."""
        if isinstance(self.step.layer, Rank | Pixelate):
            return self.alpha == "keep"
        return not isinstance(self.step.layer, Pool | Geometry | Reshaping)

    def colors(
        self,
        values: Array,
        opacity: Array | None,
        opaque: Callable[[], bool],
        bounds: Callable[[], tuple[float, float] | None],
    ) -> Array:
        """Return the values after the layer, as `apply_layer` does.

        Two functions return whether the whole input is opaque, and its smallest and largest value.
        """
        layer = self.step.layer
        if isinstance(layer, Normalize):
            return normalized(self.part.taken(values, self.part.wanted), self.full_scale, bounds())
        if isinstance(layer, Pool):
            is_opaque = opacity is not None and opaque()
            return self._each(
                lambda part: pooled(
                    layer,
                    self._under(values, part),
                    None if opacity is None else self._under(opacity, part),
                    self.alpha,
                    part,
                    opaque=is_opaque,
                )
            )
        if isinstance(layer, Resize):
            return self._each(
                lambda part: resized(
                    layer,
                    self._under(values, part),
                    self.full_scale,
                    None if opacity is None else self._under(opacity, part),
                    self.threads or 1,
                    part,
                )
            )
        if isinstance(layer, Reshaping):
            return self._reshaped(layer, values, opacity, opaque)
        return in_runs(self.part, lambda first, last: self._alone(values, opacity, first, last))

    def _reshaped(self, layer: Reshaping, values: Array, opacity: Array | None, opaque: Callable[[], bool]) -> Array:
        from convcli.engine.networks.in_parts import part_reshaped

        is_opaque = opacity is not None and opaque()
        return self._each(
            lambda part: part_reshaped(
                layer,
                self._under(values, part),
                None if opacity is None else self._under(opacity, part),
                self.full_scale,
                part,
                opaque=is_opaque,
            )
        )

    def opacities(self, opacity: Array) -> Array:
        """Return the opacity after the layer, as `opacity_after` does."""
        layer = self.step.layer
        if self.keeps_alpha:
            return self.part.taken(opacity, self.part.wanted)
        if isinstance(layer, Pool):
            return self._each(lambda part: pooled_opacity(layer, self._under(opacity, part), self.alpha, part))
        if isinstance(layer, Resize):
            moved = self._each(lambda part: resized(layer, self._under(opacity, part), 1.0, part=part))
            return np.clip(moved, 0, 1)
        if isinstance(layer, Reshaping):
            from convcli.engine.networks.in_parts import part_of_opacity

            return self._each(lambda part: part_of_opacity(layer, self._under(opacity, part), self.alpha, part))

        def alone(first: int, last: int) -> Array:
            own, rows, start = _on_rows(layer, self.part.height, span(first, last))
            given = self.part.filled(opacity, rows, 0.0)
            return given if own is None else opacity_after(own, given, self.alpha)[start : start + last - first]

        return in_runs(self.part, alone)

    def _each(self, compute: Callable[[Part], Array]) -> Array:
        """Return what a function computes of the parts whose wanted rows, and those under them, follow each other."""

        def of_run(first: int, last: int) -> Array:
            wanted = span(first, last)
            return compute(Part(self.part.height, rows_before(self.step.layer, self.step.shape, wanted), wanted))

        return in_runs(self.part, of_run)

    def _under(self, array: Array, part: Part) -> Array:
        """Return the rows that a smaller part holds."""
        return self.part.taken(array, part.held)

    def _alone(self, values: Array, opacity: Array | None, first: int, last: int) -> Array:
        """Return some wanted rows, computed as a picture of their own."""
        layer, rows, start = _on_rows(self.step.layer, self.part.height, span(first, last))
        fill = _fill(layer, values, self.full_scale)
        own = self.part.filled(values, rows, fill) if fill is not None else self.part.taken(values, rows)
        if opacity is not None:
            outside = float(self.alpha == "keep")
            opacity = self.part.filled(opacity, rows, outside) if fill is not None else self.part.taken(opacity, rows)
        if layer is None:
            return own
        made = apply_layer(layer, own, self.full_scale, opacity, self.alpha, self.threads)
        return made[start : start + last - first]


def _on_rows(layer: Layer, height: int, wanted: Rows) -> tuple[Layer | None, Rows, int]:
    """Return the layer that makes wanted rows of rows of the input alone, these rows, and the first wanted row.

    None for a layer that does nothing but choose them.
    """
    match layer:
        case Rank():
            above, _ = layer.margins[0]
            return layer, rank_sources(layer, height)[wanted[0] : wanted[-1] + layer.size[0]], above
        case Pixelate():
            rows = rows_before(layer, (1, height, 1), wanted)
            # Blocks begin with the rows, but for those before the first one that is whole.
            own = layer if rows[0] == 0 else replace(layer, offset=(0, layer.offset[1]))
            return own, rows, int(wanted[0] - rows[0])
        case Crop(y=y):
            return replace(layer, y=0, height=len(wanted)), wanted + y, 0
        case Mirror(axis="vertical"):
            return None, height - 1 - wanted, 0
        case Turn():
            return Mirror("horizontal"), height - 1 - wanted, 0
        case _:
            return layer, wanted, 0


def _fill(layer: Layer | None, values: Array, full_scale: float) -> float | None:
    """Return the value of rows outside of the picture; None for a layer that sees none."""
    if not isinstance(layer, Rank):
        return None
    fill = (layer.border or DEFAULT_BORDER).value * full_scale
    if values.dtype.kind == "u":
        fill = min(max(float(np.floor(fill + 0.5)), 0.0), float(np.iinfo(values.dtype).max))
    return fill
