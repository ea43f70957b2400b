"""The layers that do the steps around a kernel again."""

from __future__ import annotations

from convcli.catalog import load_filter
from convcli.detective.chains.named import named_layers
from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.programs import is_other
from convcli.detective.geometry.views import seen
from convcli.filters import Crop, Layer, Mirror, Resize, Turn
from convcli.learning import LearningPair

_COLORS = 3  # that layers have curves for


def layers_around(
    found: Explanation, frame: Frame, pair: LearningPair
) -> tuple[tuple[Layer, ...], tuple[Layer, ...]] | None:
    """Return the layers before the kernel, and those after it; None where one of the steps is no layer."""
    geometry = _layers_of(frame, pair)
    has_fourth = found.tone is not None and max(len(found.tone.before), len(found.tone.after)) > _COLORS
    if geometry is None or has_fourth:
        return None
    before: list[Layer] = list(geometry)
    after: list[Layer] = []
    if found.before:
        before += named_layers(found.before)
    if found.tone is not None:
        before += found.tone.layers_before
        after += found.tone.layers_after
    return tuple(before), tuple(after)


def _layers_of(frame: Frame, pair: LearningPair) -> tuple[Layer, ...] | None:
    """Return the layers that do the steps of a frame; None where it takes more than there is a layer for."""
    axis, degrees = frame.view
    layers: list[Layer] = [Mirror(axis)] if axis else []
    layers += [Turn(degrees)] if degrees else []
    shape, view = pair.target.shape, seen(pair.source, frame.view).shape
    if frame.is_fixed:
        return ()
    if frame.placement is not None or is_other(frame.filter):
        return None
    if frame.part is not None:
        top, left, height, width = frame.part
        return (*layers, Crop(left, top, width, height), _resize((height, width), (shape[0], shape[1]), frame.filter))
    if frame.size is not None:
        layers.append(_resize((view[0], view[1]), frame.size_for(shape), frame.filter))
    if frame.is_cut or (frame.size is None and view[:2] != shape[:2]):
        if not frame.is_cut and (min(frame.top, frame.left) < 0 or not _is_within(frame, view, shape)):
            return None
        layers.append(Crop(frame.left, frame.top, shape[1], shape[0]))
    elif frame.top or frame.left:
        layers += load_filter(f"shift:{-frame.left},{-frame.top},border=edge").layers
    return tuple(layers)


def _is_within(frame: Frame, view: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Return whether INPUT shows all of TARGET, at its size."""
    return frame.top + shape[0] <= view[0] and frame.left + shape[1] <= view[1]


def _resize(before: tuple[int, int], after: tuple[int, int], name: str) -> Resize:
    """Return the layer by its scale where a short one makes the size, so that it suits other pictures."""
    for digits in range(1, 5):
        scale = round(after[1] / before[1], digits)
        if scale > 0 and Resize(scale=scale).output_shape((1, *before)) == (1, *after):
            return Resize(scale=scale, filter=name)
    return Resize(width=after[1], height=after[0], filter=name)
