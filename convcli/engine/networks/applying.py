"""The layers of networks on arrays (height, width, channels)."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.networks.activations import activated
from convcli.errors import UsageError
from convcli.filters import Activation, Layer, OverChannels


def apply_network_layer(layer: Layer, values: Array, full_scale: Any) -> Array:
    """Apply a layer of `convcli.filters.networks`; parameters and result as of `apply_layer`."""
    with np.errstate(over="ignore", invalid="ignore"):
        match layer:
            case Activation() | OverChannels():
                return activated(layer, values, full_scale)
    raise UsageError(f"the engine has no layer {type(layer).__name__}", "use a layer of convcli.filters")
