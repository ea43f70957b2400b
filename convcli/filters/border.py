"""Border: the values around a picture.

``padding`` is the number of values around a picture, the border is their origin.
The picture ``abcd``, three values beyond each end:

=========== ==================== ==============================
constant    ``000|abcd|000``     a value, 0 unless given
edge        ``aaa|abcd|ddd``     the last value, repeated
reflect     ``dcb|abcd|cba``     mirrored at the last value
symmetric   ``cba|abcd|dcb``     mirrored behind the last value
wrap        ``bcd|abcd|abc``     the other end
=========== ==================== ==============================

The names are those of ``numpy.pad``. Libraries disagree on "reflect" and "mirror", so a name may be tagged with the
library that it comes from.
"""

from __future__ import annotations

from convcli.errors import UsageError
from convcli.filters.number import parse_number
from convcli.lazy import dataclass
from convcli.words import short_repr

BORDER_NAMES = ("constant", "edge", "reflect", "symmetric", "wrap")

SYNONYMS = {
    "constant": ("zero", "zeros", "black", "dirichlet"),
    "edge": ("replicate", "nearest", "clamp", "extend", "copy", "neumann", "duplicate"),
    "reflect": ("reflect101", "reflect_101", "default101"),
    "symmetric": ("grid-mirror", "half-sample"),
    "wrap": ("circular", "periodic", "tile", "loop", "grid-wrap"),
}

# Constant borders of a color, in shares of full scale.
COLORS = {"white": 1.0, "gray": 0.5}

# Each library's own names, where they differ from these or are tagged.
TAGGED = {
    "scipy": {
        "constant": "constant", "grid-constant": "constant", "nearest": "edge", "mirror": "reflect",
        "reflect": "symmetric", "grid-mirror": "symmetric", "wrap": "wrap", "grid-wrap": "wrap",
    },
    "cv2": {
        "constant": "constant", "replicate": "edge", "reflect101": "reflect", "reflect_101": "reflect",
        "default": "reflect", "reflect": "symmetric", "wrap": "wrap",
    },
    "im": {"black": "constant", "edge": "edge", "mirror": "symmetric", "tile": "wrap"},
    "numpy": {name: name for name in BORDER_NAMES},
    "torch": {"zeros": "constant", "replicate": "edge", "reflect": "reflect", "circular": "wrap"},
}  # fmt: skip

_MIRRORS = "write reflect (dcb|abcd|cba, scipy:mirror) or symmetric (cba|abcd|dcb, im:mirror)"
_BY_NAME = {synonym: name for name in BORDER_NAMES for synonym in (name, *SYNONYMS[name])}


@dataclass(frozen=True)
class Border:
    """One of the five borders.

    `value` is that of a constant border in shares of full scale: 1.0 is white at 8 and 16 bit alike. Floats, whose full
    scale is 1, may have any value beyond the border, infinities too. Every other border has 0.
    """

    name: str  # one of `BORDER_NAMES`
    value: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Border:
        """Read ``NAME``, ``LIBRARY:NAME`` or ``constant:VALUE`` (``0.5``, ``50%``, ``128/255``, ``white`` or ``-inf``).

        Raises
        ------
        UsageError
            The name is unknown or ambiguous, or the value is no number.
        """
        head, colon, tail = text.strip().lower().partition(":")
        if head in TAGGED and colon:
            return cls(_tagged(head, tail))
        if head in COLORS and not colon:
            return cls("constant", COLORS[head])
        if head in ("mirror", "mirrored"):
            raise UsageError(f"border {text!r} means different things in different libraries", _MIRRORS)
        if head not in _BY_NAME:
            raise UsageError(f"unknown border {text!r}", _suggestion(head))
        name = _BY_NAME[head]
        if not colon:
            return cls(name)
        if name != "constant":
            raise UsageError(f"border {name} takes no value, got {tail!r}", f"write {name}, or constant:{tail}")
        return cls(name, COLORS.get(tail) or parse_number(tail, percent=True, infinite=True))

    __repr__ = short_repr

    def __str__(self) -> str:
        return f"{self.name}:{self.value:g}" if self.value else self.name


def _tagged(library: str, name: str) -> str:
    names = TAGGED[library]
    if name not in names:
        known = ", ".join(f"{library}:{each}" for each in names)
        raise UsageError(f"unknown border '{library}:{name}'", f"known: {known}")
    return names[name]


def _suggestion(name: str) -> str:
    import difflib  # here, for misspelled names alone

    if _is_number(name):
        return f"write constant:{name}"
    near = difflib.get_close_matches(name, _BY_NAME, n=1)
    known = "constant[:VALUE], edge, reflect, symmetric or wrap"
    return f"did you mean {near[0]}? The borders are {known}" if near else f"write {known}"


def _is_number(text: str) -> bool:
    try:
        parse_number(text, percent=True, infinite=True)
    except UsageError:
        return False
    return True
