"""Resampling by factors, beside libvips."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.detective.geometry.programs import by_factor, resampled

pyvips = pytest.importorskip("pyvips")

PICTURE = np.random.default_rng(3).random((140, 157, 3)).astype(np.float32)
KERNELS = {"lanczos3": "lanczos", "cubic": "cubic", "mitchell": "mitchell", "linear": "linear"}


def resized(kernel: str, factor: float) -> np.ndarray:
    height, width, channels = PICTURE.shape
    image = pyvips.Image.new_from_memory(PICTURE.tobytes(), width, height, channels, "float")
    made = image.resize(factor, kernel=kernel)
    return np.frombuffer(made.write_to_memory(), np.float32).reshape(made.height, made.width, channels)


@pytest.mark.parametrize(
    ("kernel", "name", "factor"),
    [(kernel, name, factor) for kernel, name in KERNELS.items() for factor in (0.37, 0.5, 0.62, 0.83)]
    + [("lanczos3", "cubic", 1.5), ("cubic", "cubic", 1.3), ("linear", "linear", 2.0)],
)
def test_factors(kernel: str, name: str, factor: float) -> None:
    made = resized(kernel, factor)
    by = f"libvips {name} by {factor}"
    assert by in set(by_factor(PICTURE.shape[:2], made.shape[:2]))
    mine = resampled(by, PICTURE, made.shape[:2], slice(0, made.shape[0]), slice(0, made.shape[1]))
    off = np.abs(mine - made)
    assert off[2:-2, 2:-2].max() < 0.05  # it has 64 positions between two pixels
    assert off[2:-2, 2:-2].mean() < 0.004
