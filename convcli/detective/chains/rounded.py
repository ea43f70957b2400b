"""Levels between the steps: a program that saves bytes rounds and clips after each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convcli.filters import Abs, Clip, Crop, Layer, Mirror, Rank, Round, Turn


def with_rounds(layers: Sequence[Layer]) -> Iterator[Layer]:
    """Yield layers with a rounding between those that make new values; it clips to the range, too.

    Before absolute values there is none, which are taken of what lies below 0.
    """
    last = max((index for index, layer in enumerate(layers) if _makes_values(layer)), default=0)
    for index, layer in enumerate(layers):
        if 0 < index < last and layer == Clip():
            continue
        yield layer
        if index < last and _makes_values(layer) and not isinstance(layers[index + 1], Abs):
            yield Round()


def _makes_values(layer: Layer) -> bool:
    return not isinstance(layer, Clip | Crop | Mirror | Rank | Turn)
