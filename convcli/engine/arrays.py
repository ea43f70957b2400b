"""Arrays of the user's, of any of the shapes and dtypes that Python hands over."""

from __future__ import annotations

from typing import Any, Literal, Unpack, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from convcli.engine.applying import apply_pipeline
from convcli.engine.correlation import DTYPES
from convcli.engine.engine_choice import Engine, Settings
from convcli.engine.planning.arithmetic import full_scale_of
from convcli.errors import UsageError
from convcli.filters import Conv, ConvSettings, Kernel, Pipeline, check_shares


class ArraySettings(ConvSettings, total=False):
    """Settings of a correlation, and how to compute it."""

    engine: Engine | Literal["auto"]
    threads: int | None
    dtype: DTypeLike | None


def filter_array(pipeline: Pipeline, array: NDArray[Any], **settings: Unpack[ArraySettings]) -> NDArray[Any]:
    """Apply a pipeline, with settings in place of its own, to an array.

    Parameters, result and errors are those of `convcli.apply`.
    """
    picture = as_picture(array)
    wanted = np.dtype(settings.pop("dtype", None) or picture.dtype)
    if wanted not in DTYPES:
        raise UsageError(f"results of {wanted} are not made", "ask for uint8, uint16, float32 or float64")
    computing = Settings(settings.pop("engine", "auto"), settings.pop("threads", None))
    pipeline = pipeline.with_settings(**cast(ConvSettings, settings))
    full_scale = full_scale_of(picture.dtype)
    check_shares(pipeline, full_scale)
    computed = apply_pipeline(pipeline, picture, full_scale=full_scale, dtype=wanted, settings=computing)
    return computed.values[:, :, 0] if array.ndim == 2 and computed.values.shape[2] == 1 else computed.values


def correlate(array: NDArray[Any], weights: ArrayLike | Kernel, **settings: Unpack[ArraySettings]) -> NDArray[Any]:
    """Cross-correlate an array of one of the dtypes that are filtered with a kernel.

    Settings, result and errors are those of `convcli.correlate`.
    """
    kernel = weights if isinstance(weights, Kernel) else Kernel(weights)
    return filter_array(Pipeline((Conv(kernel),)), array, **settings)


def as_picture(array: NDArray[Any]) -> NDArray[Any]:
    """Return `array` as (height, width, channels), or raise UsageError if it is nothing to filter."""
    if array.ndim not in (2, 3) or array.size == 0:
        raise UsageError(
            f"an array of shape {array.shape} is no picture", "give (height, width) or (height, width, channels)"
        )
    if array.dtype not in DTYPES:
        raise UsageError(f"arrays of {array.dtype} are not filtered", "convert to uint8, uint16, float32 or float64")
    return array[:, :, np.newaxis] if array.ndim == 2 else array
