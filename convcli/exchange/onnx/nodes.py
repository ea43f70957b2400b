"""Nodes of a graph: an operator with its inputs and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convcli.array_types import Floats
from convcli.exchange.onnx.refusal import Refusal
from convcli.exchange.onnx.values import PICTURE, Constant, Pending, Side, Signal, Value

_SMALL = "make it a constant, as exporters do with constant folding"


@dataclass(eq=False)
class Node:
    """A node whose inputs are known.

    Parameters
    ----------
    inputs
        None for one that is left out.
    attributes
        Numbers, bytes as text, lists of them, and tensors as arrays.
    opset
        The version of the operators.
    outputs
        The number of outputs that the node names, and the last of them that is used, from 1.
    """

    op: str
    name: str
    inputs: Sequence[Value | None]
    attributes: dict[str, Any]
    opset: int
    outputs: int = 1
    used: int = 1

    def has(self, index: int) -> bool:
        """Return whether there is an input of that number."""
        return index < len(self.inputs) and self.inputs[index] is not None

    def signal(self, index: int = 0) -> Signal:
        """Return an input that is a picture; raise Refusal for a constant."""
        value = self.inputs[index] if self.has(index) else None
        if isinstance(value, Signal):
            return value
        if isinstance(value, Pending):
            raise Refusal("a part of a GELU or of a norm by itself", "no layer here has it")
        what = "is missing" if value is None else "is a constant where a picture is expected"
        raise Refusal(f"input {index + 1} {what}", "write the graph again: this operator works on the picture")

    def picture(self, index: int = 0) -> Signal:
        """Return an input that is a picture with the axes of pictures; raise Refusal for any other."""
        signal = self.signal(index)
        if signal.axes == PICTURE:
            return signal
        if sorted(signal.axes) == sorted(PICTURE):
            raise Refusal(
                f"it works on the axes {signal.axes}, where {PICTURE} is that of pictures",
                "put a Transpose before it, or export the network with channels first",
            )
        raise Refusal(
            f"its input has {len(signal.axes)} axes, and a picture's layer has 4: batch, channels, height, width",
            "a filter takes networks for pictures, not for rows of numbers or volumes",
        )

    def constant(self, index: int, what: str) -> Constant | None:
        """Return an input that is a constant, None where it is left out; raise Refusal where it is computed."""
        value = self.inputs[index] if self.has(index) else None
        if value is None:
            return None
        if isinstance(value, Signal | Pending):
            raise Refusal(f"{what} computed from the picture", _SMALL)
        return value

    def numbers(self, index: int, what: str) -> Floats | None:
        """Return a constant input as finite numbers; None where it is left out."""
        value = self.constant(index, what)
        if value is None:
            return None
        if value.dtype == object or value.dtype.kind not in "iufb":
            raise Refusal(f"{what} are no plain numbers", _SMALL)
        with np.errstate(invalid="ignore"):  # numbers that are none are refused
            made: Floats = value.astype(np.float64)
        if not np.isfinite(made).all():
            raise Refusal(f"{what} are not finite", "train the network again: its numbers have overflowed")
        return made

    def needed(self, index: int, what: str) -> Floats:
        """Return a constant input as finite numbers; raise Refusal where it is left out."""
        value = self.numbers(index, what)
        if value is None:
            raise Refusal(f"{what} are missing", "the file is damaged")
        return value

    def whole(self, index: int, attribute: str, what: str = "") -> list[int] | None:
        """Return whole numbers of an input or, in earlier opsets, an attribute; None where there is neither."""
        if self.has(index):
            return self._whole(self.constant(index, what or attribute), what or attribute)
        given = self.attributes.get(attribute)
        return None if given is None else self._whole(np.asarray(given), what or attribute)

    @staticmethod
    def _whole(value: Constant | None, what: str) -> list[int]:
        items: list[Any] = [] if value is None else np.ravel(value).tolist()
        numbers: list[Any] = [item.known if isinstance(item, Side) else item for item in items]
        if None in numbers:
            why = next((item.why for item in items if isinstance(item, Side) and item.why), "")
            raise Refusal(
                why or f"{what} depends on the size of the picture", "export the network with a fixed input size"
            )
        if not all(isinstance(each, int | float) and abs(each) < 2**63 for each in numbers):
            raise Refusal(f"{what} are no whole numbers", "the file is damaged")
        return [int(each) for each in numbers]

    def number(self, name: str, default: float) -> float:
        """Return a number among the attributes; raise Refusal where it is none."""
        value = self.attributes.get(name, default)
        if not isinstance(value, int | float):
            raise Refusal(f"{name} is no number", "the file is damaged")
        return value

    def text(self, name: str, default: str) -> str:
        """Return a text among the attributes."""
        return str(self.attributes.get(name, default))

    def pair(self, name: str, default: int) -> tuple[int, int]:
        """Return two whole numbers, (down, right), among the attributes; raise Refusal where there are not two."""
        given = self.attributes.get(name)
        if given is None:
            return default, default
        if not isinstance(given, list) or len(given) != 2:
            count = len(given) if isinstance(given, list) else 1
            raise Refusal(f"{name} of {count} axes, and a picture's layer has 2", "export a network for pictures")
        return int(given[0]), int(given[1])

    def only_first_output(self, other: str) -> None:
        """Raise Refusal where another output than the first is used."""
        if self.used > 1:
            raise Refusal(f"{other}, its output {self.used}, is used", "no layer here returns it: export without")
