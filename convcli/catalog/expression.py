"""The syntax of a FILTER text: names with arguments, YAML files and kernels written out, joined by bars.

Nothing is looked up here, and nothing heavy is imported. Every part has its span in the text, for errors.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from convcli.catalog.parameters.arguments import Argument, Span
from convcli.catalog.words.excerpt import excerpt
from convcli.catalog.words.problem import KeyPath
from convcli.errors import FilterError
from convcli.filters import normal_name, shown


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
    """A filter in a YAML file."""

    file: str
    span: Span = field(default=(0, 0), compare=False)

    def span_of(self, path: KeyPath, *, on_key: bool) -> Span:  # noqa: ARG002 - as the others
        """Return the span of the name."""
        return self.span


@dataclass(frozen=True)
class Inline:
    """A kernel written out: rows of numbers, each still as text; `spans` has those of the numbers."""

    rows: list[list[str]]
    span: Span = field(default=(0, 0), compare=False)
    spans: list[list[Span]] = field(default_factory=list, compare=False)

    def span_of(self, path: KeyPath, *, on_key: bool) -> Span:  # noqa: ARG002 - as the others
        """Return the span of the row or number of `path`, or else of the kernel."""
        match path:
            case (int(row), int(number)):
                return self.spans[row][number]
            case (int(row),):
                return self.spans[row][0][0], self.spans[row][-1][1]
            case _:
                return self.span


Expression = Named | YamlFile | Inline

MOST_FILTERS = 1000

# A kernel begins with one of these: digits and what may stand between them, never a letter but e.
_NUMBER_LIKE = re.compile(r"[-+]?\.?[0-9][0-9.eE+/-]*")
# Two letters at least, so that C:\kernels\my is a path.
_NAME_WITH_COLON = re.compile(r"([A-Za-z][\w-]+)\s*:(.*)", re.DOTALL)
_SEPARATORS = re.compile(r"[\s,;]+")
_INLINE_EXAMPLE = 'write rows separated by ";", such as "0 -1 0; -1 5 -1; 0 -1 0"'


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


@dataclass(frozen=True)
class _Step:
    """A step of a pipeline: `step` begins at `start` of the whole text."""

    text: str
    start: int
    step: str

    def expression(self) -> Expression:
        step, span = self.step, (self.start, self.start + len(self.step))
        if step.lower().endswith((".yaml", ".yml")):
            return YamlFile(step, span)
        words = [word for word in _SEPARATORS.split(step) if word]
        if not words:
            raise self._refused("a kernel without numbers", _INLINE_EXAMPLE, 0, len(step))
        if _NUMBER_LIKE.fullmatch(words[0]) or ";" in step or "\n" in step:
            return self._inline()
        if match := _NAME_WITH_COLON.fullmatch(step):
            arguments = self._arguments(match[1], match[2], match.start(2))
            return Named(normal_name(match[1]), arguments, (self.start, self.start + match.end(1)))
        if "/" in step or os.sep in step:
            return YamlFile(step, span)
        if any(_NUMBER_LIKE.fullmatch(word) for word in words):
            return self._inline()
        return Named(normal_name(step), span=span)

    def _inline(self) -> Inline:
        """Split a kernel at ``;`` and line ends into rows, and these at blanks and commas."""
        rows: list[list[str]] = []
        spans: list[list[Span]] = []
        begin = 0
        for line in self.step.splitlines(keepends=True):
            row_begin = begin + len(line) - len(line.lstrip())
            for row in line.strip().removesuffix(";").split(";") if line.strip() else ():
                numbers = re.split(r"\s*,\s*|\s+", row.strip())
                end = row_begin + len(row)
                if numbers == [""]:
                    raise self._refused(f"row {len(rows) + 1} of the kernel is empty", _INLINE_EXAMPLE, row_begin, end)
                if "" in numbers:
                    message = f"row {len(rows) + 1} has a comma without a number"
                    raise self._refused(message, _INLINE_EXAMPLE, row_begin, end)
                rows.append(numbers)
                spans.append([self._span(row_begin, word) for word in re.finditer(r"[^\s,]+", row)])
                row_begin = end + 1
            begin += len(line)
        return Inline(rows, (self.start, self.start + len(self.step)), spans)

    def _span(self, begin: int, word: re.Match[str]) -> Span:
        return self.start + begin + word.start(), self.start + begin + word.end()

    def _arguments(self, name: str, text: str, begin: int) -> tuple[Argument, ...]:
        arguments: list[Argument] = []
        for part in text.split(","):
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
