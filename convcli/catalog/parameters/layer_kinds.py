"""The layers that have a name, as data: their description and parameters.

The names are reserved: no filter and no file of the user's takes one. Imports neither NumPy nor the layers themselves.
"""

from __future__ import annotations

from dataclasses import replace

from convcli.catalog.parameters.tables import Bias, Labels, Weights
from convcli.filters import (
    BORDER,
    CROP,
    CURVE,
    DILATION,
    GROUPS,
    HIGH,
    INIT,
    KERNEL_SETTINGS,
    LARGEST_STEP,
    LEVEL,
    LOW,
    MAX_KERNEL_SIDE,
    MEAN_POOL,
    MEDIAN_SIZE,
    MIRROR,
    NETWORK_SETTINGS,
    OUT_FEATURES,
    PADDING,
    PIXELATE,
    POOL,
    RANK_SIZE,
    RESIZE,
    SEED,
    SLOPE,
    STRIDE,
    TRAINED,
    TRANSPOSED,
    TURN,
    Number,
    Parameter,
    SizeParameter,
)
from convcli.lazy import dataclass


@dataclass(frozen=True)
class LayerKind:
    """A layer by its name in a filter's text.

    `layer` is its class in `convcli.filters`, and `source` the origin of its definition. A position or a name gives one
    of `parameters`, only a name one of `settings`.
    """

    name: str
    layer: str
    description: str
    parameters: tuple[Parameter, ...] = ()
    settings: tuple[Parameter, ...] = ()
    source: str = ""


def _channels(name: str) -> Number:
    return Number(name, low=1, high=LARGEST_STEP, whole=True)


_PLANES = Weights(
    "weights",
    examples=([[0, -1, 0], [-1, 5, -1], [0, -1, 0]],),
    words="rows of numbers, a plane of rows per channel, or output × input channels of them",
)
_BESIDE_BIAS = tuple(each for each in KERNEL_SETTINGS if each.name not in ("bias", "stride", "padding", "dilation"))

_KINDS = (
    LayerKind(
        "conv",
        "Conv",
        "Cross-correlation by given or random weights, as in PyTorch",
        # In PyTorch's order, as far as a position may name them.
        (
            _channels("in_channels"),
            _channels("out_channels"),
            SizeParameter("kernel_size", high=MAX_KERNEL_SIDE, words="[height, width]"),
            STRIDE,
            replace(PADDING, default=0),
            DILATION,
            GROUPS,
            Bias("bias"),
        ),
        (INIT, SEED, _PLANES, *_BESIDE_BIAS),
        "torch.nn.Conv2d; its weights at the start, too, lie within ±1 / √fan-in",
    ),
    LayerKind(
        "conv-transpose",
        "ConvTranspose",
        "Transposed convolution by given or random weights: enlarges",
        # In PyTorch's order.
        (
            _channels("in_channels"),
            _channels("out_channels"),
            SizeParameter("kernel_size", high=MAX_KERNEL_SIDE, words="[height, width]"),
            *TRANSPOSED[:3],
            GROUPS,
            Bias("bias"),
            TRANSPOSED[3],
        ),
        (
            *(INIT, SEED),
            Weights("weights", depths=(4,), words="input × output channels of rows of numbers"),
        ),
        "torch.nn.ConvTranspose2d",
    ),
    LayerKind(
        "kernel",
        "Conv",
        "A kernel with its weights, as in a filter file",
        (_PLANES,),
        (*KERNEL_SETTINGS, GROUPS),
        "the format of a filter file",
    ),
    LayerKind(
        "linear",
        "Linear",
        "Fully connected: each output a weighted sum of all the input",
        (OUT_FEATURES,),
        (Bias("bias"), INIT, SEED, Weights("weights", depths=(2,), words="a row of numbers per output")),
        "torch.nn.Linear on the flattened input",
    ),
    LayerKind("maxpool", "MaxPool", "The largest value of every window", POOL, source="torch.nn.MaxPool2d"),
    LayerKind("avgpool", "AvgPool", "The mean of every window", MEAN_POOL, source="torch.nn.AvgPool2d"),
    LayerKind(
        "sumpool", "SumPool", "The sum of every window", POOL, source="torch.nn.AvgPool2d with divisor_override=1"
    ),
    LayerKind(
        "median",
        "Median",
        "The value in the middle of a window around each pixel",
        (MEDIAN_SIZE,),
        (BORDER,),
        "scipy.ndimage.median_filter; NaN and hidden pixels do not count",
    ),
    LayerKind(
        "min",
        "Min",
        "The smallest value of a window around each pixel",
        (RANK_SIZE,),
        (BORDER,),
        "scipy.ndimage.minimum_filter; NaN and hidden pixels do not count",
    ),
    LayerKind(
        "max",
        "Max",
        "The largest value of a window around each pixel",
        (RANK_SIZE,),
        (BORDER,),
        "scipy.ndimage.maximum_filter; NaN and hidden pixels do not count",
    ),
    LayerKind(
        "pixelate",
        "Pixelate",
        "The mean of blocks of pixels, from the upper left or an offset",
        PIXELATE,
        source="PIL.Image.reduce, every pixel repeated",
    ),
    LayerKind(
        "curve",
        "Curve",
        "A tone curve: lines through points x:y, constant beyond them",
        CURVE,
        source="numpy.interp, in fractions of full scale",
    ),
    LayerKind(
        "crop",
        "Crop",
        "A part of the picture, from column x and row y on",
        CROP,
        source="PIL.Image.crop, with a size in place of the second corner",
    ),
    LayerKind(
        "mirror",
        "Mirror",
        "Left and right exchanged, or top and bottom: vertical",
        MIRROR,
        source="PIL.ImageOps.mirror and PIL.ImageOps.flip",
    ),
    LayerKind(
        "turn",
        "Turn",
        "The picture turned counter-clockwise by quarters",
        TURN,
        source="numpy.rot90",
    ),
    LayerKind(
        "resize",
        "Resize",
        "Another size, by scale or pixels; one side keeps the ratio",
        RESIZE,
        source="PIL.Image.resize, at any depth",
    ),
    LayerKind("relu", "ReLU", "Negative values become 0", source="torch.nn.ReLU"),
    LayerKind(
        "leaky-relu",
        "LeakyReLU",
        "Negative values are multiplied by the slope",
        (SLOPE,),
        source="torch.nn.LeakyReLU",
    ),
    LayerKind("abs", "Abs", "The absolute value", source="its definition"),
    LayerKind(
        "clip",
        "Clip",
        "Values below low become low, values above high become high",
        (LOW, HIGH, TRAINED),
        source="numpy.clip, in shares of full scale",
    ),
    LayerKind("invert", "Invert", "The negative: full scale minus the value", source="its definition"),
    LayerKind(
        "normalize",
        "Normalize",
        "The smallest value becomes black, the largest full scale",
        source="cv2.normalize with NORM_MINMAX",
    ),
    LayerKind("round", "Round", "The level that the picture's depth holds, as if saved", source="its definition"),
    LayerKind(
        "threshold",
        "Threshold",
        "Full scale from the level up, black below",
        (LEVEL,),
        source="cv2.threshold with THRESH_BINARY, the level itself included",
    ),
    LayerKind(
        "magnitude",
        "Magnitude",
        "The root of the sum of squares, of branches or of the channels",
        source="the length of a vector",
    ),
    LayerKind("maximum", "Maximum", "The largest value, of branches or of the channels", source="numpy.maximum"),
)

# Of networks: name, class, description and source.
_NETWORKS = (
    ("sigmoid", "Sigmoid", "An S from 0 to full scale, half of it at 0", "torch.nn.Sigmoid"),
    ("tanh", "Tanh", "An S from −1 to 1", "torch.nn.Tanh"),
    ("elu", "ELU", "Negative values approach −alpha", "torch.nn.ELU"),
    ("celu", "CELU", "Negative values approach −alpha, with the slope 1 at 0", "torch.nn.CELU"),
    ("selu", "SELU", "The elu that keeps mean and variance through layers", "torch.nn.SELU"),
    ("gelu", "GELU", "Values times the normal distribution", "torch.nn.GELU"),
    ("silu", "SiLU", "Values times their sigmoid: swish", "torch.nn.SiLU"),
    ("mish", "Mish", "Values times the tanh of their softplus", "torch.nn.Mish"),
    ("softplus", "Softplus", "A smooth relu", "torch.nn.Softplus"),
    ("hard-sigmoid", "HardSigmoid", "A straight line between 0 and full scale", "torch.nn.Hardsigmoid"),
    ("hard-swish", "HardSwish", "Values times their hard sigmoid", "torch.nn.Hardswish"),
    ("softmax", "Softmax", "Shares of the channels, which add up to 1", "torch.nn.Softmax2d"),
    ("prelu", "PReLU", "Negative values are multiplied by a learned slope", "torch.nn.PReLU"),
    ("pad", "Pad", "Values around the picture, on each side as many as wanted", "torch.nn.functional.pad, numpy.pad"),
    ("lppool", "LpPool", "The p-norm of every window", "torch.nn.LPPool2d, of magnitudes"),
    ("adaptive-avgpool", "AdaptiveAvgPool", "The means of as many windows as wanted", "torch.nn.AdaptiveAvgPool2d"),
    ("adaptive-maxpool", "AdaptiveMaxPool", "The largest of as many windows as wanted", "torch.nn.AdaptiveMaxPool2d"),
    ("global-avgpool", "GlobalAvgPool", "The mean of every channel", "torch.nn.AdaptiveAvgPool2d(1)"),
    ("global-maxpool", "GlobalMaxPool", "The largest value of every channel", "torch.nn.AdaptiveMaxPool2d(1)"),
    ("upsample", "Upsample", "The picture in another size, as networks make it", "torch.nn.Upsample"),
    ("pixel-shuffle", "PixelShuffle", "Channels become pixels: a larger picture", "torch.nn.PixelShuffle"),
    ("pixel-unshuffle", "PixelUnshuffle", "Pixels become channels: a smaller picture", "torch.nn.PixelUnshuffle"),
    ("batch-norm", "BatchNorm", "Channels by the mean and variance of their training", "torch.nn.BatchNorm2d.eval"),
    ("instance-norm", "InstanceNorm", "Every channel to mean 0 and variance 1", "torch.nn.InstanceNorm2d"),
    ("group-norm", "GroupNorm", "Groups of channels to mean 0 and variance 1", "torch.nn.GroupNorm"),
    ("layer-norm", "LayerNorm", "The channels of every pixel to mean 0 and variance 1", "torch.nn.LayerNorm"),
    (
        "local-response-norm",
        "LocalResponseNorm",
        "Values over squares of near channels",
        "torch.nn.LocalResponseNorm",
    ),
    ("dropout", "Dropout", "Nothing: it is of use in training alone", "torch.nn.Dropout.eval"),
    ("flatten", "Flatten", "All values as channels of one pixel", "torch.nn.Flatten"),
    ("log-softmax", "LogSoftmax", "The logarithm of the softmax", "torch.nn.LogSoftmax over dim 1"),
)

_LABEL = Labels("label", words="a name of letters, digits, - and _")
_LABELS = Labels("labels", words="a name given by as, input, or a list of them", several=True)
JOINS = {
    "add": "The sum of these values and those of a name",
    "subtract": "These values less those of a name",
    "multiply": "These values times those of a name, as shares of full scale",
    "concat": "The channels of these values, then those of a name",
}

LAYERS = {kind.name: kind for kind in _KINDS} | {
    name: LayerKind(name, layer, description, NETWORK_SETTINGS.get(name, ()), source=source)
    for name, layer, description, source in _NETWORKS
}
LAYERS["as"] = LayerKind(
    "as", "Label", "A name for the values here, which joins take", (_LABEL,), source="its definition"
)
LAYERS |= {
    name: LayerKind(name, name.title(), description, (_LABELS,), source=f"torch.{name}")
    for name, description in JOINS.items()
}

# Layers that make one result of several branches, which stand in a list under their name.
COMBINE = ("magnitude", "maximum", *JOINS)
