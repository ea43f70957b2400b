"""Arrays of the user's, of any of the shapes and dtypes that Python hands over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Unpack

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from convcli.engine.correlation import DTYPES, full_scale_of
from convcli.engine.engine_choice import Engine, Settings
from convcli.engine.pipelines import apply_pipeline
from convcli.errors import UsageError
from convcli.filters import Border, Conv, ConvSettings, Kernel, Pipeline, Size2


def filter_array(
    pipeline: Pipeline,
    array: NDArray[Any],
    *,
    engine: Engine | Literal["auto"] = "auto",
    threads: int | None = None,
    dtype: DTypeLike | None = None,
    **settings: Unpack[ConvSettings],
) -> NDArray[Any]:
    """Apply a pipeline, with settings in place of its own, to an array.

    Parameters and result are those of `convcli.apply`.
    """
    unknown = [name for name in settings if name not in ConvSettings.__annotations__]
    if unknown:
        raise UsageError(
            f"there is no setting {unknown[0]!r}", f"settings are {', '.join(ConvSettings.__annotations__)}"
        )
    picture = as_picture(array)
    wanted = np.dtype(dtype or picture.dtype)
    if wanted not in DTYPES:
        raise UsageError(f"results of {wanted} are not made", "ask for uint8, uint16, float32 or float64")
    computed = apply_pipeline(
        pipeline.with_settings(**settings),
        picture,
        full_scale=full_scale_of(picture.dtype),
        dtype=wanted,
        settings=Settings(engine, threads),
    )
    return computed.values[:, :, 0] if array.ndim == 2 and computed.values.shape[2] == 1 else computed.values


def correlate(
    array: NDArray[Any],
    weights: ArrayLike | Kernel,
    *,
    border: str | Border = "reflect",
    padding: Literal["same", "valid", "full"] | int | Size2 = "same",
    stride: int | Size2 = 1,
    dilation: int | Size2 = 1,
    groups: int = 1,
    divisor: float | None = None,
    bias: float | Sequence[float] | None = None,
    flip: bool = False,
    normalize: Literal["none", "sum", "l1"] = "none",
    engine: Engine | Literal["auto"] = "auto",
    threads: int | None = None,
    dtype: DTypeLike | None = None,
) -> NDArray[Any]:
    """Cross-correlate an array with a kernel.

    Parameters
    ----------
    array
        (height, width) or (height, width, channels); uint8, uint16, float32 or float64.
    weights
        A kernel, or its weights: (height, width), one plane for every channel;
        (channels, height, width), one plane per channel; (output channels, input
        channels of a group, height, width).
    border
        What the padding holds: constant[:value], edge, reflect, symmetric or wrap.
    padding
        How much is added around the array: same, valid, full, or pixels.
    stride, dilation, groups
        As in PyTorch's Conv2d; a pair is (down, right).
    divisor, bias
        out = sum of products / divisor + bias; 1 and 0, or the kernel's own. The bias, and the value of
        a constant border, are fractions of full scale: 255 for uint8, 65535 for uint16, 1 for floats.
    flip
        Turn the kernel by 180° first: true convolution.
    normalize
        Choose the divisor so that the weights (``sum``) or their absolute values (``l1``) add up to 1.
    engine, threads
        How to compute; the result is the same.
    dtype
        Of the result; that of the array unless given. Integers are rounded half up and clipped.

    Returns
    -------
    numpy.ndarray
        (height, width, channels) of the output; (height, width) when `array` was and one channel comes out.

    Raises
    ------
    UsageError
        Of any kind: the values make no kernel, no setting, or do not fit the array.
    """
    kernel = weights if isinstance(weights, Kernel) else Kernel(weights)
    return filter_array(
        Pipeline((Conv(kernel),)),
        array,
        engine=engine,
        threads=threads,
        dtype=dtype,
        border=border,
        padding=padding,
        stride=stride,
        dilation=dilation,
        groups=groups,
        divisor=divisor,
        bias=bias,
        flip=flip,
        normalize=normalize,
    )


def as_picture(array: NDArray[Any]) -> NDArray[Any]:
    """Return `array` as (height, width, channels), or raise UsageError if it is nothing to filter."""
    if array.ndim not in (2, 3) or array.size == 0:
        raise UsageError(
            f"an array of shape {array.shape} is no picture", "give (height, width) or (height, width, channels)"
        )
    if array.dtype not in DTYPES:
        raise UsageError(f"arrays of {array.dtype} are not filtered", "convert to uint8, uint16, float32 or float64")
    return array[:, :, np.newaxis] if array.ndim == 2 else array
