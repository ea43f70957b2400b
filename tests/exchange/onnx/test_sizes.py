"""Sizes that a graph computes of the picture's: a layer has the node's pixels, or the node is refused by name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convcli
from convcli.errors import FilterError

pytest.importorskip("onnx", reason="the library of ONNX files")
pytest.importorskip("onnxruntime", reason="the oracle of networks")

import onnx
from onnx import TensorProto, helper

from tests.support.networks import constant, expected, network, saved

node = helper.make_node
OPEN, ODD = ("batch", 3, "height", "width"), (1, 3, 5, 7)
STORED = [
    *(constant(f"i{number}", [number], "i8") for number in (0, 1, 2, 3, 4)),
    *(constant("half", [0.5]), constant("double", [2.0]), constant("two thirds", [2 / 3])),
    *(constant("rest", [-1], "i8"), constant("inf", math.inf), constant("nan", [0, math.nan, 1, 1])),
]


def sides(name: str = "x") -> list[onnx.NodeProto]:
    """Return the nodes of the sizes of a picture, of its sides, and of the other two."""
    return [
        node("Shape", [name], ["sizes"]),
        node("Slice", ["sizes", "i2", "i4"], ["sides"]),
        node("Slice", ["sizes", "i0", "i2"], ["others"]),
    ]


def resized(steps: Sequence[tuple[str, str]], shape: Any = OPEN, mode: str = "nearest") -> onnx.ModelProto:
    """Return a network that resizes to the sides behind operators, each with its other input or type."""
    nodes, name = sides(), "sides"
    for number, (operator, other) in enumerate(steps):
        if operator == "Cast":
            nodes.append(node("Cast", [name], [f"s{number}"], to=int(other)))
        else:
            nodes.append(node(operator, [name, *([other] if other else [])], [f"s{number}"]))
        name = f"s{number}"
    nodes.append(node("Concat", ["others", name], ["wanted"], axis=0))
    way = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"} if mode == "nearest" else {}
    return network([*nodes, node("Resize", ["x", "", "", "wanted"], ["y"], mode=mode, **way)], STORED, shape=shape)


def floats(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """Return steps between one to floats, and one back to whole numbers."""
    return [("Cast", str(int(TensorProto.FLOAT))), *steps, ("Cast", str(int(TensorProto.INT64)))]


STEPS = {
    "n // 2": [("Div", "i2")],
    "n // 2 * 2": [("Div", "i2"), ("Mul", "i2")],
    "n * 2 // 4 * 3": [("Mul", "i2"), ("Div", "i4"), ("Mul", "i3")],
    "ceil(n / 2)": floats(("Mul", "half"), ("Ceil", "")),
    "floor(n / 2)": floats(("Mul", "half"), ("Floor", "")),
    "int(n * 2 / 3) * 2": [*floats(("Mul", "two thirds")), ("Mul", "i2")],
    "ceil(n * 2)": floats(("Mul", "double"), ("Ceil", "")),
    "n * 2 - 1": [("Mul", "i2"), ("Sub", "i1")],
}


def check(model: onnx.ModelProto, folder: Path, height: int, width: int) -> None:
    values = np.random.default_rng(1).random((3, height, width), np.float32)
    made = convcli.apply(str(saved(model, folder)), values.transpose(1, 2, 0)).transpose(2, 0, 1)
    wanted = expected(model, values)
    assert made.shape == wanted.shape
    assert np.abs(made - wanted).max() < 1e-5


def refused(model: onnx.ModelProto, folder: Path) -> str:
    with pytest.raises(FilterError) as caught:
        convcli.load_filter(str(saved(model, folder)))
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_sizes_of_a_known_picture_are_computed_step_by_step(
    steps: list[tuple[str, str]], mode: str, tmp_path: Path
) -> None:
    check(resized(steps, ODD, mode), tmp_path, *ODD[2:])


def test_what_is_made_of_the_batch_and_not_used_is_no_matter(tmp_path: Path) -> None:
    nodes = [
        *sides(),
        node("Cast", ["sizes"], ["floats"], to=TensorProto.FLOAT),
        node("Mul", ["floats", "half"], ["halves"]),
        node("Ceil", ["halves"], ["up"]),
        node("Cast", ["up"], ["whole"], to=TensorProto.INT64),
        node("Sub", ["whole", "i1"], ["less"]),
        node("Slice", ["less", "i2", "i4"], ["last"]),
        node("Concat", ["others", "last"], ["wanted"], axis=0),
        node("Resize", ["x", "", "", "wanted"], ["y"], mode="linear"),
    ]
    check(network(nodes, STORED, shape=ODD), tmp_path, *ODD[2:])
    assert "a size rounded up" in refused(network(nodes, STORED), tmp_path)


@pytest.mark.parametrize("shape", [OPEN, (1, 3, 10, 30)])
@pytest.mark.parametrize("scale", [0.7, 0.9, 0.3, 0.35, 2.2, 3.3])
def test_scales_are_those_of_float32(scale: float, shape: Any, tmp_path: Path) -> None:
    stored = [constant("scales", [1, 1, scale, scale])]
    check(network([node("Resize", ["x", "", "scales"], ["y"], mode="linear")], stored, shape=shape), tmp_path, 10, 30)


@pytest.mark.parametrize("name", ["n // 2", "floor(n / 2)", "ceil(n * 2)"])
def test_sizes_of_any_picture_are_a_factor(name: str, tmp_path: Path) -> None:
    for height, width in ((5, 7), (6, 4), (9, 12)):
        check(resized(STEPS[name]), tmp_path, height, width)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("n // 2 * 2", "a size rounded before it is multiplied"),
        ("n * 2 // 4 * 3", "a size rounded before it is multiplied"),
        ("int(n * 2 / 3) * 2", "a size rounded before it is multiplied"),
        ("ceil(n / 2)", "a size rounded up"),
        ("n * 2 - 1", "a size that depends on the picture"),
    ],
)
def test_sizes_of_any_picture_that_are_no_factor_are_refused(name: str, message: str, tmp_path: Path) -> None:
    assert message in refused(resized(STEPS[name]), tmp_path)


@pytest.mark.parametrize("shape", [OPEN, ODD])
@pytest.mark.parametrize("other", ["none", "inf"])
def test_a_size_divided_by_nothing_is_refused(other: str, shape: Any, tmp_path: Path) -> None:
    model = resized(floats(("Div", other)) if other == "none" else floats(("Mul", "inf")), shape)
    model.graph.initializer.append(constant("none", 0.0))
    assert refused(model, tmp_path)


def test_the_negative_of_a_size_is_refused(tmp_path: Path) -> None:
    assert "a size that depends on the picture" in refused(resized([("Neg", "")]), tmp_path)


def test_half_of_an_odd_side_is_no_half_where_pixels_mix(tmp_path: Path) -> None:
    assert "no layer takes its values" in refused(resized(STEPS["n // 2"], mode="linear"), tmp_path)


def test_one_pixel_of_a_picture_of_any_size_is_not_the_picture(tmp_path: Path) -> None:
    stored = [constant("wanted", [1, 3, 1, 1], "i8")]
    way = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    model = network([node("Resize", ["x", "", "", "wanted"], ["y"], mode="nearest", **way)], stored)
    assert convcli.load_filter(str(saved(model, tmp_path))).output_shape((3, 6, 7)) == (3, 1, 1)
    check(model, tmp_path, 6, 7)


def test_a_layer_has_the_pixels_of_the_node(tmp_path: Path) -> None:
    stored = [constant("wanted", [20, 20], "i8")]
    for policy in ("not_larger", "not_smaller"):
        for height, width in ((9, 7), (7, 9), (10, 5)):
            attributes: dict[str, Any] = {"axes": [2, 3], "keep_aspect_ratio_policy": policy, "mode": "linear"}
            model = network(
                [node("Resize", ["x", "", "", "wanted"], ["y"], **attributes)],
                stored,
                shape=(1, 3, height, width),
                opset=18,
            )
            values = np.zeros((3, height, width), np.float32)
            file = str(saved(model, tmp_path))
            try:
                made = convcli.load_filter(file).output_shape((3, height, width))
            except FilterError as error:
                assert "no layer takes its values" in error.message  # noqa: PT017 - either is right
            else:
                assert made == expected(model, values).shape


def doubled(batch: str, *others: str) -> list[onnx.NodeProto]:
    """Return nodes that reshape to a multiple of the batch, and other lengths."""
    return [
        node("Shape", ["x"], ["sizes"]),
        node("Gather", ["sizes", "i0"], ["n"], axis=0),
        node("Gather", ["sizes", "i2"], ["h"], axis=0),
        node("Gather", ["sizes", "i3"], ["w"], axis=0),
        node("Mul", ["n", batch], ["batch"]),
        node("Concat", ["batch", *others], ["wanted"], axis=0),
        node("Reshape", ["x", "wanted"], ["a"]),
        node("Softmax", ["a"], ["y"], axis=1),
    ]


@pytest.mark.parametrize("others", [("rest", "h", "w"), ("rest",), ("i3", "rest")])
def test_a_batch_times_a_number_is_another_shape(others: tuple[str, ...], tmp_path: Path) -> None:
    shape = (None, 4, "height", "width")
    assert "a tensor of the axes NCHW in the shape ?×" in refused(
        network(doubled("i2", *others), STORED, shape=shape), tmp_path
    )
    if len(others) == 3:
        same = network(doubled("i1", *others), STORED, shape=shape)
        values = np.random.default_rng(1).random((4, 5, 6), np.float32)
        made = convcli.apply(str(saved(same, tmp_path)), values.transpose(1, 2, 0)).transpose(2, 0, 1)
        assert np.abs(made - expected(same, values)).max() < 1e-5


def test_a_resize_of_a_batch_times_a_number_is_refused(tmp_path: Path) -> None:
    nodes = [
        *sides(),
        node("Mul", ["others", "i2"], ["more"]),
        node("Concat", ["more", "sides"], ["wanted"], axis=0),
        node("Resize", ["x", "", "", "wanted"], ["y"], mode="nearest"),
    ]
    for shape in (OPEN, ODD):
        assert "another size along axis N" in refused(network(nodes, STORED, shape=shape), tmp_path)


def test_a_side_that_is_left_keeps_its_length(tmp_path: Path) -> None:
    nodes = [
        node("MaxPool", ["x"], ["a"], kernel_shape=[1, 7]),
        node("Squeeze", ["a", "i3"], ["b"]),
        node("Unsqueeze", ["b", "i2"], ["y"]),
    ]
    assert "taken out or put in" in refused(network(nodes, STORED, shape=ODD), tmp_path)
    nodes[0] = node("GlobalAveragePool", ["x"], ["a"])
    check(network(nodes, STORED, shape=ODD), tmp_path, *ODD[2:])


def test_a_slice_to_the_largest_number_of_32_bits_ends_nowhere(tmp_path: Path) -> None:
    stored = [constant("starts", [1, 2], "i4"), constant("ends", [2**31 - 1] * 2, "i4"), constant("axes", [2, 3], "i4")]
    check(network([node("Slice", ["x", "starts", "ends", "axes"], ["y"])], stored), tmp_path, 6, 7)


@pytest.mark.parametrize("index", [3, -4, 1e300, 0.5])
def test_channels_that_there_are_not_are_refused(index: float, tmp_path: Path) -> None:
    model = network([node("Gather", ["x", "at"], ["y"], axis=1)], [constant("at", [0, index], "f8")])
    assert "of 3 channels" in refused(model, tmp_path)


def test_a_wrap_that_cuts_off_is_refused(tmp_path: Path) -> None:
    for pads, is_right in (([0, 0, 1, 1, 0, 0, 2, 0], True), ([0, 0, -1, 1, 0, 0, 2, 0], False)):
        model = network(
            [node("Pad", ["x", "pads"], ["y"], mode="wrap")], [constant("pads", pads, "i8")], shape=ODD, opset=19
        )
        if is_right:
            check(model, tmp_path, *ODD[2:])
        else:
            assert "mode wrap with pads below 0" in refused(model, tmp_path)


INF = math.inf
MISFITS: dict[str, tuple[list[onnx.NodeProto], int]] = {
    "an empty bound": ([node("Clip", ["x", "empty"], ["y"])], 17),
    "an order of one number": ([node("Transpose", ["x"], ["y"], perm=3)], 17),
    "scales of one number": ([node("Upsample", ["x"], ["y"], scales=2.0)], 8),
    "axes of one number": ([node("Resize", ["x", "", "", "i2"], ["y"], axes=2)], 18),
    "paddings of one number": ([node("Pad", ["x"], ["y"], paddings=1)], 10),
    "an axis without end": ([node("Concat", ["x", "x"], ["y"], axis=INF)], 17),
    "groups without end": ([node("Conv", ["x", "w"], ["y"], group=INF)], 17),
    "strides without end": ([node("Conv", ["x", "w"], ["y"], strides=[INF, INF])], 17),
    "a start without end": (
        [node("Shape", ["x"], ["sizes"], start=INF), node("Reshape", ["x", "sizes"], ["y"])],
        17,
    ),
    "a length that is no number": ([node("Reshape", ["x", "nan"], ["y"])], 17),
    "a length without end": ([node("Reshape", ["x", "inf"], ["y"])], 17),
}


@pytest.mark.parametrize(("nodes", "opset"), MISFITS.values(), ids=MISFITS)
def test_settings_of_another_type_or_shape_name_the_node(
    nodes: list[onnx.NodeProto], opset: int, tmp_path: Path
) -> None:
    stored = [*STORED, constant("empty", []), constant("w", np.ones((3, 3, 1, 1)))]
    message = refused(network(nodes, stored, opset=opset), tmp_path)
    assert f"({nodes[-1].op_type})" in message or f"({nodes[0].op_type})" in message


def test_a_size_times_much_many_times_is_refused(tmp_path: Path) -> None:
    steps = [("Mul", "much")] * 120
    model = resized(steps)
    model.graph.initializer.append(constant("much", [10**6], "i8"))
    assert "a size too small or too large" in refused(model, tmp_path)
