"""The options of ``learn``, in the groups in which its help shows them, and what their texts mean."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from convcli.errors import UsageError
from convcli.filters import parse_number

if TYPE_CHECKING:
    from convcli.filters import Kernel

MODEL = "Model"
DESCENT = "Descent"
OUTPUT = "Output"

_SIZE = re.compile(r"(\d{1,9})(?:\s*[x×]\s*(\d{1,9}))?", re.ASCII)
_LARGEST_HOLDOUT = 0.5

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

Size = Annotated[
    str,
    typer.Option(metavar="N|HxW|auto", help="Height and width of the kernel.", rich_help_panel=MODEL),
]
Model = Annotated[
    Literal["shared", "depthwise", "full"],
    typer.Option(
        metavar="shared|depthwise|full",
        help="One plane for every channel, one plane per channel, or output × input channels.",
        rich_help_panel=MODEL,
    ),
]
Bias = Annotated[
    bool,
    typer.Option("--bias/--no-bias", help="Learn what is added to every value, too.", rich_help_panel=MODEL),
]
Border = Annotated[
    str,
    typer.Option(
        metavar="NAME[:VALUE]|auto",
        help="What stood around INPUT; auto finds it on the rim of TARGET.",
        rich_help_panel=MODEL,
    ),
]
Holdout = Annotated[
    str | None,
    typer.Option(
        metavar="X",
        help="The share of rows kept from learning, to test the kernel on.",
        show_default="0.1, and 0 for fewer than 10 000 values",
        rich_help_panel=MODEL,
    ),
]

Optimizer = Annotated[
    Literal["gd", "momentum", "nesterov", "adam", "dct"],
    typer.Option(
        metavar="gd|momentum|nesterov|adam|dct",
        help="How to descend; dct is gradient descent in DCT coordinates.",
        rich_help_panel=DESCENT,
    ),
]
LearningRate = Annotated[
    str,
    typer.Option(metavar="X|auto", help="The size of a step.", rich_help_panel=DESCENT),
]
Steps = Annotated[
    str,
    typer.Option(metavar="N|auto", help="How many, at most.", rich_help_panel=DESCENT),
]
Tolerance = Annotated[
    str,
    typer.Option(
        metavar="X",
        help="The descent ends when no weight moves by more than this share of the largest.",
        rich_help_panel=DESCENT,
    ),
]
Loss = Annotated[
    Literal["mean", "sum"],
    typer.Option(metavar="mean|sum", help="Of the squared errors.", rich_help_panel=DESCENT),
]
Init = Annotated[
    str,
    typer.Option(
        metavar="zeros|random|identity|FILTER",
        help="The weights before the first step; those of a FILTER give the size, too.",
        rich_help_panel=DESCENT,
    ),
]
Seed = Annotated[
    int,
    typer.Option(metavar="N", help="Of the random weights.", min=0, rich_help_panel=DESCENT),
]
LogEvery = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Print the loss after every N steps, and after the last.",
        min=1,
        show_default=False,
        rich_help_panel=DESCENT,
    ),
]

Output = Annotated[
    str | None,
    typer.Option(
        *("-o", "--output"),
        metavar="KERNEL.yaml",
        help="Write the kernel as a file that apply takes, or - for stdout.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
Snap = Annotated[
    bool,
    typer.Option(
        "--snap",
        help="Write the simplest exact form that the errors allow: integers and their divisor.",
        rich_help_panel=OUTPUT,
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        metavar="PICTURE",
        help="Draw the loss against the steps, and the kernel beside it.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
Predict = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Apply the kernel to INPUT, and write what comes out.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]


def parse_size(text: str) -> tuple[int, int] | None:
    """Return height and width, or None for those that are to be found."""
    from convcli.learning import MAX_LEARNED_SIDE

    if text == "auto":
        return None
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--size {text!r} is no size", "write 3, 3x5 (height × width) or auto")
    size = int(found[1]), int(found[2] or found[1])
    if min(size) < 1 or max(size) > MAX_LEARNED_SIDE:
        raise UsageError(f"--size {text}: a side has 1 to {MAX_LEARNED_SIDE} weights", "write 3, 3x5 or auto")
    return size


def parse_holdout(text: str | None) -> float | None:
    """Return the share of rows, or None where nothing was said."""
    share = None if text is None else _number("--holdout", text, percent=True)
    if share is not None and not 0 <= share <= _LARGEST_HOLDOUT:
        raise UsageError(f"--holdout {text} is no share of the rows", f"write a number from 0 to {_LARGEST_HOLDOUT}")
    return share


def parse_learning_rate(text: str) -> float | None:
    """Return the learning rate, or None for one that suits the pair."""
    rate = None if text == "auto" else _number("--learning-rate", text)
    if rate is not None and rate <= 0:
        raise UsageError(f"--learning-rate {text} does not descend", "write a number above 0, or auto")
    return rate


def parse_steps(text: str) -> int | None:
    """Return the number of steps, or None for as many as it takes."""
    if text == "auto":
        return None
    if text.isascii() and text.isdigit() and 0 < int(text) <= 10**9:
        return int(text)
    raise UsageError(f"--steps {text!r} is no number of steps", "write auto or a whole number from 1")


def parse_tolerance(text: str) -> float:
    """Return the tolerance."""
    tolerance = _number("--tolerance", text)
    if not 0 <= tolerance < 1:
        raise UsageError(f"--tolerance {text} is no share", "write a number from 0 to below 1, such as 1e-7")
    return tolerance


def parse_init(text: str) -> Literal["zeros", "random", "identity"] | Kernel:
    """Return a way to make the first weights, or the kernel that they are."""
    if text in ("zeros", "random", "identity"):
        return text  # type: ignore[return-value]  # one of the three literals
    from convcli.catalog import load_filter

    pipeline = load_filter(text)
    conv = pipeline.conv
    name = pipeline.name or "the filter"
    if conv is None:
        raise UsageError(
            f"--init: {name} is a pipeline, and one kernel is learned", "start from zeros, random, identity or a kernel"
        )
    if conv.stride != (1, 1) or conv.dilation != (1, 1) or conv.groups != 1:
        raise UsageError(
            f"--init: {name} has a stride, dilation or groups, and the learned kernel has none",
            "start from its weights alone",
        )
    return conv.kernel


def settled_size(
    size: tuple[int, int] | None, init: Literal["zeros", "random", "identity"] | Kernel
) -> tuple[int, int] | None:
    """Return the size of the kernel that learning starts from, where it starts from one."""
    if isinstance(init, str):
        return size
    if size not in (None, init.size):
        asked, given = ("×".join(map(str, each)) for each in (size or (), init.size))
        raise UsageError(f"--size {asked}, and --init has {given} weights", "leave out --size, or begin with zeros")
    return init.size


def _number(option: str, text: str, *, percent: bool = False) -> float:
    try:
        return parse_number(text, percent=percent)
    except UsageError as error:
        raise UsageError(f"{option}: {error}", error.hint) from error
