"""A pipeline becomes a graph, layer by layer; layers in several branches become nodes once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from convcli.errors import ShapeError, UsageError
from convcli.exchange.exporting.handed import Handed
from convcli.exchange.onnx.writers.graph import Graph, Wire
from convcli.exchange.onnx.writers.table import write
from convcli.filters import Combine, Conv, ConvTranspose, Flatten, Layer, Linear, Pipeline, Shape
from convcli.version import __version__

if TYPE_CHECKING:
    from onnx import ModelProto

_COLORS = 3  # channels of a filter that takes any number
_SIDES = (28, 32, 64, 128, 224, 256, *range(1, 513))  # for networks that fit one size only
_IR = 8  # the version of the file format that onnxruntime has read since 2021


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return the bytes of an ONNX file; raise UsageError where a layer has no operator."""
    try:
        import onnx
    except ImportError:
        raise UsageError("ONNX needs the library onnx, which is not installed", "pip install 'convcli[onnx]'") from None
    channels = _channels_of(pipeline.layers)
    is_any = channels is None
    shape, is_fixed = _input_shape(pipeline, channels or _COLORS)
    model = _model(pipeline, shape, is_fixed=is_fixed)
    data = model.SerializeToString()
    onnx.checker.check_model(model)
    notes = (f"in ONNX it takes pictures of {_COLORS} channels: red, green and blue",) if is_any else ()
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


def _channels_of(layers: Sequence[Layer], known: dict[int, int | None] | None = None) -> int | None:
    """Return the channels that the first layer bound to a number takes; None where any number fits."""
    found = {} if known is None else known
    for layer in layers:
        match layer:
            case Conv(kernel=kernel) if kernel.weights.ndim > 2:
                shape = kernel.weights.shape
                return int(shape[0] if len(shape) == 3 else shape[1] * layer.groups)
            case ConvTranspose(weights=weights):
                return len(weights)
            case Combine(branches=branches):
                if id(layer) not in found:
                    inner = (_channels_of(branch, found) for branch in branches)
                    found[id(layer)] = next((each for each in inner if each is not None), None)
                if found[id(layer)] is not None or not branches:
                    return found[id(layer)]
            case _:
                numbers = getattr(layer, "numbers", {})
                longest = max(map(len, numbers.values()), default=1)
                if longest > 1:
                    return longest
    return None


def _input_shape(pipeline: Pipeline, channels: int) -> tuple[Shape, bool]:
    """Return a shape that fits, and whether no other size does; raise ShapeError where none does."""
    is_fixed = _has(pipeline.layers, Linear, set())
    error: ShapeError | None = None
    for side in _SIDES:
        shape = channels, side, side
        try:
            pipeline.output_shape(shape)
        except ShapeError as raised:
            error = error or raised
            continue
        return shape, is_fixed
    assert error is not None  # there are sides
    raise error


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
