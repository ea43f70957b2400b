"""A correlation by its definition, in float64, sharing no code with the engines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Pair = tuple[int, int]


def correlate(
    array: ArrayLike,
    weights: ArrayLike,
    *,
    margins: tuple[Pair, Pair],
    border: str = "reflect",
    fill: float = 0.0,
    stride: Pair = (1, 1),
    dilation: Pair = (1, 1),
    groups: int = 1,
    divisor: float = 1.0,
    offset: ArrayLike = 0.0,
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
    for i, j in np.ndindex(height, width):
        seen = padded[i * down :: stride[0], j * right :: stride[1]][:rows, :columns]
        for group in range(groups):
            mine = slice(group * outputs // groups, (group + 1) * outputs // groups)
            theirs = slice(group * inputs, (group + 1) * inputs)
            out[:, :, mine] += seen[:, :, theirs] @ kernel[mine, :, i, j].T
    result: NDArray[np.float64] = out / divisor + np.asarray(offset)
    return result


def pad(array: NDArray[np.float64], margins: tuple[Pair, Pair], border: str, fill: float) -> NDArray[np.float64]:
    """Return an array (height, width, channels) with rows and columns added around it."""
    values: dict[str, Any] = {"constant_values": fill} if border == "constant" else {}
    mode: Any = border  # NumPy names every mode in a type of its own
    padded: NDArray[np.float64] = np.pad(array, (*margins, (0, 0)), mode=mode, **values)
    return padded


def margins(
    padding: str | int | Pair, size: Pair, dilation: Pair = (1, 1), anchor: Pair | None = None
) -> tuple[Pair, Pair]:
    """Return the pixels added above and below, left and right."""
    if padding == "same":
        anchor = anchor or (size[0] // 2, size[1] // 2)
        vertical, horizontal = (
            (step * at, step * (length - 1 - at)) for length, step, at in zip(size, dilation, anchor, strict=True)
        )
        return vertical, horizontal
    if padding == "full":
        padding = (dilation[0] * (size[0] - 1), dilation[1] * (size[1] - 1))
    if padding == "valid":
        padding = 0
    assert not isinstance(padding, str)
    down, right = (padding, padding) if isinstance(padding, int) else padding
    return (down, down), (right, right)


def rounded(values: NDArray[np.float64], dtype: type[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """Return values rounded half up and clipped, as the tool writes them."""
    return np.clip(np.floor(values + 0.5), 0, np.iinfo(dtype).max).astype(dtype)


def clipped(values: NDArray[np.float64], dtype: type[np.integer[Any]]) -> int:
    """Return how many values do not fit `dtype` after rounding."""
    whole = np.floor(values + 0.5)
    return int(np.count_nonzero((whole < 0) | (whole > np.iinfo(dtype).max)))
