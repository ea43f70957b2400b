"""Detected: a learned kernel, and the steps that it is one of."""

from __future__ import annotations

import math
import os
from dataclasses import fields, replace

import numpy as np

from convcli.detective.chains.named import named_layers, snapped
from convcli.detective.chains.rounded import with_rounds
from convcli.detective.lossy.residual_map import ResidualMap, kernel_residual
from convcli.detective.sentence import sentence_of
from convcli.detective.steps import Step
from convcli.engine import full_scale_of
from convcli.errors import UsageError
from convcli.filters import Border, Kernel, Layer, Pipeline
from convcli.lazy import dataclass
from convcli.learning import Learned, LearningPair

_NOTHING = 5e-4  # of a weight, and of full scale: an eighth of a level
_ROWS = 256  # that are compared at a time

_BESIDE = 0.004  # of the weight of the pixel itself, that others may have in sum


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Detected(Learned):
    """A learned kernel, and the steps that it is one of.

    Parameters
    ----------
    found
        The steps, in order.
    cause
        They in one sentence.
    psnr_before, psnr_after
        Peak signal-to-noise ratio of INPUT, where it has TARGET's size, and of INPUT after the steps, in dB.
    psnr_limit
        That which noise or rounding allows; None where it is unknown.
    is_explained
        The steps make TARGET.
    around
        The layers before the kernel, and those after it, that do the other steps again; None where one of them is no
        filter.
    residual
        Where the first TARGET differs from the answer; None where that was not looked at.
    is_by_name, rounds
        Whether `pipeline` has the name of the kernel for its weights, and whether it rounds to levels between layers,
        as the pair shows both.
    rim
        Pixels along the sides of TARGET without which `psnr_after` is; 0 for all of it, None where that is not known.
    border_beside
        The border of the filters beside the kernel; None for their own.
    """

    found: tuple[Step, ...]
    cause: str
    psnr_before: float | None
    psnr_after: float
    psnr_limit: float | None
    is_explained: bool
    around: tuple[tuple[Layer, ...], tuple[Layer, ...]] | None = ((), ())
    residual: ResidualMap | None = None
    is_by_name: bool = False
    rounds: bool = False
    rim: int | None = None
    border_beside: Border | None = None

    @property
    def has_filter(self) -> bool:
        """True where the steps make TARGET, and `pipeline` does them again, apart from regions, noise and JPEG."""
        return self.is_explained and self.around is not None

    @property
    def pipeline(self) -> Pipeline:
        """The steps as a filter, without a kernel that changes nothing; the nearest kernel where they are none."""
        before, after = self.around or ((), ())
        is_beside = bool(before or after) and self.stride == (1, 1) and is_identity(self.kernel, _NOTHING)
        if self.is_by_name and self.nearest is not None:
            border = self.border.border if self.border else self.given_border
            return self._around(tuple(named_layers(self.nearest.text, border)))
        return self._around(() if is_beside else super().pipeline.layers)

    @property
    def named(self) -> Pipeline | None:
        """The steps as a filter with the name of the kernel for its weights; None where its errors do not allow it."""
        layers = snapped(self)
        return None if layers is None else self._around(layers)

    def _around(self, layers: tuple[Layer, ...]) -> Pipeline:
        before, after = self.around or ((), ())
        if (border := self.border_beside) is not None:
            before, after = (tuple(each.with_border(border) for each in beside) for beside in (before, after))
        layers = (*before, *layers, *after)
        return replace(super().pipeline, layers=tuple(with_rounds(layers)) if self.rounds else layers)

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write `pipeline` to a YAML file.

        Raises UsageError where it does not do what was found, and the errors of `Pipeline.save`.
        """
        if not self.has_filter:
            raise UsageError(
                f"no filter does what was found: {self.cause.partition(';')[0]}",
                "save the nearest kernel, which is .kernel",
            )
        super().save(path, force=force)


def detected(
    learned: Learned,
    steps: tuple[Step, ...],
    first: LearningPair | None,
    *,
    is_explained: bool,
    around: tuple[tuple[Layer, ...], tuple[Layer, ...]] | None = ((), ()),
    after: float | None = None,
    limit: float | None = None,
    residual: ResidualMap | None = None,
) -> Detected:
    """Return a learned kernel among the steps between the `first` pair and others.

    Without `after`, they match as well as the replay of the kernel does, and the `residual` is the kernel's.
    """
    known = {field.name: getattr(learned, field.name) for field in fields(Learned)}
    psnr = learned.replay.psnr if after is None else after
    return Detected(
        **known,
        found=steps,
        cause=sentence_of(steps, psnr, limit),
        psnr_before=_psnr_before(first) if first else None,
        psnr_after=psnr,
        psnr_limit=limit,
        is_explained=is_explained,
        around=around,
        residual=kernel_residual(learned, first) if first and residual is None else residual,
    )


def _psnr_before(pair: LearningPair) -> float | None:
    """Return the peak signal-to-noise ratio of INPUT as it is, in dB; None where it has another size."""
    if pair.source.shape != pair.target.shape:
        return None
    factor = np.float32(full_scale_of(pair.target.dtype) / full_scale_of(pair.source.dtype))
    squares = 0.0
    for start in range(0, len(pair.target), _ROWS):
        rows = slice(start, start + _ROWS)
        squares += float(np.square(pair.source[rows] * factor - pair.target[rows], dtype=np.float64).sum())
    return psnr_of(math.sqrt(squares / pair.target.size) / full_scale_of(pair.target.dtype))


def gain_of(kernel: Kernel) -> tuple[float, float] | None:
    """Return the gain and the offset of a kernel for all channels that looks at the pixel alone, but no identity."""
    weights = kernel.weights / kernel.divisor
    if weights.ndim != 2 or is_identity(kernel, _NOTHING):
        return None
    gain = float(weights[kernel.anchor])
    beside = np.abs(weights).sum() - abs(gain)
    return (gain, float(kernel.bias[0])) if beside < _BESIDE * abs(gain) else None


def is_identity(kernel: Kernel, tolerance: float) -> bool:
    """Return whether a kernel leaves a picture as it is, its weights and its bias within a tolerance."""
    plain = np.zeros_like(kernel.weights)
    if kernel.weights.ndim == 4:
        if plain.shape[0] != plain.shape[1]:
            return False
        for channel in range(len(plain)):
            plain[(channel, channel, *kernel.anchor)] = 1
    else:
        plain[(..., *kernel.anchor)] = 1
    near = np.abs(kernel.weights / kernel.divisor - plain).max() < tolerance
    return bool(near and max(map(abs, kernel.bias)) < tolerance)


def psnr_of(rms: float) -> float:
    """Return the peak signal-to-noise ratio in dB of an error in shares of full scale."""
    return -20 * math.log10(rms) if rms > 0 else math.inf
