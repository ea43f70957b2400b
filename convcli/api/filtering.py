"""Filters on arrays, images and files."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Unpack, cast, overload

from numpy.typing import ArrayLike, NDArray

from convcli import engine
from convcli.api.arrays import GivenArray, PictureLike
from convcli.api.chunked import ChunkedArray, given_or_chunked
from convcli.api.keywords import public
from convcli.api.settings import judged_keywords
from convcli.catalog import FilterLike, given_filter
from convcli.engine import ArraySettings
from convcli.filters import Border, ConvSettings, Kernel, Pipeline, check_names
from convcli.jobs import Recipe, alpha_of, filter_values

if TYPE_CHECKING:
    from convcli.image import PillowImage


_HASHED = str | int | float | Border | None  # settings that are not lists, such as hold all kinds of values


class ApplySettings(ArraySettings, total=False):
    """Settings of a filter, of the treatment of values, and of the computation."""

    range: engine.Range
    channels: str
    alpha: engine.Alpha | None
    linear: bool


@overload
def apply(filter: FilterLike, array: PillowImage, **settings: Unpack[ApplySettings]) -> PillowImage: ...
@overload
def apply(
    filter: FilterLike, array: ArrayLike | os.PathLike[str], **settings: Unpack[ApplySettings]
) -> NDArray[Any]: ...
@public
def apply(
    filter: FilterLike,  # noqa: A002 - the product's word
    array: PictureLike,
    **settings: Unpack[ApplySettings],
) -> Any:
    """Apply a filter to a picture.

    Parameters
    ----------
    filter
        A text that `load_filter` takes: a name (``gaussian:sigma=2``), a YAML file, an inline kernel; the path of a
        YAML file; a `Pipeline` or a `Kernel`; or the weights of a kernel as an array or nested lists.
    array
        (height, width) or (height, width, channels), as an array or nested lists; an image of Pillow's; or the path
        of a picture or array file. Values of uint8, uint16, float32 and float64 stay what they are; float16 becomes
        float32, other whole numbers and truths become float64, as in array files.
    range
        The treatment of values outside the range: clip (the default), abs, stretch or center. Floats have a range,
        0 to 1, for all but clip.
    channels
        The channels that are filtered: all, luma for the brightness alone, or some of r,g,b,a or of 0,1,2…; the rest is
        kept.
    alpha
        The treatment of transparency: keep, filter or drop. Of an array the last of two or four channels is alpha
        where `alpha`, `channels` or `linear` is given; elsewhere all its channels are filtered alike. Images and
        files know their alpha, and keep it by default.
    linear
        Filter the light that the levels stand for, by the curve of sRGB.
    **settings
        In place of the filter's own: border, padding, stride, dilation, groups, divisor, bias, anchor, flip, normalize;
        and engine, threads, dtype. All as in `correlate`.

    Returns
    -------
    numpy.ndarray or PIL.Image.Image
        An image where an image was given. Else (height, width, channels), or (height, width) when `array` was, or a
        file of gray, and one channel comes out; of the array's dtype unless `dtype` is given.

    Raises
    ------
    convcli.errors.UsageError
        Of any kind: no such filter, a setting is unknown or out of range, or they do not fit the array.
    convcli.errors.ReadError
        The file of the array cannot be read.

    Examples
    --------
    >>> import convcli
    >>> convcli.apply("box", [[0, 0, 9], [0, 9, 0], [9, 0, 0]], border="constant")
    array([[1., 2., 2.],
           [2., 3., 2.],
           [2., 2., 1.]])
    """
    check_names(settings, ApplySettings.__annotations__)
    given, chunked = given_or_chunked(array)
    values = judged_keywords(**{name: settings.get(name) for name in ("range", "channels", "alpha", "linear")})
    is_colors = values["alpha"] is not None or values["channels"] != "all" or values["linear"]
    if is_colors and not given.knows_alpha:
        given = given.with_colors()
    return _filtered(given_filter(filter), given, chunked, settings, values)


@overload
def correlate(array: PillowImage, weights: ArrayLike | Kernel, **settings: Unpack[ArraySettings]) -> PillowImage: ...
@overload
def correlate(
    array: ArrayLike | os.PathLike[str], weights: ArrayLike | Kernel, **settings: Unpack[ArraySettings]
) -> NDArray[Any]: ...
@public
def correlate(array: PictureLike, weights: ArrayLike | Kernel, **settings: Unpack[ArraySettings]) -> Any:
    """Cross-correlate a picture with a kernel.

    Parameters
    ----------
    array
        (height, width) or (height, width, channels), an image of Pillow's or a path, all as in `apply`.
    weights
        A kernel, or its weights: (height, width), one plane for every channel;
        (channels, height, width), one plane per channel; (output channels, input
        channels of a group, height, width).
    border
        The values of the padding: constant[:value], edge, reflect, symmetric or wrap; reflect by default.
    padding
        How much is added around the array: same (the default), valid, full, or pixels from 0 to 65535.
    stride, dilation, groups
        As in PyTorch's Conv2d, from 1 to 65535, 1 by default; two numbers are (down, right).
    divisor, bias
        out = sum of products / divisor + bias; 1 and 0, or the kernel's own. The bias, and the value of
        a constant border, are shares of full scale: 255 for uint8, 65535 for uint16, where shares beyond 1
        are refused, and 1 for floats, where the value of a border may be infinite, too.
        A list holds one bias per output channel.
    anchor
        (row, column) of the weight that lies on the output pixel where the padding is same; half the size unless
        given, as in OpenCV (whose order is x, y) and scipy.
    flip
        Turn the kernel by 180° first, with an anchor that is given: true convolution.
    normalize
        Choose the divisor so that the weights (``sum``) or their absolute values (``l1``) add up to 1.
    engine, threads
        ``auto``, ``numpy`` or ``numba``, and threads from 1 to 1024; the result is the same.
    dtype
        Of the result: uint8, uint16, float32 or float64; that of the array unless given. Integers are rounded half up
        and clipped.

    Returns
    -------
    numpy.ndarray or PIL.Image.Image
        As of `apply`.

    Raises
    ------
    convcli.errors.UsageError
        Of any kind: the values make no kernel, a setting is unknown or out of range, or they do not fit the array.
    convcli.errors.ReadError
        The file of the array cannot be read.

    Examples
    --------
    >>> import convcli
    >>> convcli.correlate([[1, 4, 9, 16]], [[-1, 1]], padding="valid")
    array([[3., 5., 7.]])
    """
    check_names(settings, ArraySettings.__annotations__)
    kernel = weights if isinstance(weights, Kernel) else Kernel(weights)
    return _filtered(given_filter(kernel), *given_or_chunked(array), settings, {})


def _with_settings(pipeline: Pipeline, settings: dict[str, Any]) -> Pipeline:
    """Return a pipeline with settings: the same one for the next array, whose plan is known by then."""
    if all(isinstance(each, _HASHED) for each in settings.values()):
        return _kept_with_settings(pipeline, **settings)
    return pipeline.with_settings(**cast(ConvSettings, settings))


@lru_cache(maxsize=4, typed=True)  # 1 and True are equal, and one of them is no stride
def _kept_with_settings(pipeline: Pipeline, **settings: Any) -> Pipeline:
    return pipeline.with_settings(**cast(ConvSettings, settings))


def _filtered(
    pipeline: Pipeline,
    given: GivenArray,
    chunked: ChunkedArray | None,
    settings: ArraySettings,
    values: dict[str, Any],
) -> Any:
    """Return the result in the form of what was given; `values` is empty where the array is no picture of colors."""
    conv = {name: value for name, value in settings.items() if name in ConvSettings.__annotations__}
    computing = engine.Settings(settings.get("engine", "auto"), settings.get("threads"))
    channels = values.get("channels", "all")
    recipe = Recipe(
        _with_settings(pipeline, conv),
        range=values.get("range", "clip"),
        alpha=alpha_of(channels, values.get("alpha") or "keep"),
        channels=channels,
        linear=values.get("linear", False),
    )
    dtype = judged_keywords(dtype=settings.get("dtype"))["dtype"]
    if chunked is not None:
        return replace(chunked, given=given).filtered(recipe, computing, dtype, is_array=not values)
    result = filter_values(given.picture, recipe, computing, dtype, name=given.name, is_array=not values)
    return given.back(result)
