"""The keywords of the public functions that are no settings of a kernel, each declared once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from convcli.catalog import did_you_mean
from convcli.engine import DTYPES, RANGES
from convcli.errors import UsageError
from convcli.filters import Choice, Flag, Number, Parameter, judged, shown
from convcli.jobs import parse_channels


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


VALUES: tuple[Parameter, ...] = (
    Choice("range", "clip", choices=RANGES, exact=True),
    Channels("channels", "all"),
    Choice("alpha", choices=("keep", "filter", "drop"), exact=True),
    Flag("linear", False),
    DType("dtype"),
)
FILES: tuple[Parameter, ...] = (
    Number("quality", low=1, high=100, whole=True),
    Choice("png_effort", "balanced", choices=("fast", "balanced", "small"), exact=True),
    Flag("force", False),
    Number("frame", 0, low=0, high=2**31 - 1, whole=True),
    Number("max_pixels", low=1, high=2**63 - 1, whole=True),
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
