"""ONNX files of strangers: each is a filter or is refused in a line, in bounded time and memory."""

from __future__ import annotations

import math
import os
import random
import time
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import convcli
from convcli.errors import ConvcliError, FilterError
from tests.support.console import run
from tests.support.sweeps import repeats

pytest.importorskip("onnx", reason="the library of ONNX files")
pytest.importorskip("onnxruntime", reason="tests/support/networks.py imports it")

import onnx
from onnx import AttributeProto, TensorProto, helper

from tests.support.networks import NETWORKS, constant, dense, network, saved, weights

INTEGERS = (-(2**63), -(2**31), -5, -1, 0, 1, 2, 3, 7, 1000, 65536, 2**31, 2**40, 2**63 - 1)
FLOATS = (math.inf, -math.inf, math.nan, 1e30, -1.0, 0.0, 0.5, 2.0)
NAMES = ("axis", "axes", "perm", "group", "strides", "pads", "kernel_shape", "scales", "start", "to", "mode", "value")
OPERATORS = ("Conv", "Resize", "Pad", "Slice", "Split", "Gather", "Reshape", "Shape", "Expand", "Range", "Einsum", "If")


def refusal(model: onnx.ModelProto, folder: Path) -> FilterError:
    with pytest.raises(FilterError) as caught:
        convcli.load_filter(str(saved(model, folder)))
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def circle() -> onnx.ModelProto:
    nodes = [helper.make_node("Add", ["x", "b"], ["a"]), helper.make_node("Relu", ["a"], ["b"], name="loop")]
    return network([*nodes, helper.make_node("Relu", ["b"], ["y"])])


def made_twice() -> onnx.ModelProto:
    return network([helper.make_node("Relu", ["x"], ["y"]), helper.make_node("Abs", ["x"], ["y"])])


def from_nowhere() -> onnx.ModelProto:
    return network([helper.make_node("Add", ["x", "missing"], ["y"])])


def without_weights() -> onnx.ModelProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2**20, 2**20, 3, 3])
    return network([helper.make_node("Conv", ["x", "w"], ["y"])], [tensor])


def numbers_missing() -> onnx.ModelProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[64, 3, 9, 9], raw_data=bytes(40))
    return network([helper.make_node("Conv", ["x", "w"], ["y"])], [tensor])


def expanded() -> onnx.ModelProto:
    stored = [constant("one", 1.0), constant("sizes", [2**14, 2**14, 3, 3], "i8")]
    return network(
        [helper.make_node("Expand", ["one", "sizes"], ["w"]), helper.make_node("Conv", ["x", "w"], ["y"])], stored
    )


def one_tensor_in_many_nodes() -> onnx.ModelProto:
    names = ["x", *(f"v{number}" for number in range(2000)), "y"]
    nodes = [helper.make_node("Conv", [one, "w"], [other], pads=[99] * 4) for one, other in pairwise(names)]
    return network(nodes, [weights("w", 1, 1, 199, 199)], shape=(1, 1, None, None))


def constants_of_constants() -> onnx.ModelProto:
    stored = [constant("c0", np.ones((1, 1, 1000, 1000))), constant("two", 2.0)]
    nodes = [helper.make_node("Mul", [f"c{number}", "two"], [f"c{number + 1}"]) for number in range(1000)]
    return network([*nodes, helper.make_node("Add", ["x", "c1000"], ["y"])], stored)


def filled() -> onnx.ModelProto:
    """Return eight constants of a few bytes in the file, each of which is no larger than it may be."""
    names = [f"c{number}" for number in range(8)]
    nodes = [helper.make_node("ConstantOfShape", ["sizes"], [name]) for name in names]
    nodes.append(helper.make_node("Concat", ["x", *names], ["y"], axis=1))
    return network(nodes, [constant("sizes", [1, 1, 2**12, 2**12], "i8")])


def many_channels() -> onnx.ModelProto:
    stored = [constant("at", [1], "i8"), constant("end", [2**40], "i8")]
    return network([helper.make_node("Slice", ["x", "at", "end", "at"], ["y"])], stored, shape=(1, 2**40, 8, 8))


def too_many_nodes() -> onnx.ModelProto:
    names = ["x", *(f"v{number}" for number in range(5000)), "y"]
    return network([helper.make_node("Relu", [one], [other]) for one, other in pairwise(names)])


def two_outputs() -> onnx.ModelProto:
    nodes = [helper.make_node("Relu", ["x"], ["y"]), helper.make_node("Abs", ["x"], ["mask"])]
    return network(nodes, outputs=("y", "mask"))


def two_inputs() -> onnx.ModelProto:
    model = network([helper.make_node("Add", ["x", "noise"], ["y"])])
    model.graph.input.append(helper.make_tensor_value_info("noise", TensorProto.FLOAT, [1, 3, 8, 8]))
    return model


def own_operator() -> onnx.ModelProto:
    return network([helper.make_node("FusedConv", ["x"], ["y"], name="fused", domain="com.example")])


def old() -> onnx.ModelProto:
    return network([helper.make_node("Relu", ["x"], ["y"])], opset=6)


def to_come() -> onnx.ModelProto:
    return network([helper.make_node("Relu", ["x"], ["y"])], opset=9999)


HOSTILE: dict[Callable[[], onnx.ModelProto], str] = {
    circle: "a circle",
    made_twice: "'y' is made twice",
    from_nowhere: "its input 'missing' is made by no node",
    without_weights: "a tensor of shape 1048576×1048576×3×3",
    numbers_missing: "whose numbers are missing",
    expanded: "a constant of more than",
    one_tensor_in_many_nodes: "33554432 numbers in all",
    constants_of_constants: "numbers in all",
    filled: "numbers in all",
    many_channels: "more than 65536 channels",
    too_many_nodes: "5001 nodes",
    two_outputs: "2 outputs: 'y', 'mask'",
    two_inputs: "2 inputs: 'x', 'noise'",
    own_operator: "node 'fused' (FusedConv): an operator of 'com.example'",
    old: "opset 6, where 7 to",
    to_come: "opset 9999",
    lambda: dense(80): "branches in each other, 65 deep",
}


@pytest.mark.parametrize(("make", "message"), HOSTILE.items(), ids=HOSTILE.values())
def test_what_is_no_filter_is_refused_in_a_line(
    make: Callable[[], onnx.ModelProto], message: str, tmp_path: Path
) -> None:
    model, start = make(), time.process_time()
    tracemalloc.start()
    try:
        assert message in refusal(model, tmp_path).message
        assert tracemalloc.get_traced_memory()[1] < (500e6 if "numbers in all" in message else 50e6)
    finally:
        tracemalloc.stop()
    assert time.process_time() - start < 5


def beside(location: str, **more: str) -> onnx.ModelProto:
    """Return a network whose weights lie in another file."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3, 3, 1, 1], data_location=TensorProto.EXTERNAL)
    for key, value in {"location": location, **more}.items():
        tensor.external_data.add(key=key, value=value)
    return network([helper.make_node("Conv", ["x", "w"], ["y"])], [tensor])


def test_weights_beside_the_file_are_read(tmp_path: Path) -> None:
    numbers = np.arange(9, dtype="<f4")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "w.bin").write_bytes(bytes(8) + numbers.tobytes())
    file = saved(beside("data/w.bin", offset="8", length="36"), tmp_path)
    kernel = convcli.load_filter(str(file)).conv
    assert kernel is not None
    np.testing.assert_array_equal(kernel.kernel.weights.ravel(), numbers)


@pytest.mark.parametrize(
    ("location", "more", "message"),
    [
        ("../secret.bin", {}, "outside the folder"),
        ("link.bin", {}, "outside the folder"),
        ("/etc/passwd", {}, "outside the folder"),
        ("", {}, "outside the folder"),
        ("missing.bin", {}, "cannot read the weights in 'missing.bin': No such file"),
        ("short.bin", {}, "ends before the weights do"),
        ("short.bin", {"offset": "-4"}, "36 bytes in 'short.bin'"),
        ("short.bin", {"offset": "9" * 30}, "36 bytes in 'short.bin'"),
        ("short.bin", {"length": "1000000000000"}, "bytes in 'short.bin' for a tensor of 36"),
        ("short.bin", {"offset": "many"}, "no place in"),
        ("pipe", {}, "no plain file"),
        ("nul\0.bin", {}, "no file name"),
    ],
)
def test_weights_elsewhere_are_not_read(location: str, more: dict[str, str], message: str, tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(36))
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    (folder / "short.bin").write_bytes(bytes(20))
    os.mkfifo(folder / "pipe")
    assert message in refusal(beside(location, **more), folder).message


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    whole = NETWORKS["residual-u"]().SerializeToString()
    file = tmp_path / "net.onnx"
    for end in range(1, len(whole), len(whole) // repeats(400)):
        file.write_bytes(whole[:end])
        answer = run("check", file)
        assert answer.code == 2
        assert answer.stdout.startswith(str(file))
        assert len(answer.stdout.splitlines()) == 1


def changed_bytes(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes of a file with some of them other, left out or put in."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        place = rng.randrange(len(made))
        match rng.randrange(3):
            case 0:
                made[place] = rng.randrange(256)
            case 1:
                del made[place : place + rng.randrange(1, 9)]
            case 2:
                made[place:place] = rng.randbytes(rng.randrange(1, 9))
    return bytes(made)


def change_types(node: onnx.NodeProto, rng: random.Random) -> None:
    """Give a node attributes of another type: a number where there are several, or one that is not whole."""
    node.attribute.append(helper.make_attribute(rng.choice(NAMES), rng.choice(FLOATS)))
    attribute = rng.choice(node.attribute)
    attribute.type = rng.choice((AttributeProto.FLOAT, AttributeProto.INT, AttributeProto.FLOATS))
    attribute.f = rng.choice(FLOATS)
    attribute.floats[:] = [rng.choice(FLOATS) for _ in range(rng.randrange(4))]


def changed_fields(model: onnx.ModelProto, rng: random.Random) -> bytes:
    """Return a file that is whole, with other numbers, names and operators in it."""
    graph = model.graph
    for _ in range(rng.randrange(1, 4)):
        node, tensor = rng.choice(graph.node), rng.choice(graph.initializer)
        match rng.randrange(8):
            case 0 if node.attribute:
                attribute = rng.choice(node.attribute)
                attribute.i = rng.choice(INTEGERS)
                if attribute.ints:
                    attribute.ints[rng.randrange(len(attribute.ints))] = rng.choice(INTEGERS)
            case 1:
                node.op_type = rng.choice(OPERATORS)
            case 2:
                node.input[rng.randrange(len(node.input))] = rng.choice([node.output[0], "x", "", tensor.name])
            case 3 if tensor.dims:
                tensor.dims[rng.randrange(len(tensor.dims))] = rng.choice(INTEGERS)
            case 4:
                tensor.data_type = rng.randrange(24)
            case 6 | 7:
                change_types(node, rng)
            case 5:
                tensor.raw_data = rng.randbytes(len(tensor.raw_data))
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("way", ["bytes", "fields"])
def test_damaged_networks_are_filters_or_refused(way: str, tmp_path: Path) -> None:
    makers = list(NETWORKS.values())
    file, values = tmp_path / "net.onnx", np.random.default_rng(0).random((8, 8, 3), np.float32)
    refused = 0
    for seed in range(repeats(500)):
        rng = random.Random(seed)
        model = rng.choice(makers)()
        file.write_bytes(
            changed_bytes(model.SerializeToString(), rng) if way == "bytes" else changed_fields(model, rng)
        )
        start = time.process_time()
        try:
            pipeline = convcli.load_filter(str(file))
            if np.prod(pipeline.output_shape((3, 8, 8)), dtype=float) < 1e6:
                convcli.apply(pipeline, values)
        except ConvcliError as error:
            refused += 1
            line = error.message
        else:
            line = ""
        assert "\n" not in line
        assert len(line) < 1000
        assert time.process_time() - start < 10, seed
    assert refused
