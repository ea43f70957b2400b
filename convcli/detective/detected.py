"""Detected: a learned kernel, and the steps that it is one of."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from convcli.detective.sentence import sentence_of
from convcli.detective.steps import Step
from convcli.filters import Layer, Pipeline
from convcli.learning import Learned


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
    """

    found: tuple[Step, ...]
    cause: str
    psnr_before: float | None
    psnr_after: float
    psnr_limit: float | None
    is_explained: bool
    around: tuple[tuple[Layer, ...], tuple[Layer, ...]] | None = ((), ())

    @property
    def pipeline(self) -> Pipeline:
        """The steps as a filter; those that are none are left out."""
        learned = super().pipeline
        before, after = self.around or ((), ())
        return replace(learned, layers=(*before, *learned.layers, *after))


def detected(
    learned: Learned,
    steps: tuple[Step, ...],
    *,
    is_explained: bool,
    around: tuple[tuple[Layer, ...], tuple[Layer, ...]] | None = ((), ()),
    before: float | None = None,
    after: float | None = None,
    limit: float | None = None,
) -> Detected:
    """Return a learned kernel among the steps; without `after`, as well matched as the kernel's replay is."""
    known = {field.name: getattr(learned, field.name) for field in fields(Learned)}
    psnr = learned.replay.psnr if after is None else after
    return Detected(
        **known,
        found=steps,
        cause=sentence_of(steps, psnr, limit),
        psnr_before=before,
        psnr_after=psnr,
        psnr_limit=limit,
        is_explained=is_explained,
        around=around,
    )
