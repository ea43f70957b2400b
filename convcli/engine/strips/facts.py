"""Facts: what depends on all of a picture, found in passes of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from convcli.engine.values import Extremes, joined_extremes

FactKind = Literal["bounds", "opaque"]
Known = Extremes | bool | None  # a fact, or a part of it; None for the extremes of no values


class Fact(NamedTuple):
    """Of the input of a step, by its number: its smallest and largest visible value, or whether all is opaque."""

    kind: FactKind
    number: int


def joined_parts(fact: Fact, parts: Iterable[Known]) -> Known:
    """Return a fact about all rows from those about some."""
    if fact.kind == "opaque":
        return all(parts)
    return joined_extremes(part for part in parts if not isinstance(part, bool))
