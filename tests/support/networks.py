"""Small networks in ONNX, with weights that a seed draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from convcli.array_types import Array

Shape = Sequence[int | str | None]


def weights(name: str, *shape: int, seed: int = 0) -> onnx.TensorProto:
    """Return drawn weights that keep the size of values about as it is."""
    numbers = np.random.default_rng([seed, *shape, len(name)]).normal(size=shape)
    return numpy_helper.from_array((numbers / math.sqrt(math.prod(shape[1:]))).astype(np.float32), name)


def constant(name: str, value: Any, dtype: str = "f4") -> onnx.TensorProto:
    """Return an array by its name."""
    return numpy_helper.from_array(np.array(value, dtype), name)


def network(
    nodes: Sequence[onnx.NodeProto],
    stored: Sequence[onnx.TensorProto] = (),
    shape: Shape = ("batch", 3, "height", "width"),
    opset: int = 17,
    outputs: Sequence[str] = ("y",),
) -> onnx.ModelProto:
    """Return a model of nodes from x to y."""
    given = [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))]
    made = [helper.make_value_info(name, helper.make_tensor_type_proto(TensorProto.FLOAT, None)) for name in outputs]
    graph = helper.make_graph(list(nodes), "graph", given, made, list(stored))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def srcnn() -> onnx.ModelProto:
    """Return the network of Dong et al. (2014), with fewer channels."""
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w1", "b1"], ["a"], pads=[4] * 4),
        node("Relu", ["a"], ["b"]),
        node("Conv", ["b", "w2", "b2"], ["c"]),
        node("Relu", ["c"], ["d"]),
        node("Conv", ["d", "w3", "b3"], ["y"], pads=[2] * 4),
    ]
    stored = [weights("w1", 8, 3, 9, 9), weights("b1", 8), weights("w2", 4, 8, 1, 1), weights("b2", 4)]
    return network(nodes, [*stored, weights("w3", 3, 4, 5, 5), weights("b3", 3)])


def espcn(factor: int = 2) -> onnx.ModelProto:
    """Return the network of Shi et al. (2016), with fewer channels."""
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w1", "b1"], ["a"], pads=[2] * 4),
        node("Tanh", ["a"], ["b"]),
        node("Conv", ["b", "w2"], ["c"], auto_pad="SAME_UPPER"),
        node("Tanh", ["c"], ["d"]),
        node("Conv", ["d", "w3"], ["e"], pads=[1] * 4),
        node("DepthToSpace", ["e"], ["y"], blocksize=factor, mode="CRD"),
    ]
    stored = [weights("w1", 8, 3, 5, 5), weights("b1", 8), weights("w2", 4, 8, 3, 3)]
    return network(nodes, [*stored, weights("w3", 3 * factor**2, 4, 3, 3)], opset=13)


def residual_u() -> onnx.ModelProto:
    """Return a U of two levels, whose branches meet in a Concat and an Add."""
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w1"], ["a"], pads=[1] * 4),
        node("LeakyRelu", ["a"], ["b"], alpha=0.2),
        node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["c", "w2"], ["d"], pads=[1] * 4),
        node("BatchNormalization", ["d", "scale", "shift", "mean", "variance"], ["e"]),
        node("Relu", ["e"], ["f"]),
        node("ConvTranspose", ["f", "w3"], ["g"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Concat", ["g", "b"], ["h"], axis=1),
        node("Conv", ["h", "w4"], ["i"], pads=[1] * 4),
        node("Add", ["i", "x"], ["y"]),
    ]
    stored = [
        *(weights("w1", 4, 3, 3, 3), weights("w2", 8, 4, 3, 3), weights("w3", 8, 4, 2, 2), weights("w4", 3, 8, 3, 3)),
        *(constant("scale", np.linspace(0.5, 1.5, 8)), weights("shift", 8), weights("mean", 8, seed=1)),
        constant("variance", np.linspace(0.3, 2, 8)),
    ]
    return network(nodes, stored)


def dense(count: int) -> onnx.ModelProto:
    """Return a network of layers each of which gets the channels of all before it."""
    node = helper.make_node
    nodes = [node("Conv", ["x", "w1"], ["f1"], pads=[1] * 4)]
    for number in range(2, count + 1):
        before = [f"f{each}" for each in range(1, number)]
        nodes.append(node("Concat", ["x", *before], [f"c{number}"], axis=1))
        nodes.append(node("Conv", [f"c{number}", f"w{number}"], [f"f{number}"], pads=[1] * 4))
    nodes.append(node("Identity", [f"f{count}"], ["y"]))
    return network(nodes, [weights(f"w{number}", 2, 1 + 2 * number, 3, 3) for number in range(1, count + 1)])


NETWORKS = {"srcnn": srcnn, "espcn": espcn, "residual-u": residual_u}


def saved(model: onnx.ModelProto, folder: Path, name: str = "net.onnx") -> Path:
    """Return the file in which the model is written."""
    file = folder / name
    file.write_bytes(model.SerializeToString())
    return file


def expected(model: onnx.ModelProto, values: Array) -> Array:
    """Return what onnxruntime makes of values (channels, height, width)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found: Array = session.run(None, {"x": values[np.newaxis].astype(np.float32)})[0][0]
    return found
