"""Graph: nodes and stored numbers in the making, with the version of the operators that they need."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from convcli.filters import Shape

_FIRST_OPSET = 17


class Wire(NamedTuple):
    """A value between two nodes: its name, and its shape for input of the size that is tried."""

    name: str
    shape: Shape


class Graph:
    """Nodes and stored numbers."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.stored: list[Any] = []
        self.opset = _FIRST_OPSET

    def add(self, op: str, inputs: list[str], *, output: str = "", opset: int = 0, **attributes: Any) -> str:
        """Add a node, which needs a version of the operators; return the name of its output."""
        from onnx import helper

        self.opset = max(self.opset, opset)
        name = output or f"v{len(self.nodes) + 1}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=f"{op.lower()}{len(self.nodes) + 1}", **attributes))
        return name

    def store(self, numbers: ArrayLike, dtype: str = "f4") -> str:
        """Store numbers; return their name."""
        from onnx import numpy_helper

        name = f"w{len(self.stored) + 1}"
        self.stored.append(numpy_helper.from_array(np.array(numbers, dtype), name))
        return name
