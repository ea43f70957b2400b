"""What goes along with a picture that is filtered, without being filtered: to the places of what comes out."""

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
from convcli.filters.pooling import AvgPool, Pool


def alongside(pipeline: Pipeline) -> Pipeline | None:
    """Return what takes channels that are kept to the places of the pipeline's output; None where they stay.

    As alpha goes along: from under the anchor of a kernel, and as the mean of a pool's window. Of branches the first
    one counts.

    Raises
    ------
    UsageError
        A linear layer has no places.
    """
    layers = tuple(_moves(pipeline.layers))
    return Pipeline(layers) if layers else None


def _moves(layers: Iterable[Layer]) -> Iterator[Layer]:
    for layer in layers:
        if isinstance(layer, Conv):
            if layer.padding != "same" or layer.stride != (1, 1):
                yield replace(layer, kernel=_under_the_anchor(layer.kernel), groups=1)
        elif isinstance(layer, Pool):
            yield AvgPool(layer.size, layer.stride)
        elif isinstance(layer, Combine) and layer.branches:
            yield from _moves(layer.branches[0])
        elif isinstance(layer, Linear):
            raise UsageError("a linear layer makes numbers of a picture, which have no places", "leave out --channels")


def _under_the_anchor(kernel: Kernel) -> Kernel:
    weights = np.zeros(kernel.size)
    weights[kernel.anchor] = 1
    return Kernel(weights, anchor=kernel.anchor)
