"""The report on a trained network: its gain over the best kernel, as lines and as JSON; and its progress."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convcli.learning import Epoch, Replay, TrainedNetwork
from convcli.report.learning.text import LearnedFrom
from convcli.report.voice import Voice, live_console
from convcli.words import counted, grouped, times

if TYPE_CHECKING:
    from rich.progress import Progress

_NAMES = 10  # letters of the longest name of a row
_SHOWN_EVERY = 0.1  # seconds
_MOVED = {"turns": ", turned at random", "mirrors": ", mirrored at random"}


def cause_of(trained: TrainedNetwork) -> str:
    """Return the gain of a network in one sentence."""
    subject = f"network of {counted(trained.layers, 'layer')}, {grouped(trained.weights)} weights"
    answers = trained.answers
    if answers is not None:
        held = " held-out" if answers.held_out else ""
        return f"{subject}: {100 * answers.share:.1f} % of {grouped(answers.count)}{held} items right"
    assert trained.replay is not None
    text = f"{subject}: {_decibels(trained.replay)}"
    best = "the best kernel" if trained.factor < 2 else "the best linear enlargement"
    return f"{text} where {best} reaches {_decibels(trained.baseline)}" if trained.baseline else text


def _decibels(replay: Replay) -> str:
    return "no difference" if math.isinf(replay.psnr) else f"{replay.psnr:.1f} dB"


def trained_rows(trained: TrainedNetwork, subject: LearnedFrom) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the rows."""
    settings, last = trained.settings, len(trained.epochs) - 1
    if trained.replay is not None:
        where = "held out from learning" if trained.replay.held_out else "learned from, since there are few"
        unit = " levels" if subject.levels else ""
        yield (
            "replay",
            f"on {grouped(trained.replay.values)} values {where}, at most {trained.replay.largest:.4g}{unit} off",
        )
    if trained.kernel is not None:
        pixels = "" if trained.factor < 2 else f" for each of {times((trained.factor,) * 2)} pixels"
        yield "start", f"the best kernel{pixels}, {times(trained.kernel)}, to which the layers add"
    best = trained.epochs[trained.best]
    held = "" if best.held_out is None else f", {_short(best.held_out)} held out"
    yield (
        "loss",
        f"{settings.loss} {_short(best.loss)}{held}; {_short(trained.epochs[0].judged)} before the first epoch",
    )
    which = "the last" if trained.best == last else f"number {trained.best}"
    of_what = f"patches of {times((trained.side, trained.side))}" if trained.side else "whole items"
    step = f"{settings.batch} {of_what} a step{_MOVED.get(settings.augment, '')}"
    yield "training", f"{counted(last, 'epoch')} by {settings.optimizer}, {step}; kept {which}"
    yield from _answer_rows(trained)


def _answer_rows(trained: TrainedNetwork) -> Iterator[tuple[str, str]]:
    answers = trained.answers
    if answers is None or not answers.wrong:
        return
    pairs = [f"{one} as {other}" + (f" ({count})" if count > 1 else "") for one, other, count in answers.confused[:6]]
    yield "confused", ", ".join(pairs)
    shown = [f"{item} ({one} as {other})" for item, one, other in answers.wrong[:6]]
    more = f" and {len(answers.wrong) - 6} more" if len(answers.wrong) > 6 else ""
    yield "wrong", f"items {', '.join(shown)}{more}"


def _short(value: float) -> str:
    return f"{value:.4g}"


def print_trained(trained: TrainedNetwork, subject: LearnedFrom, voice: Voice) -> None:
    """Print the report on stderr."""
    voice.say(subject.title)
    voice.say(cause_of(trained))
    for name, text in trained_rows(trained, subject):
        voice.say(f"{name.ljust(_NAMES)}  {text}")


def trained_description(trained: TrainedNetwork, title: str) -> str:
    """Return the description of a file: what it was trained on, and its gain."""
    return f"{cause_of(trained)}; trained on {title}"


def trained_values(trained: TrainedNetwork, subject: LearnedFrom, outputs: Mapping[str, Path]) -> dict[str, Any]:
    """Return the report as values for `json_text`, which writes null for infinity.

    `outputs` are the files that were written, by what they are or the option that named them.
    """
    settings = asdict(trained.settings)
    return {
        "input": subject.names[0],
        "target": subject.names[1],
        "pairs": subject.pairs,
        "cause": cause_of(trained),
        "found": [],
        "network": {"layers": trained.layers, "weights": trained.weights},
        "starts_as_kernel": trained.kernel,
        "psnr": None if trained.replay is None else trained.replay.psnr,
        "baseline": None if trained.baseline is None else asdict(trained.baseline),
        "replay": None if trained.replay is None else asdict(trained.replay),
        "answers": None if trained.answers is None else {**asdict(trained.answers), "share": trained.answers.share},
        "history": [asdict(each) for each in trained.epochs],
        "epochs": len(trained.epochs) - 1,
        "best": trained.best,
        "settings": {**settings, "patch": trained.side, "learning_rate": trained.settings.rate},
        "outputs": {{"-o": "network"}.get(key, key.lstrip("-")): str(path) for key, path in outputs.items()},
        "warnings": trained.warnings,
    }


class TrainingLines:
    """Prints a line every so many epochs, and for the last; nothing if `every` is None."""

    def __init__(self, voice: Voice, every: int | None) -> None:
        self._voice, self._every = voice, every
        self._last: tuple[int, Epoch] | None = None
        self._printed = -1

    def batch(self, epoch: int, step: int, steps: int) -> None:
        """Ignore that a step begins."""

    def epoch(self, number: int, made: Epoch) -> None:
        """Print the losses of every so many epochs."""
        self._last = number, made
        if self._every is not None and number % self._every == 0:
            self._print(number, made)

    def end(self) -> None:
        """Print the last epoch unless it is printed already."""
        if self._every is not None and self._last is not None and self._last[0] != self._printed:
            self._print(*self._last)

    def _print(self, number: int, made: Epoch) -> None:
        self._printed = number
        self._voice.say(f"epoch {number}  {epoch_text(made)}")


def epoch_text(made: Epoch) -> str:
    """Return the losses of an epoch, with what they mean: decibels, or the share of right answers."""
    text = f"loss {_short(made.loss)}"
    if made.held_out is not None:
        text += f", held out {_short(made.held_out)}"
    if made.right is not None:
        return f"{text} ({100 * made.right:.1f} % right)"
    return text


class _LiveTraining(TrainingLines):
    """Shows the epoch, its step and the losses of the one before on one line."""

    def __init__(self, voice: Voice, bar: Progress) -> None:
        super().__init__(voice, None)
        self._bar = bar
        self._task = bar.add_task("the best kernel is sought", total=None, losses="")
        self._shown = 0.0

    def batch(self, epoch: int, step: int, steps: int) -> None:
        now = time.monotonic()
        if now - self._shown >= _SHOWN_EVERY:
            self._shown = now
            self._bar.update(self._task, description=f"epoch {epoch}", total=steps, completed=step)

    def epoch(self, number: int, made: Epoch) -> None:  # noqa: ARG002 - the next one is shown
        self._bar.update(self._task, losses=epoch_text(made))


@contextmanager
def watch_training(voice: Voice, every: int | None) -> Iterator[TrainingLines]:
    """Yield a watcher of training: a live one on a terminal, unless lines are wanted."""
    if every is not None or not voice.shows_progress:
        yield TrainingLines(voice, every)
        return
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(20), TextColumn("{task.description}"), TextColumn("{task.fields[losses]}", style="cyan"))
    with live_console() as console, Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        yield _LiveTraining(voice, bar)
