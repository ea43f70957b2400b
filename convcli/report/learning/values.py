"""The report on a learned kernel as values for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from convcli.filters import Kernel
from convcli.learning import Learned
from convcli.report.learning.text import LearnedFrom


def learned_values(learned: Learned, subject: LearnedFrom, outputs: Mapping[str, str]) -> dict[str, Any]:
    """Return everything that the report says, ready for JSON.

    JSON knows neither infinity nor NaN: such a number is null. So a ``psnr`` of null is an infinite one, where
    every value of the replay is TARGET's and ``largest`` is 0; a standard error of null belongs to
    a weight of which the pair says nothing.

    Parameters
    ----------
    learned
        What was found.
    subject
        What it was found from.
    outputs
        The files that were written, by the option that named them.
    """
    kernel, replay = learned.kernel, learned.replay
    border = learned.border
    given = learned.given_border
    values = {
        "input": subject.names[0],
        "target": subject.names[1],
        "pairs": subject.pairs,
        "outputs": {
            option.lstrip("-").replace("o", "kernel", option == "-o"): path for option, path in outputs.items()
        },
        "model": learned.model,
        "padding": learned.padding,
        "size": list(kernel.size),
        **_numbers(kernel),
        "errors": learned.errors.tolist(),
        "bias_errors": list(learned.bias_errors),
        "undetermined": np.argwhere(learned.undetermined).tolist(),
        "loss": learned.loss,
        "steps": learned.steps,
        "converged": learned.converged,
        "optimizer": learned.optimizer,
        "learning_rate": learned.learning_rate,
        "replay": {
            "psnr": replay.psnr,
            "largest": replay.largest,
            "values": replay.values,
            "held_out": replay.held_out,
        },
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
        "exact": {**_numbers(learned.exact.kernel), "largest": learned.exact.largest} if learned.exact else None,
        "nearest": {
            "filter": learned.nearest.text,
            "scale": learned.nearest.scale,
            "difference": learned.nearest.difference,
        }
        if learned.nearest
        else None,
        "sizes": [{"size": list(size), "error": error} for size, error in learned.sizes],
        "warnings": list(learned.warnings),
    }
    return {key: _finite(value) for key, value in values.items()}


def _numbers(kernel: Kernel) -> dict[str, Any]:
    return {
        "weights": kernel.weights.tolist(),
        "divisor": kernel.divisor,
        "bias": list(kernel.bias),
        "anchor": list(kernel.anchor),
    }


def _finite(value: Any) -> Any:
    """Return the value with null for every number in it that JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
