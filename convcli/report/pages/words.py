"""A filter in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from convcli.catalog import LAYERS
from convcli.filters import Conv, Kernel, Layer
from convcli.report.filters.layers import Layers
from convcli.report.pictures.response import profiles
from convcli.report.tables import short_number
from convcli.words import counted, grouped, times

_SYMMETRIES = {
    "full": "It treats all directions along the rows, the columns and the diagonals alike.",
    "horizontal and vertical": "It is the same when mirrored left to right, or top to bottom.",
    "horizontal": "It is the same when mirrored left to right.",
    "vertical": "It is the same when mirrored top to bottom.",
    "point": "It is the same when turned by 180°.",
    "odd": "Turned by 180° it is its own negative: it measures differences along a direction.",
}
_ALIKE = 1e-9
_UNSEEN = 1e-3  # of full scale: a quarter of a level of 8 bits
_NOTHING = 0.05  # of the highest response
_STEPS = 65  # frequencies that are looked at


def filter_sentences(layers: Layers) -> list[str]:
    """Return what a filter does in sentences."""
    pipeline = layers.pipeline
    if pipeline.conv is not None:
        return [*_kernel_sentences(pipeline.conv), *_frequency_sentences(pipeline.conv)]
    extent = layers.rows[-1].receptive_field.extent
    sees = f"{times(extent)} values of the input" if extent else "all of the input"
    count = len(layers.rows)
    order = ", one after the other" if count > 1 else ""
    parameters = f", with {grouped(layers.parameters)} parameters" if layers.parameters else ""
    return [f"{counted(count, 'layer')}{order}{parameters}.", f"A value of the output depends on {sees}."]


def layer_sentence(layer: Layer) -> str:
    """Return what a layer does in one sentence."""
    if isinstance(layer, Conv):
        found = [*_frequency_sentences(layer), *_kernel_sentences(layer)]
        return found[0]
    kind = LAYERS.get(layer.name)
    return f"{kind.description}." if kind else ""


def _kernel_sentences(conv: Conv) -> Iterator[str]:
    kernel = conv.kernel
    yield _sum_sentence(kernel)
    if kernel.divisor != 1:
        yield f"The sum is divided by {short_number(kernel.divisor)}."
    if max(map(abs, kernel.bias)) > _UNSEEN:
        biases = sorted(set(kernel.bias))
        bias = (
            short_number(biases[0]) if len(biases) == 1 else f"{short_number(biases[0])} to {short_number(biases[-1])}"
        )
        yield f"Then {bias} of full scale is added."
    if kernel.weights.ndim == 2:
        yield _gain_sentence(kernel)
    if kernel.size != (1, 1):
        if kernel.rank == 1 and min(kernel.size) > 1:
            height, width = kernel.size
            yield (
                f"It is separable: a column of {height} weights and a row of {width} do the same,"
                f" with {height + width} products in place of {height * width}."
            )
        if kernel.symmetry in _SYMMETRIES:
            yield _SYMMETRIES[kernel.symmetry]
    low, high = kernel.output_range
    if low < -_UNSEEN or high > 1 + _UNSEEN:
        yield (
            f"Its output may lie between {short_number(low)} and {short_number(high)} of full scale;"
            " a picture holds 0 to 1, and clips the rest."
        )
    if conv.border is not None:
        yield f"Around the picture it assumes the border {conv.border}."


def _sum_sentence(kernel: Kernel) -> str:
    shape = kernel.weights.shape
    if len(shape) == 4:
        return (
            f"Each of {counted(shape[0], 'output channel')} is a weighted sum over {times(kernel.size)} values"
            f" of each of {counted(shape[1], 'input channel')}."
        )
    count = math.prod(kernel.size)
    of_each = f", with weights of its own for each of {counted(shape[0], 'channel')}" if len(shape) == 3 else ""
    if count == 1:
        return f"Every value is multiplied by a weight{of_each}; its neighbors do not matter."
    return f"Every value becomes a weighted sum of {count} values around it, {times(kernel.size)}{of_each}."


def _gain_sentence(kernel: Kernel) -> str:
    gain = math.fsum(kernel.weights.ravel()) / kernel.divisor
    if abs(gain) <= _ALIKE * float(np.abs(kernel.weights).sum()):
        return "Its weights add up to 0: a flat area becomes black, or the bias, and only changes are left."
    if math.isclose(gain, 1, rel_tol=_UNSEEN):
        return "A flat area stays as it is."
    return f"A flat area is multiplied by {short_number(gain)}."


def _frequency_sentences(conv: Conv) -> Iterator[str]:
    kernel = conv.kernel
    if kernel.weights.ndim != 2 or kernel.size == (1, 1):
        return
    curves = profiles(kernel.weights / kernel.divisor, conv.dilation, _STEPS)
    across = np.maximum(curves["horizontal"], curves["vertical"])
    flat, fine, highest = float(across[0]), float(across[-1]), float(across.max())
    if highest <= _ALIKE:
        return
    at = int(across.argmax()) / (2 * (_STEPS - 1))
    if flat > _NOTHING * highest and highest > 1.01 * flat:
        yield f"It makes detail up to {short_number(highest / flat)} times stronger beside flat areas."
    elif flat > _NOTHING * highest and fine < 0.5 * flat:
        yield "It keeps what changes slowly and removes fine detail: a low-pass."
    elif flat <= _NOTHING * highest and fine < 0.5 * highest:
        yield f"It passes stripes of one width best, {short_number(1 / at)} pixels from one to the next: a band-pass."
    elif flat <= _NOTHING * highest:
        yield "It keeps fine detail and removes what changes slowly: a high-pass."
