"""The letters that the pictures need, as strokes on a grid 4 wide and 6 high."""

from drawing.canvas import Canvas, Paint
from drawing.shapes import Point, stroke

_ROUND: list[Point] = [(4, 1.2), (3.4, 0.3), (2.4, 0), (1.6, 0), (0.6, 0.3), (0, 1.2)]
_BOWL: list[Point] = [(0, 4.8), (0.6, 5.7), (1.6, 6), (2.4, 6), (3.4, 5.7), (4, 4.8)]
_S_TOP: list[Point] = [(3.9, 1.1), (3.3, 0.3), (2.4, 0), (1.5, 0), (0.5, 0.4), (0.1, 1.4), (0.5, 2.4), (2, 3)]
_S_END: list[Point] = [(3.5, 3.6), (3.9, 4.6), (3.5, 5.6), (2.5, 6), (1.6, 6), (0.7, 5.7), (0.1, 4.9)]

LETTERS: dict[str, list[list[Point]]] = {
    "A": [[(0, 6), (2, 0), (4, 6)], [(0.8, 4), (3.2, 4)]],
    "B": [
        [(0, 0), (0, 6), (2.4, 6), (3.6, 5.6), (4, 4.5), (3.6, 3.4), (2.4, 2.9), (0, 2.9)],
        [(0, 0), (2.2, 0), (3.3, 0.4), (3.6, 1.4), (3.3, 2.5), (2.4, 2.9)],
    ],
    "C": [_ROUND + _BOWL],
    "E": [[(4, 0), (0, 0), (0, 6), (4, 6)], [(0, 3), (3.2, 3)]],
    "G": [[*_ROUND, *_BOWL, (4, 3.3), (2.5, 3.3)]],
    "I": [[(0, 0), (0, 6)]],
    "L": [[(0, 0), (0, 6), (3.8, 6)]],
    "N": [[(0, 6), (0, 0), (4, 6), (4, 0)]],
    "O": [[*_ROUND, *_BOWL, (4, 1.2)]],
    "S": [_S_TOP + _S_END],
    "U": [[(0, 0), *_BOWL, (4, 0)]],
    "V": [[(0, 0), (2, 6), (4, 0)]],
}

_GAP = 1.9  # between two letters; a little less after an open one
_OPEN = {"L": 1.7, "V": 1.5, "A": 1.5}


def _advance(letter: str) -> float:
    """Measure from the left of a letter to the left of the next."""
    return max(x for line in LETTERS[letter] for x, _ in line) + _OPEN.get(letter, _GAP)


def width_of(text: str, height: float) -> float:
    """Measure how wide a text of the given height will be."""
    last = text[-1]
    return (sum(map(_advance, text)) - _OPEN.get(last, _GAP)) * height / 6


def write(canvas: Canvas, text: str, at: Point, height: float, paint: Paint, weight: float = 0.9) -> None:
    """Write a text whose upper left corner is at a point; `weight` is the stroke on the letters' grid."""
    unit = height / 6
    left = at[0]
    for letter in text:
        for line in LETTERS[letter]:
            canvas.fill(stroke([(left + x * unit, at[1] + y * unit) for x, y in line], weight * unit), paint)
        left += _advance(letter) * unit
