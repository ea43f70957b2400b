"""The path of channels that stay unfiltered, such as alpha, to the positions of a filter's output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from convcli.errors import UsageError
from convcli.filters.combine import Combine
from convcli.filters.conv import Conv
from convcli.filters.kernel import Kernel
from convcli.filters.layer import Layer
from convcli.filters.linear import Linear
from convcli.filters.pipeline import Pipeline
from convcli.filters.pooling import Pool
from convcli.filters.spatial.geometry import Geometry


def untouched_path(pipeline: Pipeline) -> Pipeline | None:
    """Return the layers that move untouched channels to the positions of the output; None where they stay.

    A kernel takes the value under its anchor, a pool the mean of its window; of branches the first counts.

    Raises
    ------
    UsageError
        The pipeline has a linear layer, whose outputs have no positions.
    """
    layers = tuple(_moves(pipeline.layers))
    return Pipeline(layers) if layers else None


def _moves(layers: Iterable[Layer]) -> Iterator[Layer]:
    for layer in layers:
        if isinstance(layer, Conv):
            if layer.padding != "same" or layer.stride != (1, 1):
                yield replace(layer, kernel=_anchor_alone(layer.kernel), groups=1)
        elif isinstance(layer, Pool):
            yield layer.mean
        elif isinstance(layer, Geometry):
            yield layer
        elif isinstance(layer, Combine) and layer.branches:
            yield from _moves(layer.branches[0])
        elif (moving := layer.for_untouched()) is not None:
            yield moving
        elif isinstance(layer, Linear):
            raise UsageError(
                "a linear layer makes numbers of a picture, which have no positions", "leave out --channels"
            )


def _anchor_alone(kernel: Kernel) -> Kernel:
    weights = np.zeros(kernel.size)
    weights[kernel.anchor] = 1
    return Kernel(weights, anchor=kernel.anchor)
