"""The match of the answer with TARGET: before and after it, the limit, and where the residual is."""

from __future__ import annotations

import math
from collections.abc import Iterator

from convcli.detective import Detected, NonlinearStep, ResidualMap
from convcli.report.tables import percent
from convcli.words import counted

_ROUNDINGS = 0.2  # levels; a picture that differs by less has single levels that were rounded otherwise
# Of the picture: more than this share has to have half of the squared residual where it is called even.
_EVEN = 0.3
_AT_RIM = 0.5  # of the squared residual
_COMPACT, _INSIDE = 0.3, 0.6  # the largest share of the picture that a box may have, and the least of the residual
_DETAILED = 1.5  # times the changes of the whole picture


def match_rows(learned: Detected, *, levels: bool) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the rows; `levels` tells whether the values of TARGET are levels."""
    if learned.psnr_before is not None:
        yield "before", f"{decibels(learned.psnr_before)} between INPUT and TARGET"
    answer = "the answer" if learned.is_explained else "the nearest kernel"
    yield "after", f"{decibels(learned.psnr_after)} between {answer} and TARGET{_left_out(learned)}"
    if learned.psnr_limit is not None:
        yield "limit", f"{decibels(learned.psnr_limit)}, which {_limit_cause(learned)} sets"
    # What is only named has no map of its own: it was compared with samples.
    if not any(isinstance(step, NonlinearStep) and step.text for step in learned.found):
        yield "residual", residual_text(learned, levels=levels)


def _left_out(learned: Detected) -> str:
    """Return the part of the picture that the match is without."""
    if any(step.name == "region" for step in learned.found):
        return ", the region left out"
    if learned.rim:
        return f", a rim of {counted(learned.rim, 'pixel')} left out"
    residual = None if learned.rim == 0 else learned.residual
    return ", the rim left out" if residual and residual.rms and residual.rim > _AT_RIM else ""


def decibels(psnr: float) -> str:
    """Return a peak signal-to-noise ratio."""
    return "no difference" if math.isinf(psnr) else f"{psnr:.1f} dB"


def _limit_cause(learned: Detected) -> str:
    kinds = {step.name for step in learned.found}
    return "JPEG" if "jpeg" in kinds else "noise" if "noise" in kinds else "rounding"


def residual_text(learned: Detected, *, levels: bool) -> str:
    """Return how large the residual is, and where: ``4 levels rms, evenly over the picture``."""
    residual, unit = learned.residual, " levels" if levels else ""
    if residual is None:
        return f"{learned.rms:.3g}{unit} rms" if learned.rms else "none"
    if not residual.rms:
        return "none: every value of TARGET is met"
    size = f"{residual.rms:.3g}{unit} rms"
    if levels and residual.rms < _ROUNDINGS and residual.rim < _AT_RIM:
        return f"{size}, values that are rounded otherwise"
    return f"{size}, {_place(residual)}"


def _place(residual: ResidualMap) -> str:
    if residual.worst > _EVEN:
        return "evenly over the picture"
    if residual.rim > _AT_RIM:
        return f"{percent(residual.rim)} of it at the rim"
    box = residual.box
    if box and box.share > _INSIDE and box.width * box.height < _COMPACT * math.prod(residual.size):
        return f"{percent(box.share)} of it at {box.x},{box.y} ({box.width}×{box.height})"
    share = percent(residual.worst)
    place = f"the {share} with most detail" if residual.detail > _DETAILED else f"{share} of the picture"
    return f"half of it in {place}"
