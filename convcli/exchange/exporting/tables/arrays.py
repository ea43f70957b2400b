"""The weights of a kernel and nothing else, as tables hold them."""

from __future__ import annotations

from convcli.array_types import Floats
from convcli.exchange.exporting.kernels import border_of, only_kernel
from convcli.filters import Conv, Pipeline
from convcli.words import listed


def plain_weights(pipeline: Pipeline, title: str) -> tuple[Floats, tuple[str, ...]]:
    """Return the weights over the divisor of the kernel that a filter is, and notes on what they do not tell.

    Raises UsageError where the filter is more than a kernel.
    """
    conv = only_kernel(pipeline, title)
    left_out = _beside(conv)
    notes = (f"{title} holds weights only, without {listed(left_out)}",) if left_out else ()
    return conv.kernel.weights / conv.kernel.divisor, notes


def _beside(conv: Conv) -> list[str]:
    """Return what a kernel has beside its weights, in words."""
    kernel = conv.kernel
    said = {
        f"the bias {kernel.bias[0]:g}" if len(kernel.bias) == 1 else "the biases": any(kernel.bias),
        f"the anchor {list(conv.anchor)}": kernel.has_own_anchor or conv.centered,
        f"the stride {conv.stride[0]}×{conv.stride[1]}": conv.stride != (1, 1),
        f"the dilation {conv.dilation[0]}×{conv.dilation[1]}": conv.dilation != (1, 1),
        f"the padding {conv.padding}": conv.padding != "same",
        f"the {conv.groups} groups": conv.groups > 1,
        f"the border {border_of(conv)}": conv.border is not None,
    }
    return [words for words, is_so in said.items() if is_so]
