"""The options of a kernel: settings of a filter, in place of its own."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from convcli.cli.options.bundles import Bundle
from convcli.errors import UsageError
from convcli.filters import parse_number

if TYPE_CHECKING:
    from convcli.filters import Padding, Pipeline


class KernelOptions(Bundle):
    """The options of a kernel, as given on the command line."""

    panel = "Kernel"

    border: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[:VALUE]",
            help="What stands around the picture: constant[:VALUE], edge, reflect, symmetric or wrap.",
            show_default="reflect",
        ),
    ] = None
    padding: Annotated[
        str | None,
        typer.Option(metavar="same|valid|full|N", help="How much is added around the picture.", show_default="same"),
    ] = None
    stride: Annotated[
        int | None, typer.Option(metavar="N", help="Pixels from one output to the next.", min=1, show_default="1")
    ] = None
    dilation: Annotated[
        int | None, typer.Option(metavar="N", help="Pixels from one weight to the next.", min=1, show_default="1")
    ] = None
    divisor: Annotated[str | None, typer.Option(metavar="X", help="Divides the sum of products.")] = None
    bias: Annotated[str | None, typer.Option(metavar="X|X%", help="Added to it: 0.5 or 50% is mid-gray.")] = None
    normalize: Annotated[
        Literal["none", "sum", "l1"] | None,
        typer.Option(help="Divide by the sum of the weights, or of their absolute values.", show_default="none"),
    ] = None
    flip: Annotated[bool, typer.Option("--flip", "--convolve", help="Turn the kernel by 180°: true convolution.")] = (
        False
    )

    def applied_to(self, pipeline: "Pipeline") -> "Pipeline":
        """Return a filter with the options that were given in place of its own settings.

        Raises
        ------
        UsageError
            A text is no setting, or a setting needs a filter of one kernel.
        """
        return pipeline.with_settings(
            border=self.border,
            padding=None if self.padding is None else _padding(self.padding),
            stride=self.stride,
            dilation=self.dilation,
            divisor=None if self.divisor is None else parse_number(self.divisor),
            bias=None if self.bias is None else parse_number(self.bias, percent=True),
            normalize=self.normalize,
            flip=self.flip,
        )


def _padding(text: str) -> "Padding | int":
    if text in ("same", "valid", "full"):
        return text  # type: ignore[return-value]  # one of the three literals
    if text.isascii() and text.isdigit():
        return int(text)
    raise UsageError(f"padding {text!r} is unknown", "write same, valid, full or a whole number from 0")
