"""L1: two-dimensional cross-correlation without padding, and the size of the output."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convcli.filters import Conv
from convcli.filters.kernel import Kernel
from tests.lessons.lesson import printed


def test_counting_with_a_kernel_of_two_by_two() -> None:
    assert printed('convcli apply "0 1; 2 3" counting.csv -o - --padding valid') == "19,25\n37,43\n"


def test_five_by_five_with_three_by_three_is_three_by_three(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "x.csv", np.arange(25).reshape(5, 5), delimiter=",", fmt="%d")
    text = printed('convcli apply "0 0 0; 0 1 0; 0 0 0" x.csv -o - --padding valid', tmp_path)
    assert text == "6,7,8\n11,12,13\n16,17,18\n"


@pytest.mark.parametrize(
    ("length", "kernel", "padding", "stride", "dilation"),
    [
        (9, 3, 0, 1, 1),
        (9, 3, 1, 1, 1),
        (9, 3, 1, 2, 1),
        (9, 3, 2, 3, 2),
        (10, 4, 3, 3, 3),
        (28, 5, 2, 1, 1),
        (7, 1, 0, 7, 9),
    ],
)
def test_the_size_of_the_output(
    tmp_path: Path, length: int, kernel: int, padding: int, stride: int, dilation: int
) -> None:
    np.save(tmp_path / "x.npy", np.ones((length, length + 1)))
    weights = "; ".join([" ".join(["1"] * kernel)] * kernel)
    printed(
        f'convcli apply "{weights}" x.npy -o y.npy --padding {padding} --stride {stride} --dilation {dilation}',
        tmp_path,
    )
    height, width = ((n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1 for n in (length, length + 1))
    assert np.load(tmp_path / "y.npy").shape == (height, width)


def test_the_size_of_the_output_for_all_small_settings() -> None:
    for n in range(1, 13):
        for k in range(1, 5):
            for padding in range(4):
                for stride in range(1, 4):
                    for dilation in range(1, 4):
                        if n + 2 * padding < dilation * (k - 1) + 1:
                            continue
                        conv = Conv(Kernel(np.ones((k, k)))).with_settings(
                            padding=padding, stride=stride, dilation=dilation
                        )
                        side = (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
                        assert conv.output_shape((1, n, n)) == (1, side, side)
