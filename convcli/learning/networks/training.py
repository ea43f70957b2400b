"""Training: epochs of steps down, the best of which is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field
from functools import partial
from typing import Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from convcli.array_types import Array
from convcli.engine import available_threads
from convcli.errors import UsageError
from convcli.lazy import dataclass
from convcli.learning.networks.gradients.scratch import forget_scratch
from convcli.learning.networks.losses import Batch, loss_of, right_answers
from convcli.learning.networks.network import Gradients, Network
from convcli.learning.networks.optimizers import Optimizer
from convcli.learning.networks.samples import Samples
from convcli.learning.networks.settings import TrainingSettings

_PIXELS_OF_A_PART = 2048  # whose values stay in the cache of a processor
_LEAST_GAIN = 1e-4  # a share of the loss by which an epoch has to be better, to count for the patience


@dataclass(frozen=True)
class Epoch:
    """The mean losses of an epoch, and the share of right answers on what is held out, where there are classes.

    `held_out` is None where nothing is held out.
    """

    loss: float
    held_out: float | None
    right: float | None = None

    @property
    def judged(self) -> float:
        """The loss by which epochs are compared."""
        return self.loss if self.held_out is None else self.held_out


class TrainingWatcher(Protocol):
    """Callbacks of training."""

    def batch(self, epoch: int, step: int, steps: int) -> None:
        """Step `step` of `steps` in epoch `epoch` begins, both from 1."""

    def epoch(self, number: int, made: Epoch) -> None:
        """Epoch `number`, from 1, is done; 0 is before the first."""


class Keeper(Protocol):
    """Keeps checkpoints."""

    def begin(self, trainer: Trainer) -> None:
        """Let the training go on from a checkpoint, where one is asked for."""

    def save(self, trainer: Trainer) -> None:
        """Keep a checkpoint of an epoch that is done."""


@dataclass(eq=False)
class Course:
    """The course of a training so far, from which it can go on.

    Parameters
    ----------
    epochs
        That before the first, and those done.
    best
        The number of the best of them.
    best_state
        The arrays of the network after it.
    """

    epochs: list[Epoch] = field(default_factory=list)
    best: int = 0
    best_state: dict[str, Array] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Epochs done."""
        return len(self.epochs) - 1

    def is_over(self, settings: TrainingSettings) -> bool:
        """Return whether all epochs are done, or the patience is at its end."""
        patience = settings.patience
        return self.done >= settings.epochs or (patience is not None and self.done - self._last_gain >= patience)

    @property
    def _last_gain(self) -> int:
        last, least = 0, math.inf
        for number, each in enumerate(self.epochs):
            if each.judged < least * (1 - _LEAST_GAIN):
                last, least = number, each.judged
        return last

    def add(self, made: Epoch, network: Network) -> None:
        """Note an epoch, and the network if it is the best."""
        self.epochs.append(made)
        if len(self.epochs) == 1 or made.judged < self.epochs[self.best].judged:
            self.best = self.done
            self.best_state = {key: each.copy() for key, each in network.state.items()}


class Trainer:
    """Trains a network.

    Parameters
    ----------
    network, samples, settings
        What is trained, on what, and how.
    watcher
        Called for every step and epoch.
    save
        Called after every epoch, when the course can go on from there.
    levels
        Whether the targets are levels: outputs are clipped before they are judged, and learn nothing beyond black
        and white where a target is that.
    """

    def __init__(
        self,
        network: Network,
        samples: Samples,
        settings: TrainingSettings,
        watcher: TrainingWatcher | None,
        save: Callable[[Trainer], None] | None = None,
        *,
        levels: bool = False,
    ) -> None:
        self.network, self.samples, self.settings, self._levels = network, samples, settings, levels
        self._watcher, self._save = watcher, save
        decaying = {key for key in network.arrays if key.endswith((".weights", ".weight"))}
        self.optimizer = Optimizer(settings, network.arrays, decaying)
        self.course = Course()

    def run(self) -> Course:
        """Train until all epochs are done, or nothing gets better; the network is the best of all epochs then.

        Raises UsageError where the loss is no number any more.
        """
        # A loss that overflows is found after its step; each thread has error states of its own.
        quiet = partial(np.seterr, all="ignore")
        with (
            threadpool_limits(1, user_api="blas"),
            np.errstate(all="ignore"),
            ThreadPoolExecutor(available_threads(), initializer=quiet) as executor,
        ):
            self._executor = executor
            if not self.course.epochs:
                self._note(self._judged(None))
            while not self.course.is_over(self.settings):
                self._note(self._epoch(self.course.done + 1))
                if self._save is not None:
                    self._save(self)
        forget_scratch()
        self.network.restore(self.course.best_state)
        return self.course

    def _note(self, made: Epoch) -> None:
        self.course.add(made, self.network)
        if self._watcher is not None:
            self._watcher.epoch(self.course.done, made)

    def _epoch(self, number: int) -> Epoch:
        generator = np.random.default_rng([self.settings.seed, number])
        total = counted = 0.0
        steps = self.samples.steps
        for step, batch in enumerate(self.samples.epoch(generator)):
            if self._watcher is not None:
                self._watcher.batch(number, step + 1, steps)
            done = (number - 1 + step / steps) / self.settings.epochs
            total += self._step(batch, self.settings.rate_at(done), [self.settings.seed, number, step])
            counted += batch.counted
            if not math.isfinite(total):
                raise UsageError(
                    f"the training diverged in epoch {number}: its loss is no number any more",
                    f"give a --learning-rate below {self.settings.rate:g}",
                )
        return self._judged(total / counted if counted else 0.0)

    def _step(self, batch: Batch, rate: float, seed: list[int]) -> float:
        counted = batch.counted
        if not counted:
            return 0.0
        parts = list(self._parts(batch))
        found = list(self._executor.map(self._gradients, parts, [[*seed, index] for index in range(len(parts))]))
        share = np.float32(1 / counted)
        # In the order of the parts, so that the sums are the same for any number of threads.
        total = {key: sum((each.arrays[key] for each in found[1:]), found[0].arrays[key]) for key in found[0].arrays}
        self.optimizer.step({key: each * share for key, each in total.items()}, rate)
        for each in found:
            self.network.measure(each.measured)
        return sum(each.loss for each in found)

    def _gradients(self, batch: Batch, seed: list[int]) -> Gradients:
        return self.network.gradients(self.settings.loss, batch, seed, levels=self._levels)

    def _parts(self, batch: Batch) -> Iterator[Batch]:
        items, height, width = batch.source.shape[:3]
        by = items if self.network.takes_whole_batches else max(1, _PIXELS_OF_A_PART // (height * width))
        for first in range(0, items, by):
            yield batch.part(first, first + by)

    def _judged(self, loss: float | None) -> Epoch:
        """Return an epoch of a mean loss, or without training, judged on what is held out."""
        held = self.samples.held_out
        batches = held or (list(self.samples.epoch(np.random.default_rng(self.settings.seed))) if loss is None else [])
        judged, right = self.judged(batches) if batches else (None, None)
        if loss is None:
            assert judged is not None
            return Epoch(judged, judged if held else None, right if held else None)
        return Epoch(loss, judged, right)

    def judged(self, batches: Sequence[Batch]) -> tuple[float, float | None]:
        """Return the mean loss of batches, and the share of right answers where there are classes."""
        kind = self.settings.loss
        parts = [part for batch in batches for part in self._parts(batch)]

        def of_one(batch: Batch) -> tuple[float, float, int]:
            made = batch.completed(self.network.output(batch.source))
            made = np.clip(made, 0, 1) if self._levels else made
            right = right_answers(made, batch.target) if kind == "cross-entropy" else 0
            return loss_of(kind, made, batch)[0], batch.counted, right

        found = list(self._executor.map(of_one, parts))
        loss, counted, right = (sum(column) for column in zip(*found, strict=True))
        return loss / max(counted, 1), right / counted if kind == "cross-entropy" else None
