"""Every layer that has operators, and the lines for those that have none."""

from __future__ import annotations

from collections.abc import Sequence

from convcli.errors import UsageError
from convcli.exchange.onnx.writers import kernels, others
from convcli.exchange.onnx.writers.graph import Graph, Wire
from convcli.filters import AdaptivePool, Combine, Conv, ConvTranspose, Layer, Magnitude, Maximum, Pad, Pool, Unsharp

_JOINS = {"add": "Add", "subtract": "Sub", "multiply": "Mul"}


def write(graph: Graph, layer: Layer, wire: Wire, parts: Sequence[Wire]) -> Wire:
    """Add the nodes of a layer behind a wire, and behind those of its branches; return the wire behind it.

    Raises UsageError where it has no operator.
    """
    name = _combined(graph, layer, wire, parts) if isinstance(layer, Combine) else _alone(graph, layer, wire)
    return Wire(name, layer.output_shape(wire.shape))


def _alone(graph: Graph, layer: Layer, wire: Wire) -> str:
    match layer:
        case Conv():
            return kernels.conv(graph, layer, wire)
        case ConvTranspose():
            return kernels.conv_transpose(graph, layer, wire)
        case Pool():
            return kernels.pool(graph, layer, wire)
        case AdaptivePool():
            return kernels.adaptive_pool(graph, layer, wire)
        case Pad():
            return kernels.pad(graph, layer, wire)
    if others.is_pointwise(layer):
        return others.pointwise(graph, layer, wire)
    for writer in (others.with_numbers, others.norm, others.reshaped):
        name = writer(graph, layer, wire)
        if name is not None:
            return name
    raise UsageError(
        f"ONNX has no operator for the layer {layer.name}",
        "it takes kernels, pools, pads, activations, norms, other sizes and joins",
    )


def _combined(graph: Graph, layer: Combine, wire: Wire, parts: Sequence[Wire]) -> str:
    """Add a join of branches, or of the channels."""
    names = [each.name for each in parts]
    if isinstance(layer, Unsharp):
        raise UsageError("ONNX has no operator for an unsharp with a threshold", "leave out the threshold")
    if isinstance(layer, Maximum | Magnitude) and not names:
        op = "ReduceMax" if isinstance(layer, Maximum) else "ReduceL2"
        return graph.add(op, [wire.name, graph.store([1], "i8")], keepdims=1, opset=18)
    if isinstance(layer, Maximum):
        return graph.add("Max", names)
    if isinstance(layer, Magnitude):
        return graph.add("Sqrt", [graph.add("Sum", [graph.add("Mul", [each, each]) for each in names])])
    if layer.name == "concat":
        return graph.add("Concat", names, axis=1)
    made, *rest = names
    for each in rest:
        made = graph.add(_JOINS[layer.name], [made, each])
    return made
