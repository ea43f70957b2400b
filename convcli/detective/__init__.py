"""Detective: pairs of pictures become the steps between them, and a kernel among these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.detective.detected import Detected
    from convcli.detective.detection import detect
    from convcli.detective.lossy.residual_map import ResidualMap
    from convcli.detective.steps import CurveStep, FilterStep, NonlinearStep, Step
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "detected": "Detected",
            "detection": "detect",
            "lossy.residual_map": "ResidualMap",
            "steps": "CurveStep FilterStep NonlinearStep Step",
        },
    )
