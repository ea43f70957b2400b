"""How one output value came about, as JSON."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli.engine import Block, Explanation, Stage, Sum
from convcli.report.explaining import ExplainedPoint


def explanation_values(explanation: Explanation, subject: ExplainedPoint) -> dict[str, Any]:
    """Return all that is explained as values for JSON, which has no word for NaN and infinity: they are null."""
    return {
        "filter": subject.pipeline.name,
        "input": subject.source,
        "at": list(subject.at),
        "channel": subject.channel,
        "output": _number(explanation.output),
        "exact": _number(explanation.exact),
        "clipped": subject.clips(explanation.exact),
        "layers": [
            _stage(stage, settings) for stage, settings in zip(explanation.stages, subject.settings, strict=True)
        ],
        "explained": explanation.explained,
        "sums": [_sum(each) for each in explanation.sums],
    }


def _stage(stage: Stage, settings: str) -> dict[str, Any]:
    place = stage.place
    return {
        "layer": stage.layer.name if stage.layer else "input",
        "settings": settings,
        "channel": place.channel,
        "row": place.row,
        "column": place.column,
        "values": _numbers(stage.values),
    }


def _sum(each: Sum) -> dict[str, Any]:
    return {
        "branch": each.branch,
        "channel": each.place.channel,
        "rows": [index if index >= 0 else None for index in each.rows.tolist()],
        "columns": [index if index >= 0 else None for index in each.columns.tolist()],
        "outside": each.outside.tolist(),
        "inputs": [_block(block) for block in each.blocks],
        "sum": _number(each.sum),
        "divisor": _number(each.divisor),
        "bias": _number(each.bias),
        "value": _number(each.value),
    }


def _block(block: Block) -> dict[str, Any]:
    transparent = (
        {} if block.opacity is None else {"opacity": _numbers(block.opacity), "mean_seen": _number(block.mean_seen)}
    )
    return {
        "channel": block.channel,
        "patch": _numbers(block.values),
        "weights": _numbers(block.weights),
        "products": _numbers(block.products),
        **transparent,
        "sum": _number(block.sum),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _numbers(values: NDArray[Any]) -> list[Any]:
    numbers: list[Any] = np.where(np.isfinite(values), values.astype(object), np.array(None)).tolist()
    return numbers
