"""Hue, saturation and brightness, changed as programs do it: in HSV or HSL, which no mix of channels makes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.alone.lines import EXACT
from convcli.detective.scene import Scene
from convcli.detective.tone.model import fitted_mix
from convcli.lazy import dataclass

_SAMPLES = 20_000
_FEWEST = 500  # pixels that tell a number
_COLORED, _BRIGHT, _FULL = 0.12, 0.15, 0.97  # a saturation, a brightness, and what is not clipped
_MOST = 3 / 255  # an error: programs round hues to degrees or two
_LITTLE, _OF_MIX, _OF_NOTHING = 1.2 / 255, 1.2, 0.35  # the same, of a mix of channels, and of doing nothing
_CLEARLY = 0.7  # of the error of a mix, where more is left
_ALIKE, _TOLD = 1.03, 0.1 / 255  # times the least error, and more, up to which numbers of fewer digits do
_TURN, _CHANGE = 1.5, 0.02  # degrees and a share: less is none


@dataclass(frozen=True)
class Recoloring:
    """A turn of hues in degrees, and factors of saturation and brightness, in HSV or HSL."""

    model: str
    degrees: float
    saturation: float
    brightness: float

    @property
    def words(self) -> str:
        """The change, and the model that it is made in: ``saturation 1.5 (HSV)``."""
        told = [
            f"hue turned by {self.degrees:g}°" if self.degrees else "",
            f"saturation {self.saturation:g}" if self.saturation != 1 else "",
            f"brightness {self.brightness:g}" if self.brightness != 1 else "",
        ]
        is_turned = self.saturation == 1 and self.brightness == 1  # the same in both
        return " and ".join(filter(None, told)) + ("" if is_turned else f" ({self.model})")

    def made(self, values: Array) -> Array:
        """Return colors, (..., 3) in shares of full scale, recolored."""
        hue, saturation, light = _MODELS[self.model][0](values)
        saturation = saturation * np.float32(self.saturation)
        if self.model == "HSV":  # of HSL, ImageMagick clips the colors alone
            saturation = np.minimum(saturation, 1)
        light = np.minimum(light * np.float32(self.brightness), 1)
        return _MODELS[self.model][1](hue + self.degrees / 60, saturation, light)


def recoloring(scene: Scene) -> tuple[Recoloring, float] | None:
    """Return the change of hue, saturation and brightness that explains a scene, and its error, if one does."""
    if scene.source.shape != scene.target.shape or scene.source.shape[2] != 3 or not scene.levels:
        return None
    found = [each for model in _MODELS if (each := _fitted(scene, model)) is not None]
    if not found:
        return None

    def error(tried: Recoloring) -> float:
        return scene.rms(tried.made(scene.source))

    best = min(found, key=error)
    if error(best) > min(_MOST, _OF_NOTHING * scene.rms(scene.source)):
        return None
    errors = {each: error(each) for each in (best, *_beside(best))}
    least = min(errors.values())
    alike = (each for each in errors if errors[each] <= _ALIKE * least + _TOLD)
    best = min(alike, key=lambda each: (len(each.words), errors[each]))
    mix = fitted_mix(scene.source, scene.target, 1, levels=scene.levels, usable=scene.usable)
    left = errors[best]
    if mix is None or mix.rms <= EXACT * scene.floor:
        return None
    # Of colors that are alike, a mix explains as much, but has more numbers.
    return (best, left) if left < (_OF_MIX if left < _LITTLE else _CLEARLY) * mix.rms else None


def _beside(found: Recoloring) -> Iterator[Recoloring]:
    """Yield those with a number that is a little another one, or has a digit less."""
    if found.degrees:
        yield from (replace(found, degrees=found.degrees + step) for step in (-1, 1))
    for name in ("saturation", "brightness"):
        value = getattr(found, name)
        if value != 1:
            near = {round(value, 1), *(round(value + step, 2) for step in (-0.01, 0.01))}
            yield from (replace(found, **{name: each}) for each in sorted(near) if each != 1)


def _fitted(scene: Scene, model: str) -> Recoloring | None:
    rows = np.flatnonzero(~scene.judging)
    source, target = (each[rows].reshape(-1, 3) for each in (scene.source, scene.target))
    if scene.usable is not None:
        source, target = (each[scene.usable[rows].ravel()] for each in (source, target))
    step = max(1, len(source) // _SAMPLES)
    apart, _ = _MODELS[model]
    (hue, saturation, light), (turned, saturated, lit) = (apart(each[::step]) for each in (source, target))
    is_telling = (light > _BRIGHT) & (light < 1 - _BRIGHT) & (lit > _BRIGHT) & (lit < _FULL)
    is_colored = is_telling & (saturation > _COLORED) & (saturated > _COLORED) & (saturated < _FULL)
    if is_colored.sum() < _FEWEST:
        return None
    turns = (turned - hue)[is_colored]
    middle = np.angle(np.exp(1j * np.pi / 3 * turns).mean())
    off = np.angle(np.exp(1j * (np.pi / 3 * turns - middle)))
    degrees = math.degrees(middle + float(np.median(off)))
    more = round(_slope(saturation[is_colored], saturated[is_colored]), 2)
    brighter = round(_slope(light[is_telling], lit[is_telling]), 2)
    return Recoloring(
        model,
        0.0 if abs(degrees) < _TURN else round(degrees),
        1.0 if abs(more - 1) < _CHANGE else more,
        1.0 if abs(brighter - 1) < _CHANGE else brighter,
    )


def _slope(before: Array, after: Array) -> float:
    return float((before * after).sum(dtype=np.float64) / np.square(before, dtype=np.float64).sum())


def _hsv(values: Array) -> tuple[Array, Array, Array]:
    """Return the hue in sixths of a turn, the saturation and the brightness of colors."""
    most, chroma = values.max(axis=-1), np.ptp(values, axis=-1)
    return _hue(values, most, chroma), chroma / np.maximum(most, 1e-6), most


def _of_hsv(hue: Array, saturation: Array, brightness: Array) -> Array:
    chroma = saturation * brightness
    return _of_chroma(hue, chroma, brightness - chroma)


def _hsl(values: Array) -> tuple[Array, Array, Array]:
    """Return the hue in sixths of a turn, the saturation and the lightness of colors."""
    most, chroma = values.max(axis=-1), np.ptp(values, axis=-1)
    light = most - chroma / 2
    return _hue(values, most, chroma), chroma / np.maximum(1 - np.abs(2 * light - 1), 1e-6), light


def _of_hsl(hue: Array, saturation: Array, light: Array) -> Array:
    chroma = saturation * (1 - np.abs(2 * light - 1))
    return _of_chroma(hue, chroma, light - chroma / 2)


def _hue(values: Array, most: Array, chroma: Array) -> Array:
    red, green, blue = np.moveaxis(values, -1, 0)
    size = np.maximum(chroma, 1e-6)
    sixth = np.where(most == red, (green - blue) / size % 6, np.where(most == green, (blue - red) / size + 2, 0))
    is_blue = (most != red) & (most != green)
    return np.where(is_blue, (red - green) / size + 4, sixth)


def _of_chroma(hue: Array, chroma: Array, least: Array) -> Array:
    """Return the colors of a hue, the distance from their least value to their largest, and the least."""
    channels = [np.clip(np.abs((hue - middle + 3) % 6 - 3) * -1 + 2, 0, 1) for middle in (0, 2, 4)]
    return np.asarray(np.stack([least + chroma * each for each in channels], axis=-1), np.float32)


_Apart = Callable[[Array], tuple[Array, Array, Array]]
_Together = Callable[[Array, Array, Array], Array]
_MODELS: dict[str, tuple[_Apart, _Together]] = {"HSV": (_hsv, _of_hsv), "HSL": (_hsl, _of_hsl)}
