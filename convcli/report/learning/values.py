"""The report on a learned kernel as values for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from convcli.detective import Detected
from convcli.filters import Kernel
from convcli.report.learning.text import LearnedFrom


def learned_values(learned: Detected, subject: LearnedFrom, outputs: Mapping[str, str]) -> dict[str, Any]:
    """Return all of the report as values for `json_text`, which writes null for infinity.

    A ``psnr`` of null is infinite: every value of the replay is TARGET's. A standard error of null belongs to a weight
    that the pair leaves open. `outputs` are the files that were written, by the option that named them.
    """
    border, given, exact, nearest = learned.border, learned.given_border, learned.exact, learned.nearest
    return {
        "input": subject.names[0],
        "target": subject.names[1],
        "pairs": subject.pairs,
        "cause": learned.cause,
        "found": [step.values for step in learned.found],
        "is_explained": learned.is_explained,
        "psnr": {"before": learned.psnr_before, "after": learned.psnr_after, "limit": learned.psnr_limit},
        "outputs": {"kernel" if option == "-o" else option.lstrip("-"): path for option, path in outputs.items()},
        "model": learned.model,
        "padding": learned.padding,
        "size": learned.kernel.size,
        **_kernel_values(learned.kernel),
        "errors": learned.errors,
        "bias_errors": learned.bias_errors,
        "undetermined": np.argwhere(learned.undetermined),
        "loss": learned.loss,
        "history": learned.history,
        "steps": learned.steps,
        "converged": learned.converged,
        "optimizer": learned.optimizer,
        "learning_rate": learned.learning_rate,
        "replay": asdict(learned.replay),
        "values": learned.values,
        "clipped": learned.clipped,
        "rows_used": learned.rows_used,
        "explained": learned.explained,
        "rms": learned.rms,
        "border": str(border.border) if border else str(given) if given else None,
        "border_found": {
            "rms": border.rms,
            "certain": border.certain,
            "misfit": border.misfit,
            "next_best": {"border": border.next_best[0], "rms": border.next_best[1]},
        }
        if border
        else None,
        "exact": {**_kernel_values(exact.kernel), "largest": exact.largest} if exact else None,
        "nearest": {"filter": nearest.text, "scale": nearest.scale, "difference": nearest.difference}
        if nearest
        else None,
        "sizes": [{"size": size, "error": error} for size, error in learned.sizes],
        "warnings": learned.warnings,
    }


def _kernel_values(kernel: Kernel) -> dict[str, Any]:
    return {"weights": kernel.weights, "divisor": kernel.divisor, "bias": kernel.bias, "anchor": kernel.anchor}
