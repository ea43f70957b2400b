"""Windows of convolutions and pools: strides, dilations, and pixels around the picture, side by side."""

from __future__ import annotations

from typing import NamedTuple

from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import Signal
from convcli.filters import Border, Layer, Pad, Size2

LARGEST_STEP = 1_000_000  # pixels


class Window(NamedTuple):
    """A window's geometry; `above` and `left`, `below` and `right` in pixels."""

    size: Size2
    stride: Size2
    dilation: Size2
    before: Size2 = (0, 0)  # (above, left)
    after: Size2 = (0, 0)  # (below, right)
    named: str = ""  # same-upper or same-lower, where the pixels around follow from the size of the picture

    @property
    def is_even(self) -> bool:
        """True where there is as much on both sides."""
        return self.before == self.after

    @property
    def extent(self) -> Size2:
        """Height and width of the window in pixels."""
        height, width = ((side - 1) * apart + 1 for side, apart in zip(self.size, self.dilation, strict=True))
        return height, width


def window_of(node: Node, size: Size2 | None = None) -> Window:
    """Return the window of a node, of the `size` given or that of its attribute ``kernel_shape``."""
    shape = node.attributes.get("kernel_shape")
    if shape is not None:
        given = node.pair("kernel_shape", 1)
        if size is not None and given != size:
            raise Refusal(f"kernel_shape {given[0]}×{given[1]}, and weights of {size[0]}×{size[1]}", _DAMAGED)
        size = given
    if size is None:
        raise Refusal("kernel_shape is missing", _DAMAGED)
    window = Window(size, node.pair("strides", 1), node.pair("dilations", 1))
    if min(*window.size, *window.stride, *window.dilation) < 1 or max(*window.stride, *window.dilation) > LARGEST_STEP:
        raise Refusal("a window, a stride or a dilation below 1, or beyond all pictures", _DAMAGED)
    automatic = node.text("auto_pad", "NOTSET")
    if automatic in ("SAME_UPPER", "SAME_LOWER"):
        return window._replace(named=automatic.lower().replace("_", "-"))
    if automatic not in ("NOTSET", "VALID"):
        raise Refusal(f"auto_pad {automatic}", "NOTSET, VALID, SAME_UPPER and SAME_LOWER are known")
    pads = node.attributes.get("pads") if automatic == "NOTSET" else None
    if pads is None:
        return window
    if not isinstance(pads, list) or len(pads) != 4 or max(map(abs, pads)) > LARGEST_STEP:
        raise Refusal("pads that are not four numbers: above, left, below, right", _DAMAGED)
    return window._replace(before=(pads[0], pads[1]), after=(pads[2], pads[3]))


_DAMAGED = "the file is damaged, or made for other than pictures"


def settled(window: Window, signal: Signal) -> Window:
    """Return the window with the pixels around that its name stands for; raise Refusal where they are not known."""
    if not window.named:
        return window
    totals = []
    lengths = signal.shape[1:]
    for length, extent, stride in zip(lengths, window.extent, window.stride, strict=True):
        if stride == 1:
            totals.append(extent - 1)
        elif length is None:
            signal.size(f"auto_pad {window.named.upper().replace('-', '_')} with a stride")
        else:
            totals.append(max((-(-length // stride) - 1) * stride + extent - length, 0))
    low = window.named == "same-lower"
    (top, left), (vertical, horizontal) = [(total + low) // 2 for total in totals], totals
    return window._replace(before=(top, left), after=(vertical - top, horizontal - left), named="")


def padded(window: Window, value: float) -> tuple[Layer, ...]:
    """Return the layer that puts the pixels around, of a value; none where there are none."""
    if not any((*window.before, *window.after)):
        return ()
    (top, left), (bottom, right) = window.before, window.after
    return (Pad(top, right, bottom, left, Border("constant", value)),)
