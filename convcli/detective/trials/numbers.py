"""The numbers in a name, improved by what the filter leaves of the target.

Weights tell a number as well as the weights are known; pixels tell it better where a picture shows little of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from math import hypot, inf

from convcli.catalog import FAMILIES
from convcli.detective.chains.order import JOINT
from convcli.filters import Number
from convcli.lazy import dataclass

_STEPS = (0.08, 0.03, 0.01, 0.003)  # shares of a number
_ROUNDS = 4  # steps of one size
_DIGITS = 3  # after the point
_AS_GOOD = 1.02  # times the least error, up to which fewer digits are taken
_LEAST = 0.03 / 255  # less tells nothing
_UNSEEN, _OF_NOISE = 0.15 / 255, 0.01  # what fewer digits may add beside noise
_FARTHEST = 3.0  # steps, of a guess by a parabola

Error = Callable[[str], float]
_Values = tuple[float, ...]


@dataclass(frozen=True)
class _Link:
    """A filter: its name, its arguments that stay, and its numbers by their keys."""

    name: str
    given: tuple[str, ...]
    numbers: dict[str, float]

    @classmethod
    def of(cls, text: str) -> _Link:
        name, _, after = text.partition(":")
        known = {each.name: each for each in FAMILIES[name].parameters} if name in FAMILIES else {}
        free = {key: each for key, each in known.items() if isinstance(each, Number) and not each.whole}
        given = [each.partition("=") for each in after.split(",") if each]
        numbers = {key: float(value) for key, _, value in given if key in free}
        if all(key in numbers and free[key].default for key, _, _ in given):  # no other way to tell the numbers
            numbers = {key: each.default for key, each in free.items() if each.default} | numbers
        return cls(name, tuple("".join(each) for each in given if each[0] not in free), numbers)

    @property
    def text(self) -> str:
        """The filter as `apply` takes it."""
        known = {each.name: each.default for each in FAMILIES[self.name].parameters} if self.numbers else {}
        told = (f"{key}={value:.6g}" for key, value in self.numbers.items() if known[key] != value)
        arguments = ",".join((*told, *self.given))
        return f"{self.name}:{arguments}" if arguments else self.name

    @property
    def ranges(self) -> Iterator[tuple[float, float]]:
        """The smallest and the largest value of each number."""
        parameters = FAMILIES[self.name].parameters if self.numbers else ()
        known = {each.name: each for each in parameters if isinstance(each, Number)}
        return ((known[key].low, known[key].high) for key in self.numbers)


def improved(text: str, error: Error, steps: tuple[float, ...] = _STEPS, *, is_last: bool = True) -> tuple[str, float]:
    """Return a name whose numbers leave less of the target, with the fewest digits that are as good; and its error.

    `error` tells the root mean square that a filter leaves, in shares of full scale. Whole numbers stay as they are;
    others move by `steps`, shares of them. With numbers that are not the last, digits are not looked at.
    """
    links = [_Link.of(each) for each in text.split(JOINT)]
    start = tuple(value for link in links for value in link.numbers.values())
    ranges = [each for link in links if link.numbers for each in link.ranges]
    known: dict[_Values, float] = {}

    def named(values: _Values) -> str:
        rest = iter(values)
        return JOINT.join(replace(each, numbers={key: next(rest) for key in each.numbers}).text for each in links)

    def at(values: _Values) -> float:
        if values not in known:
            is_inside = all(low <= value <= high for value, (low, high) in zip(values, ranges, strict=True))
            known[values] = error(named(values)) if is_inside else inf
        return known[values]

    best = start
    for step in steps:
        best = _descended(at, best, step)
    for digits in sorted(product(range(_DIGITS + 1), repeat=len(best)), key=sum) if is_last else ():
        short = tuple(round(value, count) for value, count in zip(best, digits, strict=True))
        if at(short) <= min(_AS_GOOD * at(best) + _LEAST, hypot(at(best), _UNSEEN + _OF_NOISE * at(best))):
            best = short
            break
    return named(best), at(best)


def with_digits(text: str, digits: int) -> str:
    """Return a name whose numbers have so many digits after the point, but for those that would be none then."""
    links = [_Link.of(each) for each in text.split(JOINT)]
    return JOINT.join(
        replace(link, numbers={key: round(value, digits) or value for key, value in link.numbers.items()}).text
        for link in links
    )


def varied(text: str, share: float) -> Iterator[str]:
    """Yield a name with each of its numbers smaller, and larger, by a share, as far as it may be."""
    links = [_Link.of(each) for each in text.split(JOINT)]
    for at, link in enumerate(links):
        for (key, value), (low, high) in zip(link.numbers.items(), link.ranges, strict=True):
            for other in (each for each in (value * (1 - share), value * (1 + share)) if low <= each <= high):
                changed = replace(link, numbers={**link.numbers, key: other})
                yield JOINT.join(each.text for each in (*links[:at], changed, *links[at + 1 :]))


def _descended(at: Callable[[_Values], float], best: _Values, step: float) -> _Values:
    """Return the values from which no step of a size gets nearer, each by the parabola through its neighbors."""
    for _ in range(_ROUNDS):
        before = best
        for index in range(len(best)):
            best = min(_beside(at, best, index, step), key=at)
        if best == before:
            break
    return best


def _beside(at: Callable[[_Values], float], values: _Values, index: int, step: float) -> Iterator[_Values]:
    """Yield values, those with one of them a step lower or higher, and at the vertex of the parabola through these."""

    def moved(distance: float) -> _Values:
        value = round(values[index] + distance * step * (abs(values[index]) or 1.0), 6)
        return (*values[:index], value, *values[index + 1 :])

    before, here, after = (at(each) ** 2 for each in (moved(-1), values, moved(1)))
    yield from (values, moved(-1), moved(1))
    bend = before - 2 * here + after
    if 0 < bend < inf:
        yield moved(max(-_FARTHEST, min((before - after) / (2 * bend), _FARTHEST)))
