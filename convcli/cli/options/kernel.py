"""What the options of a kernel mean: the texts of the command line, as settings of a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.errors import UsageError
from convcli.filters import parse_number

if TYPE_CHECKING:
    from convcli.filters import Padding, Pipeline


def with_options(
    pipeline: Pipeline,
    *,
    border: str | None,
    padding: str | None,
    stride: int | None,
    dilation: int | None,
    divisor: str | None,
    bias: str | None,
    normalize: str | None,
    flip: bool,
) -> Pipeline:
    """Return the filter with the options that were given in place of its own settings.

    Raises
    ------
    UsageError
        A text is no setting, or a setting needs a filter of one kernel.
    """
    return pipeline.with_settings(
        border=border,
        padding=None if padding is None else _padding(padding),
        stride=stride,
        dilation=dilation,
        divisor=None if divisor is None else parse_number(divisor),
        bias=None if bias is None else parse_number(bias, percent=True),
        normalize=normalize,
        flip=flip,
    )


def _padding(text: str) -> Padding | int:
    if text in ("same", "valid", "full"):
        return text  # type: ignore[return-value]  # one of the three literals
    if text.isascii() and text.isdigit():
        return int(text)
    raise UsageError(f"padding {text!r} is unknown", "write same, valid, full or a whole number from 0")
