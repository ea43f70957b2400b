import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from convcli.border import NAMES, Border
from convcli.catalog import check_file, list_filters, load_filter, to_yaml
from convcli.errors import UsageError
from convcli.kernel import Kernel
from convcli.pipeline import Conv, Padding, Pipeline

FINITE = st.floats(allow_nan=False, allow_infinity=False)
STEPS = st.integers(1, 5)
PADDING_NAMES: list[Padding] = ["same", "valid", "full"]
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN_NAMES = st.text(string.ascii_letters + string.digits, max_size=10)


@st.composite
def convs(draw: st.DrawFn) -> Conv:
    shape = draw(arrays.array_shapes(min_dims=2, max_dims=4, max_side=4))
    weights = draw(arrays.arrays(np.float64, shape, elements=FINITE | st.integers(-9, 9).map(float)))
    outputs = shape[0] if len(shape) > 2 else 1
    kernel = Kernel(
        weights,
        draw(FINITE.filter(bool)),
        draw(FINITE | st.lists(FINITE, min_size=outputs, max_size=outputs)),
        (draw(st.integers(0, shape[-2] - 1)), draw(st.integers(0, shape[-1] - 1))),
    )
    return Conv(
        kernel,
        stride=draw(st.tuples(STEPS, STEPS)),
        padding=draw(st.sampled_from(PADDING_NAMES) | st.tuples(STEPS, STEPS)),
        dilation=draw(st.tuples(STEPS, STEPS)),
        groups=draw(st.sampled_from([n for n in range(1, outputs + 1) if outputs % n == 0])) if len(shape) == 4 else 1,
        border=draw(st.none() | st.sampled_from(NAMES).map(Border) | st.builds(Border, st.just("constant"), FINITE)),
    )


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written") / "kernel.yaml"


def read_back(scratch: Path, pipeline: Pipeline) -> Pipeline:
    scratch.write_text(to_yaml(pipeline), encoding="utf-8")
    return check_file(scratch)


def assert_same(one: Pipeline, other: Pipeline) -> None:
    assert one.conv is not None
    assert other.conv is not None
    np.testing.assert_array_equal(one.conv.kernel.weights, other.conv.kernel.weights)
    for name in ("divisor", "bias", "anchor"):
        left, right = (getattr(pipeline.conv.kernel, name) for pipeline in (one, other))  # type: ignore[union-attr]
        assert left == right or (name == "bias" and not any(left) and not any(right))
    for name in ("stride", "padding", "dilation", "groups", "border"):
        assert getattr(one.conv, name) == getattr(other.conv, name)


@settings(deadline=None)
@given(
    conv=convs(), name=PLAIN_NAMES, description=WORDS, tags=st.lists(WORDS), aliases=st.lists(PLAIN_NAMES.filter(bool))
)
def test_what_is_written_reads_back(
    scratch: Path, conv: Conv, name: str, description: str, tags: list[str], aliases: list[str]
) -> None:
    pipeline = Pipeline((conv,), name, description, tuple(tags), tuple(aliases))
    back = read_back(scratch, pipeline)
    assert_same(pipeline, back)
    assert back.name == (name or "kernel")
    assert back.description == " ".join(description.split())
    assert back.tags == tuple(" ".join(tag.split()) for tag in tags)
    assert back.aliases == tuple(aliases)


@settings(deadline=None)
@given(name=WORDS)
def test_any_name_becomes_one_that_may_stand_in_a_file(scratch: Path, name: str) -> None:
    read_back(scratch, Pipeline((Conv(Kernel([[1]])),), name, aliases=(name,)))


@pytest.mark.parametrize("entry", list_filters(), ids=lambda entry: entry.name)
def test_every_filter_reads_back(scratch: Path, entry: object) -> None:
    pipeline = load_filter(getattr(entry, "name", ""))
    back = read_back(scratch, pipeline)
    assert_same(pipeline, back)
    assert (back.name, back.description) == (pipeline.name, pipeline.description)
    assert (back.tags, back.aliases) == (pipeline.tags, pipeline.aliases)


def test_laid_out_as_a_hand_would() -> None:
    assert to_yaml(load_filter("emboss-gray")) == (
        "name: emboss-gray\n"
        "description: A grey relief lit from the upper left, flat areas mid-grey\n"
        "weights:\n"
        "  - [-2, -1, 0]\n"
        "  - [-1,  0, 1]\n"
        "  - [ 0,  1, 2]\n"
        "bias: 0.5\n"
        "aliases: [emboss-grey]\n"
        "tags: [relief, zero-sum]\n"
    )


def test_channels_are_lists_of_rows() -> None:
    kernel = Kernel(np.array([[[1, -2], [3, 4]], [[0.5, 6], [7, 8]]]), divisor=1 / 3, bias=(0, 1))
    assert to_yaml(Pipeline((Conv(kernel, padding=(1, 1), stride=(2, 1)),))) == (
        "weights:\n"
        "  - - [  1, -2]\n"
        "    - [  3,  4]\n"
        "  - - [0.5,  6]\n"
        "    - [  7,  8]\n"
        "divisor: 0.3333333333333333\n"
        "bias: [0, 1]\n"
        "padding: 1\n"
        "stride: [2, 1]\n"
    )


def test_what_a_file_cannot_hold() -> None:
    conv = Conv(Kernel([[1]]))
    with pytest.raises(UsageError, match="a pipeline of several layers"):
        to_yaml(Pipeline((conv, conv)))
    with pytest.raises(UsageError, match="1034289 weights are too many"):
        to_yaml(load_filter("gaussian:127"))
    with pytest.raises(UsageError, match="160000 weights are too many"):
        to_yaml(load_filter("box:400"))


def test_the_largest_that_can_be_written_can_be_read(scratch: Path) -> None:
    pipeline = Pipeline((Conv(Kernel(np.ones((312, 312)))),))
    assert_same(pipeline, read_back(scratch, pipeline))
