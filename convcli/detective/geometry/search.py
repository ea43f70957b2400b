"""Search: a first placement of TARGET in INPUT where it is no part of INPUT at its size.

Parts at another size are looked for scale by scale, by phase correlation of thumbnails. Turns are looked for in the
magnitudes of the spectra, which do not depend on where a picture lies: in polar coordinates with the logarithm of the
radius, a turn and a scale are a shift (Reddy and Chatterji, 1996).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array
from convcli.detective.geometry.phase import offset_between
from convcli.detective.geometry.placement import Placement, sampled, shown_at, turned_by
from convcli.detective.geometry.views import VIEWS, View, block_means, correlation, seen

_THUMB = 96  # pixels of the larger side of INPUT
_LEAST = 15  # pixels of the smaller side of TARGET there
_STEP = 3  # pixels of it from one scale to the next: less does not move its rim by more than the peak is wide
_LARGER = 1.08  # times INPUT: what TARGET may show more
_DETAIL = 6  # pixels: what is slower than means over twice as much does not count
_POLAR = 128  # pixels a side, of the thumbnails for spectra
_ANGLES, _RADII = 180, 96
_LOW, _HIGH = 0.04, 0.42  # cycles per pixel of the thumbnails
_MOST_ANGLES = 3


class Candidate(NamedTuple):
    """A view of INPUT, a placement in it, and the correlation of details there."""

    view: View
    placement: Placement
    likeness: float


def by_scale(source: Array, target: Array, views: tuple[View, ...] = VIEWS) -> Candidate | None:
    """Return the most alike of the parts of INPUT at all scales; gray pictures, (height, width) each."""
    unit = max(source.shape) / _THUMB
    best: Candidate | None = None
    thumbs = []
    for view in views:
        shown = seen(source, view)
        thumbs.append((view, shown.shape, block_means(shown, *(max(1, round(side / unit)) for side in shown.shape))))
    reduced = block_means(target, *(min(side, 2 * _THUMB) for side in target.shape))
    for shape in _sizes(source.shape, target.shape, unit):
        small = block_means(reduced, *shape)
        for view, full, thumb in thumbs:
            if any(here > _LARGER * there for here, there in zip(shape, thumb.shape, strict=True)):
                continue
            offset = offset_between(thumb, small)
            likeness = _likeness(thumb, small, offset.down, offset.right)
            if best is None or likeness > best.likeness:
                units = [side / here for side, here in zip(full, thumb.shape, strict=True)]
                sides = [here / there for here, there in zip(shape, target.shape, strict=True)]
                matrix = np.diag([each * side for each, side in zip(units, sides, strict=True)])
                at = np.array([offset.down + shape[0] / 2, offset.right + shape[1] / 2]) * units
                best = Candidate(view, Placement(matrix, at), likeness)
    return best


def _sizes(source: tuple[int, ...], target: tuple[int, ...], unit: float) -> Iterator[tuple[int, int]]:
    """Yield the sizes of TARGET's thumbnail that are tried, the largest first."""
    shorter, longer = min(target), max(target)
    most = min(_LARGER * max(source) / unit, _LARGER * min(source) / unit * longer / shorter)
    side = most * shorter / longer
    while side >= _LEAST:
        scale = side / shorter
        yield max(1, round(target[0] * scale)), max(1, round(target[1] * scale))
        side -= _STEP * shorter / longer


def _likeness(source: Array, target: Array, down: float, right: float) -> float:
    """Return the correlation of details, without its sign, where both show something; less where that is little."""
    top, left = round(down), round(right)
    rows, columns = (
        slice(max(0, -first), min(there, here - first))
        for first, here, there in zip((top, left), source.shape, target.shape, strict=True)
    )
    shown = target[rows, columns]
    share = shown.size / target.size
    if share < 0.8 or min(shown.shape) < 8:
        return 0.0
    moved = source[rows.start + top : rows.stop + top, columns.start + left : columns.stop + left]
    return abs(correlation(detail(moved), detail(shown))) * share


def by_spectrum(source: Array, target: Array) -> Iterator[Candidate]:
    """Yield turns and scales of the whole that the spectra suggest, mirrored or not; pictures as for `by_scale`."""
    units = [max(each.shape) / _POLAR for each in (source, target)]
    small = block_means(target, *(max(8, round(side / units[1])) for side in target.shape))
    wanted = _polar(small)
    for axis in ("", "horizontal"):
        shown = seen(source, (axis, 0))
        thumb = block_means(shown, *(max(8, round(side / units[0])) for side in shown.shape))
        for degrees, scale in _peaks(_polar(thumb), wanted):
            for turn in (degrees, degrees + 180):
                quarter = round(turn / 90) * 90
                view: View = (axis, quarter % 360)
                placed = _placed(seen(thumb, (("", quarter % 360))), small, turn - quarter, scale)
                matrix, center = placed.placement.matrix * units[0] / units[1], placed.placement.center * units[0]
                yield Candidate(view, Placement(matrix, center), placed.likeness)


def _polar(thumb: Array) -> Array:
    """Return the logarithm of the magnitude of the spectrum, (angles, radii), less the mean of each radius."""
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in thumb.shape))
    side = 2 * _POLAR
    spectrum = np.fft.fftshift(np.abs(np.fft.fft2((thumb - thumb.mean()) * window, (side, side))))
    angles = np.arange(_ANGLES)[:, np.newaxis] * (np.pi / _ANGLES)
    radii = side * _LOW * (_HIGH / _LOW) ** (np.arange(_RADII) / (_RADII - 1))
    logs = np.log(spectrum + 1e-3 * spectrum.mean() + np.finfo(np.float32).tiny)  # of a flat picture, all is 0
    values = sampled(logs, side / 2 + 0.5 - radii * np.sin(angles), side / 2 + 0.5 + radii * np.cos(angles))
    values = values - values.mean(axis=0)
    return np.asarray(values / (values.std(axis=0) + 1e-6))


def _peaks(source: Array, target: Array) -> Iterator[tuple[float, float]]:
    """Yield the turns, in degrees from −90 to 90, and the scales of the highest peaks, of one turn each."""
    shape = _ANGLES, 2 * _RADII
    cross = np.fft.rfft2(target, shape) * np.conj(np.fft.rfft2(source, shape))
    surface = np.fft.irfft2(cross, shape)
    reach = _RADII // 3
    surface = np.concatenate([surface[:, -reach:], surface[:, : reach + 1]], axis=1)
    for _ in range(_MOST_ANGLES):
        angle, radius = (int(at) for at in np.unravel_index(int(surface.argmax()), surface.shape))
        ratio = (_HIGH / _LOW) ** ((radius - reach) / (_RADII - 1))
        yield (angle + 90) % 180 - 90, 1 / ratio
        surface[np.arange(angle - 4, angle + 5) % _ANGLES] = -np.inf


def _placed(thumb: Array, target: Array, degrees: float, scale: float) -> Candidate:
    """Return the place of TARGET in a picture that is turned and enlarged about its middle."""
    matrix = turned_by(degrees, scale)
    center = np.array(thumb.shape) / 2
    whole = slice(0, target.shape[0]), slice(0, target.shape[1])
    offset = offset_between(shown_at(thumb, Placement(matrix, center), target.shape, whole), target)
    center = center + matrix @ np.array(offset[:2])
    moved = shown_at(thumb, Placement(matrix, center), target.shape, whole)
    return Candidate(("", 0), Placement(matrix, center), abs(correlation(detail(moved), detail(target))))


def detail(picture: Array, reach: int = _DETAIL) -> Array:
    """Return a picture less its means of (2 · reach + 1)² pixels."""
    padded = np.pad(picture, reach, mode="edge")
    length = 2 * reach + 1
    for axis in (0, 1):
        sums = np.cumsum(padded, axis)
        sums = np.concatenate([np.zeros_like(sums.take([0], axis)), sums], axis)
        size = sums.shape[axis]
        padded = (sums.take(range(length, size), axis) - sums.take(range(size - length), axis)) / length
    return np.asarray(picture - padded)
