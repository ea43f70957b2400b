"""The options of a kernel: settings of a filter, in place of its own."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from convcli.cli.options.bundles import Bundle
from convcli.filters import (
    ANCHOR,
    BIAS,
    BORDER,
    DILATION,
    DIVISOR,
    FLIP,
    KERNEL_SETTINGS,
    NORMALIZE,
    PADDING,
    STRIDE,
    Parameter,
    SizeParameter,
    as_text,
    judged,
)

if TYPE_CHECKING:
    from convcli.filters import Pipeline


def declared_option(setting: Parameter, *names: str) -> Any:
    """Return the option of a setting of the kernel, as it is declared."""
    # The command takes one number for both axes; a padding may be a word besides.
    low, high = (setting.low, setting.high) if type(setting) is SizeParameter else (None, None)
    return typer.Option(
        *names,
        metavar=setting.metavar or None,
        help=setting.help,
        min=low,
        max=high,
        show_default=as_text(setting.default) if setting.default else True,
    )


class KernelOptions(Bundle):
    """The options of a kernel, as given on the command line."""

    panel = "Kernel"

    border: Annotated[str | None, declared_option(BORDER)] = None
    padding: Annotated[str | None, declared_option(PADDING)] = None
    stride: Annotated[int | None, declared_option(STRIDE)] = None
    dilation: Annotated[int | None, declared_option(DILATION)] = None
    divisor: Annotated[str | None, declared_option(DIVISOR)] = None
    bias: Annotated[str | None, declared_option(BIAS)] = None
    anchor: Annotated[str | None, declared_option(ANCHOR)] = None
    normalize: Annotated[Literal["none", "sum", "l1"] | None, declared_option(NORMALIZE)] = None
    flip: Annotated[bool, declared_option(FLIP, "--flip", "--convolve")] = False

    def applied_to(self, pipeline: "Pipeline") -> "Pipeline":
        """Return a filter with the options that were given in place of its own settings.

        Raises UsageError where a text is out of the range of its setting, or a setting needs a filter of one kernel.
        """
        given = {name: value for name, value in vars(self).items() if value is not None}
        settings: Any = {
            each.name: judged(each, given[each.name], is_text=True) for each in KERNEL_SETTINGS if each.name in given
        }
        return pipeline.with_settings(**settings)
