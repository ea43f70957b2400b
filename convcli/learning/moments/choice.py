"""Choice: the target values that are learned from, by what a first kernel predicts for them.

A target with errors of its own, of noise or of a rounding before the last filter, is clipped or not by chance. Leaving
out what is clipped keeps, near black and white, the values whose error points inwards: it bends the kernel. A choice by
the prediction looks at the source alone, so it does not.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Bools
from convcli.engine import Settings, apply_pipeline, full_scale_of
from convcli.filters import Conv, Kernel, Pipeline
from convcli.lazy import dataclass
from convcli.learning.moments.layout import Layout
from convcli.learning.moments.region import Region
from convcli.learning.spectral import filtered_by_spectra, has_many_weights

_ROWS = 256  # at once


@dataclass(frozen=True, eq=False)
class Choice:
    """The values that `kernel`, of a layout, predicts inside the range by `margin`, a share of full scale.

    `settings` are those of the prediction.
    """

    kernel: Kernel
    layout: Layout
    margin: float
    settings: Settings

    def of(self, region: Region, window: Layout) -> Bools:
        """Return the chosen values of a region whose kernel has the layout `window`, (height, width, outputs)."""
        above, left = (outer - inner for outer, inner in zip(window.anchor, self.layout.anchor, strict=True))
        inner = region.part(above, left, self.layout.size)
        full_scale = full_scale_of(region.source.dtype)
        chosen = np.empty(region.target.shape, bool)
        for start in range(0, region.height, _ROWS):
            source = inner.rows(start, start + _ROWS).source
            values = self._filtered(source, full_scale) / full_scale
            chosen[start : start + _ROWS] = (values > self.margin) & (values < 1 - self.margin)
        return chosen

    def _filtered(self, source: Array, full_scale: float) -> Array:
        if has_many_weights(self.kernel):
            return filtered_by_spectra(source, self.kernel, full_scale=full_scale, padding="valid")
        pipeline = Pipeline((Conv(self.kernel, padding="valid"),))
        return apply_pipeline(pipeline, source, full_scale=full_scale, dtype=np.float32, settings=self.settings).values
