"""YAML text, which may be anybody's, becomes plain values, each with its location.

ruamel.yaml turns the text into events; the values are built from them one by one, so that depth and
number are bounded first, and nothing is constructed but text, numbers, lists and mappings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
)
from ruamel.yaml.reader import ReaderError

from convcli.catalog.words.problem import KeyPath
from convcli.errors import FilterError, SourceLocation, printable
from convcli.filters import shown

DEEPEST = 32  # a conv layer with 4-D weights is 9 deep, and 3 more in a branch
MOST_VALUES = 100_000  # more than a second to read; more weights belong into a .npy beside the file
LONGEST_NUMBER = 400  # the largest float64 has 309 digits

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]

# Plain scalars: the core schema, YAML 1.2.2 section 10.3.2. Any other is text.
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # an escape in quotes makes one; no file could hold it
_CONSTANTS: dict[str, float | bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((f"{sign}{inf}" for sign in ("", "+") for inf in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}

# Hints by a part of what the parser reports.
_HINTS = {
    "'\\t'": "indent with spaces",
    "mapping values are not allowed": 'put quotes around a text that holds ": ", or look at the indentation',
    "could not find expected ':'": "write KEY: VALUE, and look at the indentation",
    "unexpected end of stream": "close the quote",
    "',' or ']'": "close the list with ], and separate its values by commas",
    "',' or '}'": "close the mapping with }, and separate its pairs by commas",
    "<block end>": "give the lines of one list or mapping the same indentation",
}


@dataclass(frozen=True, slots=True)
class Node:
    """A value with the location of its begin, and of each key where it is a mapping."""

    value: str | float | bool | list[Node] | dict[str, Node] | None
    location: SourceLocation
    keys: dict[str, SourceLocation] = field(default_factory=dict)

    def plain(self) -> Plain:
        """Return the value without its locations."""
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return self.value

    def location_of(self, path: KeyPath, *, on_key: bool = False) -> SourceLocation:
        """Return the location of the value of `path`, or of its key, or of as near as the path leads."""
        node, location = self, self.location
        for part in path:
            if isinstance(node.value, dict) and isinstance(part, str) and part in node.value:
                location, node = node.keys[part], node.value[part]
            elif isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                location = node.location
        return location if on_key else node.location


def parse(text: str, file: str) -> Node:
    """Read a text of one YAML document whose top is a mapping; the time is in proportion to its length.

    Raises FilterError, which names the file, where the text is not YAML or exceeds a bound of filter files.
    """
    return _Builder(text, file).document()


class _Builder:
    """Builds nodes from events, which it takes one at a time."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._text = text
        self._values = 0
        self._location = SourceLocation(file, 1, 1)
        self._events = self._checked_events()

    def document(self) -> Node:
        """Return the one document."""
        separators = map(self._text.count, (",", "- ", ": "))
        if max(separators) > MOST_VALUES:
            self._refuse_number()  # before seconds go by
        begins = isinstance(next(self._events), DocumentStartEvent)
        node = self._node(next(self._events), depth=1) if begins else None
        if node is None or node.value is None:
            self._refuse("the file is empty", "write weights: with rows of numbers", SourceLocation(self._file, 1, 1))
        if not isinstance(node.value, dict):
            kind = "a list" if isinstance(node.value, list) else "a single value"
            self._refuse(f"the file is {kind}, expected keys and values", "write KEY: VALUE", node.location)
        next(self._events)  # the end of the document
        if isinstance(next(self._events), DocumentStartEvent):
            self._refuse("a second document in the file", "write one filter in a file, without --- after it")
        return node

    def _checked_events(self) -> Iterator[Event]:
        """Yield events of the parser and note their location; refuse those that no filter needs."""
        try:
            for event in YAML(typ="safe", pure=True).parse(self._text):
                if isinstance(event, StreamStartEvent):
                    continue
                self._location = self._at(event.start_mark)
                self._check(event)
                yield event
        except MarkedYAMLError as error:
            self._refuse_syntax(error)
        except ReaderError as error:
            line = self._text.count("\n", 0, error.position) + 1
            location = SourceLocation(self._file, line, error.position - self._text.rfind("\n", 0, error.position))
            message = f"character U+{ord(self._text[error.position]):04X} is not allowed in YAML"
            self._refuse(message, "remove it", location, error)
        except (YAMLError, ValueError, OverflowError) as error:
            # The scanner raises some of Python's own: an escape beyond Unicode, a version number too long.
            hint = "look at escapes such as \\U and at lines with %"
            self._refuse(f"not YAML: {_one_line(error)}", hint, cause=error)

    def _check(self, event: Event) -> None:
        self._values += isinstance(event, NodeEvent)
        if self._values > MOST_VALUES:
            self._refuse_number()
        if isinstance(event, ScalarEvent) and _SURROGATE.search(event.value):
            self._refuse("an escape that is half a character", "write the character itself")
        if isinstance(event, DocumentStartEvent) and event.version not in (None, (1, 2)):
            self._refuse("the file asks for another YAML than 1.2", "remove the line %YAML")
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor is not None):
            self._refuse("references (& and *) are not accepted", "write the value out, or put quotes around it")
        if isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent) and event.tag is not None:
            self._refuse("tags (!) are not accepted", "remove the tag, or put quotes around the text")

    def _node(self, event: Event, depth: int) -> Node:
        location = self._location
        if depth > DEEPEST:
            self._refuse(f"lists or mappings more than {DEEPEST} deep", "weights are at most four lists deep")
        if isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(event := next(self._events), SequenceEndEvent):
                items.append(self._node(event, depth + 1))
            return Node(items, location)
        if isinstance(event, MappingStartEvent):
            return self._mapping(location, depth)
        return Node(self._scalar(cast(ScalarEvent, event)), location)  # references were refused

    def _mapping(self, location: SourceLocation, depth: int) -> Node:
        values: dict[str, Node] = {}
        keys: dict[str, SourceLocation] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                self._refuse("a key must be a word", "write KEY: VALUE")
            key = str(event.value)
            if key in keys:
                self._refuse(f"key {shown(key)} stands twice", f"the first is in line {keys[key].line}: remove one")
            keys[key] = self._location
            value = self._node(next(self._events), depth + 1)
            # The parser sees an empty value where the next line begins: its key is the better location.
            values[key] = value if value.value is not None else Node(None, keys[key])
        return Node(values, location, keys)

    def _scalar(self, event: ScalarEvent) -> str | float | bool | None:
        text = str(event.value)
        if not event.implicit[0]:  # in quotes, or a block of text
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if not _FLOAT.fullmatch(text):
            return text
        if len(text) > LONGEST_NUMBER:
            self._refuse(f"a number of {len(text)} digits", f"write at most {LONGEST_NUMBER}")
        return int(text) if _INTEGER.fullmatch(text) else float(text)

    def _at(self, mark: StreamMark) -> SourceLocation:
        return SourceLocation(self._file, mark.line + 1, mark.column + 1)

    def _refuse_number(self) -> NoReturn:
        self._refuse(
            f"more than {MOST_VALUES} values in the file",
            "keep many weights in a .npy file beside it: weights: {file: weights.npy}",
        )

    def _refuse_syntax(self, error: MarkedYAMLError) -> NoReturn:
        problem = _one_line(error.problem or error.context or "unreadable")
        mark = error.problem_mark or error.context_mark
        hints = (hint for sign, hint in _HINTS.items() if sign in problem)
        hint = next(hints, "look at brackets, quotes and indentation")
        message = "a tab where YAML wants spaces" if "'\\t'" in problem else f"not YAML: {problem}"
        self._refuse(message, hint, self._at(mark) if mark else None, error)

    def _refuse(
        self, message: str, hint: str, location: SourceLocation | None = None, cause: Exception | None = None
    ) -> NoReturn:
        raise FilterError(printable(message), hint, location or self._location) from cause


def _one_line(text: object) -> str:
    return " ".join(str(text).split())
