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
    from convcli.filters.limits import MAX_KERNEL_SIDE as MAX_KERNEL_SIDE
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
    from convcli.filters.untouched import alongside as alongside
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "border": (
                "Border",
                "BORDER_NAMES",
            ),
            "combine": (
                "Combine",
                "Magnitude",
                "Maximum",
            ),
            "conv": (
                "Conv",
                "ConvSettings",
                "DEFAULT_BORDER",
                "NamedPadding",
                "Padding",
            ),
            "initial": ("initial_parameters",),
            "kernel": ("Kernel",),
            "layer": (
                "Layer",
                "Shape",
                "Size2",
            ),
            "limits": ("MAX_KERNEL_SIDE",),
            "linear": ("Linear",),
            "number": ("parse_number",),
            "pipeline": (
                "LayerRow",
                "Pipeline",
            ),
            "pointwise": (
                "Abs",
                "Clip",
                "Invert",
                "LeakyReLU",
                "Normalize",
                "ReLU",
                "Threshold",
            ),
            "pooling": (
                "AvgPool",
                "MaxPool",
                "Pool",
                "SumPool",
            ),
            "untouched": ("alongside",),
        },
    )
