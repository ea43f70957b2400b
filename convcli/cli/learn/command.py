"""``convcli learn``: the kernel that made one picture of another."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from convcli.cli.apply.options import Force, MaxPixels
from convcli.cli.learn import options
from convcli.cli.learn.outputs import Outputs, check_prediction, write_outputs
from convcli.cli.options.common import Debug, Json, Quiet, Verbose, voice_of
from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.jobs import Opened
    from convcli.learning import Learned, LearnSettings
    from convcli.report import Voice


def learn(
    context: typer.Context,
    source: options.Input,
    target: options.Target,
    size: options.Size = "auto",
    model: options.Model = "shared",
    bias: options.Bias = True,
    border: options.Border = "auto",
    holdout: options.Holdout = None,
    optimizer: options.Optimizer = "dct",
    learning_rate: options.LearningRate = "auto",
    steps: options.Steps = "auto",
    tolerance: options.Tolerance = "1e-7",
    loss: options.Loss = "mean",
    init: options.Init = "zeros",
    seed: options.Seed = 0,
    log_every: options.LogEvery = None,
    output: options.Output = None,
    snap: options.Snap = False,
    plot: options.Plot = None,
    predict: options.Predict = None,
    force: Force = False,
    max_pixels: MaxPixels = 89_478_485,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Learn the kernel that made TARGET of INPUT, by gradient descent, and say how far it is to be trusted.

    \b
    convcli learn photo.png filtered.png -o mine.yaml
    convcli learn photo.png filtered.png --size 3 --snap -o mine.yaml --predict replay.png
    convcli learn photos/ filtered/ --model full --size 5x5 -o mine.yaml
    convcli learn corners.csv edges.csv --size 1x2 --optimizer gd --learning-rate 0.01 --steps 1000 --log-every 100
    convcli learn photo.png filtered.png --plot curve.png --json
    """
    from convcli.filters import Border
    from convcli.jobs import open_pairs
    from convcli.learning import LearnSettings

    voice = voice_of(context, quiet=quiet, verbose=verbose, debug=debug)
    outputs = Outputs(output, plot, predict, snap, force)
    if json and output == "-":
        raise UsageError("--json and -o - would both write to stdout", "write the kernel to a file")
    weights = options.parse_init(init)
    settings = LearnSettings(
        size=options.settled_size(options.parse_size(size), weights),
        model=model,
        bias=bias,
        border=None if border == "auto" else Border.parse(border),
        holdout=options.parse_holdout(holdout),
        optimizer=optimizer,
        learning_rate=options.parse_learning_rate(learning_rate),
        steps=options.parse_steps(steps),
        tolerance=options.parse_tolerance(tolerance),
        loss=loss,
        init=weights,
        seed=seed,
    )
    outputs.check(source, target)
    stdin = sys.stdin.buffer if "-" in (source, target) else None
    opened = open_pairs(source, target, model=model, max_pixels=max_pixels, stdin=stdin)
    if predict is not None and opened.picture is None:
        raise UsageError(
            "--predict applies the kernel to one INPUT, and this is a folder", "leave it out, and use apply"
        )
    check_prediction(outputs, opened)
    _say_unmatched(opened, source, target, voice)
    learned = _learn(opened, settings, voice, log_every)
    _tell(learned, outputs, opened, voice, json=json)


def _say_unmatched(opened: Opened, source: str, target: str, voice: Voice) -> None:
    if opened.matched is None:
        return
    for count, folder in zip(opened.matched.unmatched, (source, target), strict=True):
        if count:
            files = "file has" if count == 1 else "files have"
            voice.warn(f"{folder}: {count} {files} no counterpart, and no part in learning")
    passed_over = opened.matched.passed_over
    if passed_over:
        voice.say(f"{passed_over} of no format that convcli reads")


def _learn(opened: Opened, settings: LearnSettings, voice: Voice, log_every: int | None) -> Learned:
    from convcli.learning import learn_pairs
    from convcli.report import watch_learning

    with watch_learning(voice, log_every) as watcher:
        learned = learn_pairs(opened.pairs, settings, watcher)
        watcher.end(learned.steps, learned.loss)
    return learned


def _tell(learned: Learned, outputs: Outputs, opened: Opened, voice: Voice, *, json: bool) -> None:
    from convcli.report import LearnedFrom, json_text, learned_values, print_learned

    subject = LearnedFrom(opened.names, len(opened.pairs), levels=opened.levels)
    if not json:
        print_learned(learned, subject, voice)
    for warning in learned.warnings:
        voice.warn(warning)
    write_outputs(learned, outputs, opened, voice)
    if json:
        values = learned_values(learned, subject, {option: str(path) for option, path in outputs.files.items()})
        typer.echo(json_text(values))
    elif outputs.kernel is None:
        voice.say("-o KERNEL.yaml writes it as a filter that apply takes")
    elif outputs.kernel != "-":
        voice.say(f"next: {next_command(outputs.kernel, arrays=not opened.levels)}")


def next_command(kernel: str, *, arrays: bool = False) -> str:
    """Return the command that applies the file which was just written, to a picture or to an array."""
    import shlex

    path = kernel if "/" in kernel or not kernel.startswith("-") else f"./{kernel}"
    suffix = "npy" if arrays else "png"
    return f"convcli apply {shlex.quote(path)} OTHER.{suffix} -o filtered.{suffix}"
