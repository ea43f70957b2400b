"""Wide kernels: the family, its numbers, and its border, by what a few rows become."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.scene import Scene
from convcli.detective.wide.families import FAMILIES, Guess, guesses
from convcli.detective.wide.replays import REPLAYS
from convcli.detective.wide.rows import Rows
from convcli.filters import BORDER_NAMES, DEFAULT_BORDER
from convcli.lazy import dataclass

_ROWS, _JUDGES = 32, 16
_NEAR, _LITTLE, _MOST = 3.0, 0.002, 3  # times the least error on the spectrum: families beyond it are none
_ENOUGH = 0.6  # of the target on the spectrum: nothing explains it
_STEPS = {1: (0.04, 0.008), 2: (0.04, 0.03, 0.03, 0.02, 0.01, 0.01, 0.004)}  # by the count of numbers
_FARTHEST = 3.0  # steps
_DEGREES = 40.0  # of an angle, for a step of 1
_ALIKE, _SHORTER = 1.02, 1.1
_OF_ROUNDING, _TOLD = 0.295, 0.03  # levels that one rounding leaves, about, and that numbers may add to it
_SURE = 4.0  # standard errors between a family and the next
_CLEARLY = 0.75  # of the error of the best kernel
_MARGIN = 2 / 255  # from black and white
_LIKE_NOISE = 2.5  # times what rounding leaves
_RIM = 16  # pixels
_ALIKE_AT_RIM = 1.1  # of the squares
_TOLD_AT_RIM = 0.01  # levels: less tells no border, as where a rim is of one color
_WHITE = 0.1  # correlation of neighbors
_APART = 16  # pixels between errors that have nothing in common


@dataclass(frozen=True)
class Wide:
    """A kernel as `apply` takes it, with its border, and its error, in shares of full scale."""

    text: str
    error: float


def wide_kernel(scene: Scene, best: float, *, is_jpeg: bool) -> Wide | None:
    """Return the kernel of a family that makes the target; None where none does.

    `best` is the error of the best kernel that was learned; `is_jpeg` tells that the target was a JPEG, which leaves
    more than noise.
    """
    if scene.source.shape != scene.target.shape:
        return None
    guessed = [guess for guess in guesses(scene) if guess.error < _ENOUGH]
    if not guessed:
        return None
    near = [guess for guess in guessed if guess.error < _NEAR * guessed[0].error + _LITTLE][:_MOST]
    middle = _Middle(scene)
    refined = sorted((middle.refined(guess) for guess in near), key=lambda guess: guess.error)
    if refined[0].family == "gaussian" and refined[0].error > _SHORTER * middle.floor:
        refined.append(middle.refined(Guess("gaussian of boxes", refined[0].values, 0.0)))
        refined.sort(key=lambda guess: guess.error)
    found = refined[0]
    if not is_jpeg and found.error > _LIKE_NOISE * middle.floor and not middle.is_noise(found):
        return None
    others = [each for each in refined if _kind(each) != _kind(found)]
    if others and not middle.is_surely_nearer(found, others[0]):
        return None
    return _judged(scene, middle.shortest(found), best)


def _kind(guess: Guess) -> str:
    return guess.family.partition(" ")[0]


class _Middle:
    """Rows and columns in the middle of a scene, of those that do not judge, where borders count least."""

    def __init__(self, scene: Scene) -> None:
        height, width, channels = scene.target.shape
        inner = np.arange(height // 5, height - height // 5)
        inner = inner[~scene.judging[inner]]
        self.rows = Rows(scene, inner[:: max(1, len(inner) // _ROWS)])
        self.columns = slice(width // 5, width - width // 5)
        self.floor, self.half = scene.floor / channels**0.5, scene.level / 2
        target = scene.target[self.rows.rows, self.columns]
        is_free = (target.min(axis=2) > _MARGIN) & (target.max(axis=2) < 1 - _MARGIN)
        if scene.usable is not None:
            is_free &= scene.usable[self.rows.rows, self.columns]
        self.is_free = is_free if scene.level and is_free.mean() > 0.1 else np.ones(is_free.shape, bool)

    def off(self, guess: Guess) -> Array:
        """Return what a guess leaves, (rows, columns), 0 where the target is clipped; some programs round down."""
        text = FAMILIES[_family(guess)].written(guess.values)
        made = REPLAYS[guess.family](self.rows, text, guess.values, DEFAULT_BORDER.name)
        off = (made - self.rows.target)[:, self.columns]
        mean = np.clip(off[self.is_free].mean(), -self.half, self.half)
        return np.where(self.is_free, off - mean, 0)

    def with_error(self, guess: Guess) -> Guess:
        """Return the guess with its error on the rows."""
        squares = np.square(self.off(guess), dtype=np.float64).sum() / self.is_free.sum()
        return Guess(guess.family, guess.values, float(np.sqrt(squares)))

    def refined(self, guess: Guess) -> Guess:
        """Return the guess with numbers from which no small step gets nearer."""
        family = FAMILIES[_family(guess)]
        best = self.with_error(Guess(guess.family, family.whole(guess.values), 0.0))
        for step in (2.0,) * 3 if family.is_odd else _STEPS[len(guess.values)]:
            for index in range(1 if guess.family == "unsharp" else len(guess.values)):
                best = self._moved(best, index, step)
        return best

    def _moved(self, best: Guess, index: int, step: float) -> Guess:
        """Return the guess with one number at the lowest point of the parabola through it and its neighbors."""
        family = FAMILIES[_family(best)]
        size = step if family.is_odd else step * (_DEGREES if family.turns and index else best.values[index])

        def at(distance: float) -> Guess:
            values = (*best.values[:index], best.values[index] + distance * size, *best.values[index + 1 :])
            return self.with_error(self._with_amount(Guess(best.family, values, 0.0))) if family.has(values) else best

        before, after = at(-1.0), at(1.0)
        tried = [best, before, after]
        first, second, third = (each.error**2 for each in (before, best, after))
        bend = first - 2 * second + third
        if bend > 0 and not family.is_odd:
            tried.append(at(float(np.clip((first - third) / (2 * bend), -_FARTHEST, _FARTHEST))))
        elif bend <= 0:
            tried.append(at(_FARTHEST if third < first else -_FARTHEST))
        return min(tried, key=lambda each: each.error)

    def _with_amount(self, guess: Guess) -> Guess:
        """Return the guess, a sharpening with the amount that suits its blur best."""
        if guess.family != "unsharp":
            return guess
        sigma = guess.values[0]
        detail = self.off(Guess(guess.family, (sigma, 1.0), 0.0)) - self.off(Guess(guess.family, (sigma, 0.0), 0.0))
        wanted = -self.off(Guess(guess.family, (sigma, 0.0), 0.0))
        return Guess(guess.family, (sigma, float((wanted * detail).sum() / np.square(detail).sum())), 0.0)

    def is_surely_nearer(self, guess: Guess, other: Guess) -> bool:
        """Return whether the errors of two guesses differ by more than chance."""
        gain = np.square(self.off(other), dtype=np.float64) - np.square(self.off(guess), dtype=np.float64)
        return bool(gain.mean() > _SURE * gain.std() / np.sqrt(self.is_free.sum() / _APART))

    def is_noise(self, guess: Guess) -> bool:
        """Return whether what a guess leaves is noise: neighbors have nothing in common."""
        off = self.off(guess)
        return abs(float((off[:, 1:] * off[:, :-1]).sum())) < _WHITE * float(np.square(off).sum())

    def shortest(self, guess: Guess) -> Guess:
        """Return the guess with numbers as short as the error allows: less where nothing but rounding is left."""
        family = FAMILIES[_family(guess)]
        most = _SHORTER * guess.error
        if guess.error <= _OF_ROUNDING * 2 * self.half:
            most = min(most, float(np.hypot(guess.error, _TOLD * 2 * self.half)))
        tried = [guess]
        for digits in (0, 1, 2):
            values = tuple(round(value, digits) for value in guess.values)
            tried += [self.with_error(Guess(guess.family, values, 0.0))] if family.has(values) else []
        return min(
            (each for each in tried if each.error <= most),
            key=lambda each: len(family.written(each.values)),
        )


def _family(guess: Guess) -> str:
    return "gaussian" if guess.family == "gaussian of boxes" else guess.family


def _judged(scene: Scene, guess: Guess, best: float) -> Wide | None:
    """Return the kernel with the border that suits the rows that judge, if it is clearly better than the best one."""
    rows = np.flatnonzero(scene.judging)
    rows = rows[:: max(1, len(rows) // _JUDGES)]
    planes = [Rows(scene, rows, channel) for channel in range(scene.target.shape[2])]
    usable = np.ones(planes[0].target.shape, bool) if scene.usable is None else scene.usable[rows]
    text = FAMILIES[_family(guess)].written(guess.values)

    def squares(border: str) -> Array:
        made = [REPLAYS[guess.family](plane, text, guess.values, border) for plane in planes]
        shown = np.clip(made, 0, 1) if scene.level else np.stack(made)
        off = shown - np.stack([plane.target for plane in planes])
        return np.where(usable, np.square(off, dtype=np.float64), 0)

    every = {border: squares(border) for border in BORDER_NAMES}
    at_rim = {border: each[:, :, :_RIM].sum() + each[:, :, -_RIM:].sum() for border, each in every.items()}
    border = min(at_rim, key=lambda name: at_rim[name])
    told = 2 * _RIM * every[border].shape[0] * every[border].shape[1] * (_TOLD_AT_RIM * (scene.level or 1 / 255)) ** 2
    if at_rim[DEFAULT_BORDER.name] <= _ALIKE_AT_RIM * at_rim[border] + told:
        border = DEFAULT_BORDER.name
    error = float(np.sqrt(every[border].sum() / (usable.sum() * len(planes))))
    if error > _CLEARLY * best:
        return None
    return Wide(text if border == DEFAULT_BORDER.name else _with_border(text, border), error)


def _with_border(text: str, border: str) -> str:
    return " | ".join(f"{each},border={border}" for each in text.split(" | "))
