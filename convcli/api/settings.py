"""The keywords of the public functions that are no settings of a kernel, each declared once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from convcli.engine import DTYPES, RANGES
from convcli.errors import UsageError
from convcli.filters import Choice, Flag, Number, Parameter, as_whole, judged, shown
from convcli.image import DEFAULT_MAX_PIXELS, Color, Format, format_named, parse_color
from convcli.jobs import parse_channels
from convcli.words import did_you_mean


class Channels(Parameter):
    """The channels that are filtered."""

    range = "all, luma, or some of r,g,b,a with commas"

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise self.refusal(value)
        return parse_channels(value)


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


class FormatName(Parameter):
    """The format of a file."""

    range = "the name of a format, such as png"

    def read(self, value: object) -> Format:
        if not isinstance(value, str):
            raise self.refusal(value)
        return format_named(value)


class Background(Parameter):
    """The color under what is transparent."""

    range = "a color, such as white or #8090a0"

    def read(self, value: object) -> Color:
        if not isinstance(value, str):
            raise self.refusal(value)
        return parse_color(value)


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
    Channels("channels", "all"),
    Choice("alpha", choices=("keep", "filter", "drop"), exact=True),
    Flag("linear", False),
    DType("dtype"),
)
FILES: tuple[Parameter, ...] = (
    FormatName("format"),
    Depth("depth"),
    Background("background"),
    Flag("strict", False),
    Number("quality", low=1, high=100, whole=True),
    Choice("png_effort", "balanced", choices=("fast", "balanced", "small"), exact=True),
    Flag("force", False),
    Number("frame", 0, low=0, high=2**31 - 1, whole=True),
    Number("max_pixels", DEFAULT_MAX_PIXELS, low=1, high=2**63 - 1, whole=True),
)
_BY_NAME = {each.name: each for each in (*VALUES, *FILES)}


def judged_keyword(name: str, value: object) -> Any:
    """Return the value of a keyword as it is declared, its default for None; raise UsageError where it is refused."""
    return _BY_NAME[name].default if value is None else judged(_BY_NAME[name], value)


def check_names(given: Mapping[str, object], known: Iterable[str]) -> None:
    """Raise UsageError where a keyword is none of the known ones."""
    names = list(known)
    if unknown := next((name for name in given if name not in names), ""):
        hint = f"{did_you_mean(unknown, names)} The settings are {', '.join(names)}".strip()
        raise UsageError(f"there is no setting {shown(unknown)}", hint)
