"""A kernel applied by spectra, as by the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import convcli
from convcli.filters import BORDER_NAMES, Border, Kernel
from convcli.learning.spectral import filtered_by_spectra

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("border", [*map(Border, BORDER_NAMES), Border("constant", 0.4)], ids=str)
@pytest.mark.parametrize("padding", ["same", "valid", "full"])
@pytest.mark.parametrize(
    ("shape", "anchor"), [((5, 4), None), ((3, 3, 6), (0, 5)), ((2, 3, 4, 7), None), ((9, 1), (8, 0))]
)
def test_it_is_the_engines(border: Border, padding: Any, shape: tuple[int, ...], anchor: Any) -> None:
    source = RNG.integers(0, 256, (23, 31, 3), np.uint8)
    bias = RNG.random(shape[0]).tolist() if len(shape) > 2 else 0.3
    kernel = Kernel(RNG.standard_normal(shape), 3.0, bias, anchor)
    found = filtered_by_spectra(source, kernel, full_scale=255.0, padding=padding, border=border)
    wanted = convcli.correlate(source / 255, kernel, padding=padding, border=border)
    np.testing.assert_allclose(found, wanted * 255, atol=1e-8)


def test_tall_pictures_are_filtered_in_parts() -> None:
    source = RNG.random((1300, 20, 1))
    kernel = Kernel(RNG.standard_normal((31, 9)))
    found = filtered_by_spectra(source, kernel, full_scale=1.0, padding="same", border=Border("reflect"))
    np.testing.assert_allclose(found, convcli.correlate(source, kernel), atol=1e-9)
