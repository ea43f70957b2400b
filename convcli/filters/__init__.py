"""Filters as values: kernels, borders, layers, and the `Pipeline` of layers that every filter becomes.

A kernel is a pipeline of one `Conv`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.filters.border import BORDER_NAMES as BORDER_NAMES, Border as Border
    from convcli.filters.combine import Combine as Combine, Magnitude as Magnitude, Maximum as Maximum
    from convcli.filters.conv import (
        DEFAULT_BORDER as DEFAULT_BORDER,
        Conv as Conv,
        ConvSettings as ConvSettings,
        NamedPadding as NamedPadding,
        Padding as Padding,
    )
    from convcli.filters.initial import initial_parameters as initial_parameters
    from convcli.filters.kernel import Kernel as Kernel
    from convcli.filters.layer import Layer as Layer, Shape as Shape, Size2 as Size2
    from convcli.filters.limits import INITS as INITS, MAX_KERNEL_SIDE as MAX_KERNEL_SIDE
    from convcli.filters.linear import Linear as Linear
    from convcli.filters.number import parse_number as parse_number
    from convcli.filters.pipeline import LayerRow as LayerRow, Pipeline as Pipeline
    from convcli.filters.pointwise import (
        Abs as Abs,
        Clip as Clip,
        Invert as Invert,
        LeakyReLU as LeakyReLU,
        Normalize as Normalize,
        ReLU as ReLU,
        Threshold as Threshold,
    )
    from convcli.filters.pooling import AvgPool as AvgPool, MaxPool as MaxPool, Pool as Pool, SumPool as SumPool
    from convcli.filters.settings.kernel import (
        ANCHOR as ANCHOR,
        BIAS as BIAS,
        BORDER as BORDER,
        DILATION as DILATION,
        DIVISOR as DIVISOR,
        FLIP as FLIP,
        GROUPS as GROUPS,
        KERNEL_SETTINGS as KERNEL_SETTINGS,
        NORMALIZE as NORMALIZE,
        PADDING as PADDING,
        STRIDE as STRIDE,
        judged as judged,
    )
    from convcli.filters.settings.parameter import (
        Choice as Choice,
        Flag as Flag,
        Number as Number,
        Parameter as Parameter,
        SettingError as SettingError,
        as_text as as_text,
        describe as describe,
        finite_number as finite_number,
        normal_name as normal_name,
        number_text_schema as number_text_schema,
        shown as shown,
        truth as truth,
    )
    from convcli.filters.settings.sizes import (
        LARGEST_STEP as LARGEST_STEP,
        SizeParameter as SizeParameter,
    )
    from convcli.filters.untouched import untouched_path as untouched_path
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "border": ("Border", "BORDER_NAMES"),
            "combine": ("Combine", "Magnitude", "Maximum"),
            "conv": ("Conv", "ConvSettings", "DEFAULT_BORDER", "NamedPadding", "Padding"),
            "initial": ("initial_parameters",),
            "kernel": ("Kernel",),
            "layer": ("Layer", "Shape", "Size2"),
            "limits": ("INITS", "MAX_KERNEL_SIDE"),
            "linear": ("Linear",),
            "number": ("parse_number",),
            "pipeline": ("LayerRow", "Pipeline"),
            "pointwise": ("Abs", "Clip", "Invert", "LeakyReLU", "Normalize", "ReLU", "Threshold"),
            "pooling": ("AvgPool", "MaxPool", "Pool", "SumPool"),
            "settings.kernel": (
                "ANCHOR",
                "BIAS",
                "BORDER",
                "DILATION",
                "DIVISOR",
                "FLIP",
                "GROUPS",
                "KERNEL_SETTINGS",
                "NORMALIZE",
                "PADDING",
                "STRIDE",
                "judged",
            ),
            "settings.parameter": (
                "Choice",
                "Flag",
                "Number",
                "Parameter",
                "SettingError",
                "as_text",
                "describe",
                "finite_number",
                "normal_name",
                "number_text_schema",
                "shown",
                "truth",
            ),
            "settings.sizes": ("LARGEST_STEP", "SizeParameter"),
            "untouched": ("untouched_path",),
        },
    )
