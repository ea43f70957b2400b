"""The output of a layer for a batch, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from convcli.array_types import Array
from convcli.filters import Layer
from convcli.lazy import dataclass

# From the gradient of the output to those of the inputs, and of the parameters by name.
Back = Callable[[Array], tuple[list[Array], dict[str, Array]]]
Made = tuple[Array, Back]


@dataclass(frozen=True, eq=False)
class Mode:
    """The way in which layers are computed.

    Parameters
    ----------
    is_training
        Whether dropout leaves out values, and batch-norm measures means and variances.
    generator
        Of what is left out; None for nothing.
    measured
        The means and variances that batch-norms have measured, by their layers' `id`.
    leads_on
        Whether the gradient of the input is asked for; where no layer before learns, one of zeros may be returned.
    """

    is_training: bool = False
    generator: np.random.Generator | None = None
    measured: dict[int, tuple[Array, Array]] | None = None
    leads_on: bool = True


class Rule(Protocol):
    """The forward step of a layer, with its gradient."""

    def __call__(self, layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:
        """Return the output for arrays (items, height, width, channels), several for a join; and the way back."""


def of_one(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
    """Return the gradient of a layer's only input, without parameters."""
    return [gradient], {}
