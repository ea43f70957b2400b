"""The difference of two pictures, arrays or files."""

from __future__ import annotations

from dataclasses import replace

from convcli.api.arrays import GivenArray, PictureLike, given_array
from convcli.api.keywords import public
from convcli.errors import FileError, UsageError
from convcli.image import Picture
from convcli.jobs import Figures, compare_pictures
from convcli.lazy import dataclass


@dataclass(frozen=True)
class Difference:
    """The difference of two pictures.

    Parameters
    ----------
    identical
        Every value is the same.
    mse
        The mean of the squared differences, in levels of 8 or 16 bits, or values of floats, squared.
    psnr
        The peak signal-to-noise ratio in dB, infinite where `identical`.
    ssim
        The mean structural similarity, 1 where `identical`; None where a side has fewer than 11 pixels.
    largest
        The largest absolute difference, infinite where one of two values is NaN.
    at
        The row, the column and the channel of it; None where `identical`.
    channels
        The differences of the single channels.
    """

    identical: bool
    mse: float
    psnr: float
    ssim: float | None
    largest: float
    at: tuple[int, int, int] | None
    channels: tuple[Difference, ...] = ()


@public
def compare(a: PictureLike, b: PictureLike) -> Difference:
    """Return how two pictures differ.

    Parameters
    ----------
    a, b
        Arrays of (height, width) or (height, width, channels), Pillow images, or paths of files, of one size. Whole
        numbers are levels, whose peak is 255 or 65535; 8 bits are compared with 16, and gray with RGB. The peak of
        floats is the range of those in `a`.

    Returns
    -------
    Difference
        MSE, PSNR, SSIM (Wang and others, 2004: a Gaussian window of 11 pixels), and the largest difference.

    Raises
    ------
    convcli.errors.UsageError
        They are no pictures, or differ in their size or channels.
    convcli.errors.ReadError
        A file cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> before = np.zeros((20, 20), np.uint8)
    >>> after = before + np.uint8(1)
    >>> round(compare(before, after).psnr, 2)
    48.13
    """
    given = given_array(a, as_seen=True), given_array(b, as_seen=True)
    if any(each.picture.has_alpha for each in given):
        given = _with_alpha(given[0]), _with_alpha(given[1])
    first, second = (_as_numbers(each) for each in given)
    names = _names(*given)
    try:
        comparison, _ = compare_pictures(first, second, names)
    except FileError as error:
        raise UsageError(error.message, "give two of one size, with as many channels") from error
    channels = tuple(_difference(each) for each in comparison.by_channel)
    return replace(_difference(comparison.whole), channels=channels)


def _names(*given: GivenArray) -> tuple[str, str]:
    a, b = (name if each.picture.format is None else each.name for each, name in zip(given, "ab", strict=True))
    return a, b


def _with_alpha(given: GivenArray) -> GivenArray:
    """Return an array of two or four channels with alpha for the last, as it is beside a picture with alpha."""
    return given if given.knows_alpha or given.picture.channels not in (2, 4) else given.with_colors()


def _as_numbers(given: GivenArray) -> Picture:
    """Return the picture; floats in an array have no full scale, as those of array files."""
    is_numbers = not given.knows_alpha and given.picture.dtype.kind == "f"
    return replace(given.picture, axes="CHW") if is_numbers else given.picture


def _difference(figures: Figures) -> Difference:
    at = figures.at
    return Difference(
        figures.is_identical,
        figures.mse,
        figures.psnr,
        1.0 if figures.is_identical else figures.ssim,
        figures.largest,
        None if at is None else (at.y, at.x, at.channel),
    )
