"""L6: true convolution is cross-correlation with the kernel turned by 180°."""

from __future__ import annotations

import pytest

from tests.lessons.lesson import printed


@pytest.mark.parametrize("option", ["--flip", "--convolve"])
def test_convolution_turns_the_kernel(option: str) -> None:
    convolved = printed(f'convcli apply "0 1; 2 3" counting.csv -o - --padding valid {option}')
    assert convolved == "5,11\n23,29\n"
    assert printed('convcli apply "3 2; 1 0" counting.csv -o - --padding valid') == convolved


def test_turned_twice_it_is_as_before() -> None:
    assert printed('convcli apply "3 2; 1 0" counting.csv -o - --padding valid --flip') == "19,25\n37,43\n"
