"""Train a network by ``learn``, write it, and print what it gains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from convcli.catalog import load_network, to_yaml, write_network
from convcli.cli.learn.running import next_command, opened_pairs
from convcli.cli.learn.writing import write_prediction
from convcli.errors import UsageError
from convcli.jobs import STREAM, Labeled, Opened, open_labeled
from convcli.learning import train_labels, train_pairs
from convcli.report import (
    LearnedFrom,
    json_text,
    print_trained,
    takes_unicode,
    trained_comment,
    trained_description,
    trained_values,
    watch_training,
)

if TYPE_CHECKING:
    from convcli.cli.learn.checkpoints import Checkpoints
    from convcli.cli.learn.options import ModelOptions
    from convcli.cli.learn.outputs import Outputs
    from convcli.filters import Pipeline, Shape
    from convcli.learning import TrainedNetwork, TrainingSettings
    from convcli.report import Voice


def opened_for_training(
    source: str,
    target: str,
    settings: TrainingSettings,
    model: ModelOptions,
    outputs: Outputs,
    voice: Voice,
    *,
    max_pixels: int,
) -> Opened | Labeled:
    """Return the pairs to train on, or the items with their classes; errors as of `opened_pairs`."""
    if settings.loss != "cross-entropy":
        return opened_pairs(source, target, model, outputs, voice, max_pixels=max_pixels)
    for option, value in (("--predict", outputs.predict), ("--mask", model.mask)):
        if value is not None:
            raise UsageError(f"{option} is for pictures, and TARGET is classes", f"leave out {option}, and use apply")
    return open_labeled(source, target, max_pixels=max_pixels)


def train_and_report(
    opened: Opened | Labeled,
    layers: str,
    settings: TrainingSettings,
    outputs: Outputs,
    keeper: Checkpoints,
    *,
    log_every: int | None,
    json: bool,
) -> None:
    """Train a network on the pairs, write the outputs, and print the report or its JSON."""
    voice = keeper.voice

    def make(shape: Shape) -> Pipeline:
        return load_network(layers, shape, seed=settings.seed)

    with keeper.explaining(), voice.telling_of_filters(), watch_training(voice, log_every) as watcher:
        if isinstance(opened, Labeled):
            trained = train_labels(opened.items, opened.classes, make, settings, watcher, keeper)
        else:
            trained = train_pairs(opened.pairs, make, settings, watcher, keeper)
        watcher.end()
    count = 1 if isinstance(opened, Labeled) else len(opened.pairs)
    levels = _has_levels(opened)
    subject = LearnedFrom(opened.names, count, levels=levels)
    if not json:
        print_trained(trained, subject, voice)
    for warning in trained.warnings:
        voice.warn(warning)
    files = _write_outputs(trained, opened, count, outputs, voice)
    keeper.remove()
    if json:
        typer.echo(json_text(trained_values(trained, subject, {**outputs.files, **files})))
    elif outputs.kernel is None:
        voice.say("-o NET.yaml writes it as a filter that apply takes")
    elif outputs.kernel != STREAM:
        voice.say(f"next: {next_command(outputs.kernel, arrays=not levels)}")


def _has_levels(opened: Opened | Labeled) -> bool:
    return isinstance(opened, Opened) and opened.levels


def _write_outputs(
    trained: TrainedNetwork, opened: Opened | Labeled, count: int, outputs: Outputs, voice: Voice
) -> dict[str, Path]:
    """Write the network, its picture and its prediction; return the file of the weights."""
    description = trained_description(trained, LearnedFrom(opened.titles, count).title)
    comment = trained_comment(trained, LearnedFrom(opened.titles, count, levels=_has_levels(opened)))
    files = _write_network(trained, description, comment, outputs, voice)
    if outputs.predict is not None and isinstance(opened, Opened) and opened.picture is not None:
        write_prediction(trained.pipeline, opened.picture, outputs, opened.names[0], 0.0, voice)
    if outputs.plot is not None:
        from convcli.report import draw_training, write_drawing

        drawn = draw_training(trained, _name(outputs), description)
        height, width = write_drawing(drawn, outputs.plot, overwrite=outputs.force)
        voice.say(f"losses → {outputs.plot} ({width}×{height})")
    if outputs.kernel == STREAM:
        typer.echo(to_yaml(_named(trained, outputs, description), in_ascii=not takes_unicode()), nl=False)
    return files


def _write_network(
    trained: TrainedNetwork, description: str, comment: str, outputs: Outputs, voice: Voice
) -> dict[str, Path]:
    """Write a network, and its weights beside it; return the file of the weights."""
    path = outputs.files.get("-o")
    if path is None:
        return {}
    pipeline = _named(trained, outputs, description)
    beside = write_network(pipeline, path, comment=comment, overwrite=outputs.force)
    voice.say(f"network → {path}, its weights → {beside}")
    return {"weights": beside}


def _named(trained: TrainedNetwork, outputs: Outputs, description: str) -> Pipeline:
    return replace(trained.pipeline, name=_name(outputs), description=description)


def _name(outputs: Outputs) -> str:
    return "network" if outputs.kernel in (None, STREAM) else Path(str(outputs.kernel)).stem
