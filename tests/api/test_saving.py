"""Filters to files and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import convcli
from convcli.errors import KernelError, OutputRefused, UsageError, WriteError
from tests.support.console import done
from tests.support.noise import noise

NUMBERS = st.floats(-1e300, 1e300)


@given(
    weights=arrays.arrays(np.float64, arrays.array_shapes(min_dims=2, max_dims=4, max_side=4), elements=NUMBERS),
    divisor=NUMBERS.filter(bool),
    bias=NUMBERS,
)
def test_a_kernel_reads_back_exactly(
    weights: np.ndarray, divisor: float, bias: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "kernel.yaml"
    kernel = convcli.Kernel(weights, divisor, bias, anchor=(0, 0))
    kernel.save(path, force=True)
    read = convcli.Kernel.load(path)
    assert read.weights.tobytes() == kernel.weights.tobytes() or np.array_equal(read.weights, kernel.weights)
    assert (read.divisor, read.bias, tuple(read.anchor)) == (kernel.divisor, kernel.bias, (0, 0))


def test_every_door_reads_what_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    convcli.Kernel([[1, 2, 1]], divisor=4).save(str(path))
    array = noise(0, 6, 7)
    ours = convcli.apply(path, array)
    np.testing.assert_array_equal(ours, convcli.correlate(array, convcli.load_filter(str(path)).conv.kernel))  # type: ignore[union-attr]
    convcli.write_picture(tmp_path / "in.png", array)
    done("apply", path, tmp_path / "in.png", "-o", tmp_path / "out.png")
    np.testing.assert_array_equal(convcli.read_picture(tmp_path / "out.png"), ours)


def test_a_pipeline_reads_back(tmp_path: Path) -> None:
    pipeline = convcli.load_filter("gaussian:1.4 | sobel | maxpool:2 | normalize")
    pipeline.save(tmp_path / "edges.yml")
    array = noise(0, 12, 13)
    np.testing.assert_array_equal(convcli.apply(tmp_path / "edges.yml", array), convcli.apply(pipeline, array))
    convcli.save_filter("box:5", tmp_path / "box.yaml")
    assert convcli.Kernel.load(tmp_path / "box.yaml").size == (5, 5)
    convcli.save_filter([[1, 2]], tmp_path / "weights.yaml")
    np.testing.assert_array_equal(convcli.Kernel.load(tmp_path / "weights.yaml").weights, [[1, 2]])


def test_what_is_learned_is_saved_with_its_border_and_padding(tmp_path: Path) -> None:
    before = noise(0, 40, 50) / 255
    after = convcli.correlate(before, [[1, 2, 1]], divisor=4, border="wrap")
    learned = convcli.learn(before, after, size=(1, 3), bias=False)
    learned.kernel.save(tmp_path / "kernel.yaml")
    np.testing.assert_array_equal(convcli.Kernel.load(tmp_path / "kernel.yaml").weights, learned.kernel.weights)
    learned.save(tmp_path / "filter.yaml")
    np.testing.assert_allclose(convcli.apply(tmp_path / "filter.yaml", before), after, atol=1e-6)
    with pytest.raises(KernelError, match=r"filter\.yaml holds more than a kernel\nhelp: convcli\.load_filter"):
        convcli.Kernel.load(tmp_path / "filter.yaml")


def test_a_file_is_never_overwritten_unasked_nor_half_written(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mine")
    with pytest.raises(OutputRefused, match=r"mine\.yaml exists\nhelp: force=True overwrites it$"):
        convcli.Kernel([[1]]).save(path)
    large = convcli.Kernel(np.random.default_rng(0).random((340, 340)))
    with pytest.raises(OutputRefused, match=r"mine\.yaml exists"):
        large.save(path)
    assert [each.name for each in tmp_path.iterdir()] == ["mine.yaml"]
    assert path.read_text() == "mine"
    convcli.Kernel([[1]]).save(path, force=True)
    assert convcli.Kernel.load(path).size == (1, 1)
    with pytest.raises(UsageError, match=r"kernel\.txt: a filter is written as YAML\nhelp: end the name in \.yaml"):
        convcli.Kernel([[1]]).save(tmp_path / "kernel.txt")
    with pytest.raises(WriteError, match="there is no folder"):
        convcli.Kernel([[1]]).save(tmp_path / "none" / "kernel.yaml")
    assert [each.name for each in tmp_path.iterdir()] == ["mine.yaml"]


def test_weights_too_many_for_yaml_are_written_beside_it(tmp_path: Path) -> None:
    large = convcli.Kernel(np.random.default_rng(0).random((340, 340)))
    large.save(tmp_path / "large.yaml")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["large.weights.npz", "large.yaml"]
    np.testing.assert_array_equal(convcli.Kernel.load(tmp_path / "large.yaml").weights, large.weights)


def test_nothing_is_saved_where_no_filter_does_it(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (2, 60, 70, 3), np.uint8)
    learned = convcli.learn(*pictures)
    assert learned.cause == "not the same picture"
    with pytest.raises(UsageError, match="no filter does what was found: not the same picture") as caught:
        learned.save(tmp_path / "filter.yaml")
    assert "nearest kernel" in caught.value.hint
    assert not list(tmp_path.iterdir())
    learned.kernel.save(tmp_path / "kernel.yaml")
