"""Run ``learn``, and print what it found."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from convcli.cli.learn.writing import check_prediction, write_outputs
from convcli.detective import detect
from convcli.engine import COMPILING_LOGGER
from convcli.errors import UsageError
from convcli.jobs import CLUSTER_LOGGER, STREAM, exists, is_folder, open_pairs, readers_on
from convcli.places import place_of
from convcli.report import LearnedFrom, json_text, learned_values, passed_over_texts, print_learned, watch_learning

if TYPE_CHECKING:
    from convcli.cli.learn.options import ModelOptions
    from convcli.cli.learn.outputs import Outputs
    from convcli.detective import Detected
    from convcli.jobs import Opened
    from convcli.learning import LearnSettings
    from convcli.report import Voice


def opened_pairs(
    source: str, target: str, options: ModelOptions, outputs: Outputs, voice: Voice, *, max_pixels: int
) -> Opened:
    """Return the pairs to learn from, and name the files without a counterpart.

    Raises UsageError where --predict is given for a folder or a pair does not go together, and FileError where a file
    cannot be read, or --predict cannot hold what the kernel makes of it.
    """
    stdin = sys.stdin.buffer if "-" in (source, target) else None
    model = None if options.model == "auto" else options.model
    opened = open_pairs(source, target, model=model, max_pixels=max_pixels, stdin=stdin, mask=options.mask)
    if outputs.predict is not None and opened.picture is None:
        raise UsageError(
            "--predict applies the kernel to one INPUT, and this is a folder", "leave it out, and use apply"
        )
    if options.linear and not opened.levels:
        raise UsageError(
            f"{source} holds numbers, and --linear takes the levels of a picture for light", "leave out --linear"
        )
    check_prediction(outputs, opened)
    if opened.matched is not None:
        for names, folder in zip(opened.matched.unmatched, (source, target), strict=True):
            if count := len(names):
                files = "file has" if count == 1 else "files have"
                voice.warn(f"{folder}: {count} {files} no counterpart, and no part in learning")
        if opened.masks is not None and opened.masks.missing:
            count = opened.masks.missing
            pairs = "pair has" if count == 1 else "pairs have"
            voice.warn(f"{options.mask}: {count} {pairs} no mask there, and all of it is learned from")
        for text in passed_over_texts(opened.matched.passed_over):
            voice.say(text)
    return opened


def check_scheduler(scheduler: str | None, source: str, target: str, *, network: bool = False) -> None:
    """Refuse a cluster for files and streams, and for a network."""
    if scheduler is None:
        return
    if network:
        raise UsageError("--scheduler is for kernels: a network is trained on this machine", "leave it out")
    places = [None if text == STREAM else place_of(text) for text in (source, target)]
    if any(place is None or (exists(place) and not is_folder(place)) for place in places):
        raise UsageError("--scheduler is for the pairs of two folders", "leave it out for a pair of files")


@contextmanager
def read_on(opened: Opened, scheduler: str, voice: Voice) -> Iterator[Opened]:
    """Connect to a cluster, or start one, and yield the pairs as its workers read them."""
    with voice.relaying(CLUSTER_LOGGER), readers_on(scheduler) as workers:
        yield opened.read_by(workers)


def learn_and_report(
    opened: Opened, settings: LearnSettings, outputs: Outputs, voice: Voice, *, log_every: int | None, json: bool
) -> None:
    """Learn, write the outputs, and print the report or its JSON."""
    with voice.relaying(COMPILING_LOGGER, once=True), watch_learning(voice, log_every) as watcher:
        learned = detect(opened.pairs, settings, watcher)
        watcher.end(learned.steps, learned.loss)
    subject = LearnedFrom(opened.names, len(opened.pairs), levels=opened.levels)
    if not json:
        print_learned(learned, subject, voice)
    for warning in learned.warnings:
        voice.warn(warning)
    is_asked = outputs.kernel is not None or bool(outputs.files)
    if writes := learned.has_filter or outputs.anyway:
        write_outputs(learned, outputs, opened, voice)
    elif is_asked:
        voice.warn(f"nothing is written, since {_lack(learned)}; --anyway writes the nearest kernel")
    if json:
        files = outputs.files if writes else {}
        values = learned_values(learned, subject, {option: str(path) for option, path in files.items()})
        typer.echo(json_text(values))
    elif not writes:
        pass
    elif outputs.kernel is None:
        voice.say("-o KERNEL.yaml writes it as a filter that apply takes")
    elif outputs.kernel != "-":
        voice.say(f"next: {next_command(outputs.kernel, arrays=not opened.levels)}")
    if not (writes or (learned.is_explained and not is_asked)):
        raise typer.Exit(1)


def _lack(learned: Detected) -> str:
    if not learned.is_explained:
        return "no filter makes TARGET of INPUT"
    return f"convcli has no filter for this: {learned.cause.partition(';')[0]}"


def next_command(kernel: str, *, arrays: bool = False) -> str:
    """Return the command that applies the file which was just written, to a picture or to an array."""
    path = kernel if "/" in kernel or not kernel.startswith("-") else f"./{kernel}"
    suffix = "npy" if arrays else "png"
    return f"convcli apply {shlex.quote(path)} OTHER.{suffix} -o filtered.{suffix}"
