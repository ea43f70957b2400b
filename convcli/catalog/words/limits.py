"""Bounds of the size of a filter: files that name each other's filters multiply."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from convcli.errors import UsageError
from convcli.filters import Combine, Conv, Layer
from convcli.lazy import dataclass

MOST_LAYERS = 1000
MOST_WEIGHTS = 2**25  # 256 MiB of float64


@dataclass
class Tally:
    """Layers and weights of a pipeline that is being put together."""

    layers: int = 0
    weights: int = 0

    def add(self, layers: Iterable[Layer], known: set[int] | None = None) -> None:
        """Count layers, those in branches too; raise UsageError beyond `MOST_LAYERS` or `MOST_WEIGHTS`.

        One that stands in several branches counts once: `known` has the identities of those that did.
        """
        inner = set() if known is None else known
        for layer in layers:
            if known is not None:
                if id(layer) in known:
                    continue
                known.add(id(layer))
            self.layers += 1
            if isinstance(layer, Combine):
                for branch in layer.branches:
                    self.add(branch, inner)
            elif isinstance(layer, Conv):
                self.weights += layer.kernel.weights.size
            elif (weights := getattr(layer, "weights", None)) is not None:
                self.weights += np.size(weights)
        if self.layers > MOST_LAYERS:
            raise UsageError(f"a filter of more than {MOST_LAYERS} layers", "apply it in two steps")
        if self.weights > MOST_WEIGHTS:
            raise UsageError(f"a filter of more than {MOST_WEIGHTS} weights", "apply it in two steps")
