"""An explained output value as values for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from convcli.engine import Block, Explanation, Stage, Sum
from convcli.report.explanation_text import ExplainedPoint


def explanation_values(explanation: Explanation, subject: ExplainedPoint) -> dict[str, Any]:
    """Return all of an explanation as values for `json_text`."""
    return {
        "filter": subject.pipeline.name,
        "input": subject.source,
        "at": subject.at,
        "channel": subject.channel,
        "output": explanation.output,
        "exact": explanation.exact,
        "clipped": subject.clips(explanation.exact),
        "layers": [
            _stage(stage, settings) for stage, settings in zip(explanation.stages, subject.settings, strict=True)
        ],
        "explained": explanation.explained,
        "sums": [_sum(each) for each in explanation.sums],
    }


def _stage(stage: Stage, settings: str) -> dict[str, Any]:
    name = stage.layer.name if stage.layer else "input"
    return {"layer": name, "settings": settings, **asdict(stage.position), "values": stage.values}


def _sum(each: Sum) -> dict[str, Any]:
    return {
        "branch": each.branch,
        "channel": each.position.channel,
        "rows": [index if index >= 0 else None for index in each.rows.tolist()],
        "columns": [index if index >= 0 else None for index in each.columns.tolist()],
        "outside": each.outside,
        "inputs": [_block(block) for block in each.blocks],
        "sum": each.sum,
        "divisor": each.divisor,
        "bias": each.bias,
        "value": each.value,
    }


def _block(block: Block) -> dict[str, Any]:
    transparent = {} if block.opacity is None else {"opacity": block.opacity, "mean_seen": block.mean_seen}
    return {
        "channel": block.channel,
        "patch": block.values,
        "weights": block.weights,
        "products": block.products,
        **transparent,
        "sum": block.sum,
    }
