"""The frequency response of a kernel."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.report.pictures.response import profiles, square_response

SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def test_the_response_is_the_fourier_transform() -> None:
    plane = np.random.default_rng(0).normal(size=(5, 4))
    found = square_response(plane, (1, 1), 65)
    padded = np.abs(np.fft.fftshift(np.fft.fft2(plane, (64, 64))))
    assert found.shape == (65, 65)
    assert np.allclose(found[:64, :64], padded)
    assert np.allclose(found, found[::-1, ::-1])
    assert found[32, 32] == pytest.approx(abs(plane.sum()))


def test_dilation_repeats_the_response() -> None:
    wide, once = square_response(SOBEL, (1, 2), 65), square_response(SOBEL, (1, 1), 65)
    assert np.allclose(wide[:, 32 - 16 : 32 + 17], once[:, ::2])
    spread = np.zeros((3, 5))
    spread[:, ::2] = SOBEL
    assert np.allclose(wide, square_response(spread, (1, 1), 65))


def test_profiles_are_cuts_through_the_response() -> None:
    found, whole = profiles(SOBEL, (1, 1), 33), square_response(SOBEL, (1, 1), 65)
    assert np.allclose(found["horizontal"], whole[32, 32:])
    assert np.allclose(found["vertical"], 0)
    assert np.allclose(found["diagonal"], whole.diagonal()[32:])
