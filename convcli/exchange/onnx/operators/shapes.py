"""Operators that change axes, or put parts beside each other: Concat, Reshape, Transpose, Slice, Split, Pad."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.operators.arithmetic import matching
from convcli.exchange.onnx.operators.blocks import in_blocks
from convcli.exchange.onnx.operators.choosing import chosen
from convcli.exchange.onnx.operators.matrices import flat
from convcli.exchange.onnx.operators.pending import grouped, shuffled
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import FEATURES, PICTURE, PLAIN, SHAPE, Pending, Side, Signal, joined
from convcli.filters import (
    Border,
    Combine,
    Concat,
    Conv,
    Crop,
    GlobalAvgPool,
    GlobalMaxPool,
    Kernel,
    Layer,
    Magnitude,
    Maximum,
    MaxPool,
    Pad,
    PixelShuffle,
    PixelUnshuffle,
)

_ENDLESS = 2**31 - 1  # an end from which on the last is meant: exporters write it, or that of 64 bits
_OF_CHANNELS: dict[str, type[Combine]] = {"ReduceMax": Maximum, "ReduceL2": Magnitude}


def same(node: Node) -> Signal:
    """Return the input: what Identity, Dropout and Cast do to a picture."""
    node.only_first_output("the mask")
    if node.op == "Dropout" and node.has(2) and bool(np.ravel(node.needed(2, "training_mode"))[:1].any()):
        raise Refusal("training_mode 1", "export the network for inference: model.eval()")
    # The types of floats: FLOAT, FLOAT16, DOUBLE, BFLOAT16.
    if node.op == "Cast" and int(node.number("to", 1)) not in (1, 10, 11, 16):
        raise Refusal("a picture made whole numbers", "values between layers are floats here")
    return node.signal()


def concat(node: Node) -> Signal:
    """Return the channels of several pictures behind each other."""
    signals = matching([node.signal(index) for index in range(len(node.inputs))])
    letter = signals[0].axis(int(node.number("axis", 1)))
    if letter != "C":
        raise Refusal(f"put together along axis {letter}", "a layer here does so along the channels")
    return signals[0] if len(signals) == 1 else joined(Concat, signals)


def transpose(node: Node) -> Signal:
    """Return the signal with its axes in another order, which only the names of axes need to know."""
    signal = node.signal()
    count = len(signal.axes)
    order = [int(each) for each in node.attributes.get("perm", range(count)[::-1])]
    if sorted(order) != list(range(count)):
        raise Refusal(f"an order {order} of {count} axes", "the file is damaged")
    axes = "".join(signal.axes[each] for each in order)
    return signal.then(axes=axes)


def reshape(node: Node) -> Signal | Pending:
    """Return the signal in another shape: all of a picture in a row, as it was, or its channels in groups."""
    signal = node.signal()
    wanted = node.constant(1, "the shape") if len(node.inputs) > 1 else np.array(node.attributes.get("shape", []))
    given = [] if wanted is None else np.ravel(wanted).tolist()
    keeps_zero = bool(node.number("allowzero", 0))
    items = [_length(signal, place, item, keeps_zero=keeps_zero) for place, item in enumerate(given)]
    if _is_row(signal, items):
        return flat(signal)
    if len(items) == len(signal.axes):
        others = [item for place, item in enumerate(items) if not _is_kept(signal, place, item)]
        if others in ([], [-1]):
            return signal
    if len(items) == 4 and signal.axes == FEATURES and items[0] in (1, -1, "N") and items[2:] == [1, 1]:
        return signal.then(axes=PICTURE)
    if len(items) == 3 and signal.axes == PICTURE and items[0] in ("N", 1) and items[2] == -1 and items[1] != -1:
        return grouped(signal, int(items[1] or 0))
    if len(items) == 5 and signal.axes == PICTURE and (made := shuffled(signal, items)) is not None:
        return made
    if signal.axes == PICTURE and (blocks := in_blocks(signal, [_item(each) for each in given])) is not None:
        return blocks
    shape = "×".join("?" if each is None else str(each) for each in items)
    raise Refusal(
        f"a tensor of the axes {signal.axes} in the shape {shape}",
        "a layer here puts all of a picture in a row, and no other shape",
    )


def _item(item: Any) -> int | Side:
    return item if isinstance(item, Side) else int(item)


def _length(signal: Signal, place: int, item: Any, *, keeps_zero: bool) -> int | str | None:
    """Return a length of a new shape: a number, the letter of the axis whose length it is, or None."""
    if isinstance(item, Side):
        if item.is_length and (item.letter == "N" or item.signal is signal):
            return item.letter
        return item.known
    if item == 0 and not keeps_zero and place < len(signal.axes):
        return signal.axes[place]
    return int(item)


def _is_kept(signal: Signal, place: int, item: int | str | None) -> bool:
    """Return whether a length of a new shape is that of the same axis before."""
    letter = signal.axes[place]
    if letter == "N":
        return item in ("N", 1)
    return item == letter or (item is not None and item == signal.length(letter))


def _is_row(signal: Signal, items: Sequence[int | str | None]) -> bool:
    """Return whether a new shape is that of a row of all values of a picture."""
    if len(items) != 2 or signal.axes[:1] != "N":
        return False
    lengths = [signal.length(letter) for letter in signal.axes[1:]]
    whole = math.prod(each for each in lengths if each is not None) if None not in lengths else None
    return (items[0] in ("N", 1) and items[1] in (-1, whole)) or (items[0] == -1 and items[1] == whole is not None)


def squeeze(node: Node) -> Signal:
    """Return the signal with axes of length 1 taken out, or put in: of pictures of one pixel, or of the batch."""
    signal = node.signal()
    axes = node.whole(1, "axes")
    if node.op == "Unsqueeze":
        letters = list(signal.axes)
        count = len(letters) + len(axes or ())
        if not all(-count <= each < count for each in axes or ()):
            raise Refusal(f"axes {axes} put in, {count} in all", "the file is damaged")
        for place in sorted(each % count for each in axes or ()):
            letters.insert(place, "1")
    else:
        ones = [letter for letter in signal.axes if letter != "N" and signal.length(letter) == 1]
        gone = {signal.axis(each) for each in axes} if axes is not None else set(ones)
        letters = [letter for letter in signal.axes if letter not in gone]
        if not gone <= {*ones, "N"} or "C" in gone:
            letters = []
        elif len(letters) == 3 and letters[:2] == ["N", "C"] and signal.length(letters[2]) == 1:
            letters[2] = "1"
    made = {"NC11": PICTURE, "1CHW": PICTURE}.get("".join(letters), "".join(letters))
    if made not in (PICTURE, PLAIN, FEATURES, "NC1"):
        raise Refusal(f"axes {axes or 'of length 1'} taken out or put in", "pictures keep their 4 axes")
    return signal.then(axes=made)


def reduce(node: Node) -> Signal:
    """Return the mean or the largest value of each channel, or of the channels; or the length of these."""
    signal = node.picture()
    axes = node.whole(1, "axes")
    letters = sorted(signal.axis(each) for each in axes or ())
    if letters == ["C"] and node.op in _OF_CHANNELS and node.number("keepdims", 1):
        return signal.then(_OF_CHANNELS[node.op]())
    if letters == ["C"] and node.op == "ReduceMean" and node.number("keepdims", 1):
        channels = signal.channels()
        return signal.then(Conv(Kernel(np.full((1, channels, 1, 1), 1 / channels)), padding=(0, 0)))
    if letters != ["H", "W"] or node.op == "ReduceL2":
        raise Refusal(f"over the axes {', '.join(letters) or 'of all'}", "a layer here takes it over height and width")
    layer = GlobalAvgPool((1, 1)) if node.op == "ReduceMean" else GlobalMaxPool((1, 1))
    return signal.then(layer, axes=PICTURE if node.number("keepdims", 1) else FEATURES)


def depth_to_space(node: Node) -> Signal:
    """Return channels as pixels, in one of two orders."""
    mode = node.text("mode", "DCR")
    if mode not in ("DCR", "CRD"):
        raise Refusal(f"mode {mode}", "DCR and CRD are known")
    return node.picture().then(PixelShuffle(int(node.number("blocksize", 0)), order=mode.lower()))


def space_to_depth(node: Node) -> Signal:
    """Return pixels as channels, in one of two orders."""
    mode = node.text("mode", "DCR")
    if mode not in ("DCR", "CRD"):
        raise Refusal(f"mode {mode}", "DCR and CRD are known")
    return node.picture().then(PixelUnshuffle(int(node.number("blocksize", 0)), order=mode.lower()))


def pad(node: Node) -> Signal:
    """Return the signal with pixels around."""
    signal = node.signal()
    names = {"constant": "constant", "edge": "edge", "reflect": "reflect", "wrap": "wrap"}
    mode = node.text("mode", "constant")
    if mode not in names:
        raise Refusal(f"mode {mode}", "constant, edge, reflect and wrap are known")
    pads = node.whole(1, "pads", "pads") or node.attributes.get("paddings") or []
    axes = node.whole(3, "axes") if node.has(3) else list(range(len(signal.axes)))
    if axes is None or len(pads) != 2 * len(axes):
        raise Refusal(f"{len(pads)} pads", "the file is damaged")
    around = {"H": (0, 0), "W": (0, 0)}
    for number, before, after in zip(axes, pads[: len(axes)], pads[len(axes) :], strict=True):
        letter = signal.axis(number)
        if letter in around:
            around[letter] = before, after
        elif before or after:
            raise Refusal(f"pads along axis {letter}", "a layer here pads pictures above, below, left and right")
    if not any(map(any, around.values())):
        return signal
    if mode == "wrap" and min(map(min, around.values())) < 0:
        raise Refusal("mode wrap with pads below 0", "cut off what is too much with a Slice")
    value = node.constant(2, "the value") if node.has(2) else None
    level = float(np.ravel(value)[0]) if value is not None and value.size else node.number("value", 0.0)
    border = Border(names[mode], level if mode == "constant" else 0.0)
    (top, bottom), (left, right) = around["H"], around["W"]
    return signal.then(Pad(top, right, bottom, left, border))


def split(node: Node) -> list[Signal]:
    """Return parts of the channels."""
    signal = node.signal()
    letter = signal.axis(int(node.number("axis", 0)))
    if letter != "C":
        raise Refusal(f"split along axis {letter}", "a layer here takes some of the channels")
    channels = signal.channels()
    sizes = node.whole(1, "split")
    if sizes is None:
        size = -(-channels // node.outputs)
        sizes = [min(size, channels - size * number) for number in range(node.outputs)]
    if sum(sizes) != channels or min(sizes) < 1:
        raise Refusal(f"{channels} channels in parts of {sizes}", "the file is damaged")
    ends = np.cumsum(sizes).tolist()
    return [chosen(signal, list(range(end - size, end))) for size, end in zip(sizes, ends, strict=True)]


def gather(node: Node) -> Signal:
    """Return some of the channels, by their numbers."""
    signal = node.signal()
    letter = signal.axis(int(node.number("axis", 0)))
    numbers = node.needed(1, "indices")
    if letter != "C" or numbers.ndim != 1:
        raise Refusal(f"some of axis {letter}", "a layer here takes some of the channels")
    channels = signal.channels()
    if not all(each.is_integer() and -channels <= each < channels for each in numbers.tolist()):
        raise Refusal(f"the indices {numbers.tolist()[:6]} of {channels} channels", "the file is damaged")
    return chosen(signal, [int(each) % channels for each in numbers])


def slice_of(node: Node) -> Signal:
    """Return some of the channels, or a part of the picture."""
    signal = node.signal()
    starts, ends = node.whole(1, "starts"), node.whole(2, "ends")
    axes = node.whole(3, "axes") or list(range(len(starts or ())))
    steps = node.whole(4, "steps") or [1] * len(axes)
    if starts is None or ends is None or not len(starts) == len(ends) == len(axes) == len(steps):
        raise Refusal("starts, ends, axes and steps of different counts", "the file is damaged")
    letters = [signal.axis(number) for number in axes]
    if sorted(letters) == ["H", "W"] and steps == [1, 1] and min(starts) >= 0 and None in signal.shape[1:]:
        # Both ends are counted from the begin, whatever the size.
        sides = dict(zip(letters, zip(starts, ends, strict=True), strict=True))
        (top, bottom), (left, right) = sides["H"], sides["W"]
        if 0 < bottom - top < _ENDLESS and 0 < right - left < _ENDLESS and max(ends) < _ENDLESS:
            return signal.then(Crop(x=left, y=top, width=right - left, height=bottom - top))
    for number, start, end, step in zip(axes, starts, ends, steps, strict=True):
        letter = signal.axis(number)
        if letter == "C":
            kept = list(range(*slice(start, end, step or 1).indices(signal.channels())))
            if not kept:
                raise Refusal("no channel is left", "the file is damaged")
            signal = chosen(signal, kept)
        elif letter in SHAPE:
            signal = signal.then(*_cut(signal, letter, (start, end, step)))
        elif (start, step) != (0, 1) or end < _ENDLESS:
            raise Refusal("some pictures of a batch", "each picture goes through the network by itself")
    return signal


def _cut(signal: Signal, letter: str, part: tuple[int, int, int]) -> tuple[Layer, ...]:
    """Return the layers that cut off rows or columns, which are counted from either end, and take every `step`-th."""
    start, end, step = part
    length = signal.length(letter)
    if step < 1:
        raise Refusal(f"every row or column number {step}", "a layer here takes rows and columns in their order")
    if start < 0 or 0 <= end < _ENDLESS:
        if length is None:
            signal.size("a part of the picture")
            return ()
        start, end, _ = slice(start, end).indices(length)
        end -= length
    end = 0 if end >= _ENDLESS else end
    margins = (-start, 0, end, 0) if letter == "H" else (0, end, 0, -start)
    kept: tuple[Layer, ...] = (Pad(*margins, Border("constant")),) if any(margins) else ()
    return kept if step == 1 else (*kept, MaxPool((1, 1), (step, 1) if letter == "H" else (1, step)))
