"""The parameters of the layers that are no kernels, each in the order of positions."""

from __future__ import annotations

from dataclasses import replace

from convcli.filters.limits import INITS, LARGEST_SIGMA, MAX_KERNEL_SIDE
from convcli.filters.settings.kernel import BORDER, DIVISOR, Level
from convcli.filters.settings.numbers import NumbersPerChannel
from convcli.filters.settings.parameter import Choice, Flag, Number, NumberChoice, Parameter
from convcli.filters.settings.points import Points
from convcli.filters.settings.sizes import LARGEST_STEP, SizeParameter

_LARGEST_SLOPE = 1000
_SMALLEST = 1e-6  # of numbers that divide
_LARGEST_MEDIAN = 99  # pixels of a side: the cost of a pixel grows with the area of the window

# Filters that make pictures larger or smaller, and how far they reach, in pixels.
RESAMPLING = {"nearest": 0.0, "box": 0.5, "bilinear": 1.0, "hamming": 1.0, "bicubic": 2.0, "lanczos": 3.0}


def _pixels(name: str, low: int) -> Number:
    return Number(name, low=low, high=LARGEST_STEP, whole=True)


_WIDTH, _HEIGHT = _pixels("width", 1), _pixels("height", 1)

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
RANK_SIZE = SizeParameter("size", 3, high=MAX_KERNEL_SIDE, words="[height, width]")
MEDIAN_SIZE = replace(RANK_SIZE, high=_LARGEST_MEDIAN)
PIXELATE: tuple[Parameter, ...] = (SizeParameter("size", words="[height, width]"), SizeParameter("offset", 0, low=0))
CURVE: tuple[Parameter, ...] = (
    Points("points"),
    Choice("channels", "all", choices=("all", "r", "g", "b", "rg", "rb", "gb")),
)
CROP: tuple[Parameter, ...] = (_pixels("x", 0), _pixels("y", 0), _WIDTH, _HEIGHT)
MIRROR: tuple[Parameter, ...] = (Choice("axis", "horizontal", choices=("horizontal", "vertical")),)
TURN: tuple[Parameter, ...] = (NumberChoice("degrees", choices=(90, 180, 270)),)
RESIZE: tuple[Parameter, ...] = (
    Number("scale", low=0.001, high=1000, percent=True),
    *(_WIDTH, _HEIGHT),
    Choice("filter", "lanczos", choices=tuple(RESAMPLING)),
)
UNSHARP: tuple[Parameter, ...] = (
    Number("sigma", 1, low=0.01, high=LARGEST_SIGMA),
    Number("amount", 1, low=-100, high=100, percent=True),
    Number("threshold", 0, low=0, high=1, percent=True, help="As a fraction of full scale."),
)
TRANSPOSED: tuple[Parameter, ...] = (
    SizeParameter("stride", 1),
    SizeParameter("padding", 0, low=0, words="[above and below, left and right]"),
    SizeParameter("output_padding", 0, low=0, words="[below, right]"),
    SizeParameter("dilation", 1),
)
SLOPE = Number("slope", 0.01, low=-_LARGEST_SLOPE, high=_LARGEST_SLOPE)
LOW, HIGH = Level("low", 0), Level("high", 1)
TRAINED = Flag("trained", False, help="Of a network, whose levels may lie beyond all of a picture.")
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


def _number(
    name: str,
    default: float | None,
    low: float = -_LARGEST_SLOPE,
    high: float = _LARGEST_SLOPE,
    *,
    whole: bool = False,
) -> Number:
    return Number(name, default, low=low, high=high, whole=whole)


_EPS = Number("eps", 1e-5, low=0, high=_LARGEST_SLOPE)
_FACTOR = (Number("factor", low=1, high=1000, whole=True), Choice("order", "crd", choices=("crd", "dcr")))
_ADAPTIVE = (SizeParameter("size", words="[height, width]"),)
_SCALED = (NumbersPerChannel("weight", 1), NumbersPerChannel("bias", 0), _EPS)

# By the name of the layer.
NETWORK_SETTINGS: dict[str, tuple[Parameter, ...]] = {
    "elu": (_number("alpha", 1),),
    "celu": (_number("alpha", 1, _SMALLEST),),
    "gelu": (Choice("approximate", "none", choices=("none", "tanh")),),
    "softplus": (_number("beta", 1, _SMALLEST), _number("threshold", 20)),
    "hard-sigmoid": (_number("alpha", 1 / 6), _number("beta", 0.5)),
    "pad": (
        *(_number(side, None, -LARGEST_STEP, LARGEST_STEP, whole=True) for side in ("top", "right", "bottom", "left")),
        replace(BORDER, default=None),
    ),
    "lppool": (_number("p", 2, 0.01), *POOL),
    "adaptive-avgpool": _ADAPTIVE,
    "adaptive-maxpool": _ADAPTIVE,
    "upsample": (
        Number("scale", low=0.001, high=1000, percent=True),
        SizeParameter("size", words="[height, width]"),
        Choice("mode", "nearest", choices=("nearest", "bilinear", "bicubic")),
        Flag("align_corners", False),
    ),
    "pixel-shuffle": _FACTOR,
    "pixel-unshuffle": _FACTOR,
    "prelu": (NumbersPerChannel("weights", 0.25),),
    "batch-norm": (NumbersPerChannel("mean", 0), NumbersPerChannel("variance", 1), *_SCALED),
    "instance-norm": _SCALED,
    "layer-norm": _SCALED,
    "group-norm": (Number("groups", 1, low=1, high=LARGEST_STEP, whole=True), *_SCALED),
    "local-response-norm": (
        Number("size", 5, low=1, high=LARGEST_STEP, whole=True),
        *(_number("alpha", 1e-4), _number("beta", 0.75), _number("k", 1)),
    ),
    "dropout": (Number("p", 0.5, low=0, high=1),),
}
