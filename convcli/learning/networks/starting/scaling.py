"""The scale of random weights, by the pictures that they are to be trained on.

Random kernels answer to the brightness of a picture more than to its details, and faintly. Beside a kernel, which has
the brightness already, a network learns several times as fast where its first kernels have no mean, and the values
behind each of its layers are spread alike.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.filters import Conv, Layer
from convcli.learning.networks.graph import Graph
from convcli.learning.networks.network import Network

_SPREAD = 0.1  # standard deviation of the values behind a layer
_ROUNDS = 2  # by which the layers reach it, one behind the other


def scale_to(network: Network, batch: Array) -> None:
    """Give the random kernels of a network, in place, such means and scales that its values are spread alike."""
    drawn = [layer for layer in network.learning if isinstance(layer, Conv) and layer.draws]
    for layer in drawn:
        numbers = network.numbers[id(layer)]
        numbers["bias"][...] = 0
        if layer is network.learning[0] and layer.kernel.weights.shape[2:] != (1, 1):
            numbers["weights"] -= numbers["weights"].mean(axis=(2, 3), keepdims=True)
    for layer in drawn * _ROUNDS:
        spread = _spread_behind(network, layer, batch)
        if spread > 0:
            network.numbers[id(layer)]["weights"] *= np.float32(_SPREAD / spread)


def _spread_behind(network: Network, layer: Layer, batch: Array) -> float:
    graph = Graph(network.numbers)
    graph.run(network.pipeline.layers, batch)
    return next((float(value.array.std()) for value in graph.values if value.layer is layer), 0.0)
