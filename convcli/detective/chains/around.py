"""The layers that do the steps around a kernel again."""

from __future__ import annotations

from convcli.detective.alignment import layers_of
from convcli.detective.chains.named import named_layers
from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.filters import Layer
from convcli.learning import LearningPair


def layers_around(
    found: Explanation, frame: Frame, pair: LearningPair
) -> tuple[tuple[Layer, ...], tuple[Layer, ...]] | None:
    """Return the layers before the kernel, and those after it; None where one of the steps is no layer."""
    geometry = layers_of(frame, pair)
    if geometry is None:
        return None
    before: list[Layer] = list(geometry)
    after: list[Layer] = []
    if found.before:
        before += named_layers(found.before)
    if found.tone is not None:
        before += found.tone.layers_before
        after += found.tone.layers_after
    return tuple(before), tuple(after)
