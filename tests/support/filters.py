"""Filters by their text or from a file, and the errors that refuse them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.catalog import check_file, load_filter
from convcli.errors import FilterError
from convcli.filters import Pipeline
from convcli.filters.kernel import Kernel

# Texts of the layers that no name alone gives: they need weights, a size, points or a place.
COMPLETE = {
    "conv": "conv:2,4,3,groups=2",
    "kernel": "1 2; 3 4",
    "as": "as:x | relu",
    **{name: f"as:x | invert | {name}:x" for name in ("add", "subtract", "multiply", "concat")},
    "conv-transpose": "conv-transpose:2,4,3,stride=2,groups=2",
    "linear": "linear:3,seed=2",
    "pixelate": "pixelate:2",
    "curve": "curve:0:0 0.5:0.7 1:1",
    "crop": "crop:0,0,1,1",
    "turn": "turn:90",
    "resize": "resize:2",
    "pad": "pad:2",
    "lppool": "lppool:2,size=2",
    "adaptive-avgpool": "adaptive-avgpool:2",
    "adaptive-maxpool": "adaptive-maxpool:2",
    "upsample": "upsample:2",
    "pixel-shuffle": "pixel-shuffle:1",
    "pixel-unshuffle": "pixel-unshuffle:1",
}


def kernel_of(text: str) -> Kernel:
    """Return the kernel of a filter that is a single one."""
    conv = load_filter(text).conv
    assert conv is not None
    return conv.kernel


def scaled(text: str) -> NDArray[np.float64]:
    """Return the weights of such a filter over its divisor."""
    kernel = kernel_of(text)
    return kernel.weights / kernel.divisor


def refusal(text: str) -> FilterError:
    """Return the error that a filter is refused with."""
    with pytest.raises(FilterError) as caught:
        load_filter(text)
    return caught.value


def load(folder: Path, content: str | bytes) -> Pipeline:
    """Return the filter of a file with this content, ``f.yaml`` in a folder."""
    file = folder / "f.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return check_file(file)


def error_of(folder: Path, content: str | bytes) -> FilterError:
    """Return the error that such a file is refused with."""
    with pytest.raises(FilterError) as caught:
        load(folder, content)
    return caught.value
