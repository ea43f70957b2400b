"""Checkpoints of a training, in a file beside its output."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from convcli.disk import atomic_write
from convcli.errors import OutputRefused, ReadError, UsageError
from convcli.learning import epochs_in, resume, write_checkpoint

if TYPE_CHECKING:
    from convcli.cli.learn.outputs import Outputs
    from convcli.learning import Trainer
    from convcli.report import Voice

_SECONDS = 1.0  # between two checkpoints, at least


class Checkpoints:
    """Keeps the checkpoint of a training beside -o until that is written.

    Parameters
    ----------
    outputs
        Without a file for the network there is no checkpoint.
    voice
        Says where it is when the training is interrupted.
    resumes
        Whether the training goes on from one.
    """

    def __init__(self, outputs: Outputs, voice: Voice, *, resumes: bool) -> None:
        self.path, self.voice, self.resumes = outputs.checkpoint, voice, resumes
        if self.path is not None and self.path.exists() and not (resumes or outputs.force):
            raise OutputRefused(
                f"{self.path} is left of a training that was interrupted",
                "--resume goes on from it, --force begins anew",
            )
        self._written = time.monotonic()
        self._has_resumed = self._has_written = False

    def begin(self, trainer: Trainer) -> None:
        """Go on from the checkpoint, if that is asked for; raise ReadError where there is none, or a damaged one."""
        if self.path is None or not self.resumes:
            return
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise ReadError(
                f"{self.path}: there is no checkpoint to go on from", "train without --resume, or check the name of -o"
            ) from error
        resume(trainer, data, str(self.path))
        self._has_resumed = True
        self.voice.say(f"{self.path}: goes on after epoch {trainer.course.done}")

    def save(self, trainer: Trainer) -> None:
        """Write the checkpoint, if the last one is some seconds old."""
        if time.monotonic() - self._written >= _SECONDS:
            self._write(trainer)

    def _write(self, trainer: Trainer) -> None:
        if self.path is not None:
            self._has_written = True  # before it is: a signal may come in between
            atomic_write(self.path, partial(write_checkpoint, trainer), overwrite=True)
            self._written = time.monotonic()

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Say, where a signal ends the training, from which file it can go on; leave none of one that diverged."""
        try:
            yield
        except UsageError:
            # Its checkpoint leads to the same end: nothing that changes the course may be given to --resume.
            if self._has_written:
                self.remove()
            raise
        except KeyboardInterrupt:
            if self.path is not None and (self._has_resumed or self._has_written) and self.path.exists():
                epoch = epochs_in(self.path.read_bytes())
                self.voice.say(f"epochs up to {epoch} are in {self.path}; --resume goes on from there")
            raise

    def remove(self) -> None:
        """Remove the checkpoint of a training whose network is written, and one that an earlier training has left."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
