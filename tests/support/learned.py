"""A learned kernel made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convcli.detective import Detected
from convcli.detective.steps import FilterStep
from convcli.filters.border import Border
from convcli.filters.kernel import Kernel
from convcli.learning import FoundBorder, Model, Nearest, Replay

_MODELS: dict[int, Model] = {2: "shared", 3: "depthwise", 4: "full"}


def made(weights: ArrayLike, history: ArrayLike = (0.3, 0.01, 0.0004), bias: float = 0.25, **fields: Any) -> Detected:
    array, losses = np.asarray(weights, np.float64), np.asarray(history, np.float64)
    values: dict[str, Any] = {
        "kernel": Kernel(array, bias=bias),
        "model": _MODELS[array.ndim],
        "padding": "same",
        "border": FoundBorder(Border("wrap"), 0.3, ("reflect", 12.1), certain=True),
        "given_border": None,
        "loss": float(losses[-1]),
        "history": losses,
        "converged": True,
        "optimizer": "dct",
        "learning_rate": 0.5,
        "errors": np.full(array.shape, 2e-4),
        "bias_errors": (1e-4,),
        "undetermined": np.zeros(array.shape, np.bool_),
        "values": 123_456,
        "clipped": 0.032,
        "rows_used": 1.0,
        "explained": 0.99991,
        "rms": 0.4,
        "replay": Replay(52.13, 1.0, 12_000, held_out=True),
        "exact": None,
        "nearest": Nearest("gaussian:sigma=1.5", 1.0, 0.002),
    }
    values |= {
        "found": (FilterStep("gaussian:sigma=1.5", "shared", False, 1.0, 0.002),),
        "cause": "gaussian:sigma=1.5; 52.1 dB",
        "psnr_before": 30.25,
        "psnr_after": 52.13,
        "psnr_limit": None,
        "is_explained": True,
    }
    return Detected(**(values | fields))
