"""A correlation by its definition, in float64, sharing no code with the engines."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

PAD_MODES = {"constant": "constant", "edge": "edge", "reflect": "reflect", "symmetric": "symmetric", "wrap": "wrap"}


def pad(array: NDArray[np.float64], margins: list[tuple[int, int]], border: str, fill: float) -> NDArray[np.float64]:
    """Return an array (height, width, channels) with rows and columns added around it."""
    widths = [*margins, (0, 0)]
    if border == "constant":
        return np.pad(array, widths, mode="constant", constant_values=fill)
    return np.pad(array, widths, mode=PAD_MODES[border])  # type: ignore[call-overload]  # one overload per literal


def correlate(
    array: ArrayLike,
    weights: ArrayLike,
    *,
    margins: list[tuple[int, int]],
    border: str = "reflect",
    fill: float = 0.0,
    stride: tuple[int, int] = (1, 1),
    dilation: tuple[int, int] = (1, 1),
    groups: int = 1,
    divisor: float = 1.0,
    offset: float | NDArray[np.float64] = 0.0,
) -> NDArray[np.float64]:
    """Return what the definition gives for (height, width, channels) and weights of 2, 3 or 4 axes."""
    picture = np.asarray(array, np.float64)
    kernel = np.asarray(weights, np.float64)
    channels = picture.shape[2]
    if kernel.ndim == 2:
        kernel, groups = np.stack([kernel[np.newaxis]] * channels), channels
    elif kernel.ndim == 3:
        kernel, groups = kernel[:, np.newaxis], channels
    padded = pad(picture, margins, border, fill)
    outputs, inputs, height, width = kernel.shape
    down, right = dilation
    rows = (padded.shape[0] - down * (height - 1) - 1) // stride[0] + 1
    columns = (padded.shape[1] - right * (width - 1) - 1) // stride[1] + 1
    out = np.zeros((rows, columns, outputs))
    for output, channel, i, j in np.ndindex(kernel.shape):
        source = channel + output // (outputs // groups) * inputs
        for y in range(rows):
            line = padded[y * stride[0] + i * down, j * right :, source]
            out[y, :, output] += kernel[output, channel, i, j] * line[:: stride[1]][:columns]
    return out / divisor + offset


def same_margins(size: tuple[int, int], dilation: tuple[int, int] = (1, 1)) -> list[tuple[int, int]]:
    """Return the margins for as many pixels out as in, the anchor at half the size."""
    return [
        (step * (length // 2), step * (length - 1 - length // 2)) for length, step in zip(size, dilation, strict=True)
    ]


def rounded(values: NDArray[np.float64], dtype: np.dtype[np.integer]) -> NDArray[np.integer]:
    """Return values rounded half up and clipped, as the tool writes them."""
    return np.clip(np.floor(values + 0.5), 0, np.iinfo(dtype).max).astype(dtype)
