"""Wide kernels before a tone curve, or in linear light: the family and the curve together.

The curve hides the spectrum of the kernel. So INPUT is blurred by every family in turn, and the curve that makes most
of TARGET of it is a line of least squares in the values at some knots: what it leaves tells the family and its numbers.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.tone.curve import Curve, spread_knots
from convcli.detective.tone.samples import drawn_positions
from convcli.detective.wide.families import FAMILIES, Values
from convcli.engine import from_light, to_light
from convcli.lazy import dataclass

_FAMILIES = ("gaussian", "box", "disk")
_SIDE = 512  # pixels that are looked at
_COUNT, _MOST = 4000, 60_000  # positions, to search and to judge
_KNOTS = 18
_INSIDE = 1.5 / 255  # from black and white
_MARGIN = 4  # of the picture's side: where borders do not reach
_FEWEST = 400
_APART = 1.25  # times the error of the best family: others have to leave more
_AS_GOOD = 1.03
_FINEST = 0.004  # of a number
_FLOORS, _HOPELESS = 1.6, 24.0  # times what rounding leaves: most that a kernel and its curve may leave, and a start
_ROUNDED = 1.05  # times the floor, that is more than one rounding leaves
_WHITE = 0.08  # correlation of neighbors
_ALONG = np.linspace(0, 0.75, 1500)  # frequencies

_Tried = tuple[float, str, Values]


@dataclass(frozen=True, eq=False)
class TonedWide:
    """A kernel as `apply` takes it, in linear light or not, the curve after it, and the error, in shares."""

    text: str
    is_light: bool
    curve: Curve
    error: float


def wide_before_curve(scene: Scene) -> TonedWide | None:
    """Return the wide kernel and the curve that leave nothing but rounding; None where none do."""
    if not scene.levels or scene.source.shape != scene.target.shape or min(scene.target.shape[:2]) < 128:
        return None
    searches = [_Search.of(scene, is_light=is_light) for is_light in (False, True)]
    started = [(each.nearest(), each) for each in searches if each]
    started.sort(key=lambda each: each[0][0][0])
    if not started or started[0][0][0][0] > _HOPELESS * scene.floor:
        return None
    return next((found for nearest, search in started if (found := _within(scene, search, nearest))), None)


def _within(scene: Scene, search: _Search, nearest: list[_Tried]) -> TonedWide | None:
    error, name, values = search.descended(*nearest[0][1:])
    if error > _FLOORS * scene.floor or not FAMILIES[name].has(values):
        return None
    if any(search.descended(*each[1:])[0] < _APART * error for each in nearest[1:]):
        return None
    for digits in (0, 1, 2):
        short = tuple(round(value, digits) for value in values)
        if FAMILIES[name].has(short) and search.error(name, short) < _AS_GOOD * error:
            values = short
            break
    return _judged(scene, FAMILIES[name].written(values), is_light=search.is_light)


@dataclass(frozen=True, eq=False)
class _Search:
    """The spectrum of a channel of INPUT, and what TARGET has at some positions, flat."""

    spectrum: Array
    shape: tuple[int, int]
    frequencies: tuple[Array, Array]
    at: Array
    target: Array
    is_light: bool

    @classmethod
    def of(cls, scene: Scene, *, is_light: bool) -> _Search | None:
        channel = scene.channel(scene.source.shape[2] // 2)
        starts = [max(0, side - _SIDE) // 2 for side in channel.target.shape[:2]]
        cut = tuple(slice(start, start + _SIDE) for start in starts)
        source, target = (each[cut][..., 0] for each in (channel.source, channel.target))
        usable = None if scene.usable is None else scene.usable[cut]
        margin = min(target.shape) // _MARGIN
        row, column = drawn_positions((*target.shape, 1), usable, margin, _COUNT, judging=False)
        wanted = target[row, column]
        inside = (wanted > _INSIDE) & (wanted < 1 - _INSIDE)
        if inside.sum() < _FEWEST:
            return None
        values = np.asarray(to_light(source), np.float32) if is_light else source
        down, right = np.fft.fftfreq(source.shape[0])[:, np.newaxis], np.fft.rfftfreq(source.shape[1])[np.newaxis]
        flat = (row * source.shape[1] + column)[inside]
        size = source.shape[0], source.shape[1]
        return cls(np.fft.rfft2(values), size, (down, right), flat, wanted[inside], is_light)

    def error(self, name: str, values: Values) -> float:
        """Return what the best curve after a kernel leaves at the positions."""
        spectrum, (down, right) = FAMILIES[name].spectrum, self.frequencies
        if name == "disk":  # that takes long, and is the same all around
            factors = np.interp(np.hypot(down, right), _ALONG, spectrum(values, _ALONG, np.zeros_like(_ALONG)))
        else:
            factors = spectrum(values, down, right)
        made = np.fft.irfft2(self.spectrum * factors, self.shape).ravel()[self.at]
        made = np.asarray(from_light(made)) if self.is_light else made
        curve = _fitted(made, self.target)
        return float(np.sqrt(np.mean(np.square(curve(made) - self.target))))

    def nearest(self) -> list[_Tried]:
        """Return the start of each family that leaves least, the best first."""
        each = (min((self.error(name, values), name, values) for values in FAMILIES[name].starts) for name in _FAMILIES)
        return sorted(each)

    def descended(self, name: str, values: Values) -> _Tried:
        """Return the number from which no step gets nearer, with its error."""
        family = FAMILIES[name]
        best, step = (self.error(name, values), values), 0.2
        while step * values[0] > (1.5 if family.is_odd else _FINEST * values[0]):
            for tried in (best[1][0] * (1 + step), best[1][0] / (1 + step)):
                here = family.whole((tried,))
                now = (self.error(name, here), here)
                if now[0] < best[0]:
                    best = now
                    break
            else:
                step /= 2
        if family.is_odd:
            side = family.whole(best[1])[0]
            best = min((self.error(name, (side + off,)), (side + off,)) for off in (-4, -2, 0, 2, 4) if side + off >= 3)
        return best[0], name, best[1]


def _fitted(made: Array, target: Array) -> Curve:
    """Return the curve by which values make a target, both flat, by least squares."""
    empty = Curve(knots := spread_knots(made, _KNOTS), np.zeros(_KNOTS))
    basis = empty.basis(made).astype(np.float64)
    gram = basis.T @ basis
    gram += 1e-6 * np.trace(gram) / _KNOTS * np.eye(_KNOTS)
    return Curve(knots, np.linalg.solve(gram, basis.T @ target))


def _judged(scene: Scene, text: str, *, is_light: bool) -> TonedWide | None:
    """Return a kernel with the curve of all channels, fitted to other rows than those that judge."""
    made = apply_text(text, np.asarray(to_light(scene.source), np.float32) if is_light else scene.source)
    made = np.asarray(from_light(made), np.float32) if is_light else made
    margin = min(scene.target.shape[:2]) // _MARGIN

    def drawn(*, judging: bool) -> tuple[Array, Array, Array]:
        row, column = drawn_positions(scene.target.shape, scene.usable, margin, _MOST, judging=judging)
        wanted, beside = scene.target[row, column].ravel(), (scene.target[row, column + 1]).ravel()
        inside = (np.minimum(wanted, beside) > _INSIDE) & (np.maximum(wanted, beside) < 1 - _INSIDE)
        flat = np.stack([made[row, column].ravel(), made[row, column + 1].ravel()])
        return flat[:, inside], wanted[inside], beside[inside]

    given, wanted, _ = drawn(judging=False)
    curve = _fitted(given[0], wanted)
    given, wanted, beside = drawn(judging=True)
    rises = np.diff(curve.heights)
    if len(wanted) < _FEWEST or not ((rises > 0).all() or (rises < 0).all()):
        return None
    here, there = curve(given[0]) - wanted, curve(given[1]) - beside
    error = float(np.sqrt(np.mean(np.square(here, dtype=np.float64))))
    # Beyond one rounding there may be another, before the curve; a wrong kernel leaves what neighbors have in common.
    # Neighbors less than a level apart are rounded alike.
    apart = np.abs(given[0] - given[1]) > scene.level
    pairs = apart if apart.sum() >= _FEWEST else np.ones(len(apart), bool)
    is_white = abs(float((here * there)[pairs].mean())) < _WHITE * float(np.square(here[pairs]).mean())
    limit = (_FLOORS if is_white else _ROUNDED) * scene.floor
    return TonedWide(text, is_light, curve, error) if error <= limit else None
