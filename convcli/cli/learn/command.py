"""``convcli learn``: the kernel that made one picture of another."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

import typer

from convcli.cli.learn.network_options import NetworkOptions, check_for_kernel, training_settings
from convcli.cli.learn.options import DescentOptions, Input, ModelOptions, Scheduler, Target, settings_of
from convcli.cli.learn.outputs import Outputs
from convcli.cli.options.common import VoiceOptions
from convcli.cli.options.declared import Json, MaxPixels
from convcli.errors import UsageError
from convcli.image import DEFAULT_MAX_PIXELS

if TYPE_CHECKING:
    from convcli.report import Voice


def learn(
    context: typer.Context,
    source: Input,
    target: Target,
    *,
    model: ModelOptions,
    descent: DescentOptions,
    network: NetworkOptions,
    outputs: Outputs,
    scheduler: Scheduler = None,
    max_pixels: MaxPixels = DEFAULT_MAX_PIXELS,
    json: Json = False,
    voice: VoiceOptions,
) -> None:
    """Learn the kernel, or train the network, that makes TARGET of INPUT, and say how far it is to be trusted.

    \b
    convcli learn photo.png filtered.png -o mine.yaml
    convcli learn photo.png filtered.png --size 3 --snap -o mine.yaml
    convcli learn photos/ filtered/ --model full --size 5x5 -o mine.yaml
    convcli learn corners.csv edges.csv --size 1x2 --optimizer gd --log-every 100
    convcli learn photo.png filtered.png --predict replay.png --plot curve.png
    convcli learn in.png out.png --layers "conv:8,3 | relu | conv:3,3" -o net.yaml
    """
    if json and outputs.kernel == "-":
        raise UsageError("--json and -o - would both write to stdout", "write the kernel to a file")
    asked = _Asked(source, target, model, descent, network, outputs, scheduler, max_pixels, json)
    if network.layers is None:
        _learn_kernel(asked, voice.voice(context))
    else:
        _train(asked, network.layers, voice.voice(context))


class _Asked(NamedTuple):
    """Everything on the command line but how to print."""

    source: str
    target: str
    model: ModelOptions
    descent: DescentOptions
    network: NetworkOptions
    outputs: Outputs
    scheduler: str | None
    max_pixels: int
    json: bool

    @property
    def inputs(self) -> dict[str, str | None]:
        """The files that are read, by the words for them in messages."""
        return {"INPUT": self.source, "TARGET": self.target, "the mask": self.model.mask}


def _learn_kernel(asked: _Asked, speaker: Voice) -> None:
    from convcli.cli.learn.running import check_scheduler, learn_and_report, opened_pairs, read_on
    from convcli.report import outlasting_readers

    source, target, outputs = asked.source, asked.target, asked.outputs
    check_for_kernel(asked.network, asked.descent)
    with speaker.telling_of_filters():
        settings = settings_of(asked.model, asked.descent)
    outputs.check_files(asked.inputs)
    check_scheduler(asked.scheduler, source, target)
    with outlasting_readers(), ExitStack() as stack:
        opened = opened_pairs(source, target, asked.model, outputs, speaker, max_pixels=asked.max_pixels)
        if asked.scheduler is not None:
            opened = stack.enter_context(read_on(opened, asked.scheduler, speaker))
        learn_and_report(opened, settings, outputs, speaker, log_every=asked.descent.log_every, json=asked.json)


def _train(asked: _Asked, layers: str, speaker: Voice) -> None:
    from convcli.cli.learn.checkpoints import Checkpoints
    from convcli.cli.learn.networks import opened_for_training, train_and_report
    from convcli.cli.learn.running import check_scheduler
    from convcli.report import outlasting_readers

    source, target, outputs, most = asked.source, asked.target, asked.outputs, asked.max_pixels
    settings = training_settings(asked.network, asked.model, asked.descent, outputs)
    outputs.check_files(asked.inputs, network=True)
    check_scheduler(asked.scheduler, source, target, network=True)
    with outlasting_readers():
        opened = opened_for_training(source, target, settings, asked.model, outputs, speaker, max_pixels=most)
        keeper = Checkpoints(outputs, speaker, resumes=asked.network.resume)
        train_and_report(opened, layers, settings, outputs, keeper, log_every=asked.descent.log_every, json=asked.json)
