"""Filter pictures with convolution kernels, from the command line or from Python.

>>> import convcli
>>> blurred = convcli.apply("gaussian:2", array)                 # doctest: +SKIP
>>> edges = convcli.correlate(array, [[1, -1]], padding="valid")  # doctest: +SKIP
>>> found = convcli.learn(before, after, size=3).kernel           # doctest: +SKIP

The names below are loaded when they are first used: ``import convcli`` is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from convcli.lazy import lazy_names
from convcli.version import __version__

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from convcli.catalog import load_filter
    from convcli.engine import ArraySettings, correlate
    from convcli.filters import Kernel, Pipeline
    from convcli.learning import learn
else:
    __getattr__, _ = lazy_names(
        __name__,
        {"filters": "Kernel Pipeline", "engine": "correlate", "learning": "learn", "catalog": "load_filter"},
    )

__all__ = ["Kernel", "Pipeline", "__version__", "apply", "correlate", "learn", "load_filter"]


def apply(
    filter: str | Pipeline,  # noqa: A002 - the product's word
    array: NDArray[Any],
    **settings: Unpack[ArraySettings],
) -> NDArray[Any]:
    """Apply a filter to an array.

    Parameters
    ----------
    filter
        A text that `load_filter` takes: a name (``gaussian:sigma=2``), a YAML file, an inline kernel; or a `Pipeline`.
    array
        (height, width) or (height, width, channels); uint8, uint16, float32 or float64.
    **settings
        In place of the filter's own: border, padding, stride, dilation, groups, divisor, bias, anchor, flip, normalize;
        and engine, threads, dtype. All as in `correlate`.

    Returns
    -------
    numpy.ndarray
        (height, width, channels), or (height, width) when `array` was and one channel comes out; of the
        array's dtype unless `dtype` is given.

    Raises
    ------
    convcli.errors.UsageError
        Of any kind: no such filter, a setting is unknown or out of range, or they do not fit the array.
    """
    from convcli.catalog import load_filter
    from convcli.engine import filter_array

    pipeline = load_filter(filter) if isinstance(filter, str) else filter
    return filter_array(pipeline, array, **settings)


def __dir__() -> list[str]:
    return __all__
