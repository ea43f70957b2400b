"""Learned: a learned kernel, and how far it is to be trusted."""

from __future__ import annotations

import os
from typing import Literal

from convcli.array_types import Bools, Floats
from convcli.filters import Border, Conv, Kernel, NamedPadding, Pipeline, Size2
from convcli.lazy import dataclass
from convcli.learning.settings import Model
from convcli.words import counted, short_repr, shortly


@dataclass(frozen=True)
class Replay:
    """The match of TARGET with INPUT filtered by the kernel, rounded and clipped as a picture is.

    Parameters
    ----------
    psnr
        Peak signal-to-noise ratio in dB, 10 · log10(full scale² / mean squared error); infinite where all are equal.
    largest
        The largest difference, in values of TARGET (levels of a picture).
    held_out
        The values were held out from learning; otherwise they are those learned from.
    """

    __repr__ = short_repr

    psnr: float
    largest: float
    values: int
    held_out: bool


@dataclass(frozen=True)
class FoundBorder:
    """The border that explains the rim of TARGET best.

    Parameters
    ----------
    border
        One of the five, a constant one with its value.
    rms
        Root mean square difference on the rim with it, in values of TARGET.
    next_best
        The name and rms of the second best.
    certain
        The second best is clearly worse; otherwise the pair cannot distinguish the two.
    misfit
        ``copied``: the rim is that of INPUT, as Pillow leaves it, and `border` is the default one; ``unlike``: it is
        that of no border, and `border` the nearest; None where a border gives it.
    """

    __repr__ = short_repr

    border: Border
    rms: float
    next_best: tuple[str, float]
    certain: bool
    misfit: Literal["copied", "unlike"] | None = None


@dataclass(frozen=True)
class ExactForm:
    """The simplest exact numbers within the errors of the weights.

    Parameters
    ----------
    kernel
        Integers over the smallest divisor that fits; the bias a simple fraction where one fits.
    largest
        The largest difference from a learned weight.
    """

    __repr__ = short_repr

    kernel: Kernel
    largest: float


@dataclass(frozen=True)
class Nearest:
    """The built-in filter nearest to the weights.

    Parameters
    ----------
    text
        The filter as `apply` takes it: ``gaussian:sigma=1.5``.
    scale
        learned ≈ scale · built-in; negative where the sign is turned.
    difference
        ‖learned − scale · built-in‖ / ‖learned‖, a share: 0.002 is "weights within 0.2 %".
    is_certain
        The pair tells the numbers in the text to a few percent.
    """

    __repr__ = short_repr

    text: str
    scale: float
    difference: float
    is_certain: bool = True


@dataclass(frozen=True, eq=False)
class Learned:
    """A learned kernel, and how far it is to be trusted.

    Parameters
    ----------
    kernel
        float64 weights: (height, width) for the shared model, (channels, height, width) for depthwise,
        (output channels, input channels, height, width) for full. Bias in fractions of full scale.
    padding
        ``same``, ``valid`` or ``full``, by the sizes of INPUT and TARGET.
    stride
        Pixels of the source from one value of the target to the next, (down, right).
    border, given_border
        The border found on the rim of TARGET, None where one was given or there is no rim; and the one given.
    loss
        Squared error before the last step, as a training loop prints it, in fractions of full scale squared: the
        mean over the target values learned from, or their sum, as asked.
    history
        float64, the loss before each step.
    converged
        The descent ended because the weights stood still, not because its steps ran out.
    errors, bias_errors
        Standard errors of every weight, of their shape, and of every bias; empty where no bias was learned.
    undetermined
        bool, of the shape of the weights: those that the pair leaves open.
    values, clipped
        Number of target values learned from, and the share of all values that was left out as clipped.
    rows_used
        The share of rows that statistics were taken from; below 1 only where all would take too long.
    explained, rms
        The share of the variance of TARGET that the kernel explains, and the root mean square of the rest, in
        values of TARGET.
    exact, nearest
        The simplest exact form and the nearest built-in; None where none is near.
    sizes
        With an automatic size: each (height, width) that was tried with its held-out mean squared error.
    warnings
        For the user, one line each.
    doubts
        Reasons to doubt that one kernel made the targets, one line each.
    """

    kernel: Kernel
    model: Model
    padding: NamedPadding
    border: FoundBorder | None
    given_border: Border | None
    loss: float
    history: Floats
    converged: bool
    optimizer: str
    learning_rate: float
    errors: Floats
    bias_errors: tuple[float, ...]
    undetermined: Bools
    values: int
    clipped: float
    rows_used: float
    explained: float
    rms: float
    replay: Replay
    exact: ExactForm | None
    nearest: Nearest | None
    stride: Size2 = (1, 1)
    sizes: tuple[tuple[Size2, float], ...] = ()
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        near = f", nearest={self.nearest.text!r}" if self.nearest else ""
        warned = f", {counted(len(self.warnings), 'warning')}" if self.warnings else ""
        loss = f"loss={shortly(self.loss)}, steps={self.steps}, converged={self.converged}"
        replay = f"replay={shortly(self.replay.psnr)} dB"
        return f"{type(self).__name__}({self.kernel!r},\n        {loss}, {replay}{near}{warned})"

    @property
    def pipeline(self) -> Pipeline:
        """The kernel as a filter, with the stride and padding of the pair, and its border where that is known."""
        border = self.border.border if self.border else self.given_border
        return Pipeline((Conv(self.kernel, self.stride, self.padding, border=border),), name="learned")

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write `pipeline` to a YAML file; parameters and errors as of `Pipeline.save`."""
        self.pipeline.save(path, force=force)

    @property
    def steps(self) -> int:
        """Number of steps taken."""
        return len(self.history)
