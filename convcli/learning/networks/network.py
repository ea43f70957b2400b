"""Network: layers, and the numbers in them that are learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array
from convcli.engine import Shared, walk_through
from convcli.filters import BatchNorm, Layer, Pipeline, Shape, rebuilt
from convcli.lazy import dataclass
from convcli.learning.networks.gradients.made import Mode
from convcli.learning.networks.graph import Graph
from convcli.learning.networks.losses import Batch, loss_of
from convcli.learning.networks.parameters import MEASURED, Numbers, learns, numbers_of, with_numbers

_KEPT_OF_MEASURED = 0.9  # of the means and variances so far, as in PyTorch


@dataclass(frozen=True, eq=False)
class Gradients:
    """The sum of a loss over a batch, the gradients of all arrays by key, and what norms have measured."""

    loss: float
    arrays: dict[str, Array]
    measured: dict[int, tuple[Array, Array]]


class Network:
    """Layers with the numbers that are learned, float32 unless told otherwise.

    Parameters
    ----------
    pipeline
        The layers.
    shape
        (channels, height, width) of its input, which give layers such as ``linear`` their sizes.
    """

    def __init__(self, pipeline: Pipeline, shape: Shape, dtype: DTypeLike = np.float32) -> None:
        self.pipeline, self.shape = pipeline, shape
        self.numbers: dict[int, Numbers] = {}
        self.layers: list[Layer] = []  # with numbers, each once

        def after(layer: Layer, given: Shape, _: Sequence[Shape]) -> Shape:
            if id(layer) not in self.numbers and (own := numbers_of(layer, given, dtype)):
                self.numbers[id(layer)] = own
                self.layers.append(layer)
            return layer.output_shape(given)

        walk_through(pipeline.layers, shape, after, Shared(pipeline.layers))
        self.dtype = np.dtype(dtype)

    @property
    def learning(self) -> list[Layer]:
        """The layers that learn."""
        return [layer for layer in self.layers if learns(layer)]

    @property
    def arrays(self) -> dict[str, Array]:
        """The arrays that gradients change, by key; views, not copies."""
        return {
            f"{index}.{name}": each
            for index, layer in enumerate(self.layers)
            if learns(layer)
            for name, each in self.numbers[id(layer)].items()
            if name not in MEASURED
        }

    @property
    def state(self) -> dict[str, Array]:
        """All arrays, measured ones too, by key; views, not copies."""
        return {
            f"{index}.{name}": each
            for index, layer in enumerate(self.layers)
            for name, each in self.numbers[id(layer)].items()
        }

    def restore(self, state: dict[str, Array]) -> None:
        """Give all arrays the values of a state."""
        for key, each in self.state.items():
            each[...] = state[key]

    @property
    def weights(self) -> int:
        """The number of numbers that are learned."""
        return sum(each.size for each in self.arrays.values())

    @property
    def takes_whole_batches(self) -> bool:
        """True where a norm measures the batch."""
        return any(isinstance(layer, BatchNorm) for layer in self.layers)

    def output(self, source: Array) -> Array:
        """Return what the network makes of a batch, as after the training."""
        return Graph(self.numbers).run(self.pipeline.layers, source)

    def gradients(self, kind: str, batch: Batch, seed: list[int], *, levels: bool = False) -> Gradients:
        """Return the loss and the gradients of a batch, as in training; `seed` is that of what dropout leaves out."""
        measured: dict[int, tuple[Array, Array]] = {}
        mode = Mode(is_training=True, generator=np.random.default_rng(seed), measured=measured)
        graph = Graph(self.numbers, mode)
        made = graph.run(self.pipeline.layers, batch.source)
        loss, of_output = loss_of(kind, batch.completed(made), batch, levels=levels)
        found = graph.gradients(of_output)
        keys = {id(layer): index for index, layer in enumerate(self.layers)}
        arrays = {f"{keys[at]}.{name}": each for at, own in found.items() for name, each in own.items()}
        return Gradients(loss, arrays, measured)

    def measure(self, measured: dict[int, tuple[Array, Array]]) -> None:
        """Let the means and variances of norms follow those of a batch."""
        for at, values in measured.items():
            for name, each in zip(MEASURED, values, strict=True):
                own = self.numbers[at][name]
                own += own.dtype.type(1 - _KEPT_OF_MEASURED) * (each - own)

    def trained(self) -> Pipeline:
        """Return the pipeline with the numbers as they are now."""
        made = {id(layer): with_numbers(layer, self.numbers[id(layer)]) for layer in self.learning}
        return replace(
            self.pipeline, layers=rebuilt(self.pipeline.layers, lambda layer: made.get(id(layer), layer), {})
        )
