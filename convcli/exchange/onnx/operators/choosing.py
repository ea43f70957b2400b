"""Channels by their numbers: some of them, or all in another order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convcli.exchange.onnx.limits import MOST_NUMBERS
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import Signal
from convcli.filters import Border, Conv, Kernel


def chosen(signal: Signal, numbers: Sequence[int]) -> Signal:
    """Return the channels of those numbers, as a convolution of single pixels."""
    channels = signal.channels()
    if list(numbers) == list(range(channels)):
        return signal
    if len(numbers) * channels > MOST_NUMBERS:
        raise Refusal(f"{len(numbers)} of {channels} channels", "use a smaller network")
    weights = np.zeros((len(numbers), channels, 1, 1))
    weights[np.arange(len(numbers)), numbers] = 1
    return signal.then(Conv(Kernel(weights), padding=(0, 0), border=Border("constant")))
