"""``convcli learn``: the kernel that made one picture of another."""

from __future__ import annotations

from contextlib import ExitStack

import typer

from convcli.cli.learn.network_options import NetworkOptions, check_for_kernel, training_settings
from convcli.cli.learn.options import DescentOptions, Input, ModelOptions, Scheduler, Target, settings_of
from convcli.cli.learn.outputs import Outputs
from convcli.cli.options.common import VoiceOptions
from convcli.cli.options.declared import Json, MaxPixels
from convcli.errors import UsageError
from convcli.image import DEFAULT_MAX_PIXELS


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
    from convcli.cli.learn.checkpoints import Checkpoints
    from convcli.cli.learn.networks import opened_for_training, train_and_report
    from convcli.cli.learn.running import check_scheduler, learn_and_report, opened_pairs, read_on
    from convcli.report import outlasting_readers

    speaker = voice.voice(context)
    if json and outputs.kernel == "-":
        raise UsageError("--json and -o - would both write to stdout", "write the kernel to a file")
    inputs = {"INPUT": source, "TARGET": target, "the mask": model.mask}
    if network.layers is not None:
        training = training_settings(network, model, descent, outputs)
        outputs.check_files(inputs, network=True)
        check_scheduler(scheduler, source, target, network=True)
        with outlasting_readers():
            given = opened_for_training(source, target, training, model, outputs, speaker, max_pixels=max_pixels)
            keeper = Checkpoints(outputs, speaker, resumes=network.resume)
            train_and_report(given, network.layers, training, outputs, keeper, log_every=descent.log_every, json=json)
        return
    check_for_kernel(network, descent)
    with speaker.relaying("convcli.catalog"):
        settings = settings_of(model, descent)
    outputs.check_files(inputs)
    check_scheduler(scheduler, source, target)
    with outlasting_readers(), ExitStack() as stack:
        opened = opened_pairs(source, target, model, outputs, speaker, max_pixels=max_pixels)
        if scheduler is not None:
            opened = stack.enter_context(read_on(opened, scheduler, speaker))
        learn_and_report(opened, settings, outputs, speaker, log_every=descent.log_every, json=json)
