"""Filters as values: kernels, borders, layers, and the `Pipeline` of layers that every filter becomes.

A kernel is a pipeline of one `Conv`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.filters.border import BORDER_NAMES, Border
    from convcli.filters.combine import Combine, Magnitude, Maximum, Unsharp, rebuilt
    from convcli.filters.conv import DEFAULT_BORDER, Conv, ConvSettings, NamedConv, NamedPadding, Padding
    from convcli.filters.initial import RandomConv
    from convcli.filters.kernel import Kernel
    from convcli.filters.layer import Layer, LayerRow, Shape, Size2, branches_of, shape_after, tree_size, with_inner
    from convcli.filters.limits import LARGEST_SIGMA, MAX_KERNEL_SIDE
    from convcli.filters.linear import Linear
    from convcli.filters.networks.activations import (
        CELU,
        ELU,
        GELU,
        SELU,
        SELU_ALPHA,
        SELU_SCALE,
        Activation,
        HardSigmoid,
        HardSwish,
        LogSoftmax,
        Mish,
        OverChannels,
        Sigmoid,
        SiLU,
        Softmax,
        Softplus,
        Tanh,
    )
    from convcli.filters.networks.adaptive import (
        AdaptiveAvgPool,
        AdaptiveMaxPool,
        AdaptivePool,
        GlobalAvgPool,
        GlobalMaxPool,
    )
    from convcli.filters.networks.inputs import fitting_shape, input_channels
    from convcli.filters.networks.joins import (
        CURRENT,
        INPUT,
        JOINS,
        Add,
        Concat,
        Join,
        Label,
        Multiply,
        Reference,
        Subtract,
        resolved,
    )
    from convcli.filters.networks.levels import with_levels
    from convcli.filters.networks.norms import (
        BatchNorm,
        Dropout,
        GroupNorm,
        InstanceNorm,
        LayerNorm,
        LocalResponseNorm,
        PReLU,
    )
    from convcli.filters.networks.pads import Pad
    from convcli.filters.networks.shuffles import Flatten, PixelShuffle, PixelUnshuffle, Upsample
    from convcli.filters.networks.transposed import ConvTranspose
    from convcli.filters.networks.whole import Reshaping
    from convcli.filters.number import parse_number
    from convcli.filters.pipeline import Pipeline
    from convcli.filters.pointwise import Abs, Clip, Curve, Invert, LeakyReLU, Normalize, ReLU, Round, Threshold
    from convcli.filters.pooling import AvgPool, LpPool, MaxPool, Pool, SumPool
    from convcli.filters.settings.computing import ENGINE, THREADS
    from convcli.filters.settings.kernel import (
        ANCHOR,
        BIAS,
        BORDER,
        DILATION,
        DIVISOR,
        FLIP,
        GROUPS,
        INPUT_RANGE,
        KERNEL_SETTINGS,
        NORMALIZE,
        PADDING,
        STRIDE,
        check_names,
        judged,
        plain,
    )
    from convcli.filters.settings.layers import (
        CROP,
        CURVE,
        HIGH,
        INIT,
        LEVEL,
        LOW,
        MEAN_POOL,
        MEDIAN_SIZE,
        MIRROR,
        NETWORK_SETTINGS,
        OUT_FEATURES,
        PIXELATE,
        POOL,
        RANK_SIZE,
        RESAMPLING,
        RESIZE,
        SEED,
        SLOPE,
        TRAINED,
        TRANSPOSED,
        TURN,
        UNSHARP,
    )
    from convcli.filters.settings.parameter import (
        Choice,
        Flag,
        Number,
        Parameter,
        SettingError,
        as_text,
        as_whole,
        describe,
        finite_number,
        normal_name,
        number_text_schema,
        shown,
        truth,
        without_brackets,
    )
    from convcli.filters.settings.sizes import LARGEST_STEP, SizeParameter
    from convcli.filters.shares import check_shares
    from convcli.filters.spatial.geometry import Crop, Geometry, Mirror, Resize, Turn
    from convcli.filters.spatial.windows import Max, Median, Min, Pixelate, Rank
    from convcli.filters.untouched import untouched_path
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "border": "Border BORDER_NAMES",
            "combine": "Combine Magnitude Maximum Unsharp rebuilt",
            "conv": "Conv ConvSettings DEFAULT_BORDER NamedConv NamedPadding Padding",
            "spatial.geometry": "Crop Geometry Mirror Resize Turn",
            "initial": "RandomConv",
            "kernel": "Kernel",
            "layer": "Layer LayerRow Shape Size2 branches_of shape_after tree_size with_inner",
            "limits": "LARGEST_SIGMA MAX_KERNEL_SIDE",
            "linear": "Linear",
            "networks.activations": (
                "Activation CELU ELU GELU HardSigmoid HardSwish LogSoftmax Mish OverChannels SELU SELU_ALPHA "
                "SELU_SCALE SiLU Sigmoid Softmax Softplus Tanh"
            ),
            "networks.adaptive": "AdaptiveAvgPool AdaptiveMaxPool AdaptivePool GlobalAvgPool GlobalMaxPool",
            "networks.inputs": "fitting_shape input_channels",
            "networks.joins": "Add CURRENT Concat INPUT JOINS Join Label Multiply Reference Subtract resolved",
            "networks.levels": "with_levels",
            "networks.norms": "BatchNorm Dropout GroupNorm InstanceNorm LayerNorm LocalResponseNorm PReLU",
            "networks.pads": "Pad",
            "networks.shuffles": "Flatten PixelShuffle PixelUnshuffle Upsample",
            "networks.transposed": "ConvTranspose",
            "networks.whole": "Reshaping",
            "number": "parse_number",
            "pipeline": "Pipeline",
            "pointwise": "Abs Clip Curve Invert LeakyReLU Normalize ReLU Round Threshold",
            "pooling": "AvgPool LpPool MaxPool Pool SumPool",
            "settings.computing": "ENGINE THREADS",
            "settings.kernel": (
                "ANCHOR BIAS BORDER DILATION DIVISOR FLIP GROUPS INPUT_RANGE KERNEL_SETTINGS NORMALIZE PADDING STRIDE "
                "check_names judged plain"
            ),
            "settings.layers": (
                "CROP CURVE HIGH INIT LEVEL LOW MEAN_POOL MEDIAN_SIZE MIRROR NETWORK_SETTINGS OUT_FEATURES PIXELATE "
                "POOL RANK_SIZE RESAMPLING RESIZE SEED SLOPE TRAINED TRANSPOSED TURN UNSHARP"
            ),
            "settings.parameter": (
                "Choice Flag Number Parameter SettingError as_text as_whole describe finite_number "
                "normal_name number_text_schema shown truth without_brackets"
            ),
            "settings.sizes": "LARGEST_STEP SizeParameter",
            "shares": "check_shares",
            "untouched": "untouched_path",
            "spatial.windows": "Max Median Min Pixelate Rank",
        },
    )
