"""Filters as values: kernels, borders, layers, and the `Pipeline` of layers that every filter becomes.

A kernel is a pipeline of one `Conv`.
"""

from convcli.filters.combine import Combine, Magnitude, Maximum
from convcli.filters.conv import DEFAULT_BORDER, Conv, ConvSettings, Padding
from convcli.filters.initial import initial_parameters
from convcli.filters.layer import Layer, ReceptiveField, Shape, Size2
from convcli.filters.linear import Linear
from convcli.filters.pipeline import LayerRow, Pipeline
from convcli.filters.pointwise import Abs, Clip, Invert, LeakyReLU, Normalize, ReLU, Threshold
from convcli.filters.pooling import AvgPool, MaxPool, Pool, SumPool
from convcli.filters.untouched import alongside

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
    "Pipeline",
    "Pool",
    "ReLU",
    "ReceptiveField",
    "Shape",
    "Size2",
    "SumPool",
    "Threshold",
    "alongside",
    "initial_parameters",
]
