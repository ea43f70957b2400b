"""Compare whole networks in ONNX files with onnxruntime.

The networks are an SRCNN (9-1-5, 64 and 32 channels, on brightness), an ESPCN that makes a picture three times as
large, and a U of two levels that adds what it finds to the picture, with weights drawn at random. Both sides get the
same float32 picture, with their threads, after one run to warm up; `apart` is the largest difference of their results.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from measuring import THREADS, Row, fastest, judged, options, picture, show, sides, versions
from numpy.typing import NDArray

import convcli

COLUMNS = {
    "network": "", "size": "", "ours ms": ".0f", "peer ms": ".0f", "ratio": ".2f", "cpu": ".2f", "goal": "", "met": "",
    "apart": ".0e",
}  # fmt: skip
GOAL = 1.5

Floats32 = NDArray[np.float32]


class Graph:
    """The nodes of a network, one after the other; the name of the values behind the last is in `values`."""

    def __init__(self, channels: int) -> None:
        self._draw = np.random.default_rng(0)
        self._nodes: list[onnx.NodeProto] = []
        self._stored: list[onnx.TensorProto] = []
        self.channels, self.values = channels, "x"
        self._inputs = channels

    def add(self, op: str, *others: str, **attributes: Any) -> str:
        """Add a node that takes the values, and others; return the name of what it makes."""
        name = f"v{len(self._nodes)}"
        self._nodes.append(onnx.helper.make_node(op, [self.values, *others], [name], **attributes))
        self.values = name
        return name

    def conv(self, outputs: int, size: int, activation: str = "Relu", **attributes: Any) -> str:
        """Add a convolution that keeps the size, and an activation behind it."""
        shape = outputs, self.channels, size, size
        scale = (2 / (self.channels * size * size)) ** 0.5
        number = len(self._stored)
        weights = (self._draw.normal(size=shape) * scale).astype(np.float32)
        bias = (self._draw.normal(size=outputs) / 100).astype(np.float32)
        for kind, array in (("w", weights), ("b", bias)):
            self._stored.append(onnx.numpy_helper.from_array(array, f"{kind}{number}"))
        self.add("Conv", f"w{number}", f"b{number}", pads=[size // 2] * 4, **attributes)
        self.channels = outputs
        return self.add(activation) if activation else self.values

    def model(self) -> onnx.ModelProto:
        """Return the network for pictures of any size."""
        kind = onnx.TensorProto.FLOAT
        given = onnx.helper.make_tensor_value_info("x", kind, [1, self._inputs, "h", "w"])
        made = onnx.helper.make_tensor_value_info(self.values, kind, None)
        graph = onnx.helper.make_graph(self._nodes, "network", [given], [made], self._stored)
        return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)


def srcnn() -> Graph:
    """Return the layers 1→64 9×9, 64→32 1×1, 32→1 5×5."""
    graph = Graph(1)
    graph.conv(64, 9)
    graph.conv(32, 1)
    graph.conv(1, 5, "")
    return graph


def espcn() -> Graph:
    """Return the layers 1→64 5×5, 64→32 3×3, 32→9 3×3, and the shuffle of 9 channels to 3×3 pixels."""
    graph = Graph(1)
    graph.conv(64, 5, "Tanh")
    graph.conv(32, 3, "Tanh")
    graph.conv(9, 3, "")
    graph.add("DepthToSpace", blocksize=3, mode="CRD")
    return graph


def residual_u() -> Graph:
    """Return a U: 16 channels, 32 of half the size, back to 16, joined, and added to the picture."""
    graph = Graph(3)
    wide = graph.conv(16, 3)
    graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    graph.conv(32, 3)
    graph.conv(32, 3)
    scales = onnx.numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")
    graph._stored.append(scales)  # noqa: SLF001 - of this module
    graph.add("Resize", "", "scales", mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    graph.add("Concat", wide, axis=1)
    graph.channels = 48
    graph.conv(16, 3)
    graph.conv(3, 3, "")
    graph.add("Add", "x")
    return graph


NETWORKS: dict[str, Callable[[], Graph]] = {"SRCNN": srcnn, "ESPCN": espcn, "residual U": residual_u}


def compared(name: str, size: tuple[int, int], rounds: int) -> Row:
    """Return the times of a network on a picture, and how far the results are apart."""
    graph = NETWORKS[name]()
    model = graph.model()
    array = picture(*size).astype(np.float32) / 255
    array = np.ascontiguousarray(array[:, :, : model.graph.input[0].type.tensor_type.shape.dim[1].dim_value])
    planes = np.ascontiguousarray(array.transpose(2, 0, 1)[np.newaxis])
    session_options = onnxruntime.SessionOptions()
    session_options.intra_op_num_threads = THREADS
    # Else its threads go on waiting at full speed while the next side is measured.
    session_options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), session_options, providers=["CPUExecutionProvider"]
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "network.onnx")
        onnx.save(model, file)
        network = convcli.load_filter(str(file))

    def ours() -> Floats32:
        made: Floats32 = convcli.apply(network, array, threads=THREADS, engine="numba")
        return made

    def theirs() -> Floats32:
        made: Floats32 = session.run(None, {"x": planes})[0]
        return made

    apart = float(np.abs(np.atleast_3d(ours()).transpose(2, 0, 1) - theirs()[0]).max())
    times = fastest({"ours": ours, "theirs": theirs}, rounds)
    row: Row = {
        "network": name,
        "size": f"{size[1]}×{size[0]}",
        "ours ms": 1000 * times["ours"].seconds,
        "peer ms": 1000 * times["theirs"].seconds,
        "apart": apart,
        **times["ours"].over(times["theirs"]),
    }
    return judged(row, GOAL)


def main(argv: Sequence[str] | None = None) -> None:
    more = ("--pixels", {"type": float, "nargs": "+", "default": [0.26, 12], "help": "megapixels (0.26 12)"})
    given = options(__doc__ or "", argv, more)
    rows = []
    for megapixels in given.pixels:
        size = (512, 512) if megapixels == 0.26 else sides(round(megapixels * 1e6))
        rows += [compared(name, size, given.rounds) for name in NETWORKS if given.only in name]
        print(rows[-1], file=sys.stderr)
    show(rows, COLUMNS, versions("onnx", "onnxruntime"), given.json)


if __name__ == "__main__":
    main()
