"""Resize and Upsample: the layer whose positions in the picture are those of the node.

ONNX knows dozens of ways from a pixel of the output to its place in the input. A layer here is taken if its places are
the same: for the size of the picture where that is known, and else for many sizes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.operators.places import (
    Places,
    Way,
    aligned,
    floored,
    half,
    half_of_size,
    under_center,
    wanted,
)
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import SHAPE, Side, Signal
from convcli.filters import Layer, Resize, Upsample

# Lengths of sides for which a layer has to be right where the picture may have any size.
_LENGTHS = (*range(1, 65), 97, 100, 224, 255, 256, 257, 480, 511, 512, 640, 1000, 1023, 1024, 1080, 1920, 4000)
_PLAIN_CUBIC, _PILLOWS_CUBIC = -0.75, -0.5  # coefficients of the bicubic kernel, of OpenCV and PyTorch, and of Pillow


class _Target(NamedTuple):
    """The other size of an axis: a factor, and where it is given the number of pixels."""

    factor: float | None = None  # None where it follows from the pixels
    pixels: int | None = None
    is_size: bool = False  # the factor of the node follows from the pixels, and the one here from how they are computed

    def of(self, length: int) -> tuple[float, int]:
        """Return the factor and the count for a length."""
        if self.pixels is not None:
            count = self.pixels
        elif self.is_size:
            count = math.floor(length * (self.factor or 1.0))
        else:
            count = _scaled_length(length, self.factor or 1.0)
        return count / length if self.is_size or self.factor is None else self.factor, count

    def changes_nothing(self, length: int | None) -> bool:
        """Return whether each pixel stays where it is; not where that depends on a length that is not known."""
        if length is None:
            return self.factor == 1 and self.pixels is None
        return self.of(length) == (1, length)


def resize(node: Node) -> Signal:
    """Return the signal behind a Resize."""
    signal = node.signal()
    if node.opset < 11:
        way = Way(node.text("mode", "nearest"), "asymmetric", "floor", _PLAIN_CUBIC, False, False)
        return _resized(signal, _scaled(signal, node.needed(1, "scales").tolist(), None), way)
    way = Way(
        node.text("mode", "nearest"),
        node.text("coordinate_transformation_mode", "half_pixel"),
        node.text("nearest_mode", "round_prefer_floor"),
        node.number("cubic_coeff_a", _PLAIN_CUBIC),
        bool(node.number("exclude_outside", 0)),
        bool(node.number("antialias", 0)),
    )
    axes = node.attributes.get("axes")
    scales = node.numbers(2, "scales")
    if scales is not None and scales.size:
        return _resized(signal, _scaled(signal, np.ravel(scales).tolist(), axes), way)
    sizes = node.constant(3, "sizes")
    if sizes is None:
        raise Refusal("neither scales nor sizes", "the file is damaged")
    return _resized(signal, _sized(node, signal, np.ravel(sizes).tolist(), axes), way)


def upsample(node: Node) -> Signal:
    """Return the signal behind an Upsample, which opset 10 has replaced by Resize."""
    signal = node.signal()
    given = node.numbers(1, "scales")
    scales = node.attributes.get("scales", []) if given is None else np.ravel(given).tolist()
    way = Way(node.text("mode", "nearest"), "asymmetric", "floor", _PLAIN_CUBIC, False, False)
    return _resized(signal, _scaled(signal, scales, None), way)


def _letters(signal: Signal, axes: list[int] | None, count: int) -> list[str]:
    numbers = list(range(len(signal.axes))) if axes is None else axes
    if len(numbers) != count:
        raise Refusal(f"{count} sizes or scales for {len(numbers)} axes", "the file is damaged")
    return [signal.axis(int(number)) for number in numbers]


def _scaled(signal: Signal, scales: list[float], axes: list[int] | None) -> dict[str, _Target]:
    """Return the targets of height and width by the scales of axes."""
    targets = {"H": _Target(1.0), "W": _Target(1.0)}
    for letter, scale in zip(_letters(signal, axes, len(scales)), scales, strict=True):
        if letter in targets:
            if not 0.001 <= scale <= 1000:
                raise Refusal(f"a scale of {scale:g}", "a layer here takes scales from 0.001 to 1000")
            length = signal.length(letter)
            # 0.7 in float32 is a little less, and 0.7 of 10 pixels are 7.
            written = float(str(np.float32(scale)))
            targets[letter] = _Target(written, None if length is None else _scaled_length(length, scale))
        elif scale != 1:
            raise Refusal(f"a scale of {scale:g} along axis {letter}", "a layer here changes height and width")
    return targets


def _scaled_length(length: int, scale: float) -> int:
    """Return a length times a scale, in float32 as onnxruntime computes it."""
    return math.floor(np.float32(length) * np.float32(scale))


def _sized(node: Node, signal: Signal, sizes: list[Any], axes: list[int] | None) -> dict[str, _Target]:
    """Return the targets of height and width by the sizes of axes."""
    policy = node.text("keep_aspect_ratio_policy", "stretch")
    letters = _letters(signal, axes, len(sizes))
    targets = {"H": _Target(1.0), "W": _Target(1.0)}
    for letter, size in zip(letters, sizes, strict=True):
        if letter in targets:
            targets[letter] = _target(signal, letter, size)
        elif not _is_kept(signal, letter, size):
            raise Refusal(f"another size along axis {letter}", "a layer here changes height and width")
    if policy == "stretch":
        return targets
    if policy not in ("not_larger", "not_smaller"):
        raise Refusal(f"keep_aspect_ratio_policy {policy}", "stretch, not_larger and not_smaller are known")
    lengths = dict(zip(SHAPE, signal.size("keep_aspect_ratio_policy"), strict=True))
    factors = [targets[letter].of(lengths[letter])[0] for letter in letters if letter in targets]
    factor = min(factors) if policy == "not_larger" else max(factors)
    # The factor of each axis is that of the rounded size, as onnxruntime and the reference have it.
    return {
        letter: _Target(factor, math.floor(lengths[letter] * factor + 0.5)) if letter in letters else target
        for letter, target in targets.items()
    }


def _is_kept(signal: Signal, letter: str, size: Any) -> bool:
    """Return whether a size is that of an axis as it is."""
    if not isinstance(size, Side):
        return letter == "N" or bool(size == signal.length(letter))
    if size.letter == letter and size.is_length and (letter == "N" or size.signal is signal):
        return True
    return letter != "N" and size.known == signal.length(letter) is not None


def _target(signal: Signal, letter: str, size: Any) -> _Target:
    if not isinstance(size, Side):
        return _Target(None, int(size))
    if size.why and size.known is None:
        raise Refusal(size.why, "export the network with a fixed input size")
    if size.letter == letter and size.signal is signal:
        length = signal.length(letter)
        is_exact = length is None or size.number == length * size.factor
        return _Target(float(size.factor) if is_exact else None, size.known, is_size=True)
    if size.known is None:
        raise Refusal("the size of another picture", "export the network with a fixed input size, or with scales")
    return _Target(None, size.known)


def _resized(signal: Signal, targets: dict[str, _Target], way: Way) -> Signal:
    """Return the signal behind the first layer whose places are right."""
    height, width = targets["H"], targets["W"]
    lengths = [signal.length(letter) for letter in "HW"]
    if all(target.changes_nothing(length) for target, length in zip((height, width), lengths, strict=True)):
        return signal
    for layer, places in _candidates(height, width, way):
        if _has_size(layer, (height, width), lengths) and all(
            _is_right(target, way, length, places) for target, length in zip((height, width), lengths, strict=True)
        ):
            return signal.then(layer)
    texts = [f"{each.pixels} pixels" if each.factor is None else f"{each.factor:g}" for each in (height, width)]
    size = texts[0] if texts[0] == texts[1] else " and ".join(texts)
    settings = [way.mode, way.transformation, *([way.rounding] if way.mode == "nearest" else [])]
    settings += ["antialias"] if way.antialias else []
    raise Refusal(
        f"by {size}, {', '.join(settings)}: no layer takes its values from the same places",
        "nearest with asymmetric and floor, linear and cubic with half_pixel or align_corners have layers",
    )


def _has_size(layer: Layer, targets: Sequence[_Target], lengths: Sequence[int | None]) -> bool:
    """Return whether a layer makes as many pixels as the node, of known lengths or of many."""
    for probe in _LENGTHS if None in lengths else (1,):
        sides = [length or probe for length in lengths]
        counts = tuple(target.of(side)[1] for target, side in zip(targets, sides, strict=True))
        if min(counts) < 1:
            continue
        if layer.output_shape((1, sides[0], sides[1]))[1:] != counts:
            return False
    return True


def _candidates(height: _Target, width: _Target, way: Way) -> Iterator[tuple[Layer, Places]]:
    """Yield layers that may be meant, each with its places."""
    mode = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}.get(way.mode)
    if mode is None:
        raise Refusal(f"mode {way.mode}", "nearest, linear and cubic are known")
    sizes: list[dict[str, Any]] = [{"size": (height.pixels, width.pixels)}] if height.pixels and width.pixels else []
    scales: list[dict[str, Any]] = (
        [{"scale": height.factor}] if height.factor is not None and height.factor == width.factor else []
    )
    is_plain = not way.antialias and (mode != "bicubic" or (way.cubic == _PLAIN_CUBIC and not way.excludes_outside))
    if is_plain and not (mode == "bilinear" and way.excludes_outside):
        for given in (*scales, *sizes):
            places = floored if mode == "nearest" else half if "scale" in given else half_of_size
            yield Upsample(mode=mode, **given), places
            if mode != "nearest" and way.transformation == "align_corners":
                yield Upsample(mode=mode, align_corners=True, **given), aligned
    grows = all((target.factor or 0) >= 1 for target in (height, width))
    is_pillows = mode != "bicubic" or way.cubic == _PILLOWS_CUBIC
    is_pillows = is_pillows and (
        mode == "nearest" or way.excludes_outside or (mode == "bilinear" and not way.antialias)
    )
    if is_pillows and (way.antialias or grows or mode == "nearest"):
        places = under_center if mode == "nearest" else half_of_size
        if height.pixels and width.pixels:
            yield Resize(width=width.pixels, height=height.pixels, filter=mode), places
        elif scales:
            yield Resize(scale=height.factor, filter=mode), places


def _is_right(target: _Target, way: Way, length: int | None, places: Places) -> bool:
    """Return whether places are those of the node, for a length or for many."""
    for each in _LENGTHS if length is None else (length,):
        factor, count = target.of(each)
        if count < 1:
            continue
        if way.transformation == "align_corners" and abs(count - each * factor) > 1e-6 * count:
            return False  # the reference takes each · factor for the count, and onnxruntime the count
        index = np.arange(count)
        asked = wanted(index, way, factor, each, count)
        found = places(index, target.factor or factor, each, count)
        if way.mode != "cubic":
            asked, found = asked.clip(0, each - 1), found.clip(0, each - 1)
        if not np.allclose(asked, found, rtol=0, atol=1e-5 if way.mode != "nearest" else 0):
            return False
    return True
