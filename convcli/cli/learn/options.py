"""The options of ``learn``, in bundles: the panels of its help. `LearnSettings` judges their values."""

import re
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from convcli.cli.options.bundles import Bundle
from convcli.cli.options.common import ENGINE
from convcli.errors import UsageError
from convcli.filters import parse_number

if TYPE_CHECKING:
    from convcli.learning import LearnSettings

_TWO = re.compile(r"(\d{1,9})(?:\s*[x×]\s*(\d{1,9}))?", re.ASCII)

Input = Annotated[
    str,
    typer.Argument(metavar="INPUT", help="A picture, an array, a folder of them, or - for stdin.", show_default=False),
]
Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="What the filter made of INPUT; a folder where INPUT is one, with the same names in it.",
        show_default=False,
    ),
]


class ModelOptions(Bundle):
    """The kernel that is learned, and the rows that it is learned from."""

    panel = "Model"

    size: Annotated[str, typer.Option(metavar="N|HxW|auto", help="Height and width of the kernel.")] = "auto"
    model: Annotated[
        Literal["auto", "shared", "depthwise", "full"],
        typer.Option(
            help="One plane for every channel, one per channel, or output × input channels; auto: the simplest that "
            "explains the pair."
        ),
    ] = "auto"
    bias: Annotated[bool, typer.Option("--bias/--no-bias", help="Learn what is added to every value, too.")] = True
    border: Annotated[
        str,
        typer.Option(
            metavar="NAME[:VALUE]|auto",
            help="What stood around INPUT (VALUE is a share of full scale); auto finds it on the rim of TARGET.",
        ),
    ] = "auto"
    geometry: Annotated[
        Literal["auto", "none"], typer.Option(help="Look for crops, mirrors, turns, shifts and other sizes.")
    ] = "auto"
    curve: Annotated[
        Literal["auto", "none"], typer.Option(help="Look for linear light, and for a tone curve after the kernel.")
    ] = "auto"
    linear: Annotated[
        bool,
        typer.Option("--linear", help="The kernel works on light, as with apply --linear; without it, light is tried."),
    ] = False
    stride: Annotated[
        str,
        typer.Option(
            metavar="N|HxW|auto", help="Pixels of INPUT from one of TARGET to the next, where the kernel skips some."
        ),
    ] = "auto"
    mask: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="A picture of TARGET's size, white where to learn; a folder of them, by name, where INPUT is one.",
            show_default=False,
        ),
    ] = None
    holdout: Annotated[
        str | None,
        typer.Option(
            metavar="X",
            help="The share of rows kept from learning, to test the kernel on.",
            show_default="0.1, and 0 for fewer than 10 000 values",
        ),
    ] = None


class DescentOptions(Bundle):
    """The way down to the smallest loss."""

    panel = "Descent"

    optimizer: Annotated[
        Literal["gd", "momentum", "nesterov", "adam", "dct", "soap"] | None,
        typer.Option(
            help="How to descend; dct is gradient descent in DCT coordinates, soap Adam along the axes of gradients.",
            show_default="dct; soap for a network",
        ),
    ] = None
    learning_rate: Annotated[str, typer.Option(metavar="X|auto", help="The size of a step.")] = "auto"
    steps: Annotated[str, typer.Option(metavar="N|auto", help="Steps at most.")] = "auto"
    tolerance: Annotated[
        str,
        typer.Option(metavar="X", help="The descent ends when no weight moves by more than this share of the largest."),
    ] = "1e-7"
    loss: Annotated[
        Literal["mean", "sum", "mse", "l1", "cross-entropy"] | None,
        typer.Option(
            help="Of a kernel the mean of the squared errors, or their sum; of a network the mean of squares or of "
            "magnitudes, or that of classes.",
            show_default="mean; mse for a network",
        ),
    ] = None
    init: Annotated[
        str,
        typer.Option(
            metavar="zeros|random|identity|FILTER",
            help="The weights before the first step; those of a FILTER give the size, too.",
        ),
    ] = "zeros"
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the random weights, and of patches.", min=0)] = 0
    log_every: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Print the loss after every N steps, or epochs of a network, and after the last.",
            min=1,
            show_default=False,
        ),
    ] = None


Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS|local",
        help="Read the pairs of two folders on a Dask cluster, such as tcp://host:8786; local starts one on this"
        " machine. The result is the same.",
        show_default="this machine, without Dask",
        rich_help_panel=ENGINE,
    ),
]


def settings_of(model: ModelOptions, descent: DescentOptions) -> "LearnSettings":
    """Return the settings of the options; raise UsageError for a text that is no number, or a value out of range."""
    from convcli.learning import LearnSettings

    return LearnSettings.of(
        size=_two("--size", model.size, "is no size", "write 3, 3x5 (height × width) or auto"),
        model=model.model,
        bias=model.bias,
        border=model.border,
        geometry=model.geometry,
        curve=model.curve,
        linear=model.linear,
        stride=_two("--stride", model.stride, "is no stride", "write 2, 2x3 (down × right) or auto"),
        holdout=None if model.holdout is None else number_of("--holdout", model.holdout, percent=True),
        optimizer="dct" if descent.optimizer is None or descent.optimizer == "soap" else descent.optimizer,
        learning_rate=None if descent.learning_rate == "auto" else number_of("--learning-rate", descent.learning_rate),
        steps=_steps(descent.steps),
        tolerance=number_of("--tolerance", descent.tolerance),
        # What else there is, is of networks.
        loss="sum" if descent.loss == "sum" else "mean",
        init=descent.init,
        seed=descent.seed,
    )


def _two(option: str, text: str, fault: str, hint: str) -> tuple[int, int] | None:
    if text == "auto":
        return None
    found = _TWO.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{option} {text!r} {fault}", hint)
    return int(found[1]), int(found[2] or found[1])


def _steps(text: str) -> int | None:
    if text == "auto":
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    raise UsageError(f"--steps {text!r} is no number of steps", "write auto or a whole number from 1")


def number_of(option: str, text: str, *, percent: bool = False) -> float:
    """Return the number of an option, as a share where `percent` is allowed; raise UsageError where it is none."""
    try:
        return parse_number(text, percent=percent)
    except UsageError as error:
        raise UsageError(f"{option}: {error.message}", error.hint) from error
