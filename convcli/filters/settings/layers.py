"""The parameters of the layers that are no kernels."""

from __future__ import annotations

from dataclasses import replace

from convcli.filters.limits import INITS, MAX_KERNEL_SIDE
from convcli.filters.settings.kernel import DIVISOR, Level
from convcli.filters.settings.parameter import Choice, Flag, Number, Parameter
from convcli.filters.settings.sizes import LARGEST_STEP, SizeParameter

_LARGEST_SLOPE = 1000

POOL: tuple[Parameter, ...] = (
    SizeParameter("size", 2, high=MAX_KERNEL_SIDE, words="[height, width]"),
    SizeParameter("stride"),
    SizeParameter("padding", 0, low=0, high=MAX_KERNEL_SIDE, words="[above and below, left and right]"),
    SizeParameter("dilation", 1),
    Flag("ceil_mode", False),
)
MEAN_POOL: tuple[Parameter, ...] = (
    *POOL,
    Flag("count_include_pad", True),
    replace(DIVISOR, help="Divides the sum, not the count."),
)
SLOPE = Number("slope", 0.01, low=-_LARGEST_SLOPE, high=_LARGEST_SLOPE)
LOW, HIGH = Level("low", 0), Level("high", 1)
LEVEL = Level("level", 0.5)
INIT = Choice("init", "random", choices=INITS)
SEED = Number(
    "seed",
    help="Of the random weights; the number of the layer among those with random weights, unless given.",
    low=0,
    high=2**32 - 1,
    whole=True,
)
OUT_FEATURES = Number("out_features", low=1, high=LARGEST_STEP, whole=True)
