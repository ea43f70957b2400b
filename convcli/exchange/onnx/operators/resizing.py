"""Resize and Upsample: the layer whose positions in the picture are those of the node.

ONNX knows dozens of ways from a pixel of the output to its place in the input. A layer here is taken if its places are
the same: for the size of the picture where that is known, and else for many sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from convcli.exchange.onnx.nodes import Node
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
        count = math.floor(length * (self.factor or 1.0)) if self.pixels is None else self.pixels
        return count / length if self.is_size or self.factor is None else self.factor, count

    def changes_nothing(self, length: int | None) -> bool:
        """Return whether each pixel stays where it is; not where that depends on a length that is not known."""
        if length is None:
            return self.factor == 1 and self.pixels is None
        return self.of(length) == (1, length)


class _Way(NamedTuple):
    """The settings of a node."""

    mode: str  # nearest, linear or cubic
    transformation: str
    rounding: str
    cubic: float
    excludes_outside: bool
    antialias: bool


def resize(node: Node) -> Signal:
    """Return the signal behind a Resize."""
    signal = node.signal()
    if node.opset < 11:
        way = _Way(node.text("mode", "nearest"), "asymmetric", "floor", _PLAIN_CUBIC, False, False)
        return _resized(signal, _scaled(signal, node.needed(1, "scales").tolist(), None), way)
    way = _Way(
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
    way = _Way(node.text("mode", "nearest"), "asymmetric", "floor", _PLAIN_CUBIC, False, False)
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
            targets[letter] = _Target(scale, None if length is None else math.floor(length * scale))
        elif scale != 1:
            raise Refusal(f"a scale of {scale:g} along axis {letter}", "a layer here changes height and width")
    return targets


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
    if size.letter == letter and size.signal is signal:
        length = signal.length(letter)
        is_exact = length is None or size.number == length * size.factor
        return _Target(float(size.factor) if is_exact else None, size.known, is_size=True)
    if size.known is None:
        raise Refusal("the size of another picture", "export the network with a fixed input size, or with scales")
    return _Target(None, size.known)


def _resized(signal: Signal, targets: dict[str, _Target], way: _Way) -> Signal:
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


# Places of outputs in an axis, by their numbers, the factor, the length and the count.
_Places = Callable[[Any, float, int, int], Any]


def _candidates(height: _Target, width: _Target, way: _Way) -> Iterator[tuple[Layer, _Places]]:
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
            places = _floored if mode == "nearest" else _half if "scale" in given else _half_of_size
            yield Upsample(mode=mode, **given), places
            if mode != "nearest" and way.transformation == "align_corners":
                yield Upsample(mode=mode, align_corners=True, **given), _aligned
    grows = all((target.factor or 0) >= 1 for target in (height, width))
    is_pillows = mode != "bicubic" or way.cubic == _PILLOWS_CUBIC
    is_pillows = is_pillows and (
        mode == "nearest" or way.excludes_outside or (mode == "bilinear" and not way.antialias)
    )
    if is_pillows and (way.antialias or grows or mode == "nearest"):
        places = _under_center if mode == "nearest" else _half_of_size
        if height.pixels and width.pixels:
            yield Resize(width=width.pixels, height=height.pixels, filter=mode), places
        elif scales:
            yield Resize(scale=height.factor, filter=mode), places


def _is_right(target: _Target, way: _Way, length: int | None, places: _Places) -> bool:
    """Return whether places are those of the node, for a length or for many."""
    for each in _LENGTHS if length is None else (length,):
        factor, count = target.of(each)
        if count < 1:
            continue
        if way.transformation == "align_corners" and abs(count - each * factor) > 1e-6 * count:
            return False  # the reference takes each · factor for the count, and onnxruntime the count
        index = np.arange(count)
        wanted = _wanted(index, way, factor, each, count)
        found = places(index, target.factor or factor, each, count)
        if way.mode != "cubic":
            wanted, found = wanted.clip(0, each - 1), found.clip(0, each - 1)
        if not np.allclose(wanted, found, rtol=0, atol=1e-5 if way.mode != "nearest" else 0):
            return False
    return True


def _wanted(index: Any, way: _Way, factor: float, length: int, count: int) -> Any:
    """Return the places of a node."""
    match way.transformation:
        case "half_pixel":
            at = (index + 0.5) / factor - 0.5
        case "pytorch_half_pixel":
            at = (index + 0.5) / factor - 0.5 if count > 1 else index * 0.0
        case "half_pixel_symmetric":
            shift = length / 2 * (1 - count / (factor * length))
            at = shift + (index + 0.5) / factor - 0.5
        case "align_corners":
            at = index * ((length - 1) / (count - 1) if count > 1 else 0.0)
        case "asymmetric":
            at = index / factor
        case "tf_half_pixel_for_nn":
            at = (index + 0.5) / factor
        case _:
            raise Refusal(f"coordinate_transformation_mode {way.transformation}", "no layer here takes it")
    if way.mode != "nearest":
        return at
    # A quotient may miss a whole number by its last digit.
    at = np.where(np.abs(at - np.rint(at)) < 1e-9, np.rint(at), at)
    roundings: dict[str, Callable[[Any], Any]] = {
        "floor": np.floor,
        "ceil": np.ceil,
        "round_prefer_floor": lambda each: np.ceil(each - 0.5),
        "round_prefer_ceil": lambda each: np.floor(each + 0.5),
    }
    if way.rounding not in roundings:
        raise Refusal(f"nearest_mode {way.rounding}", "floor, ceil, round_prefer_floor and round_prefer_ceil are known")
    return roundings[way.rounding](at)


def _floored(index: Any, factor: float, length: int, count: int) -> Any:
    """Return the places of `Upsample` with the mode nearest, in float32 as it computes them."""
    if length == count:
        return index.astype(np.float64)
    return np.floor(index.astype(np.float32) * np.float32(1 / factor)).astype(np.float64)


def _half(index: Any, factor: float, length: int, count: int) -> Any:
    """Return the places of `Upsample` by a scale."""
    return index.astype(np.float64) if length == count else (index + 0.5) / factor - 0.5


def _half_of_size(index: Any, _factor: float, length: int, count: int) -> Any:
    """Return the places of `Upsample` to a size, and of `Resize`."""
    return (index + 0.5) * (length / count) - 0.5


def _aligned(index: Any, _factor: float, length: int, count: int) -> Any:
    """Return the places of `Upsample` with its corners aligned."""
    return index * ((length - 1) / (count - 1) if count > 1 else 0.0)


def _under_center(index: Any, _factor: float, length: int, count: int) -> Any:
    """Return the places of `Resize` with the filter nearest."""
    return np.floor((index + 0.5) * (length / count))
