"""A pipeline on an array of the user's: any of the shapes and dtypes that Python hands over."""

from __future__ import annotations

from typing import Any, Literal, Unpack

from numpy.typing import DTypeLike, NDArray

from convcli.engine.choose import Engine
from convcli.engine.correlate import Settings, as_picture, full_scale_of
from convcli.engine.run import run
from convcli.pipeline import ConvSettings, Pipeline


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
    picture = as_picture(array)
    computed = run(
        pipeline.with_settings(**settings),
        picture,
        full_scale=full_scale_of(picture.dtype),
        dtype=dtype or picture.dtype,
        settings=Settings(engine, threads),
    )
    return computed.values[:, :, 0] if array.ndim == 2 and computed.values.shape[2] == 1 else computed.values
