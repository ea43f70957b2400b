"""The operators by their name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.operators import (
    arithmetic,
    convolutions,
    matrices,
    norms,
    pending,
    pointwise,
    pools,
    resizing,
    shapes,
)
from convcli.exchange.onnx.values import Pending, Signal

Operator = Callable[[Node], Signal | Pending | Sequence[Signal]]

OPERATORS: dict[str, Operator] = {
    **dict.fromkeys(pointwise.SIMPLE, pointwise.simple),
    **dict.fromkeys(("Add", "Sub", "Mul", "Div"), arithmetic.arithmetic),
    **dict.fromkeys(("Sum", "Mean", "Max"), arithmetic.sum_of),
    **dict.fromkeys(("Identity", "Dropout", "Cast"), shapes.same),
    **dict.fromkeys(("Softmax", "LogSoftmax"), pointwise.softmax),
    **dict.fromkeys(("Squeeze", "Unsqueeze"), shapes.squeeze),
    **dict.fromkeys(("ReduceMean", "ReduceMax", "ReduceL2"), shapes.reduce),
    "AveragePool": pools.average_pool,
    "BatchNormalization": norms.batch_norm,
    "Clip": pointwise.clip,
    "Concat": shapes.concat,
    "Conv": convolutions.conv,
    "ConvTranspose": convolutions.conv_transpose,
    "DepthToSpace": shapes.depth_to_space,
    "Erf": pending.erf,
    "Flatten": matrices.flatten,
    "Gather": shapes.gather,
    "Gemm": matrices.gemm,
    "GlobalAveragePool": pools.global_average,
    "GlobalLpPool": pools.global_lp,
    "GlobalMaxPool": pools.global_max,
    "GroupNormalization": norms.group_norm,
    "InstanceNormalization": norms.instance_norm,
    "LRN": norms.response_norm,
    "LpPool": pools.lp_pool,
    "LayerNormalization": norms.layer_norm,
    "LpNormalization": norms.length_norm,
    "MatMul": matrices.product,
    "MaxPool": pools.max_pool,
    "Neg": arithmetic.negative,
    "PRelu": pointwise.prelu,
    "Pad": shapes.pad,
    "Pow": arithmetic.power,
    "Reshape": shapes.reshape,
    "Resize": resizing.resize,
    "Selu": pointwise.selu,
    "Slice": shapes.slice_of,
    "Sqrt": arithmetic.root,
    "SpaceToDepth": shapes.space_to_depth,
    "Split": shapes.split,
    "Swish": pointwise.swish,
    "Transpose": shapes.transpose,
    "Upsample": resizing.upsample,
}
