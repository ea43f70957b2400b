"""Curves, as SVG within a page, whose style has the colors of light and dark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from convcli.report.pictures.scales import short, ticks

_WIDTH, _HEIGHT = 460, 260
_LEFT, _TOP, _RIGHT, _BELOW = 64, 16, 16, 58
_KINDS = ("blue", "red", "ocher")
_MOST_POINTS = 400
_DECADES = 2.0  # a curve that falls by more has a logarithmic scale

Points = Sequence[tuple[float, float]]


def chart(
    curves: Mapping[str, Points],
    label: str,
    *,
    across: tuple[float, float, str],
    up: tuple[float, float],
    diagonal: bool = False,
) -> str:
    """Return curves by their names over axes: `across` from, to and its name; `up` from and to.

    `label` says what is drawn. With `diagonal` a line shows the values that stay as they are.
    """
    first, last, name = across
    low, high = up
    span, rise = (last - first) or 1.0, (high - low) or 1.0

    def at(x: float, y: float) -> tuple[float, float]:
        return _LEFT + (x - first) / span * _WIDTH, _TOP + (high - y) / rise * _HEIGHT

    rules = [(at(first, value)[1], short(value)) for value in ticks(low, high, 5)]
    marks = [(at(value, low)[0], short(value)) for value in ticks(first, last, 5)]
    lines = [*_axes(rules, marks, name)]
    if diagonal:
        lines.append(_path([at(first, first), at(last, last)], "faint"))
    for kind, points in zip(_KINDS, curves.values(), strict=False):
        lines.append(_path([at(x, min(max(y, low), high)) for x, y in _thinned(points)], f"curve {kind}"))
    return _svg(lines, label, list(curves) if len(curves) > 1 else [])


def loss_chart(curves: Mapping[str, Points], steps: str) -> str:
    """Return losses by their names against steps of a name, on a logarithmic scale where one falls far."""
    history = [point for points in curves.values() for point in points]
    positive = [loss for _, loss in history if loss > 0]
    if not positive:
        return ""
    is_wide = math.log10(max(positive) / min(positive)) >= _DECADES
    low = math.floor(math.log10(min(positive))) if is_wide else 0.0
    high = math.ceil(math.log10(max(positive))) if is_wide else 1.05 * max(positive)
    shown = {
        name: [(step, math.log10(loss) if is_wide else loss) for step, loss in points if loss > 0 or not is_wide]
        for name, points in curves.items()
    }
    first, last = min(step for step, _ in history), max(step for step, _ in history)
    name = f"{steps}; the loss as a power of ten" if is_wide else steps
    across = (first, max(last, first + 1), name)
    return chart(
        {name: each for name, each in shown.items() if each}, f"The loss of each {steps}", across=across, up=(low, high)
    )


def _axes(rules: Iterable[tuple[float, str]], marks: Iterable[tuple[float, str]], name: str) -> Iterable[str]:
    bottom = _TOP + _HEIGHT
    for y, text in rules:
        yield f'<line class="rule" x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(text)}</text>'
    for x, text in marks:
        yield f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{escape(text)}</text>'
    yield f'<text x="{_LEFT + _WIDTH / 2}" y="{bottom + 42}" text-anchor="middle">{escape(name)}</text>'


def _path(points: Points, kind: str) -> str:
    return f'<polyline class="{kind}" fill="none" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'


def _thinned(points: Points) -> Points:
    every = max(1, len(points) // _MOST_POINTS)
    return [*points[:-1:every], points[-1]]


def _svg(lines: Iterable[str], label: str, names: Sequence[str]) -> str:
    width, height = _LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + _BELOW + (26 if names else 0)
    legend = []
    for index, (name, kind) in enumerate(zip(names, _KINDS, strict=False)):
        left, y = _LEFT + index * 140, _TOP + _HEIGHT + _BELOW + 12
        legend.append(_path([(left, y), (left + 30, y)], f"curve {kind}"))
        legend.append(f'<text x="{left + 38}" y="{y + 4}">{escape(name)}</text>')
    return (
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
        f"{''.join([*lines, *legend])}</svg>"
    )
