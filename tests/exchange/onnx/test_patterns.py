"""Nodes that are a layer together, and axes in another order: what exporters make of networks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

import convcli
from convcli.errors import FilterError

pytest.importorskip("onnx", reason="the library of ONNX files")
pytest.importorskip("onnxruntime", reason="the oracle of networks")

import onnx
from onnx import helper

from tests.support.networks import constant, expected, network, saved, weights

node = helper.make_node


def gelu() -> onnx.ModelProto:
    nodes = [
        node("Div", ["x", "root"], ["a"]),
        node("Erf", ["a"], ["b"]),
        node("Add", ["b", "one"], ["c"]),
        node("Mul", ["x", "c"], ["d"]),
        node("Mul", ["d", "half"], ["y"]),
    ]
    return network(nodes, [constant("root", math.sqrt(2)), constant("one", 1.0), constant("half", 0.5)])


def gelu_of_another_order() -> onnx.ModelProto:
    nodes = [
        node("Mul", ["x", "root"], ["a"]),
        node("Erf", ["a"], ["b"]),
        node("Add", ["one", "b"], ["c"]),
        node("Mul", ["c", "half"], ["d"]),
        node("Mul", ["d", "x"], ["y"]),
    ]
    return network(nodes, [constant("root", math.sqrt(0.5)), constant("one", 1.0), constant("half", 0.5)])


def group_norm() -> onnx.ModelProto:
    nodes = [
        node("Conv", ["x", "w"], ["a"]),
        node("Shape", ["a"], ["sizes"]),
        node("Reshape", ["a", "groups"], ["b"]),
        node("InstanceNormalization", ["b", "ones", "zeros"], ["c"]),
        node("Reshape", ["c", "sizes"], ["d"]),
        node("Mul", ["d", "scale"], ["e"]),
        node("Add", ["e", "shift"], ["y"]),
    ]
    stored = [weights("w", 4, 3, 1, 1), constant("groups", [0, 2, -1], "i8"), constant("ones", [1, 2])]
    numbers = np.array([1, 2, 3, 4.0]).reshape(4, 1, 1)
    return network(
        nodes, [*stored, constant("zeros", [0, 0.5]), constant("scale", numbers), constant("shift", -numbers)]
    )


def squeeze_and_excite() -> onnx.ModelProto:
    nodes = [
        node("ReduceMean", ["x"], ["a"], axes=[2, 3], keepdims=0),
        node("Gemm", ["a", "w", "b"], ["c"], transB=1),
        node("Sigmoid", ["c"], ["d"]),
        node("Unsqueeze", ["d", "two"], ["e"]),
        node("Unsqueeze", ["e", "three"], ["f"]),
        node("Mul", ["x", "f"], ["y"]),
    ]
    stored = [weights("w", 3, 3), weights("b", 3), constant("two", [2], "i8"), constant("three", [3], "i8")]
    return network(nodes, stored)


def magnitude() -> onnx.ModelProto:
    nodes = [
        node("Conv", ["x", "w"], ["a"], pads=[1] * 4),
        node("Conv", ["x", "v"], ["b"], pads=[1] * 4),
        node("Mul", ["a", "a"], ["c"]),
        node("Pow", ["b", "two"], ["d"]),
        node("Add", ["c", "d"], ["e"]),
        node("Sqrt", ["e"], ["y"]),
    ]
    return network(nodes, [weights("w", 2, 3, 3, 3), weights("v", 2, 3, 3, 3, seed=1), constant("two", 2.0)])


def resized_to_a_computed_size() -> onnx.ModelProto:
    nodes = [
        node("Shape", ["x"], ["sizes"]),
        node("Slice", ["sizes", "two", "four"], ["sides"]),
        node("Mul", ["sides", "three"], ["larger"]),
        node("Slice", ["sizes", "zero", "two"], ["others"]),
        node("Concat", ["others", "larger"], ["wanted"], axis=0),
        node("Resize", ["x", "", "", "wanted"], ["y"], mode="linear", coordinate_transformation_mode="half_pixel"),
    ]
    numbers = {"zero": [0], "two": [2], "three": [3], "four": [4]}
    return network(nodes, [constant(name, value, "i8") for name, value in numbers.items()])


def affine() -> onnx.ModelProto:
    nodes = [
        node("Sub", ["white", "x"], ["a"]),
        node("Div", ["a", "three"], ["b"]),
        node("Mul", ["colors", "b"], ["c"]),
        node("Neg", ["c"], ["y"]),
    ]
    colors = np.array([1, 2, 3.0]).reshape(1, 3, 1, 1)
    return network(nodes, [constant("white", 1.0), constant("three", [3.0]), constant("colors", colors)])


PATTERNS = (gelu, gelu_of_another_order, group_norm, squeeze_and_excite, magnitude, resized_to_a_computed_size, affine)


@pytest.mark.parametrize("make", PATTERNS)
def test_nodes_that_are_a_layer_together_give_its_values(make: Callable[[], onnx.ModelProto], tmp_path: Path) -> None:
    model, values = make(), np.random.default_rng(1).normal(size=(3, 6, 7)).astype(np.float32)
    made = convcli.apply(str(saved(model, tmp_path)), values.transpose(1, 2, 0))
    assert np.abs(made.transpose(2, 0, 1) - expected(model, values)).max() < 1e-5


def test_formulas_are_the_layers_that_they_mean(tmp_path: Path) -> None:
    names = [[layer.name for layer in convcli.load_filter(str(saved(make(), tmp_path))).layers] for make in PATTERNS]
    assert names[:3] == [["gelu"], ["gelu"], ["conv", "group-norm", "batch-norm"]]
    assert names[4] == ["magnitude"]
    assert names[6] == ["batch-norm"]


def test_channels_may_come_last(tmp_path: Path) -> None:
    nodes = [
        node("Transpose", ["x"], ["a"], perm=[0, 3, 1, 2]),
        node("Conv", ["a", "w"], ["b"], pads=[1] * 4),
        node("Transpose", ["b"], ["c"], perm=[0, 2, 3, 1]),
        node("Add", ["c", "shift"], ["y"]),
    ]
    model = network(nodes, [weights("w", 2, 3, 3, 3), constant("shift", [0.1, 0.2])], shape=(1, None, None, 3))
    values = np.random.default_rng(1).random((5, 6, 3), np.float32)
    made = convcli.apply(str(saved(model, tmp_path)), values)
    assert np.abs(made - expected(model, values)).max() < 1e-5


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([node("Erf", ["x"], ["y"])], "the error function of another value"),
        ([node("Mul", ["x", "root"], ["a"]), node("Erf", ["a"], ["y"])], "does not depend on its input"),
        ([node("Reshape", ["x", "groups"], ["a"]), node("Relu", ["a"], ["y"])], "channels in groups outside of a norm"),
        ([node("Reshape", ["x", "four"], ["y"])], "4 groups of 3 channels"),
        ([node("Sqrt", ["x"], ["y"])], "a square root"),
        ([node("Transpose", ["x"], ["y"], perm=[0, 1, 3, 2])], "its output has the axes NCWH"),
    ],
)
def test_parts_of_such_layers_are_refused(nodes: list[onnx.NodeProto], message: str, tmp_path: Path) -> None:
    stored = [
        constant("root", math.sqrt(0.5)),
        constant("groups", [0, 3, -1], "i8"),
        constant("four", [0, 4, -1], "i8"),
    ]
    with pytest.raises(FilterError) as caught:
        convcli.load_filter(str(saved(network(nodes, stored), tmp_path)))
    assert message in caught.value.message


def shuffled_channels(kind: str) -> onnx.ModelProto:
    stored = [weights("w", 6, 3, 1, 1)]
    nodes = [node("Conv", ["x", "w"], ["a"])]
    if kind == "computed":
        stored += [constant("first", [1, 2, 3], "i8"), constant("whole", [1, 6], "i8")]
        nodes += [node("Shape", ["a"], ["sides"], start=2)]
        nodes += [node("Concat", [name, "sides"], [to], axis=0) for name, to in (("first", "apart"), ("whole", "back"))]
    else:
        apart, back = ([1, 2, 3, 12, 18], [1, 6, 12, 18]) if kind == "fixed" else ([0, 2, 3, -1, 18], [0, -1, 12, 18])
        stored += [constant("apart", apart, "i8"), constant("back", back, "i8")]
    nodes += [
        node("Reshape", ["a", "apart"], ["b"]),
        node("Transpose", ["b"], ["c"], perm=[0, 2, 1, 3, 4]),
        node("Reshape", ["c", "back"], ["y"]),
    ]
    return network(nodes, stored, ("batch", 3, "height", "width") if kind == "computed" else (1, 3, 12, 18))


def layer_norm(axis: int, shape: tuple[int, ...], *, differs: bool = False) -> onnx.ModelProto:
    numbers = np.array([1, 2, 3.0]).reshape(3, 1, 1)
    numbers = (numbers + np.arange(math.prod(shape)).reshape(shape) if differs else numbers + np.zeros(shape)).astype(
        "f4"
    )
    nodes = [node("LayerNormalization", ["x", "scale", "shift"], ["y"], axis=axis, epsilon=1e-3)]
    return network(nodes, [constant("scale", numbers), constant("shift", -numbers)], opset=17)


@pytest.mark.parametrize("kind", ["computed", "fixed", "open"])
def test_a_shuffle_of_channels_is_a_layer(kind: str, tmp_path: Path) -> None:
    model = shuffled_channels(kind)
    values = np.random.default_rng(0).random((3, 12, 18), np.float32)
    made = convcli.apply(str(saved(model, tmp_path)), values.transpose(1, 2, 0))
    np.testing.assert_allclose(made.transpose(2, 0, 1), expected(model, values), atol=1e-6)


def test_a_norm_over_all_of_a_picture_is_a_layer(tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((3, 12, 18), np.float32)
    model = layer_norm(1, (3, 12, 18))
    made = convcli.apply(str(saved(model, tmp_path)), values.transpose(1, 2, 0))
    np.testing.assert_allclose(made.transpose(2, 0, 1), expected(model, values), atol=1e-5)


def in_six_axes(apart: Sequence[int | str], order: Sequence[int], back: Sequence[int | str]) -> onnx.ModelProto:
    """Return a shuffle of 12 channels; a text such as ``2*2`` or ``3/2`` is axis 2 of the input, times or over 2."""
    stored, nodes = [weights("w", 12, 3, 1, 1)], [node("Conv", ["x", "w"], ["a"]), node("Shape", ["a"], ["sizes"])]
    for to, items in (("apart", apart), ("back", back)):
        names = [f"{to}{place}" for place in range(len(items))]
        for name, item in zip(names, items, strict=True):
            if isinstance(item, int):
                stored.append(constant(name, [item], "i8"))
                continue
            axis, operator, factor = item[0], item[1], item[2]
            stored += [constant(f"{name}at", [int(axis)], "i8"), constant(f"{name}by", [int(factor)], "i8")]
            nodes.append(node("Gather", ["sizes", f"{name}at"], [f"{name}of"]))
            nodes.append(node("Mul" if operator == "*" else "Div", [f"{name}of", f"{name}by"], [name]))
        nodes.append(node("Concat", names, [to], axis=0))
    nodes += [
        node("Reshape", ["a", "apart"], ["b"]),
        node("Transpose", ["b"], ["c"], perm=order),
        node("Reshape", ["c", "back"], ["y"]),
    ]
    is_fixed = all(isinstance(each, int) for each in apart)
    return network(nodes, stored, (1, 3, 12, 18) if is_fixed else ("n", 3, "h", "w"))


@pytest.mark.parametrize(
    ("apart", "order", "back"),
    [
        ([1, 3, 2, 2, 12, 18], [0, 1, 4, 2, 5, 3], [1, 3, 24, 36]),  # PyTorch's
        ([0, 2, 2, -1, 12, 18], [0, 3, 4, 1, 5, 2], [0, 3, 24, -1]),  # TensorFlow's
        ([1, 2, 3, 2, 12, 18], [0, 2, 4, 3, 5, 1], [-1, 3, 24, 36]),
        ([1, 3, 2, 2, "2*1", "3*1"], [0, 1, 4, 2, 5, 3], [1, 3, "2*2", "3*2"]),
        ([1, 12, 6, 2, 9, 2], [0, 1, 3, 5, 2, 4], [1, 48, 6, 9]),  # and back
        ([1, 12, 4, 3, 6, 3], [0, 3, 5, 1, 2, 4], [1, -1, 4, 6]),
        ([0, 12, "2/2", 2, "3/2", 2], [0, 5, 1, 3, 2, 4], [0, 48, "2/2", "3/2"]),
    ],
)
def test_a_shuffle_of_pixels_in_six_axes_is_a_layer(
    apart: Sequence[int | str], order: Sequence[int], back: Sequence[int | str], tmp_path: Path
) -> None:
    model = in_six_axes(apart, order, back)
    values = np.random.default_rng(0).random((3, 12, 18), np.float32)
    made = convcli.apply(str(saved(model, tmp_path)), values.transpose(1, 2, 0))
    np.testing.assert_allclose(made.transpose(2, 0, 1), expected(model, values), atol=1e-6)


@pytest.mark.parametrize(
    ("apart", "order", "back", "message"),
    [
        ([1, 3, 2, 2, 12, 18], [0, 1, 4, 2, 3, 5], [1, 3, 24, 36], "six axes outside of a shuffle of pixels"),
        ([1, 3, 2, 2, 12, 18], [0, 1, 2, 4, 3, 5], [1, 3, 24, 36], "six axes outside of a shuffle of pixels"),
        ([1, 6, 2, 1, 12, 18], [0, 1, 4, 2, 5, 3], [1, 6, 24, 18], "six axes outside of a shuffle of pixels"),
        ([1, 12, 6, 2, 9, 2], [0, 1, 2, 4, 3, 5], [1, 12, 12, 18], "six axes outside of a shuffle of pixels"),
        ([1, 3, 2, 2, 12, 18], [0, 1, 4, 2, 5, 3], [1, 3, 36, 24], "six axes outside of a shuffle of pixels"),
        ([1, 3, 4, 12, 6, 3], [0, 1, 4, 2, 5, 3], [1, 3, 24, 36], "in the shape 1×3×4×12×6×3"),
        ([1, 12, 6, 2, 6, 3], [0, 1, 3, 5, 2, 4], [1, 72, 6, 6], "in the shape 1×12×6×2×6×3"),
    ],
)
def test_other_shapes_of_six_axes_are_refused_by_name(
    apart: Sequence[int], order: Sequence[int], back: Sequence[int], message: str, tmp_path: Path
) -> None:
    with pytest.raises(FilterError, match=message):
        convcli.load_filter(str(saved(in_six_axes(apart, order, back), tmp_path)))


@pytest.mark.parametrize("inputs", [["b", "scale", "shift"], ["b", "one"]])
def test_a_norm_over_the_channels_of_each_pixel_is_a_layer(inputs: Sequence[str], tmp_path: Path) -> None:
    nodes = [
        node("Conv", ["x", "w"], ["a"], pads=[1] * 4),
        node("Transpose", ["a"], ["b"], perm=[0, 2, 3, 1]),
        node("LayerNormalization", inputs, ["c"], axis=-1, epsilon=1e-6),
        node("Transpose", ["c"], ["y"], perm=[0, 3, 1, 2]),
    ]
    stored = [weights("w", 4, 3, 3, 3), constant("scale", [1, 2, 3, 4]), constant("shift", [0, 1, -1, 2])]
    model = network(nodes, [*stored, constant("one", [1, 1, 1, 1])])
    values = np.random.default_rng(0).random((3, 12, 18), np.float32)
    file = str(saved(model, tmp_path))
    assert [layer.name for layer in convcli.load_filter(file).layers] == ["conv", "layer-norm"]
    made = convcli.apply(file, values.transpose(1, 2, 0))
    np.testing.assert_allclose(made.transpose(2, 0, 1), expected(model, values), atol=1e-4)


def focus() -> onnx.ModelProto:
    """Return what puts every second pixel into channels of its own, as a network of YOLO begins; and their mean."""
    names = {"axes": [2, 3], "steps": [2, 2], "ends": [2**63 - 1, 2**63 - 1]}
    nodes, parts = [], []
    for row, column in ((0, 0), (1, 0), (0, 1), (1, 1)):
        names[f"from{row}{column}"] = [row, column]
        parts.append(f"part{row}{column}")
        nodes.append(node("Slice", ["x", f"from{row}{column}", "ends", "axes", "steps"], [parts[-1]]))
    nodes += [node("Concat", parts, ["a"], axis=1), node("ReduceMean", ["a"], ["b"], axes=[1])]
    return network([*nodes, node("Mul", ["a", "b"], ["y"])], [constant(*each, "i8") for each in names.items()])


def test_every_second_pixel_becomes_channels(tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((3, 12, 18), np.float32)
    made = convcli.apply(str(saved(focus(), tmp_path)), values.transpose(1, 2, 0))
    np.testing.assert_allclose(made.transpose(2, 0, 1), expected(focus(), values), atol=1e-6)


@pytest.mark.parametrize("first", [0, 1, -4])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_every_second_or_third_pixel_is_a_layer(first: int, step: int, tmp_path: Path) -> None:
    nodes = [node("Slice", ["x", "first", "end", "axes", "steps"], ["y"])]
    numbers = {"first": [first, 1], "end": [11, 2**63 - 1], "axes": [2, 3], "steps": [step, 3]}
    model = network(nodes, [constant(name, value, "i8") for name, value in numbers.items()], (1, 3, 12, 18))
    values = np.random.default_rng(0).random((3, 12, 18), np.float32)
    made = convcli.apply(str(saved(model, tmp_path)), values.transpose(1, 2, 0))
    np.testing.assert_array_equal(made.transpose(2, 0, 1), expected(model, values))


def test_norms_without_a_layer_say_their_axes(tmp_path: Path) -> None:
    for model, message in (
        (layer_norm(-1, (18,)), "a norm over the width"),
        (layer_norm(1, (3, 12, 18), differs=True), "differs from pixel to pixel"),
        (network([node("LpNormalization", ["x"], ["y"], axis=1)], []), "a norm over the channels: values over their"),
    ):
        with pytest.raises(FilterError, match=message):
            convcli.load_filter(str(saved(model, tmp_path)))
