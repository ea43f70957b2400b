"""A graph becomes a pipeline: node by node in the order of their inputs, then the layers on the way to the output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from convcli.errors import FilterError, ShapeError, UsageError, printable
from convcli.exchange.onnx.files import Tensors, read_model
from convcli.exchange.onnx.limits import FIRST_OPSET, MOST_NODES, MOST_NUMBERS
from convcli.exchange.onnx.nodes import Node
from convcli.exchange.onnx.operators.folding import folded
from convcli.exchange.onnx.operators.pending import through
from convcli.exchange.onnx.operators.table import OPERATORS
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import (
    FEATURES,
    PICTURE,
    PLAIN,
    PartialShape,
    Pending,
    Signal,
    Value,
    between,
    weights_in,
)
from convcli.filters import Dropout, Pipeline, shown

if TYPE_CHECKING:
    from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, ValueInfoProto

_CHANNELS_LAST = [0, 3, 1, 2]
_DAMAGED = "the file is damaged"
_OWN = ("", "ai.onnx")  # domains of ONNX's own operators


def read_onnx(file: str) -> Pipeline:
    """Return the filter of an ONNX file.

    Raises
    ------
    FilterError
        The file cannot be read, or is no network for pictures whose operators have layers; the message names the node.
    """
    model = read_model(file)
    try:
        return _Reading(model, Path(file).parent).pipeline(Path(file).stem)
    except Refusal as refusal:
        raise refusal.inside(file).error() from refusal
    except MemoryError as error:
        raise FilterError(f"{printable(file)} needs more memory than there is", "use a smaller network") from error


class _Reading:
    """One model on its way to a pipeline."""

    def __init__(self, model: ModelProto, folder: Path) -> None:
        self._model = model
        self._graph: GraphProto = model.graph
        self._opset = _opset_of(model)
        self._tensors = Tensors(folder)
        self._values: dict[str, Value] = {}
        self._stored = {each.name: each for each in self._graph.initializer}
        self._computed = 0  # numbers in layers and constants that were made so far
        self._used = {each.name for each in self._graph.output} | {
            name for node in self._graph.node for name in node.input if name
        }

    def pipeline(self, name: str) -> Pipeline:
        """Return the layers between the input and the output."""
        if len(self._graph.node) > MOST_NODES:
            raise Refusal(f"{len(self._graph.node)} nodes", f"a network has at most {MOST_NODES} here")
        if sum(len(node.input) for node in self._graph.node) > 4 * MOST_NODES:
            raise Refusal("nodes of too many inputs", "use a smaller network")
        if self._graph.sparse_initializer:
            raise Refusal("weights that are sparse", "export the network with plain ones")
        inputs = [each for each in self._graph.input if each.name not in self._stored]
        if len(inputs) != 1:
            raise Refusal(*_several("inputs", [each.name for each in inputs]))
        if len(self._graph.output) != 1:
            raise Refusal(*_several("outputs", [each.name for each in self._graph.output]))
        wanted = self._graph.output[0].name
        start = self._start(inputs[0])
        self._values[inputs[0].name] = start
        for node in self._ordered(wanted):
            self._run(node)
        end = self._values.get(wanted)
        if not isinstance(end, Signal):
            raise Refusal("its output does not depend on its input", "export the network again")
        if end.axes not in ("NCHW", "NHWC", "NC", "NC1", "CHW", "HWC"):
            raise Refusal(f"its output has the axes {end.axes}", "put a Transpose behind it, to channels first")
        layers = between(start, end) or (Dropout(0.0),)
        text = " ".join(self._graph.doc_string.split())[:200] or " ".join(self._model.doc_string.split())[:200]
        return Pipeline(layers, name=name, description=text, source=self._source(), declared=start.shape)

    def _source(self) -> str:
        producer = " ".join(f"{self._model.producer_name} {self._model.producer_version}".split())[:80]
        return f"ONNX, opset {self._opset}" + (f", by {producer}" if producer else "")

    def _start(self, given: ValueInfoProto) -> Signal:
        """Return the input; its axes follow from their number, or from a Transpose behind it."""
        tensor = given.type.tensor_type
        if not given.type.HasField("tensor_type") or not tensor.HasField("shape"):
            axes, lengths = PICTURE, [None] * 4
        else:
            lengths = [
                each.dim_value if each.HasField("dim_value") and each.dim_value > 0 else None
                for each in tensor.shape.dim
            ]
            named = {len(each): each for each in (PICTURE, PLAIN, FEATURES)}
            if len(lengths) not in named:
                raise Refusal(
                    f"input {shown(given.name)} has {len(lengths)} axes, and one of pictures has 4:"
                    " batch, channels, height, width",
                    "a filter takes networks for pictures, not for sound or volumes",
                )
            axes = named[len(lengths)]
        if len(axes) == 4 and self._has_channels_last(given.name):
            axes = "NHWC"
        sizes = dict(zip(axes, lengths, strict=True))
        channels, height, width = sizes.get("C"), sizes.get("H"), sizes.get("W")
        shape: PartialShape = (channels, 1, 1) if axes == FEATURES else (channels, height, width)
        return Signal(shape, axes)

    def _has_channels_last(self, name: str) -> bool:
        users = [node for node in self._graph.node if name in node.input]
        orders = [
            _attributes(node.attribute[:1], self._tensors).get("perm") for node in users if node.op_type == "Transpose"
        ]
        return bool(orders) and len(orders) == len(users) and all(order == _CHANNELS_LAST for order in orders)

    def _ordered(self, wanted: str) -> list[NodeProto]:
        """Return the nodes that the output needs, each behind those that make its inputs; raise Refusal for circles."""
        nodes = list(self._graph.node)
        makers: dict[str, int] = {}
        for number, node in enumerate(nodes):
            for name in filter(None, node.output):
                if name in makers or name in self._values:
                    raise Refusal(f"{shown(name)} is made twice", "export the network again")
                makers[name] = number
        ordered: list[NodeProto] = []
        is_done: dict[int, bool] = {}  # by the number of a node, once it is begun
        pending = [makers[wanted]] if wanted in makers else []
        while pending:
            number = pending[-1]
            if number in is_done:
                pending.pop()
                if not is_done[number]:
                    is_done[number] = True
                    ordered.append(nodes[number])
                continue
            is_done[number] = False
            for before in (makers[name] for name in nodes[number].input if name in makers):
                if is_done.get(before) is False:
                    raise Refusal(f"{_named(nodes[number])} needs what follows from it: a circle", "export it again")
                if before not in is_done:
                    pending.append(before)
        return ordered

    def _run(self, proto: NodeProto) -> None:
        """Note what a node makes."""
        try:
            made = self._made(proto)
        except Refusal as refusal:
            raise refusal.inside(_named(proto)) from refusal
        except ShapeError as error:
            raise Refusal(f"{_named(proto)}: {error.message}", error.hint) from error
        except UsageError as error:
            raise Refusal(f"{_named(proto)}: {error.message}", error.hint or _DAMAGED) from error
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Attributes may have any type and inputs any shape in a file: not each is asked for by itself.
            text = " ".join(str(error).split())[:200]
            raise Refusal(f"{_named(proto)}: settings or inputs that do not fit it ({text})", _DAMAGED) from error
        made = made if isinstance(made, list | tuple) else [made]
        self._computed += sum(map(_size_of, made))
        if self._computed > MOST_NUMBERS:
            raise Refusal(f"{_named(proto)}: more than {MOST_NUMBERS} numbers in all", "use a smaller network")
        for name, value in zip(proto.output, made, strict=False):
            self._values[name] = value

    def _made(self, proto: NodeProto) -> Any:
        if proto.domain not in _OWN:
            raise Refusal(f"an operator of {shown(proto.domain)}", "only those of ONNX itself are known here")
        attributes = _attributes(proto.attribute, self._tensors)
        if proto.op_type == "Constant":
            return _constant(attributes)
        inputs = [self._value(name) if name else None for name in proto.input]
        used = max((place for place, name in enumerate(proto.output, 1) if name in self._used), default=1)
        node = Node(proto.op_type, proto.name, inputs, attributes, self._opset, len(proto.output), used)
        if any(isinstance(each, Pending) for each in inputs):
            return through(node)
        if proto.op_type == "Shape" or not any(isinstance(each, Signal) for each in inputs):
            return folded(node)
        if proto.op_type not in OPERATORS:
            raise Refusal("no layer does what it does", "`convcli list networks` has the layers that there are")
        return OPERATORS[proto.op_type](node)

    def _value(self, name: str) -> Value:
        if name not in self._values:
            if name not in self._stored:
                raise Refusal(f"its input {shown(name)} is made by no node", "export the network again")
            try:
                self._values[name] = self._tensors.array(self._stored[name])
            except Refusal as refusal:
                raise refusal.inside(f"tensor {shown(name)}") from refusal
        return self._values[name]


def _size_of(value: Value) -> int:
    """Return the number of numbers in a constant, or in the layers of a signal's last step."""
    if isinstance(value, Signal):
        return sum(map(weights_in, value.steps))
    return int(value.size) if isinstance(value, np.ndarray) else 0


def _several(what: str, names: list[str]) -> tuple[str, str]:
    known = ", ".join(map(shown, names[:6])) + (", …" if len(names) > 6 else "")
    if not names:
        return f"it has no {what}", "export the network again"
    return (
        f"{len(names)} {what}: {known}",
        f"a filter has one of them: cut the network out with onnx.utils.extract_model, or leave out the other {what}",
    )


def _opset_of(model: ModelProto) -> int:
    """Return the version of ONNX's own operators; raise Refusal where it is not known."""
    versions = [each.version for each in model.opset_import if each.domain in _OWN]
    from onnx import defs

    latest = defs.onnx_opset_version()
    if not versions:
        raise Refusal("the version of its operators is missing", "export the network again")
    if not FIRST_OPSET <= versions[0] <= latest:
        hint = "update the library: pip install -U onnx" if versions[0] > latest else "export it with a later opset"
        raise Refusal(f"opset {versions[0]}, where {FIRST_OPSET} to {latest} are known", hint)
    return int(versions[0])


def _named(node: NodeProto) -> str:
    """Return a node by its name and operator, or by what it makes."""
    name = node.name or next(iter(node.output), "")
    operator = node.op_type or "nothing"
    return f"node {shown(name)} ({operator[:40]})"


def _attributes(given: Iterable[AttributeProto], tensors: Tensors) -> dict[str, Any]:
    """Return attributes as Python's values; graphs and what is not known are left out."""
    made: dict[str, Any] = {}
    for each in given:
        # The numbers of AttributeProto's types: 1 float, 2 whole number, 3 bytes, 4 tensor, 6 floats, 7 whole numbers.
        if each.type == 1:
            made[each.name] = float(each.f)
        elif each.type == 2:
            made[each.name] = int(each.i)
        elif each.type == 3:
            made[each.name] = each.s.decode("utf-8", "replace")
        elif each.type == 4:
            made[each.name] = tensors.array(each.t)
        elif each.type in (6, 7):
            made[each.name] = list(each.floats if each.type == 6 else each.ints)
    return made


def _constant(attributes: Mapping[str, Any]) -> Any:
    """Return the value of a Constant."""
    for name, value in attributes.items():
        if name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
            return np.asarray(value)
    raise Refusal("a constant that is no array of numbers", "export the network again")
