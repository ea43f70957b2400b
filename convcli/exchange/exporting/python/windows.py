"""Ranks and pools as calls of a program in Python."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convcli.errors import UsageError
from convcli.exchange.exporting.ranks import rank_number
from convcli.filters import DEFAULT_BORDER, AvgPool, Border, Conv, Kernel, MaxPool, Pool, Rank, SumPool


def ranked(layer: Rank | MaxPool, before: str, title: str, level: Callable[[Border], str]) -> str:
    """Return the call of ``ranked`` for a rank, or for the largest values of windows.

    `level` returns the value of a constant border in words. Raises UsageError for windows that the program has not.
    """
    if isinstance(layer, Rank):
        border = layer.border or DEFAULT_BORDER
        arguments = [f"pads={layer.margins}", f"border={border.name!r}"]
        if border.value:
            arguments.append(f"value={level(border)}")
    else:
        _check(layer, title)
        arguments = [f"pads={tuple((each, each) for each in layer.padding)}", "border='constant'"]
        arguments += ["value=float('-inf')", f"stride={layer.step}"]
    return f"ranked({', '.join([before, f'size={layer.size}', f'rank={rank_number(layer)}', *arguments])})"


def pool_as_conv(layer: Pool, title: str) -> Conv:
    """Return the kernel of equal weights that a mean or a sum of windows is; raise UsageError where it is none."""
    _check(layer, title)
    is_sum = isinstance(layer, SumPool)
    if not isinstance(layer, AvgPool) and not is_sum:
        raise UsageError(
            f"the code for {title} has no {layer.name}", "leave it out, and do it in Python before or after"
        )
    if any(layer.padding) and not layer.counts_padding:
        raise UsageError(f"the code for {title} counts the padding of means", "give count_include_pad=true, or none")
    height, width = layer.size
    divisor = 1.0 if is_sum else float(layer.divisor_of(height * width))
    plane = Kernel(np.ones((height, width)), divisor)
    return Conv(plane, border=Border("constant"), stride=layer.step, padding=layer.padding, dilation=layer.dilation)


def pool_of_torch(layer: Pool) -> str | None:
    """Return the call of PyTorch's function for a pool, ``{}`` for the values; None where it has none."""
    start = f"{{}}, {layer.size}, {layer.step}, {layer.padding}"
    if isinstance(layer, MaxPool):
        return f"F.max_pool2d({start}, {layer.dilation}, {layer.ceil_mode})"
    if layer.dilation != (1, 1) or not isinstance(layer, AvgPool | SumPool):
        return None
    divisor = layer.divisor if isinstance(layer, AvgPool) else 1.0
    call = f"F.avg_pool2d({start}, {layer.ceil_mode}, {layer.counts_padding}"
    if divisor is None:
        return f"{call})"
    return f"{call}, 1)" + (f" / {divisor!r}" if divisor != 1 else "")


def _check(layer: Pool, title: str) -> None:
    if layer.ceil_mode or (layer.dilation != (1, 1) and isinstance(layer, MaxPool)):
        what = "ceil_mode" if layer.ceil_mode else "dilation of a maxpool"
        raise UsageError(f"the code for {title} has no {what}", "the code for PyTorch has it: --to torch")
