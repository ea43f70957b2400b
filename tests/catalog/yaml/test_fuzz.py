"""Ten thousand files in a whole sweep: each gives a filter or a FilterError, and nothing else.

What is drawn is one of a few kinds, each nearer to a valid file than the one before.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convcli.catalog import check_file, filter_names, load_filter
from convcli.catalog.families import FAMILIES
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.errors import FilterError, ShapeError
from convcli.filters import KERNEL_SETTINGS, Pipeline
from tests.support.sweeps import repeats

pytestmark = [pytest.mark.no_cover, pytest.mark.sweep]

MANY = settings(max_examples=repeats(2500), deadline=None, suppress_health_check=[HealthCheck.too_slow])

VALID = """\
name: fuzz
layers:
  - gaussian: {sigma: 0.5, stride: 2}
  - conv: {weights: [[1, -1], [1/2, 3]], padding: [1, 0], bias: 10%}
  - conv: {in_channels: 1, out_channels: 2, kernel_size: 3, groups: 1, bias: false, seed: 4}
  - magnitude: [sobel-x, {sobel-y: {divisor: 4}}, [relu, "abs | clip:0,1"]]
  - maxpool: 2
  - threshold: 30%
  - linear: {weights: {file: weights.npy}, bias: [1, 2]}
"""
SNIPPETS = st.sampled_from(
    ["\t", "\n", " ", "  - ", "- ", "[", "]", "{", "}", ": ", ",", "'", '"', "#", "|", ">", "&a ", "*a", "!", "%", "? ",
     "---\n", "...", "1/0", ".nan", "1e999", "-", "~", "true", "<<: ", "weights: ", "file: ", "relu", "f.yaml", "../",
     "\0", "\x85", "\\", "\ufeff", "9" * 500, "layers: ", "magnitude: ", "sobel", "gaussian: ", "conv: "]
)  # fmt: skip


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    np.save(folder / "weights.npy", np.ones((2, 3)))
    return folder / "f.yaml"


def outcome(scratch: Path, content: bytes) -> Pipeline | None:
    """Return the filter, or None for a FilterError that can be shown."""
    scratch.write_bytes(content)
    error = None
    try:
        return check_file(scratch)
    except FilterError as caught:
        error = caught
    assert error.message
    assert (error.message + error.hint + error.excerpt.replace("\n", "")).isprintable()
    assert len(error.message) < 700
    return None


@MANY
@given(
    content=st.binary(max_size=60) | st.lists(SNIPPETS | st.text(max_size=3), max_size=12).map("".join).map(str.encode)
)
def test_any_text(scratch: Path, content: bytes) -> None:
    outcome(scratch, content)


@MANY
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(VALID)), st.integers(0, 12), SNIPPETS | st.text(max_size=2)),
        min_size=1,
        max_size=3,
    )
)
def test_a_valid_file_edited_anywhere(scratch: Path, edits: list[tuple[int, int, str]]) -> None:
    content = VALID
    for position, removed, inserted in edits:
        content = content[:position] + inserted + content[position + removed :]
    outcome(scratch, content.encode("utf-8", "surrogatepass"))


SMALL = st.integers(-1, 4) | st.sampled_from([1023, 65_535, 10**30, 0.5, 1e308, float("nan"), float("inf")])
ANY_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | SMALL
    | st.sampled_from(["same", "wrap", "1/3", "50%", "n", "x", "zeros", "relu|abs", "2x3"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["file", "relu", "weights", "x"]), inner)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [*filter_names(), *(alias for each in FAMILIES.values() for alias in each.names), "x", "f.yaml"]
)
KEYS = st.sampled_from(
    sorted({each.name for kind in LAYERS.values() for each in (*kind.parameters, *kind.settings)}
    | {each.name for family in FAMILIES.values() for each in family.parameters}
    | {each.name for each in KERNEL_SETTINGS} | {"x"})
)  # fmt: skip
SAID = ANY_VALUE | st.dictionaries(KEYS, ANY_VALUE, max_size=5)
ENTRY: st.SearchStrategy[Any] = NAMES | st.dictionaries(NAMES, SAID, min_size=1, max_size=1) | ANY_VALUE
BRANCHES = st.lists(ENTRY | st.lists(ENTRY, max_size=2), max_size=3)
COMBINED = st.builds(lambda name, value: {name: value}, st.sampled_from(["magnitude", "maximum"]), BRANCHES)


@MANY
@given(layers=st.lists(ENTRY | COMBINED, max_size=3) | ANY_VALUE, others=st.dictionaries(KEYS, ANY_VALUE, max_size=1))
def test_any_layers(scratch: Path, layers: object, others: dict[str, object]) -> None:
    outcome(scratch, json.dumps({**others, "layers": layers}).encode())


WEIGHTS = st.lists(st.lists(st.integers(-3, 3) | st.just("1/2"), min_size=2, max_size=2), min_size=1, max_size=3)
KERNEL = st.fixed_dictionaries(
    {"weights": WEIGHTS},
    optional={
        "stride": st.integers(1, 2),
        "padding": st.sampled_from(["same", "valid", "full", 0, [1, 0]]),
        "bias": st.floats(-1, 1),
        "border": st.sampled_from(["wrap", "constant:0.5", "reflect"]),
        "divisor": st.sampled_from([2, 0.5, "1/3"]),
        "flip": st.booleans(),
        "dilation": st.integers(1, 2),
        "normalize": st.sampled_from(["none", "l1", "sum"]),
    },
)
MADE = st.fixed_dictionaries(
    {"in_channels": st.just(2), "out_channels": st.integers(1, 4), "kernel_size": st.integers(1, 3)},
    optional={"bias": st.booleans(), "seed": st.integers(0, 9), "init": st.sampled_from(["random", "zeros"])},
)
GOOD = st.one_of(
    st.sampled_from(
        ["relu", "abs", "sobel-x", "sharpen", "gaussian:0.5", "1 -1", "invert | abs", "normalize", "kirsch"]
    ),
    st.builds(lambda said: {"kernel": said}, KERNEL),
    # PyTorch has no same beside a stride.
    st.builds(lambda said: {"conv": {**said, "stride": 1} if said.get("padding") == "same" else said}, KERNEL),
    st.builds(lambda said: {"conv": said}, MADE),
    st.builds(lambda name, size: {name: size}, st.sampled_from(["maxpool", "avgpool", "sumpool"]), st.integers(1, 2)),
    st.builds(lambda level: {"threshold": level}, st.floats(-10, 10)),
    st.builds(lambda outputs: {"linear": {"out_features": outputs}}, st.integers(1, 3)),
)
GOOD_BRANCHES = st.builds(
    lambda name, branches: {name: branches},
    st.sampled_from(["magnitude", "maximum"]),
    st.lists(GOOD | st.lists(GOOD, min_size=1, max_size=2), min_size=1, max_size=2),
)


@MANY
@given(layers=st.lists(GOOD | GOOD_BRANCHES, min_size=1, max_size=4))
def test_good_layers_are_read_and_fit_a_picture_or_say_why(scratch: Path, layers: list[Any]) -> None:
    pipeline = outcome(scratch, json.dumps({"layers": layers}).encode())
    assert pipeline is not None
    try:
        rows = pipeline.table((2, 12, 12))
    except ShapeError as error:
        assert error.hint  # noqa: PT017 - either may come out
    else:
        assert rows[-1].output_shape == pipeline.output_shape((2, 12, 12))


@MANY
@given(
    text=st.lists(
        st.sampled_from([*filter_names(), "|", ":", ",", "=", "2", "x", ";", " ", "1/2", "%", "f.yaml", "\n"])
    ).map("".join)
)
def test_any_expression(text: str) -> None:
    error = None
    try:
        assert load_filter(text).layers
    except FilterError as caught:
        error = caught
    assert error is None or (error.message + error.hint).isprintable()
