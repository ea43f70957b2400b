"""The options of ``learn`` that train a network, and what they are refused beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from convcli.cli.learn.options import DescentOptions, ModelOptions, number_of
from convcli.cli.options.bundles import Bundle
from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.cli.learn.outputs import Outputs
    from convcli.learning import TrainingSettings


class NetworkOptions(Bundle):
    """A network that is trained in place of a kernel."""

    panel = "Network"

    layers: Annotated[
        str | None,
        typer.Option(
            metavar="LAYERS|FILE.yaml",
            help='Train a network in place of a kernel: "conv:16,5 | relu | conv:3,3" has 16 output channels and 5×5, '
            "then 3 and 3×3.",
            show_default=False,
        ),
    ] = None
    epochs: Annotated[int | None, typer.Option(metavar="N", help="Epochs at most.", show_default="60")] = None
    batch: Annotated[int | None, typer.Option(metavar="N", help="Patches, or items, of a step.", show_default="8")] = (
        None
    )
    patch: Annotated[
        int | None,
        typer.Option(metavar="N", help="Side of a patch in pixels.", show_default="32, more for wide networks"),
    ] = None
    schedule: Annotated[
        Literal["cosine", "step", "constant"] | None,
        typer.Option(help="The learning rate over the epochs.", show_default="cosine"),
    ] = None
    weight_decay: Annotated[
        str | None, typer.Option(metavar="X", help="The pull of weights towards 0.", show_default="0")
    ] = None
    augment: Annotated[
        Literal["auto", "none", "mirrors", "turns"] | None,
        typer.Option(
            help="Mirror patches at random, or turn them too: where the filter is alike in all directions.",
            show_default="auto",
        ),
    ] = None
    patience: Annotated[
        int | None,
        typer.Option(metavar="N", help="End after so many epochs without an improvement.", show_default="all epochs"),
    ] = None

    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint that an interrupted training left beside -o.")
    ] = False

    @property
    def given(self) -> dict[str, Any]:
        """The settings that are given, by their names, without the layers."""
        names = ("epochs", "batch", "patch", "schedule", "weight_decay", "augment", "patience")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def check_for_kernel(network: NetworkOptions, descent: DescentOptions) -> None:
    """Refuse the options of networks where a kernel is learned."""
    for name in (*network.given, *(["resume"] if network.resume else [])):
        raise UsageError(f"--{name.replace('_', '-')} is for a network", "give its layers: --layers LAYERS")
    if descent.loss not in (None, "mean", "sum"):
        raise UsageError(
            f"--loss {descent.loss} trains a network, and a kernel is learned here",
            "write --loss mean or sum, or give the layers of a network: --layers LAYERS",
        )
    if descent.optimizer == "soap":
        raise UsageError(
            "--optimizer soap trains a network, and a kernel is learned here",
            "leave it out, or give the layers of a network: --layers LAYERS",
        )


def training_settings(
    network: NetworkOptions, model: ModelOptions, descent: DescentOptions, outputs: Outputs
) -> TrainingSettings:
    """Return the settings of training; raise UsageError for one out of range, and for options of a kernel."""
    from convcli.learning import TrainingSettings

    _check_for_network(model, descent, outputs)
    if network.resume and outputs.checkpoint is None:
        raise UsageError("--resume goes on from the checkpoint beside -o, and there is none", "give -o NET.yaml")
    given = {**network.given, "seed": descent.seed}
    if "weight_decay" in given:
        given["weight_decay"] = number_of("--weight-decay", given["weight_decay"])
    if descent.loss is not None:
        given["loss"] = descent.loss
    if descent.optimizer is not None:
        given["optimizer"] = descent.optimizer
    if descent.learning_rate != "auto":
        given["learning_rate"] = number_of("--learning-rate", descent.learning_rate)
    if model.holdout is not None:
        given["holdout"] = number_of("--holdout", model.holdout, percent=True)
    return TrainingSettings(**given)


def _check_for_network(model: ModelOptions, descent: DescentOptions, outputs: Outputs) -> None:
    of_kernels = {
        **{f"--{name}": (getattr(model, name), getattr(ModelOptions, name)) for name in _OF_MODELS},
        **{f"--{name}": (getattr(descent, name), getattr(DescentOptions, name)) for name in _OF_DESCENTS},
        "--snap": (outputs.snap, False),
        "--no-bias": (model.bias, True),
    }
    for option, (value, default) in of_kernels.items():
        if value != default:
            raise UsageError(f"{option} is for a kernel, and --layers trains a network", f"leave out {option}")
    if descent.loss in ("mean", "sum"):
        raise UsageError(
            f"--loss {descent.loss} is for the descent of a kernel, and --layers trains a network",
            "write --loss mse, l1 or cross-entropy",
        )


_OF_MODELS = ("size", "model", "border", "geometry", "curve", "linear", "stride")
_OF_DESCENTS = ("steps", "tolerance", "init")
