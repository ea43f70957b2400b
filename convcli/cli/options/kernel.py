"""The options of a kernel: settings of a filter, in place of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from convcli.cli.options.bundles import Bundle
from convcli.filters import (
    ANCHOR,
    BIAS,
    BORDER,
    DILATION,
    DIVISOR,
    FLIP,
    INPUT_RANGE,
    KERNEL_SETTINGS,
    NORMALIZE,
    PADDING,
    STRIDE,
    judged,
)

if TYPE_CHECKING:
    from convcli.cli.options.declared import declared_option
    from convcli.filters import Pipeline


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
    input: Annotated[str | None, declared_option(INPUT_RANGE)] = None

    def applied_to(self, pipeline: Pipeline) -> Pipeline:
        """Return a filter with the options that were given in place of its own settings.

        Raises UsageError where a text is out of the range of its setting, or a setting needs a filter of one kernel.
        """
        given = {name: value for name, value in vars(self).items() if value is not None}
        settings: Any = {
            each.name: judged(each, given[each.name], is_text=True) for each in KERNEL_SETTINGS if each.name in given
        }
        pipeline = pipeline.with_settings(**settings)
        if self.input is None:
            return pipeline
        from convcli.filters import with_levels  # few filters are networks

        return with_levels(pipeline, *judged(INPUT_RANGE, self.input, is_text=True))
