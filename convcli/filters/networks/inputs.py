"""The shapes of input that a filter takes, as far as its layers tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from math import isqrt

from convcli.errors import ShapeError
from convcli.filters.combine import Combine
from convcli.filters.conv import Conv
from convcli.filters.layer import Layer, Shape, shape_after
from convcli.filters.linear import Linear
from convcli.filters.networks.shuffles import Flatten
from convcli.filters.networks.transposed import ConvTranspose

# Sides that are tried for a filter: the lessons' first, then those of well-known networks, then any.
_SIDES = (28, 32, 64, 128, 224, 512, 1024, *range(1, 512))
_CHANNELS = (1, 3, 2, 4)
_BLOCKS = (2, 3, 4, 8)  # sides of blocks of pixels that layers make channels, and the other way round


def fitting_shape(layers: Sequence[Layer], channels: Sequence[int] = _CHANNELS) -> Shape | None:
    """Return a square shape (channels, height, width) that fits layers; None where none is found.

    The channels that the first kernel takes are tried first, then those given, and those of which layers before that
    kernel make as many.
    """
    for count in dict.fromkeys(_counts(layers, channels)):
        for side in _SIDES:
            with suppress(ShapeError):
                shape_after(layers, (count, side, side))
                return count, side, side
    return None


def _counts(layers: Sequence[Layer], channels: Sequence[int]) -> Iterator[int]:
    bound = [count for count in (input_channels(layers), _numbers_in(layers, set())) if count]
    yield from bound
    yield from channels
    for count in bound:
        for block in _BLOCKS:
            yield count * block**2
            if count % block**2 == 0:
                yield count // block**2
        yield from (count // parts for parts in range(2, isqrt(count) + 1) if count % parts == 0)


def input_channels(layers: Sequence[Layer], known: dict[int, list[int]] | None = None) -> int | None:
    """Return the channels that the first layer bound to a number takes; None if any number fits.

    `known` has them for the branches of layers that were looked at, by their identity.
    """
    found = {} if known is None else known
    for layer in layers:
        if isinstance(layer, Conv) and layer.kernel.weights.ndim > 2:
            shape = layer.kernel.weights.shape
            return int(shape[0] if len(shape) == 3 else shape[1] * layer.groups)
        if isinstance(layer, Combine):
            if id(layer) not in found:
                channels = (input_channels(branch, found) for branch in layer.branches)
                found[id(layer)] = [each for each in channels if each is not None]
            if found[id(layer)] or not layer.branches:  # without branches any number of channels becomes one
                return next(iter(found[id(layer)]), None)
        if isinstance(layer, ConvTranspose):
            return len(layer.weights)
        if isinstance(layer, Linear | Flatten):
            return None
    return None


def _numbers_in(layers: Sequence[Layer], done: set[int]) -> int | None:
    """Return how many numbers the first layer with one for each channel has; `done` are joins looked through."""
    for layer in layers:
        if isinstance(layer, Combine) and id(layer) not in done:
            done.add(id(layer))
            inner = (_numbers_in(branch, done) for branch in layer.branches)
            found = next((each for each in inner if each is not None), None)
            if found is not None:
                return found
        longest = max(map(len, getattr(layer, "numbers", {}).values()), default=1)
        if longest > 1:
            return longest
    return None
