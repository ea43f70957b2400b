"""Kernels one after the other that are exactly one kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from convcli.array_types import Floats
from convcli.filters import DEFAULT_BORDER, MAX_KERNEL_SIDE, Border, Conv, Invert, Kernel, Layer


def joined_layers(layers: Sequence[Layer]) -> list[Layer]:
    """Return layers in which kernels that follow each other are one, wherever that changes no pixel."""
    done: list[Layer] = []
    for layer in layers:
        before = _as_conv(done[-1]) if done else None
        this = _as_conv(layer)
        one = _joined(before, this) if before is not None and this is not None else None
        if one is not None:
            done[-1] = one
        else:
            done.append(layer)
    return done


def _as_conv(layer: Layer) -> Conv | None:
    if isinstance(layer, Conv):
        return layer
    return Conv(Kernel([[-1.0]], bias=1.0)) if type(layer) is Invert else None


def _joined(first: Conv, second: Conv) -> Conv | None:
    """Return the kernel that two are, or None where they are not exactly one."""
    kernels = (first.kernel, second.kernel)
    if any(each.weights.ndim != 2 for each in kernels) or any(each.stride != (1, 1) for each in (first, second)):
        return None
    if first.dilation != (1, 1) or second.dilation != (1, 1):
        return None
    if not (_keeps_size(first) and _keeps_size(second)) or not _is_exact(first, second):
        return None
    plane = _full(kernels[0].weights, kernels[1].weights)
    if max(plane.shape) > MAX_KERNEL_SIDE:
        return None
    (above, left), (lower, further) = _before(first), _before(second)
    divisor = kernels[0].divisor * kernels[1].divisor
    bias = kernels[0].bias[0] * kernels[1].gain + kernels[1].bias[0]
    border = first.border if kernels[0].size != (1, 1) else second.border
    anchor = (above + lower, left + further)
    is_usual = anchor == (plane.shape[0] // 2, plane.shape[1] // 2)
    joined = Kernel(plane, divisor, bias, None if is_usual else anchor)
    return replace(Conv(joined), border=border, bias_is_setting=second.bias_is_setting)


def _is_exact(first: Conv, second: Conv) -> bool:
    """Return whether the values of the second border are those that the first kernel would give there."""
    borders = (first.border or DEFAULT_BORDER, second.border or DEFAULT_BORDER)
    if second.kernel.size == (1, 1):
        return True
    if first.kernel.size == (1, 1):
        # The second border is made of values that the first has changed.
        return borders[1].name != "constant" or _is_identity_at(first.kernel, borders[1])
    if borders[0] != borders[1]:
        return False
    if borders[0].name == "wrap":
        return True
    return borders[0].name in ("reflect", "symmetric") and _is_mirrored(first)


def _is_identity_at(kernel: Kernel, border: Border) -> bool:
    return not border.value and not any(kernel.bias)


def _is_mirrored(conv: Conv) -> bool:
    """Return whether a kernel is that of its mirror images around the pixel, so that it keeps mirrored values so."""
    weights = conv.kernel.weights
    height, width = weights.shape
    is_centered = _before(conv) == ((height - 1) / 2, (width - 1) / 2)
    return is_centered and bool((weights == weights[::-1]).all() and (weights == weights[:, ::-1]).all())


def _keeps_size(conv: Conv) -> bool:
    (above, below), (left, right) = conv.margins
    return (above + below + 1, left + right + 1) == conv.extent


def _before(conv: Conv) -> tuple[int, int]:
    (above, _), (left, _) = conv.margins
    return above, left


def _full(first: Floats, second: Floats) -> Floats:
    """Return the kernel of a correlation with the first and then the second: their full convolution."""
    height, width = (one + other - 1 for one, other in zip(first.shape, second.shape, strict=True))
    plane = np.zeros((height, width))
    for (row, column), weight in np.ndenumerate(second):
        plane[row : row + first.shape[0], column : column + first.shape[1]] += weight * first
    return plane
