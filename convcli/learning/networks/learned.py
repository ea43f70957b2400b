"""TrainedNetwork: a network that was trained, and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence

from convcli.filters import Pipeline, Size2
from convcli.lazy import dataclass
from convcli.learning.networks.settings import TrainingSettings
from convcli.learning.networks.training import Epoch
from convcli.learning.result import Replay
from convcli.words import short_repr


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers of a network that names classes, on items held out from learning or, without such, on all.

    Parameters
    ----------
    right, count
        How many of how many answers are right.
    held_out
        Whether the items were held out.
    confused
        (class, answer, how often), the most frequent first.
    wrong
        The numbers of the items with a wrong answer, as the class and the answer stand there: (item, class, answer).
    """

    __repr__ = short_repr

    right: int
    count: int
    held_out: bool
    confused: tuple[tuple[int, int, int], ...]
    wrong: tuple[tuple[int, int, int], ...]

    @property
    def share(self) -> float:
        """The share of right answers."""
        return self.right / self.count


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network that was trained, and what it is worth.

    Parameters
    ----------
    pipeline
        With the numbers of the best epoch.
    layers, weights
        How many layers learn, and how many numbers; without those of the kernel beside them.
    epochs
        The losses before the first epoch, and of each.
    best
        The number of the epoch whose numbers these are; 0 for those before the first.
    replay
        The match with TARGET; None where TARGET is classes.
    baseline
        That of the best linear kernel, on the same values; None where there is none.
    kernel
        Height and width of that kernel, if the network began as it.
    factor
        How often TARGET is as high as INPUT; above 1 the kernel makes several pixels of one.
    answers
        Where TARGET is classes.
    side
        Of the patches, in pixels; None for whole pictures.
    warnings
        For the user, one line each.
    """

    __repr__ = short_repr

    pipeline: Pipeline
    layers: int
    weights: int
    epochs: Sequence[Epoch]
    best: int
    settings: TrainingSettings
    replay: Replay | None = None
    baseline: Replay | None = None
    kernel: Size2 | None = None
    answers: Answers | None = None
    side: int | None = None
    factor: int = 1
    warnings: tuple[str, ...] = ()
