"""ONNX's own tests of single operators, as networks with one input: the rest of their inputs are constants."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

import convcli
from convcli.array_types import Array
from convcli.filters import Pipeline

# The modules of onnx.backend.test.case.node about layers of pictures.
MODULES = (
    *("abs", "add", "averagepool", "batch_normalization", "celu", "clip", "concat", "conv", "convtranspose"),
    *("depthtospace", "div", "dropout", "elu", "flatten", "gelu", "gemm", "globalaveragepool", "globalmaxpool"),
    *("groupnormalization", "hardmax", "hardsigmoid", "hardswish", "identity", "instance_normalization"),
    *("layernormalization", "leakyrelu", "logsoftmax", "lpnormalization", "lppool", "lrn", "matmul", "max", "maxpool"),
    *("mean", "meanvariancenormalization", "mish", "mul", "neg", "pad", "pow", "prelu", "relu", "resize", "selu"),
    *("shrink", "sigmoid", "slice", "softmax", "softplus", "softsign", "spacetodepth", "sqrt", "sub", "sum", "swish"),
    *("tanh", "thresholdedrelu", "upsample"),
)
_JOINED = ("Add", "Sub", "Mul", "Sum", "Mean", "Max", "Concat")  # of several pictures


@cache
def node_tests(module: str) -> list[Any]:
    """Return the tests of a module, without those of operators taken apart into others."""
    from onnx.backend.test.case import node

    before = len(node._NodeTestCases)
    with warnings.catch_warnings(action="ignore"):
        import_module(f"onnx.backend.test.case.node.{module}")
    return [each for each in node._NodeTestCases[before:] if "_expanded" not in each.name]


def with_one_input(case: Any) -> tuple[onnx.ModelProto, Array]:
    """Return the model of a test with one input and one output, and the input's values.

    The other inputs are stored, or where several pictures are joined, parts of the one.
    """
    values = [np.asarray(each) for each in case.data_sets[0][0]]
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    graph = model.graph
    names = [each.name for each in graph.input]
    together = _together(graph, values)
    x = values[0] if together is None else together
    del graph.input[:], graph.output[1:]
    for node in graph.node:
        while len(node.output) > 1 and node.output[-1] != graph.output[0].name:
            node.output.pop()
    graph.input.append(helper.make_tensor_value_info("x_of_test", onnx.TensorProto.FLOAT, list(x.shape)))
    if together is None:
        first, stored = helper.make_node("Identity", ["x_of_test"], [names[0]]), zip(names[1:], values[1:], strict=True)
    else:
        axis = 0 if x.ndim == 3 else 1
        sizes = np.array([each.shape[axis] for each in values])
        first = helper.make_node("Split", ["x_of_test", "sizes_of_test"], names, axis=axis)
        stored = zip(["sizes_of_test"], [sizes], strict=True)
    graph.node.insert(0, first)
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in stored)
    return model, x


def _together(graph: onnx.GraphProto, values: Sequence[Array]) -> Array | None:
    """Return several pictures as one, channel by channel; None where they are not of one size."""
    if graph.node[0].op_type not in _JOINED or len(values) < 2 or values[0].ndim not in (2, 3, 4):
        return None
    axis = 0 if values[0].ndim == 3 else 1
    sizes = {(*each.shape[:axis], *each.shape[axis + 1 :]) for each in values}
    if len(sizes) > 1 or len({each.ndim for each in values}) > 1:
        return None
    return np.concatenate(values, axis)


def made_by(pipeline: Pipeline, x: Array) -> Array:
    """Return what a pipeline makes of each picture of a batch, (batch, channels, height, width)."""
    batch = x.reshape((len(x), -1, 1, 1)) if x.ndim == 2 else x[np.newaxis] if x.ndim == 3 else x
    floats = batch.astype(np.float64 if x.dtype == np.float64 else np.float32)
    return np.stack([convcli.apply(pipeline, each.transpose(1, 2, 0)).transpose(2, 0, 1) for each in floats])
