"""L12: the receptive field, from the last layer back: (RF − 1) · stride + kernel, starting at 1."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.lessons.lesson import planes, printed, shell

ONES = "1 1 1; 1 1 1; 1 1 1"


def fields(line: str, folder: Path) -> list[str]:
    """The receptive fields of the layers, as the table prints them."""
    table = printed(f"{line} --input-size 1x64x64", folder).partition("receptive field")[2]
    rows = [row.split() for row in table.splitlines()]
    return [row[-2] for row in rows if row and row[0].isdigit()]


def written(convs: list[dict[str, object]]) -> str:
    return "layers:\n" + "".join(f"  - conv: {json.dumps(conv)}\n" for conv in convs)


@pytest.mark.parametrize(("count", "wanted"), [(1, "3×3"), (2, "5×5"), (3, "7×7"), (4, "9×9")])
def test_layers_of_three_by_three(tmp_path: Path, count: int, wanted: str) -> None:
    found = fields(f"convcli show '{' | '.join([ONES] * count)}'", tmp_path)
    assert len(found) == count
    assert found[-1] == wanted


def test_two_of_three_by_three_stand_for_one_of_five_by_five(tmp_path: Path) -> None:
    line = "convcli apply '{}' x.csv -o - --border constant"
    point = np.zeros((11, 11))
    point[5, 5] = 1
    np.savetxt(tmp_path / "x.csv", point, delimiter=",", fmt="%d")
    seen = planes(printed(line.format(f"{ONES} | {ONES}"), tmp_path))[0]
    assert np.flatnonzero(seen.any(axis=0)).tolist() == list(range(3, 8))
    assert np.flatnonzero(seen.any(axis=1)).tolist() == list(range(3, 8))
    one = "; ".join(" ".join(f"{row * column:g}" for column in (1, 2, 3, 2, 1)) for row in (1, 2, 3, 2, 1))
    assert np.allclose(planes(printed(line.format(one), tmp_path))[0], seen, atol=1e-12)


@pytest.mark.parametrize(
    ("layers", "wanted"),
    [
        ([{"stride": 2}, {}], ["3×3", "7×7"]),
        ([{}, {"stride": 2}, {}], ["3×3", "5×5", "9×9"]),
        ([{"stride": 2}, {"stride": 2}, {}], ["3×3", "7×7", "15×15"]),
        ([{"dilation": 2}], ["5×5"]),
        ([{}, {"dilation": 2}, {"dilation": 4}], ["3×3", "7×7", "15×15"]),
        ([{"stride": 2}, {"dilation": 3}], ["3×3", "15×15"]),
        ([{"stride": [2, 1]}, {"dilation": [1, 2]}], ["3×3", "7×7"]),
    ],
)
def test_stride_spreads_what_later_layers_see_and_dilation_widens_the_kernel(
    tmp_path: Path, layers: list[dict[str, object]], wanted: list[str]
) -> None:
    weights = [[1, 1, 1]] * 3
    convs = [{"weights": weights, "padding": 1, **each} for each in layers]
    (tmp_path / "layers.yaml").write_text(written(convs))
    assert fields("convcli show layers.yaml", tmp_path) == wanted


def test_the_field_is_followed_from_the_last_layer_back(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(5):
        layers = random.integers(1, 4, (4, 2)).tolist()
        convs = [
            {"weights": np.ones((size, size)).tolist(), "padding": size // 2, "stride": step} for size, step in layers
        ]
        (tmp_path / f"{number}.yaml").write_text(written(convs))
        field = 1
        for size, stride in reversed(layers):
            field = (field - 1) * stride + size
        answer = shell(f"convcli show {number}.yaml --input-size 1x200x200 --json", tmp_path)
        assert json.loads(answer.stdout)["layers"][-1]["receptive_field"] == [field, field]
