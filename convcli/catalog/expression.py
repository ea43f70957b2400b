"""The syntax of a FILTER text: names with arguments, YAML files and kernels written out, joined by bars.

Nothing is looked up here, and nothing heavy is imported. Every part has its span in the text, for errors.
"""

from __future__ import annotations

import os
import re
from dataclasses import field
from typing import Any

from convcli.catalog import matrix
from convcli.catalog.parameters.arguments import Argument, Span
from convcli.catalog.words.excerpt import excerpt
from convcli.catalog.words.problem import KeyPath, from_url
from convcli.errors import FilterError
from convcli.filters import normal_name, shown
from convcli.lazy import dataclass
from convcli.places import is_url


@dataclass(frozen=True)
class Named:
    """A filter by name, in the spelling of `normal_name`; `span` is that of the name."""

    name: str
    arguments: tuple[Argument, ...] = ()
    span: Span = field(default=(0, 0), compare=False)

    def span_of(self, path: KeyPath, *, on_key: bool) -> Span:
        """Return the span of the argument of `path`, or of its name, or else of the filter's name."""
        if path and isinstance(path[0], int) and path[0] < len(self.arguments):
            argument = self.arguments[path[0]]
            return argument.name_span if on_key and argument.name else argument.span
        return self.span


@dataclass(frozen=True)
class YamlFile:
    """A filter in a file: in YAML, or a network in ONNX."""

    file: str
    span: Span = field(default=(0, 0), compare=False)

    def span_of(self, path: KeyPath, *, on_key: bool) -> Span:  # noqa: ARG002 - as the others
        """Return the span of the name."""
        return self.span


@dataclass(frozen=True)
class Inline:
    """A kernel written out: lists of numbers, each still as text, and their spans in lists alike.

    `square` is the matrix that a bare row may be meant for, as it is typed.
    """

    rows: list[Any]
    span: Span = field(default=(0, 0), compare=False)
    spans: list[Any] = field(default_factory=list, compare=False)
    square: str | None = field(default=None, compare=False)

    def span_of(self, path: KeyPath, *, on_key: bool) -> Span:  # noqa: ARG002 - as the others
        """Return the span of the list or number of `path`, or else of the kernel."""
        if not path:
            return self.span
        found: Any = self.spans
        for index in path:
            found = found[index]
        first, last = found, found
        while isinstance(first, list):
            first, last = first[0], last[-1]
        return first[0], last[1]


@dataclass(frozen=True)
class MagickKernel:
    """A kernel as ImageMagick has it."""

    text: str
    span: Span = field(default=(0, 0), compare=False)

    def span_of(self, path: KeyPath, *, on_key: bool) -> Span:  # noqa: ARG002 - as the others
        """Return the span of the kernel."""
        return self.span


Expression = Named | YamlFile | Inline | MagickKernel

MOST_FILTERS = 1000
YAML_ENDINGS = (".yaml", ".yml", ".json")  # JSON is YAML, too
_FOREIGN_ENDINGS = (
    ".onnx",
    *(".mat", ".svg", ".vrt", ".npy", ".csv", ".txt", ".safetensors"),  # KERNEL_ENDINGS of the exchange
)
# Of names that mean a file, without a slash too.
FILE_ENDINGS = (*YAML_ENDINGS, *_FOREIGN_ENDINGS)
_TENSOR = ".safetensors:"  # behind it stands the name of a tensor in the file

# Two letters at least, so that C:\kernels\my is a path.
_NAME_WITH_COLON = re.compile(r"([A-Za-z][\w-]+)\s*:(.*)", re.DOTALL)


def is_foreign(file: str) -> bool:
    """Return whether a name means a file of another program."""
    return file.lower().endswith(_FOREIGN_ENDINGS) or _TENSOR in file.lower()


def only_name(text: str) -> Named | None:
    """Return the filter by name that a FILTER text is; None for any other text."""
    try:
        expressions = parse(text)
    except FilterError:
        return None
    first = expressions[0]
    return first if len(expressions) == 1 and isinstance(first, Named) else None


def parse(text: str) -> tuple[Expression, ...]:
    """Parse a FILTER text: one expression, or several that bars join.

    Raises FilterError where a part of the text is empty, an empty kernel, or a name with malformed arguments.
    """
    steps = text.split("|")
    if len(steps) > MOST_FILTERS:
        raise FilterError(f"{len(steps)} filters in one text", f"join at most {MOST_FILTERS}")
    expressions = []
    start = 0
    for step in steps:
        if len(steps) > 1 and not step.strip():
            raise FilterError(
                "a bar without a filter beside it",
                'join filters by bars, such as "gaussian:1.4 | sobel"',
                excerpt=excerpt(text, max(start - 1, 0), max(start, 1)),
            )
        expressions.append(_Step(text, start + len(step) - len(step.lstrip()), step.strip()).expression())
        start += len(step) + 1
    return tuple(expressions)


def _parts(text: str) -> list[str]:
    """Return the arguments that commas part, but for those in brackets that are closed."""
    depth = 0
    parts = [""]
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts if depth == 0 else text.split(",")


@dataclass(frozen=True)
class _Step:
    """A step of a pipeline: `step` begins at `start` of the whole text."""

    text: str
    start: int
    step: str

    def expression(self) -> Expression:
        step, span = self.step, (self.start, self.start + len(self.step))
        if is_url(step):
            raise from_url()
        if step.lower().endswith(FILE_ENDINGS) or is_foreign(step):
            return YamlFile(step, span)
        if matrix.is_magick(step):
            return MagickKernel(step, span)
        named = _NAME_WITH_COLON.fullmatch(step)
        is_path = "/" in step or os.sep in step
        try:
            tree = matrix.read(step, is_other=named is not None or is_path)
        except matrix.MisplacedError as error:
            raise self._refused(error.message, error.hint, error.begin, error.end) from error
        if tree is not None:
            bare = not set(step) & set(";[{(")
            spans = matrix.spans(tree, self.start)
            return Inline(matrix.texts(tree), span, spans, matrix.square(tree) if bare else None)
        if named:
            arguments = self._arguments(named[1], named[2], named.start(2))
            return Named(normal_name(named[1]), arguments, (self.start, self.start + named.end(1)))
        return YamlFile(step, span) if is_path else Named(normal_name(step), span=span)

    def _arguments(self, name: str, text: str, begin: int) -> tuple[Argument, ...]:
        arguments: list[Argument] = []
        for part in _parts(text):
            key, equals, value = (each.strip() for each in part.rpartition("="))
            first, last = begin + len(part) - len(part.lstrip()), begin + len(part.rstrip())
            if not value or (equals and not key):
                raise self._refused(
                    f"{name} has an argument without a value: {shown(text.strip())}",
                    f"write {name}:VALUE or {name}:NAME=VALUE, several separated by commas",
                    first,
                    max(first, last),
                )
            if arguments and arguments[-1].name and not key:
                message = f"{shown(value)} follows a named argument of {name} and has no name itself"
                raise self._refused(message, f"write NAME={value}", first, last)
            span = (self.start + first, self.start + last)
            name_span = (span[0], span[0] + len(key))
            arguments.append(Argument(normal_name(key), value, (len(arguments),), span, name_span, is_text=True))
            begin += len(part) + 1
        return tuple(arguments)

    def _refused(self, message: str, hint: str, first: int, last: int) -> FilterError:
        return FilterError(message, hint, excerpt=excerpt(self.text, self.start + first, self.start + last))
