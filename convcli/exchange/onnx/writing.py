"""A pipeline becomes a graph, layer by layer; layers in several branches become nodes once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from convcli.errors import ShapeError, UsageError
from convcli.exchange.exporting.handed import Handed
from convcli.exchange.onnx.writers.graph import Graph, Wire
from convcli.exchange.onnx.writers.table import write
from convcli.filters import Combine, Flatten, Layer, Linear, Pipeline, Shape, fitting_shape, input_channels
from convcli.version import __version__

if TYPE_CHECKING:
    from onnx import ModelProto

_COLORS = 3  # channels of a filter that takes any number
_CHANNELS = (_COLORS, 1, 4, 2)  # that are tried
_USUAL = (224, 224)
_IR = 8  # the version of the file format that onnxruntime has read since 2021


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return the bytes of an ONNX file; raise UsageError where a layer has no operator."""
    try:
        import onnx
    except ImportError:
        raise UsageError("ONNX needs the library onnx, which is not installed", "pip install 'convcli[onnx]'") from None
    shape, is_fixed, is_bound = _input_shape(pipeline)
    model = _model(pipeline, shape, is_fixed=is_fixed)
    data = model.SerializeToString()
    onnx.checker.check_model(model)
    notes = (f"in ONNX it takes pictures of {_COLORS} channels: red, green and blue",) if not is_bound else ()
    lines = ("the values of pictures are shares of full scale, 0 to 1, in the order batch, channel, row, column",)
    return Handed(data, notes, lines)


def _model(pipeline: Pipeline, shape: Shape, *, is_fixed: bool) -> ModelProto:
    from onnx import TensorProto, helper

    graph = Graph()
    end = _through(graph, pipeline.layers, Wire("x", shape), {})
    graph.add("Identity", [end.name], output="y")
    sides: tuple[Any, ...] = shape[1:] if is_fixed else ("height", "width")
    made: tuple[Any, ...] = end.shape if is_fixed else (end.shape[0], None, None)
    if not is_fixed and _has(pipeline.layers, Flatten, set()):
        made = None, None, None  # as many channels as the picture has values
    value = helper.make_tensor_value_info
    written = helper.make_graph(
        graph.nodes,
        pipeline.name or "filter",
        [value("x", TensorProto.FLOAT, ["batch", shape[0], *sides])],
        [value("y", TensorProto.FLOAT, ["batch", *made])],
        graph.stored,
        doc_string=pipeline.description,
    )
    opset = helper.make_opsetid("", graph.opset)
    return helper.make_model(
        written,
        opset_imports=[opset],
        ir_version=_IR + 2 * (graph.opset > 18),
        producer_name="convcli",
        producer_version=__version__,
    )


def _through(graph: Graph, layers: Sequence[Layer], wire: Wire, done: dict[tuple[int, str], Wire]) -> Wire:
    """Add the nodes of layers; `done` has what layers with a wire before them make."""
    for layer in layers:
        key = id(layer), wire.name
        if key not in done:
            branches = layer.branches if isinstance(layer, Combine) else ()
            parts = [_through(graph, branch, wire, done) for branch in branches]
            done[key] = write(graph, layer, wire, parts)
        wire = done[key]
    return wire


def _input_shape(pipeline: Pipeline) -> tuple[Shape, bool, bool]:
    """Return a shape that fits, and whether no other size does, and no other channels; raise ShapeError for none."""
    shape = fitting_shape(pipeline.layers, _CHANNELS)
    if shape is None:
        shape = input_channels(pipeline.layers) or _COLORS, *_USUAL
        pipeline.output_shape(shape)  # names the layer that does not fit
        raise ShapeError("no square input is found that fits the layers", "ONNX takes filters of square ones here")
    is_fixed = _has(pipeline.layers, Linear, set())
    try:
        pipeline.output_shape((shape[0] + 1, *shape[1:]))
    except ShapeError:
        return shape, is_fixed, True
    return shape, is_fixed, False


def _has(layers: Sequence[Layer], kind: type[Layer], done: set[int]) -> bool:
    """Return whether there is a layer of a kind, in branches too; `done` has the identities of those looked through."""
    for layer in layers:
        if isinstance(layer, kind):
            return True
        if isinstance(layer, Combine) and id(layer) not in done:
            done.add(id(layer))
            if any(_has(branch, kind, done) for branch in layer.branches):
                return True
    return False
