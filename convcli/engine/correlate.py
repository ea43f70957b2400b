"""Arrays in, arrays out: one correlation, by whichever engine is quicker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from convcli.border import Border
from convcli.engine.bands import available_threads
from convcli.engine.choose import Engine, choose_engine
from convcli.engine.plan import make_plan
from convcli.errors import UsageError
from convcli.kernel import Kernel
from convcli.pipeline import Conv, Pair

DTYPES = tuple(np.dtype(each) for each in (np.uint8, np.uint16, np.float32, np.float64))


@dataclass(frozen=True)
class Settings:
    """How to compute, as against what.

    Parameters
    ----------
    engine
        ``numpy``, ``numba``, or ``auto``: the one that finishes sooner.
    threads
        None for as many as the process has processors.
    repeats
        How many arrays of this size the process will work on: the start of the
        faster engine pays for all of them.
    """

    engine: Engine | Literal["auto"] = "auto"
    threads: int | None = None
    repeats: int = 1

    def __post_init__(self) -> None:
        if self.engine not in ("auto", "numpy", "numba"):
            raise UsageError(f"unknown engine {self.engine!r}", "write auto, numpy or numba")
        if self.threads is not None and self.threads < 1:
            raise UsageError(f"{self.threads} threads cannot compute", "give a number from 1")

    def chosen(self, products: int) -> Engine:
        """Return the engine for arrays that take so many products each."""
        return choose_engine(products * self.repeats) if self.engine == "auto" else self.engine


@dataclass(frozen=True, eq=False)
class Computed:
    """What came out, and how.

    Parameters
    ----------
    values
        (height, width, channels).
    clipped
        How many values did not fit the dtype of the result.
    engine
        Which one computed it.
    """

    values: NDArray[Any]
    clipped: int
    engine: Engine


def run_conv(
    conv: Conv,
    array: NDArray[Any],
    *,
    full_scale: float,
    dtype: DTypeLike,
    settings: Settings = Settings(),
) -> Computed:
    """Correlate an array (height, width, channels) with a layer's kernel.

    Parameters
    ----------
    array
        uint8, uint16, float32 or float64.
    full_scale
        What a bias or constant border of 1 is in its values.
    dtype
        Of the result; integers are rounded half up and clipped.

    Raises
    ------
    ShapeError
        Kernel and array do not fit together.
    """
    plan = make_plan(conv, (array.shape[0], array.shape[1], array.shape[2]), array.dtype, full_scale, dtype)
    chosen = settings.chosen(plan.products)
    threads = settings.threads or available_threads()
    if chosen == "numba":
        from convcli.engine.numba_engine import correlate_numba

        return Computed(*correlate_numba(plan, array, threads), chosen)
    from convcli.engine.numpy_engine import correlate_numpy

    return Computed(*correlate_numpy(plan, array, threads), chosen)


def correlate(
    array: NDArray[Any],
    weights: ArrayLike | Kernel,
    *,
    border: str | Border = "reflect",
    padding: Literal["same", "valid", "full"] | int | Pair = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
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
    picture = as_picture(array)
    wanted = np.dtype(dtype or picture.dtype)
    if wanted not in DTYPES:
        raise UsageError(f"results of {wanted} are not made", "ask for uint8, uint16, float32 or float64")
    conv = Conv(weights if isinstance(weights, Kernel) else Kernel(weights)).with_settings(
        border=Border.parse(border) if isinstance(border, str) else border,
        padding=padding,
        stride=stride,
        dilation=dilation,
        groups=groups,
        divisor=divisor,
        bias=bias,
        flip=flip,
        normalize=normalize,
    )
    computed = run_conv(
        conv,
        picture,
        full_scale=full_scale_of(picture.dtype),
        dtype=wanted,
        settings=Settings(engine, threads),
    )
    return computed.values[:, :, 0] if array.ndim == 2 and computed.values.shape[2] == 1 else computed.values


def as_picture(array: NDArray[Any]) -> NDArray[Any]:
    """Return `array` as (height, width, channels), or raise UsageError if it is nothing to filter."""
    if array.ndim not in (2, 3) or array.size == 0:
        raise UsageError(
            f"an array of shape {array.shape} is no picture", "give (height, width) or (height, width, channels)"
        )
    if array.dtype not in DTYPES:
        raise UsageError(f"arrays of {array.dtype} are not filtered", "convert to uint8, uint16, float32 or float64")
    return array[:, :, np.newaxis] if array.ndim == 2 else array


def full_scale_of(dtype: DTypeLike) -> float:
    """Return what a bias of 1 is in the values of an array: the largest integer, or 1 for floats."""
    dtype = np.dtype(dtype)
    return float(np.iinfo(dtype).max) if dtype.kind == "u" else 1.0
