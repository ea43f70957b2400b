"""Layers that draw their weights and name no seed: each draws its own, and a file written of them draws the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import convcli
from convcli.catalog import check_file, load_filter, to_yaml
from convcli.filters import Combine, Conv, Layer, Linear, Pipeline

NETWORK = """layers:
  - conv: {in_channels: 1, out_channels: 32, kernel_size: 5}
  - relu
  - magnitude:
      - conv: {in_channels: 32, out_channels: 8, kernel_size: 5}
      - - relu
        - conv: {in_channels: 32, out_channels: 8, kernel_size: 5}
  - conv: {in_channels: 8, out_channels: 32, kernel_size: 5}
  - linear: 10
"""


def drawn(layers: Iterable[Layer]) -> Iterator[np.ndarray]:
    """Yield the weights of every layer that has some, in a row; those of a linear layer for 81 inputs."""
    for layer in layers:
        if isinstance(layer, Conv):
            yield layer.kernel.weights.ravel()
        elif isinstance(layer, Linear):
            yield layer.parameters_for(81)[0].ravel()
        elif isinstance(layer, Combine):
            for branch in layer.branches:
                yield from drawn(branch)


def weights_of(pipeline: Pipeline) -> list[np.ndarray]:
    return list(drawn(pipeline.layers))


def seeds_in(pipeline: Pipeline) -> list[int]:
    return [
        int(line.split("seed: ")[1].split(",")[0].rstrip("}"))
        for line in to_yaml(pipeline).split("\n")
        if "seed:" in line
    ]


def assert_unrelated(weights: list[np.ndarray]) -> None:
    """Check that the correlation of any two, as far as both reach, is that of independent numbers."""
    for one, other in combinations(weights, 2):
        length = min(one.size, other.size)
        correlation = np.corrcoef(one[:length], other[:length])[0, 1]
        assert abs(correlation) < 5 / np.sqrt(length)


def saved(folder: Path, text: str, name: str = "net.yaml") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_no_two_layers_of_a_file_draw_the_same(tmp_path: Path) -> None:
    pipeline = check_file(saved(tmp_path, NETWORK))
    assert len(weights_of(pipeline)) == 5
    assert_unrelated(weights_of(pipeline))
    assert seeds_in(pipeline) == [0, 1, 2, 3, 4]


def test_nor_do_those_of_a_text_or_of_files_in_each_other(tmp_path: Path) -> None:
    text = load_filter("conv:1,16,5 | relu | conv:16,16,5 | conv:16,16,5,padding=2 | linear:10")
    assert_unrelated(weights_of(text))
    saved(tmp_path, "layers:\n  - conv: {in_channels: 8, out_channels: 8, kernel_size: 5}\n  - relu\n", "block.yaml")
    saved(tmp_path, "layers: [block.yaml, 'conv:8,8,5 | block.yaml', block.yaml]\n", "twice.yaml")
    for pipeline in (
        check_file(tmp_path / "twice.yaml"),
        load_filter(f"{tmp_path}/block.yaml | {tmp_path}/twice.yaml"),
    ):
        assert_unrelated(weights_of(pipeline))
        assert seeds_in(pipeline) == list(range(len(weights_of(pipeline))))


def test_a_seed_that_is_named_stays_and_no_other_layer_draws_with_it() -> None:
    pipeline = load_filter("conv:1,9,5 | conv:9,9,5,seed=0 | linear:9,seed=2 | conv:9,9,5 | conv:9,9,5")
    assert seeds_in(pipeline) == [5, 0, 2, 3, 4]
    assert_unrelated(weights_of(pipeline))
    alone = load_filter("conv:9,9,5,seed=0").conv
    assert alone is not None
    np.testing.assert_array_equal(weights_of(pipeline)[1], alone.kernel.weights.ravel())
    np.testing.assert_array_equal(
        weights_of(pipeline)[2].reshape(9, 81), np.random.default_rng(2).uniform(-1 / 9, 1 / 9, (9, 81))
    )


def test_other_layers_and_zeros_change_no_seed() -> None:
    assert seeds_in(load_filter("gaussian | conv:1,2,3 | relu | conv:2,2,3,init=zeros | conv:2,2,3")) == [0, 1]


def test_the_written_file_draws_the_same_also_where_its_layers_are_moved(tmp_path: Path) -> None:
    pipeline = check_file(saved(tmp_path, NETWORK))
    text = to_yaml(pipeline)
    again = check_file(saved(tmp_path, text, "again.yaml"))
    assert to_yaml(again).split("\n")[1:] == text.split("\n")[1:]
    head, *items = text.split("\n  - ")
    moved = check_file(
        saved(tmp_path, "\n  - ".join([head, *(each.rstrip("\n") for each in items[::-1])]) + "\n", "moved.yaml")
    )
    for one, other in zip(weights_of(pipeline), weights_of(again), strict=True):
        np.testing.assert_array_equal(one, other)
    for index, weights in enumerate(weights_of(pipeline)):
        assert sum(np.array_equal(weights, each) for each in weights_of(moved)) == 1, index


SETTINGS = ("flip=true", "divisor=3", "stride=2", "padding=same", "dilation=2", "groups=2", "bias=false", "border=wrap")


@settings(deadline=None)
@given(
    first=st.sets(st.sampled_from(SETTINGS)),
    second=st.sets(st.sampled_from(SETTINGS)),
    size=st.sampled_from(["3", "2x3"]),
)
def test_settings_act_on_the_weights_of_the_layer_s_own_seed(
    tmp_path_factory: pytest.TempPathFactory, first: set[str], second: set[str], size: str
) -> None:
    for each in (first, second):
        assume(not {"stride=2", "padding=same"} <= each)  # refused, as in PyTorch
    texts = [",".join([f"conv:2,4,{size}", *sorted(each)]) for each in (first, second)]
    together = load_filter(f"{texts[0]} | {texts[1]}")
    named = [load_filter(f"{text},seed={seed}") for seed, text in enumerate(texts)]
    back = check_file(saved(tmp_path_factory.mktemp("seeds"), to_yaml(together)))
    for conv, alone, read in zip(together.layers, named, back.layers, strict=True):
        for other in (alone.layers[0], read):
            assert isinstance(conv, Conv)
            assert isinstance(other, Conv)
            np.testing.assert_array_equal(conv.kernel.weights, other.kernel.weights)
            assert (conv.kernel.bias, conv.kernel.divisor, conv.kernel.anchor) == (
                other.kernel.bias, other.kernel.divisor, other.kernel.anchor
            )  # fmt: skip
            assert (conv.stride, conv.padding, conv.dilation, conv.groups, conv.border) == (
                other.stride, other.padding, other.dilation, other.groups, other.border
            )  # fmt: skip


def test_the_written_file_has_no_more_than_the_settings() -> None:
    assert "anchor" not in to_yaml(load_filter("conv:1,2,2x4 | conv:2,2,2x4,padding=same,flip=true | relu"))


def test_settings_of_a_file_that_draws_act_on_its_own_seed(tmp_path: Path) -> None:
    saved(tmp_path, "layers: ['conv:1,1,3,bias=false']\n", "one.yaml")
    both = check_file(saved(tmp_path, "layers: ['conv:1,1,3', one.yaml: {flip: true, normalize: l1}]\n"))
    plain = np.random.default_rng(1).uniform(-1 / 3, 1 / 3, (3, 3))
    last = both.layers[1]
    assert isinstance(last, Conv)
    np.testing.assert_array_equal(last.kernel.weights[0, 0], plain[::-1, ::-1])
    assert last.kernel.divisor == pytest.approx(np.abs(plain).sum())


def test_python_gives_the_same_every_time(tmp_path: Path) -> None:
    file = saved(tmp_path, "layers: ['conv:1,4,3', relu, 'conv:4,1,3']\n")
    picture = np.random.default_rng(0).random((9, 9), np.float32)
    first, again = (convcli.apply(str(file), picture) for _ in range(2))
    written = saved(tmp_path, to_yaml(convcli.load_filter(str(file))), "written.yaml")
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, convcli.apply(str(written), picture))
