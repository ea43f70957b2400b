"""Values that no kernel can be learned from."""

from __future__ import annotations

import numpy as np
import pytest

from convcli import learn
from convcli.errors import UsageError
from tests.support.noise import noise


@pytest.mark.parametrize(("count", "says"), [(1, "1 value that is not finite"), (3, "3 values that are not finite")])
@pytest.mark.parametrize(("what", "value"), [("INPUT", np.nan), ("TARGET", np.inf)])
def test_values_that_are_no_numbers_are_told(what: str, value: float, count: int, says: str) -> None:
    pair = {"INPUT": noise(0, 80, 90) / 255, "TARGET": noise(0, 80, 90) / 255}
    pair[what][4, :count] = value
    with pytest.raises(UsageError, match=f"{what} holds {says}") as caught:
        learn(pair["INPUT"], pair["TARGET"])
    assert "replace" in caught.value.hint


@pytest.mark.parametrize("factor", [1e300, 1e-310])
@pytest.mark.parametrize("what", ["INPUT", "TARGET"])
def test_values_that_floats_cannot_square_are_told(what: str, factor: float) -> None:
    pair = {"INPUT": noise(0, 80, 90) / 255, "TARGET": noise(0, 80, 90) / 255}
    pair[what] = pair[what] * factor
    with pytest.raises(UsageError, match=f"{what} holds values of up to .*, too large or too small"):
        learn(pair["INPUT"], pair["TARGET"])


def test_values_that_are_just_large_or_small_are_learned_from() -> None:
    values = noise(0, 80, 90) / 255
    learned = learn(values * 1e-45, values * 1e45, size=1)
    assert learned.kernel.weights == pytest.approx(1e90)
