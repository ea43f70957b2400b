"""Pipelines: layers as values, one after the other.

A filter of any kind becomes a `Pipeline`; a kernel is a pipeline of one `Conv`.
"""

from convcli.pipeline.alongside import alongside
from convcli.pipeline.combine import Combine, Magnitude, Maximum
from convcli.pipeline.conv import DEFAULT_BORDER, Conv, ConvSettings, Padding
from convcli.pipeline.initial import initial_parameters
from convcli.pipeline.layer import Layer, Pair, Shape, Window
from convcli.pipeline.linear import Linear
from convcli.pipeline.pipeline import LayerRow, Pipeline
from convcli.pipeline.pointwise import Abs, Clip, Invert, LeakyReLU, Normalize, ReLU, Threshold
from convcli.pipeline.pooling import AvgPool, MaxPool, Pool, SumPool

__all__ = [
    "DEFAULT_BORDER",
    "Abs",
    "AvgPool",
    "Clip",
    "Combine",
    "Conv",
    "ConvSettings",
    "Invert",
    "Layer",
    "LayerRow",
    "LeakyReLU",
    "Linear",
    "Magnitude",
    "MaxPool",
    "Maximum",
    "Normalize",
    "Padding",
    "Pair",
    "Pipeline",
    "Pool",
    "ReLU",
    "Shape",
    "SumPool",
    "Threshold",
    "Window",
    "alongside",
    "initial_parameters",
]
