"""Layers whose input nobody else needs, so that they can write their output over it."""

from __future__ import annotations

from collections.abc import Iterable

from convcli.filters import (
    Abs,
    Activation,
    BatchNorm,
    Clip,
    Combine,
    Conv,
    ConvTranspose,
    Curve,
    Invert,
    Join,
    Layer,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    OverChannels,
    PReLU,
    ReLU,
    Threshold,
)

# Layers each of whose output values depends on one pixel of the input.
OF_PIXELS = (
    *(Abs, Activation, BatchNorm, Clip, Curve, Invert, LayerNorm, LeakyReLU, LocalResponseNorm, OverChannels, PReLU),
    *(ReLU, Threshold),
)


def layers_in_place(layers: Iterable[Layer]) -> frozenset[int]:
    """Return the identities of layers of pixels that may change the values before them.

    These are made by one layer, behind which nothing else stands, in whatever branches the two are.
    """
    before: dict[int, set[int]] = {}
    behind: dict[int, set[int]] = {}
    known: dict[int, Layer] = {}
    _note(tuple(layers), before, behind, known)
    found = set()
    for key, layer in known.items():
        if isinstance(layer, OF_PIXELS) and len(before[key]) == 1:
            (maker,) = before[key]
            if maker in known and _makes_an_array(known[maker]) and behind[maker] == {key}:
                found.add(key)
    return frozenset(found)


_NONE = 0  # in place of a layer's identity: the begin and the end of a branch


def _note(
    layers: tuple[Layer, ...], before: dict[int, set[int]], behind: dict[int, set[int]], known: dict[int, Layer]
) -> None:
    keys = [_NONE, *map(id, layers), _NONE]
    for index, layer in enumerate(layers, 1):
        before.setdefault(id(layer), set()).add(keys[index - 1])
        behind.setdefault(id(layer), set()).add(keys[index + 1])
        if id(layer) not in known:
            known[id(layer)] = layer
            for branch in layer.branches if isinstance(layer, Combine) else ():
                _note(branch, before, behind, known)


def _makes_an_array(layer: Layer) -> bool:
    """Return whether a layer's output is an array of its own, for certain: no view of its input, nor the input."""
    return isinstance(layer, (Conv, ConvTranspose, *OF_PIXELS)) or (isinstance(layer, Join) and len(layer.branches) > 1)
