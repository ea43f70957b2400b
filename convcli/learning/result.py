"""Learned: the kernel that was found, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from convcli.array_types import Bools, Floats
from convcli.filters import Border, Kernel, NamedPadding, Size2
from convcli.learning.settings import Model


@dataclass(frozen=True)
class Replay:
    """How well the kernel, applied to INPUT, gives TARGET: rounded and clipped as a picture is.

    Parameters
    ----------
    psnr
        Peak signal-to-noise ratio in dB, 10 · log10(full scale² / mean squared error); infinite where
        every value is the target's.
    largest
        The largest difference, in values of TARGET (levels of a picture).
    values
        How many values were compared.
    held_out
        They were kept from learning; otherwise they are the ones that were learned from.
    """

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
        The second best is clearly worse; where it is not, the pair cannot tell them apart.
    misfit
        Why none of the five gives the rim: it is ``copied`` from INPUT, as Pillow leaves it, and `border` is the
        default one; or it is ``unlike`` all five, and `border` the nearest. None where one gives it.
    """

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
        Integers over the smallest divisor whose integers fit; the bias a simple fraction where one fits.
    largest
        The largest difference from a learned weight.
    """

    kernel: Kernel
    largest: float


@dataclass(frozen=True)
class Nearest:
    """The built-in filter that the weights are nearest to.

    Parameters
    ----------
    text
        The filter as `apply` takes it: ``gaussian:sigma=1.5``.
    scale
        What its weights are multiplied by: learned ≈ scale · built-in; negative where the sign is turned.
    difference
        ‖learned − scale · built-in‖ / ‖learned‖, a share: 0.002 is "weights within 0.2 %".
    """

    text: str
    scale: float
    difference: float


@dataclass(frozen=True, eq=False)
class Learned:
    """The kernel that was found, and what it is worth.

    Parameters
    ----------
    kernel
        float64 weights: (height, width) for the shared model, (channels, height, width) for depthwise,
        (output channels, input channels, height, width) for full. Bias in fractions of full scale.
    model
        Which of the three.
    padding
        How INPUT and TARGET lie on each other: ``same``, ``valid`` or ``full``.
    border
        What the rim of TARGET tells; None where the border was given, or there is no rim.
    given_border
        The border that was asked for; None for the one found.
    loss
        Squared error at the last step, in fractions of full scale squared: the mean over the target values
        learned from, or their sum, as asked. As in a training loop it is the loss that the step was taken from.
    history
        float64, the loss at each step.
    converged
        The descent ended because the weights stood still, not because its steps ran out.
    optimizer, learning_rate
        What the descent was done with.
    errors
        Standard error of every weight, of their shape.
    bias_errors
        Standard error of every bias; empty where no bias was learned.
    undetermined
        bool, of the shape of the weights: those that the pair leaves open.
    values
        How many target values were learned from.
    clipped
        The share of target values left out because they are clipped.
    rows_used
        The share of rows that statistics were taken from; below 1 only where all would take too long.
    explained
        The share of the variance of TARGET that the kernel explains.
    rms
        Root mean square of what it leaves unexplained, in values of TARGET.
    replay
        How well the kernel gives TARGET.
    exact, nearest
        The simplest exact form and the nearest built-in; None where none is near.
    sizes
        With an automatic size: each (height, width) that was tried with its held-out mean squared error.
    warnings
        What the user should know of, each one line.
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
    sizes: tuple[tuple[Size2, float], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.history)
