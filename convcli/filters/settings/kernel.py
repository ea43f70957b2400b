"""The settings of a kernel: what any correlation takes beside its weights."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from numbers import Real
from typing import Any

from convcli.errors import UsageError
from convcli.filters.border import BORDER_NAMES, COLORS, SYNONYMS, TAGGED, Border
from convcli.filters.limits import MAX_KERNEL_SIDE
from convcli.filters.settings.parameter import (
    Choice,
    Flag,
    Number,
    Parameter,
    SettingError,
    finite_number,
    number_text_schema,
    sentence,
    shown,
)
from convcli.filters.settings.sizes import LARGEST_STEP, AnchorParameter, PaddingParameter, SizeParameter
from convcli.words import did_you_mean


class BorderParameter(Parameter):
    """The border around a picture."""

    range = "constant[:VALUE], edge, reflect, symmetric or wrap"

    def read(self, value: object) -> Border:
        if isinstance(value, Border) and value.name in BORDER_NAMES:
            level = value.value
            if isinstance(level, Real) and not isinstance(level, bool) and not math.isnan(level):
                return value
        if not isinstance(value, str):
            raise self.refusal(value)
        try:
            return Border.parse(value)
        except UsageError as error:
            raise SettingError(error.message, error.hint) from error

    def schema(self) -> dict[str, Any]:
        """Return the names, for completion, and a pattern of their synonyms."""
        constants = "|".join(("constant", *SYNONYMS["constant"]))
        others = "|".join(each for name in BORDER_NAMES[1:] for each in (name, *SYNONYMS[name]))
        tagged = "|".join(f"{library}:({'|'.join(names)})" for library, names in TAGGED.items())
        numbers = r"[-+]?[0-9.eE+-]+(/[0-9.eE+-]+)?%?|[-+]?inf"
        colors = "|".join(COLORS)
        pattern = f"^(({constants})(:({numbers}|{colors}))?|{colors}|{others}|{tagged})$"
        return {"anyOf": [{"enum": list(BORDER_NAMES)}, {"type": "string", "pattern": pattern}]}


class Divisor(Parameter):
    """A number that divides the sum of products."""

    range = "a number other than 0"

    def read(self, value: object) -> float:
        number = finite_number(value) if isinstance(value, Real | str) else 0
        if number == 0:
            raise self.refusal(value)
        return number

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "number", "not": {"const": 0}}, number_text_schema()]}


class Level(Parameter):
    """A share of full scale."""

    range = "a share of full scale, such as 0.5, 50% or 128/255"

    def read(self, value: object) -> Any:
        return finite_number(value, percent=True)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, number_text_schema(percent=True)]}


class Levels(Level):
    """A share of full scale, or a list of one per output channel."""

    takes_list = True
    range = f"{Level.range}; or a list of one per output channel"

    def read(self, value: object) -> Any:
        """Return the level, or a tuple of them."""
        if not isinstance(value, list | tuple):
            return super().read(value)
        levels = []
        for index, each in enumerate(value):
            try:
                levels.append(finite_number(each, percent=True))
            except UsageError as error:
                raise SettingError(error.message, error.hint, (index,)) from error
        return tuple(levels)

    def schema(self) -> dict[str, Any]:
        level = super().schema()
        return {"anyOf": [*level["anyOf"], {"type": "array", "items": level, "minItems": 1}]}


_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_RANGE = re.compile(rf"\s*({_NUMBER}?)\s*\.\.\s*({_NUMBER})\s*")
_LARGEST_LEVEL = 1e6


class RangeParameter(Parameter):
    """Two numbers, the lower one first."""

    range = "a range such as 0..1, 0..255 or -1..1"

    def read(self, value: object) -> tuple[float, float]:
        """Return (low, high)."""
        found = _RANGE.fullmatch(value) if isinstance(value, str) else None
        if found is None or not found[1]:
            raise self.refusal(value)
        low, high = float(found[1]), float(found[2])
        if not -_LARGEST_LEVEL <= low < high <= _LARGEST_LEVEL:
            raise self.refusal(value)
        return low, high

    def schema(self) -> dict[str, Any]:
        """Return the schema of the text."""
        return {"type": "string", "pattern": rf"^{_NUMBER}\.\.{_NUMBER}$"}


DIVISOR = Divisor("divisor", help="The sum of products is divided by it.", metavar="X", examples=(9,))
BIAS = Levels(
    "bias",
    help="Added after the division, a share of full scale: 0.5, 50% and 128/255 are mid-gray.",
    metavar="X|X%",
    examples=(0.5, "50%"),
)
FLIP = Flag("flip", False, help="Turn the kernel by 180°: true convolution.", examples=(True,))
NORMALIZE = Choice(
    "normalize",
    "none",
    help="Divide by the sum of the weights, or of their absolute values.",
    metavar="none|sum|l1",
    examples=("sum",),
    choices=("none", "sum", "l1"),
    exact=True,
)
STRIDE = SizeParameter("stride", 1, help="Pixels from one output to the next.", metavar="N", examples=(2, [2, 1]))
PADDING = PaddingParameter(
    "padding",
    "same",
    help="Pixels added around the picture: same keeps its size, valid adds none, full all that see it, or so many.",
    metavar="same|valid|full|N",
    examples=("valid", 1, [2, 0]),
    low=0,
    words="[above and below, left and right]",
)
DILATION = SizeParameter("dilation", 1, help="Pixels from one weight to the next.", metavar="N", examples=(2, [2, 1]))
BORDER = BorderParameter(
    "border",
    "reflect",
    help=(
        "What stands around the picture: constant[:VALUE], edge, reflect, symmetric or wrap."
        " VALUE is a share of full scale: 1 and 100% are white; arrays take any number, and -inf."
    ),
    metavar="NAME[:VALUE]",
    examples=("reflect", "constant:1"),
)
GROUPS = Number(
    "groups",
    1,
    help="Parts of the input channels, each with its share of the output channels.",
    examples=(3,),
    low=1,
    high=LARGEST_STEP,
    whole=True,
)
ANCHOR = AnchorParameter(
    "anchor",
    help="The weight that lies on the output pixel; k // 2 on each axis unless given.",
    metavar="ROW,COLUMN",
    examples=([0, 0],),
    low=0,
    high=MAX_KERNEL_SIDE - 1,
    words="[row, column]",
)

# In the order in which they take effect: an anchor turns with the kernel, `normalize` replaces the divisor.
INPUT_RANGE = RangeParameter(
    "input",
    help="The values of black and white in a network: pictures come to it so, and go from it.",
    metavar="0..1|0..255",
    examples=("0..255",),
)
KERNEL_SETTINGS: tuple[Parameter, ...] = (
    ANCHOR, DIVISOR, BIAS, FLIP, NORMALIZE, STRIDE, PADDING, DILATION, BORDER,
)  # fmt: skip


def check_names(given: Iterable[str], known: Iterable[str]) -> None:
    """Raise UsageError where a name among those that are given is none of the known settings."""
    names = list(known)
    if unknown := next((name for name in given if name not in names), ""):
        hint = f"{did_you_mean(unknown, names)} The settings are {', '.join(names)}".strip()
        raise UsageError(f"there is no setting {shown(unknown)}", hint)


def judged(parameter: Parameter, value: object, error: type[UsageError] = UsageError, *, is_text: bool = False) -> Any:
    """Return a value, NumPy's too, as the parameter reads it, or the text of a command as it parses it.

    Raises `error`, naming the parameter, where the value is refused.
    """
    try:
        if is_text and isinstance(value, str):
            return parameter.parse(value)
        return parameter.read(plain(value))
    except UsageError as refused:
        raise error(sentence(parameter, refused), refused.hint) from refused


def plain(value: object) -> Any:
    """Return a value of NumPy's, or of a library like it, as Python's own."""
    return value.tolist() if hasattr(value, "tolist") and not isinstance(value, type) else value
