"""A number of a filter file or of the command line: written as a number, or as a text of one."""

from __future__ import annotations

from convcli.catalog.words.problem import LONGEST_SHOWN, shown
from convcli.errors import UsageError
from convcli.filters import parse_number


def finite_number(value: object, *, percent: bool = False) -> float:
    """Return a number that was written as one, or as a fraction such as ``1/9``.

    Raises
    ------
    UsageError
        The value is no finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UsageError(f"{shown(value)} is not a number", "write a number such as 2, -1.5, 1e-3 or 1/9")
    text = str(value)  # an integer beyond float64 is then called infinite, like any other number
    try:
        return parse_number(text, percent=percent)
    except UsageError as error:
        if len(text) < LONGEST_SHOWN:
            raise
        raise UsageError(f"{shown(text)} is not a finite number", error.hint) from error
