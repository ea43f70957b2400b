"""The keywords of the public functions that are no settings of a kernel, each declared once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convcli.engine import DTYPES, RANGES
from convcli.filters import Choice, Flag, Number, Parameter, as_whole, judged
from convcli.image import DEFAULT_MAX_PIXELS, format_named, parse_color
from convcli.jobs import parse_channels
from convcli.lazy import dataclass


@dataclass(eq=False, repr=False)
class Text(Parameter):
    """A text that a function reads."""

    form: str = ""
    of: Callable[[str], Any] = str

    @property
    def range(self) -> str:
        return self.form

    def read(self, value: object) -> Any:
        if not isinstance(value, str):
            raise self.refusal(value)
        return self.of(value)


class DType(Parameter):
    """The dtype of a result."""

    range = "uint8, uint16, float32 or float64"

    def read(self, value: object) -> np.dtype[Any]:
        try:
            dtype: np.dtype[Any] = np.dtype(value)  # type: ignore[call-overload]  # tried
        except Exception as error:  # whatever NumPy's reading of a dtype runs into
            raise self.refusal(value) from error
        if dtype not in DTYPES:
            raise self.refusal(value if isinstance(value, str) else str(dtype))
        return dtype


class Depth(Parameter):
    """Bits a channel, or float."""

    range = "8, 16 or float"

    def read(self, value: object) -> np.dtype[Any]:
        if isinstance(value, str) and value == "float":
            return np.dtype(np.float32)
        bits = as_whole(value)
        if bits not in (8, 16):
            raise self.refusal(value)
        return np.dtype(np.uint8 if bits == 8 else np.uint16)


VALUES: tuple[Parameter, ...] = (
    Choice("range", "clip", choices=RANGES, exact=True),
    Text("channels", "all", form="all, luma, or some of r,g,b,a or of 0,1,2… with commas", of=parse_channels),
    Choice("alpha", choices=("keep", "filter", "drop"), exact=True),
    Flag("linear", False),
    DType("dtype"),
)
FILES: tuple[Parameter, ...] = (
    Text("format", form="the name of a format, such as png", of=format_named),
    Depth("depth"),
    Text("background", form="a color, such as white or #8090a0", of=parse_color),
    Flag("strict", False),
    Number("quality", low=1, high=100, whole=True),
    Choice("png_effort", "balanced", choices=("fast", "balanced", "small"), exact=True),
    Flag("force", False),
    Number("frame", 0, low=0, high=2**31 - 1, whole=True),
    Number("max_pixels", DEFAULT_MAX_PIXELS, low=1, high=2**63 - 1, whole=True),
)
_BY_NAME = {each.name: each for each in (*VALUES, *FILES)}


def judged_keywords(**given: object) -> dict[str, Any]:
    """Return keywords as they are declared, the default for None; raise UsageError where a value is refused."""
    return {
        name: _BY_NAME[name].default if value is None else judged(_BY_NAME[name], value)
        for name, value in given.items()
    }
