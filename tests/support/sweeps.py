"""The size of sweeps: tests that do the same over drawn input, or over every combination of many things.

A run does a tenth of each, and all of them with ``CONVCLI_SWEEP=1`` in the environment.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeVar

import pytest

T = TypeVar("T")

SHARE = float(os.environ.get("CONVCLI_SWEEP", "0.1"))


def repeats(whole: int) -> int:
    """Return how many of `whole` repetitions a run does, at least one."""
    return max(1, round(whole * SHARE))


def some(cases: Sequence[T]) -> list[T]:
    """Return the cases that a run does of some that are drawn up beforehand, at least one, by their names alone."""
    order = sorted(cases, key=lambda each: hashlib.md5(repr(each).encode()).digest())
    chosen = order[: repeats(len(order))]
    return [each for each in cases if each in chosen]


def left_out(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """Return the cases of the sweeps among the tests that a run does not do."""
    sweeps: dict[tuple[object, ...], dict[str, pytest.Function]] = defaultdict(dict)
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec") and item.get_closest_marker("sweep"):
            sweeps[item.path, item.cls, item.originalname][item.name] = item
    return {
        cases[name]
        for cases in sweeps.values()
        for name in surplus({name: _values(case) for name, case in cases.items()}, SHARE)
    }


def _values(case: pytest.Function) -> set[object]:
    # The ids of the values, one for each parametrize: what is given together stays together.
    return set(enumerate(case.callspec._idlist))


def surplus(cases: Mapping[str, AbstractSet[object]], share: float) -> set[str]:
    """Return the cases, by name and with the values of their parameters, that a share of them does without.

    Each value stays in at least one case, even where that takes more than the share. The choice follows from the
    names alone, so that every run makes the same.
    """
    met: set[object] = set()
    spare = []
    for name in sorted(cases, key=lambda each: hashlib.md5(each.encode()).digest()):
        if cases[name] <= met:
            spare.append(name)
        met |= cases[name]
    more = round(len(cases) * share) - (len(cases) - len(spare))
    return set(spare[max(more, 0) :])
