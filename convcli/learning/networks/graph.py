"""A network on a batch: the values behind each layer, and the gradients back through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from convcli.array_types import Array
from convcli.engine import Shared, walk_through
from convcli.filters import Combine, Layer
from convcli.lazy import dataclass
from convcli.learning.networks.gradients.layout import item_by_item
from convcli.learning.networks.gradients.made import Back, Mode
from convcli.learning.networks.gradients.rules import no_gradient, rule_of
from convcli.learning.networks.parameters import Numbers, learns


@dataclass(eq=False)
class Value:
    """A batch behind a layer, and what its gradient needs."""

    array: Array
    layer: Layer | None = None
    parents: tuple[Value, ...] = ()
    back: Back | None = None
    is_learned: bool = False  # whether a layer before it learns
    gradient: Array | None = None


@dataclass(eq=False)
class Graph:
    """One run of layers on a batch; a layer that several branches share is computed once."""

    numbers: Mapping[int, Numbers]  # by the `id` of their layers
    mode: Mode = field(default_factory=Mode)
    leads_to_input: bool = False  # whether the gradient of the batch itself is asked for
    values: list[Value] = field(default_factory=list)

    def run(self, layers: Sequence[Layer], batch: Array) -> Array:
        """Return what layers make of a batch (items, height, width, channels); raise UsageError without a gradient."""
        self.values.append(Value(batch, is_learned=self.leads_to_input))
        made: Array = walk_through(layers, self.values[0], self._after, Shared(layers)).array
        return made

    def _after(self, layer: Layer, given: Value, parts: Sequence[Value]) -> Value:
        self.values.append(self._computed(layer, tuple(parts) if parts else (given,)))
        return self.values[-1]

    def _computed(self, layer: Layer, parents: tuple[Value, ...]) -> Value:
        arrays = [each.array for each in parents]
        rule = rule_of(layer)
        if rule is None:
            if any(each.is_learned for each in parents) or (isinstance(layer, Combine) and len(parents) > 1):
                raise no_gradient(layer)
            return Value(item_by_item(layer, arrays[0]), layer, parents)
        leads_on = any(each.is_learned for each in parents)
        mode = self.mode if leads_on else replace(self.mode, leads_on=False)
        array, back = rule(layer, arrays, self.numbers.get(id(layer), {}), mode)
        is_learned = learns(layer) or leads_on
        return Value(array, layer, parents, back, is_learned)

    def gradients(self, of_output: Array) -> dict[int, Numbers]:
        """Return the gradients of the numbers, by the `id` of their layers, from that of the last value."""
        found: dict[int, Numbers] = {}
        self.values[-1].gradient = of_output
        for value in reversed(self.values):
            if value.gradient is None or value.back is None or not value.is_learned or value.layer is None:
                continue
            of_parents, of_numbers = value.back(value.gradient)
            value.gradient = None
            for parent, gradient in zip(value.parents, of_parents, strict=True):
                if parent.is_learned:
                    parent.gradient = gradient if parent.gradient is None else parent.gradient + gradient
            if of_numbers and learns(value.layer):
                known = found.get(id(value.layer))
                found[id(value.layer)] = (
                    {name: known[name] + each for name, each in of_numbers.items()} if known else of_numbers
                )
        return found
