"""A filter as a YAML file that reads back as the same filter, laid out as a hand would."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from operator import mul

import numpy as np
from numpy.typing import NDArray

from convcli.catalog.names import safe_name
from convcli.catalog.problem import printable
from convcli.catalog.yaml_file import LARGEST_FILE
from convcli.catalog.yaml_text import MOST_VALUES
from convcli.errors import UsageError
from convcli.pipeline import Conv, Pipeline

_BARE = re.compile(r"[^\W\d_][\w .,;()/+×-]*")
# Words that a YAML reader, this one or an older one, takes for something else.
_NOT_TEXT = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def to_yaml(pipeline: Pipeline) -> str:
    """Return a filter file of a pipeline that is one Conv.

    Settings that have their default are left out. What `flip` and `normalize` did to the
    kernel stands in the weights and the divisor.

    Raises
    ------
    UsageError
        The pipeline is more than one kernel, or has more weights than a file may.
    """
    conv = pipeline.conv
    if conv is None:
        raise UsageError("a pipeline of several layers cannot be written as YAML by this version", "write one kernel")
    lines = []
    if pipeline.name:
        lines.append(f"name: {_text(safe_name(pipeline.name))}")
    if pipeline.description.strip():
        lines.append(f"description: {_text(pipeline.description)}")
    lines += ["weights:", *_weight_lines(conv.kernel.weights), *_settings(conv)]
    if pipeline.aliases:
        lines.append(f"aliases: {_texts(map(safe_name, pipeline.aliases))}")
    if pipeline.tags:
        lines.append(f"tags: {_texts(pipeline.tags)}")
    text = "\n".join(lines) + "\n"
    if len(text.encode()) > LARGEST_FILE or _values(pipeline, conv) > MOST_VALUES:
        raise UsageError(
            f"{conv.kernel.weights.size} weights are too many for a YAML file",
            "save them with numpy.save and write weights: {file: weights.npy}",
        )
    return text


def _values(pipeline: Pipeline, conv: Conv) -> int:
    """Return how many values the file holds, at most: numbers, lists and all else."""
    lists: int = sum(accumulate(conv.kernel.weights.shape, mul))
    return lists + len(conv.kernel.bias) + len(pipeline.aliases) + len(pipeline.tags) + 50


def _settings(conv: Conv) -> Iterator[str]:
    kernel, default = conv.kernel, Conv(conv.kernel)
    height, width = kernel.size
    if kernel.divisor != 1:
        yield f"divisor: {_number(kernel.divisor)}"
    if any(kernel.bias):
        numbers = [_number(each) for each in kernel.bias]
        yield f"bias: {numbers[0] if len(numbers) == 1 else _list(numbers)}"
    if kernel.anchor != (height // 2, width // 2):
        yield f"anchor: {_list(kernel.anchor)}"
    if conv.border is not None:
        value = f":{conv.border.value!r}" if conv.border.value else ""
        yield f"border: {conv.border.name}{value}"
    if conv.padding != default.padding:
        yield f"padding: {conv.padding if isinstance(conv.padding, str) else _pair(conv.padding)}"
    if conv.stride != default.stride:
        yield f"stride: {_pair(conv.stride)}"
    if conv.dilation != default.dilation:
        yield f"dilation: {_pair(conv.dilation)}"
    if conv.groups != default.groups:
        yield f"groups: {conv.groups}"


def _weight_lines(weights: NDArray[np.float64]) -> list[str]:
    """Return the rows one a line, the numbers of a column below each other throughout the kernel."""
    rows = [[_number(each) for each in row] for row in weights.reshape(-1, weights.shape[-1]).tolist()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = iter(_list([each.rjust(width) for each, width in zip(row, widths, strict=True)]) for row in rows)
    return [f"  {line}" for line in _block(weights.shape[:-1], lines)]


def _block(lengths: tuple[int, ...], lines: Iterator[str]) -> list[str]:
    """Return block lists in block lists, as long as `lengths` from the outermost on, around lines taken in turn."""
    if not lengths:
        return [next(lines)]
    block = []
    for _ in range(lengths[0]):
        first, *rest = _block(lengths[1:], lines)
        block += [f"- {first}", *(f"  {line}" for line in rest)]
    return block


def _number(value: float) -> str:
    """Return the shortest text that reads back as the same float64; whole numbers without a point."""
    whole = value.is_integer() and abs(value) < 2**53
    return str(int(value)) if whole else repr(value)


def _pair(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else _list(pair)


def _list(values: Iterable[object]) -> str:
    return f"[{', '.join(map(str, values))}]"


def _text(text: str, *, within_list: bool = False) -> str:
    """Return a text as it may stand in YAML: bare where every reader takes it for that text, else in quotes."""
    text = " ".join(text.split())
    if _BARE.fullmatch(text) and text.lower() not in _NOT_TEXT and not (within_list and "," in text):
        return text
    # Python's escapes of what cannot be printed are YAML's escapes, too.
    return '"' + printable(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _texts(texts: Iterable[str]) -> str:
    return _list(_text(each, within_list=True) for each in texts)
