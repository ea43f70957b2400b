"""Kernels that make up for roundings, and what a kernel makes of the rounding before it."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.detective.checks.slight import amplified, is_of_noise, is_slight, is_slight_line, unnamed
from convcli.detective.steps import CurveStep, FilterStep, JpegStep, NoiseStep
from convcli.filters import Kernel

SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])


@pytest.mark.parametrize(
    ("gain", "offset", "is_it"),
    [(1.0101, -0.0048, True), (0.999, 0.0, True), (1.0, 2 / 255, False), (1.03, -0.015, False)],
)
def test_a_gain_about_the_middle_is_slight(gain: float, offset: float, is_it: bool) -> None:
    assert is_slight(Kernel([[gain]], bias=(offset,))) is is_it


@pytest.mark.parametrize(
    ("gain", "bias", "slight"),
    [(0.985, 0.0, True), (0.985, 0.007, True), (1.0, 0.01, False), (0.9, 0.05, False), (1.015, 0.02, False)],
)
def test_a_slight_line(gain: float, bias: float, slight: bool) -> None:
    assert is_slight_line(Kernel([[gain]], bias=bias), gain) is slight


def test_noise_through_a_kernel() -> None:
    assert amplified(Kernel(SHARPEN)) == pytest.approx(29**0.5)
    assert amplified(Kernel(np.full((3, 3), 1 / 9))) == 1.0
    assert amplified(Kernel(np.stack([SHARPEN, SHARPEN]))) == pytest.approx(29**0.5)


@pytest.mark.parametrize(
    ("gain", "levels", "noise", "is_it"), [(1.0, 0.4, 15.0, True), (1.0, 2.0, 15.0, False), (1.1, 0.4, 15.0, False)]
)
def test_an_offset_of_clipped_noise(gain: float, levels: float, noise: float, is_it: bool) -> None:
    line = CurveStep(((0.0, levels / 255), (1.0, gain + levels / 255)), None)
    assert is_of_noise(line, [NoiseStep(noise)]) is is_it
    assert not is_of_noise(line, [])


def test_nothing_of_a_kernel_has_a_name_beside_what_is_open() -> None:
    plain = FilterStep(None, "shared")
    line, curve = (CurveStep(points, "known") for points in (((0.0, 0.1), (1.0, 0.9)), ((0, 0), (0.5, 0.6), (1, 1))))
    assert unnamed(FilterStep("gaussian", "shared", linear=True, scale=1.0)) == plain
    assert unnamed(line) == plain
    assert unnamed(curve) is curve
    assert unnamed(JpegStep(80)) == JpegStep(80)
