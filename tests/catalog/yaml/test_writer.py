import dataclasses
import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from convcli.catalog import check_file, filter_names, load_filter, to_yaml
from convcli.catalog.yaml import text as yaml_text
from convcli.errors import UsageError
from convcli.filters import (
    CELU,
    ELU,
    GELU,
    SELU,
    Abs,
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    BatchNorm,
    Clip,
    Conv,
    Crop,
    Curve,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    HardSigmoid,
    HardSwish,
    InstanceNorm,
    Invert,
    Layer,
    LayerNorm,
    LeakyReLU,
    Linear,
    LocalResponseNorm,
    LogSoftmax,
    LpPool,
    Magnitude,
    Max,
    Maximum,
    MaxPool,
    Median,
    Min,
    Mirror,
    Mish,
    Normalize,
    Pad,
    Padding,
    Pipeline,
    Pixelate,
    PixelShuffle,
    PixelUnshuffle,
    Pool,
    PReLU,
    ReLU,
    Resize,
    Round,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    SumPool,
    Tanh,
    Threshold,
    Turn,
    Upsample,
)
from convcli.filters.border import BORDER_NAMES, Border
from convcli.filters.kernel import Kernel
from tests.support.filters import COMPLETE

pytestmark = pytest.mark.no_cover

FINITE = st.floats(allow_nan=False, allow_infinity=False)
STEPS = st.integers(1, 5)
PADDING_NAMES: list[Padding] = ["same", "valid", "full"]
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
BORDERS = st.none() | st.sampled_from(BORDER_NAMES).map(Border) | st.builds(Border, st.just("constant"), FINITE)
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
        draw(st.none() | st.tuples(st.integers(0, shape[-2] - 1), st.integers(0, shape[-1] - 1))),
    )
    is_even = not kernel.has_own_anchor and any(side % 2 == 0 for side in kernel.size)
    if is_even and draw(st.booleans()):
        border = draw(st.sampled_from(BORDER_NAMES).map(Border))
        return Conv(kernel, dilation=draw(st.tuples(STEPS, STEPS)), border=border, centered=True)
    return Conv(
        kernel,
        stride=draw(st.tuples(STEPS, STEPS)),
        padding=draw(st.sampled_from(PADDING_NAMES) | st.tuples(STEPS, STEPS)),
        dilation=draw(st.tuples(STEPS, STEPS)),
        groups=draw(st.sampled_from([n for n in range(1, outputs + 1) if outputs % n == 0])) if len(shape) == 4 else 1,
        border=draw(BORDERS),
    )


SIZES = st.tuples(st.integers(1, 1023), st.integers(1, 1023))
LEVELS = st.floats(-1000, 1000)


@st.composite
def linears(draw: st.DrawFn) -> Linear:
    outputs = draw(st.integers(1, 3))
    if draw(st.booleans()):
        init = draw(st.sampled_from(["random", "zeros"]))
        return Linear(outputs, init=init, seed=draw(st.integers(0, 2**32 - 1)), has_bias=draw(st.booleans()))
    weights = draw(arrays.arrays(np.float64, (outputs, draw(st.integers(1, 4))), elements=FINITE))
    return Linear(outputs, weights, draw(st.none() | arrays.arrays(np.float64, outputs, elements=FINITE)))


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    size, stride, dilation = draw(SIZES), draw(st.none() | SIZES), draw(SIZES)
    padding = draw(st.tuples(*(st.integers(0, side // 2) for side in size)))
    if draw(st.booleans()):
        counts, divisor = draw(st.booleans()), draw(st.none() | FINITE.filter(bool))
        return AvgPool(size, stride, padding, dilation, draw(st.booleans()), counts, divisor)
    kind = draw(st.sampled_from((MaxPool, SumPool)))
    return kind(size, stride, padding, dilation, draw(st.booleans()))


WINDOWS = st.tuples(st.integers(1, 99), st.integers(1, 99))
SIDES = st.integers(1, 65535)
POINTS = st.lists(st.tuples(LEVELS, FINITE), min_size=2, max_size=5, unique_by=lambda point: point[0]).map(sorted)
SPATIAL: st.SearchStrategy[Layer] = st.one_of(
    *(st.builds(rank, WINDOWS, BORDERS) for rank in (Median, Min, Max)),
    st.builds(Pixelate, SIZES),
    st.builds(Pixelate, SIZES, st.tuples(st.integers(0, 99), st.integers(0, 99))),
    st.builds(Curve, POINTS, st.sampled_from(["all", "r", "gb"])),
    st.builds(Crop, SIDES, SIDES, SIDES, SIDES),
    st.builds(Mirror, st.sampled_from(["horizontal", "vertical"])),
    st.builds(Turn, st.sampled_from([90, 180, 270])),
    st.builds(Resize, st.floats(0.001, 1000), filter=st.sampled_from(["nearest", "hamming"])),
    st.builds(Resize, st.none(), SIDES, st.none() | SIDES),
)
POSITIVE = st.floats(1e-6, 1000)
ENDS = st.integers(-65535, 65535)
ORDERS = st.sampled_from(["crd", "dcr"])
PER_CHANNEL = st.lists(FINITE, min_size=1, max_size=3)
NETWORKS: st.SearchStrategy[Layer] = st.one_of(
    st.sampled_from([Sigmoid(), Tanh(), SELU(), SiLU(), Mish(), HardSwish(), Softmax(), LogSoftmax()]),
    st.builds(ELU, LEVELS),
    st.builds(CELU, POSITIVE),
    st.builds(GELU, st.sampled_from(["none", "tanh"])),
    st.builds(Softplus, POSITIVE, LEVELS),
    st.builds(HardSigmoid, LEVELS, LEVELS),
    st.builds(Pad, ENDS, st.none() | ENDS, st.none() | ENDS, st.none() | ENDS, BORDERS),
    st.builds(LpPool, SIZES, st.none() | SIZES, st.just((0, 0)), SIZES, st.booleans(), st.floats(0.01, 1000)),
    st.builds(AdaptiveAvgPool, SIZES) | st.builds(AdaptiveMaxPool, SIZES),
    st.builds(Upsample, st.floats(0.001, 1000), mode=st.sampled_from(["nearest", "bilinear", "bicubic"])),
    st.builds(Upsample, st.none(), SIZES, st.just("bicubic"), st.booleans()),
    st.builds(PixelShuffle, st.integers(1, 1000), ORDERS) | st.builds(PixelUnshuffle, st.integers(1, 1000), ORDERS),
    st.builds(PReLU, PER_CHANNEL),
    st.builds(BatchNorm, PER_CHANNEL, st.lists(POSITIVE, min_size=1), PER_CHANNEL, PER_CHANNEL, POSITIVE),
    st.builds(GroupNorm, st.integers(1, 99), PER_CHANNEL, PER_CHANNEL, POSITIVE),
    st.builds(InstanceNorm, weight=PER_CHANNEL, bias=PER_CHANNEL, eps=POSITIVE),
    st.builds(LayerNorm, PER_CHANNEL, PER_CHANNEL, POSITIVE),
    st.builds(LocalResponseNorm, st.integers(1, 99), LEVELS, LEVELS, LEVELS),
    st.builds(Dropout, st.floats(0, 1)),
    st.sampled_from([GlobalAvgPool(), GlobalMaxPool(), Flatten()]),
)
SIMPLE: st.SearchStrategy[Layer] = st.one_of(
    convs(),
    linears(),
    SPATIAL,
    pools(),
    st.sampled_from([ReLU(), Abs(), Invert(), Normalize(), Round(), Magnitude(), Maximum(), LeakyReLU()]),
    st.builds(LeakyReLU, LEVELS),
    NETWORKS,
    st.builds(Threshold, LEVELS),
    st.lists(LEVELS, min_size=2, max_size=2).map(lambda ends: Clip(min(ends), max(ends))),
)


def combined(inner: st.SearchStrategy[Layer]) -> st.SearchStrategy[Layer]:
    branches = st.lists(st.lists(inner, min_size=1, max_size=2).map(tuple), min_size=1, max_size=2).map(tuple)
    return st.builds(Magnitude, branches) | st.builds(Maximum, branches)


LAYERS = st.recursive(SIMPLE, combined, max_leaves=4)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written") / "kernel.yaml"


def read_back(scratch: Path, pipeline: Pipeline) -> Pipeline:
    scratch.write_text(to_yaml(pipeline), encoding="utf-8")
    return check_file(scratch)


def facts(value: object) -> object:
    """Return all that there is to a layer, in values that can be compared."""
    if isinstance(value, np.ndarray):
        return value.shape, value.tolist()
    if isinstance(value, tuple):
        return tuple(map(facts, value))
    if dataclasses.is_dataclass(value):
        named = {field.name: facts(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return type(value).__name__, named
    return value


def assert_same(one: Pipeline, other: Pipeline) -> None:
    assert facts(one.layers) == facts(other.layers)


@settings(deadline=None)
@given(
    layers=convs().map(lambda conv: (conv,)) | st.lists(LAYERS, min_size=1, max_size=4).map(tuple),
    name=PLAIN_NAMES,
    words=st.tuples(WORDS, WORDS),
    tags=st.lists(WORDS),
    aliases=st.lists(PLAIN_NAMES.filter(bool)),
)
def test_what_is_written_reads_back(
    scratch: Path, layers: tuple[Layer, ...], name: str, words: tuple[str, str], tags: list[str], aliases: list[str]
) -> None:
    description, source = words
    pipeline = Pipeline(layers, name, description, tuple(tags), tuple(aliases), source)
    back = read_back(scratch, pipeline)
    assert_same(pipeline, back)
    assert back.name == (name or "kernel")
    assert (back.description, back.source) == (" ".join(description.split()), " ".join(source.split()))
    assert back.tags == tuple(" ".join(tag.split()) for tag in tags)
    assert back.aliases == tuple(aliases)


@settings(deadline=None)
@given(name=WORDS)
def test_any_name_becomes_one_that_may_stand_in_a_file(scratch: Path, name: str) -> None:
    read_back(scratch, Pipeline((Conv(Kernel([[1]])),), name, aliases=(name,)))


@pytest.mark.parametrize("name", filter_names())
def test_every_filter_reads_back(scratch: Path, name: str) -> None:
    pipeline = load_filter(COMPLETE.get(name, name))
    back = read_back(scratch, pipeline)
    assert_same(pipeline, back)
    assert (back.name, back.description, back.source) == (pipeline.name, pipeline.description, pipeline.source)
    assert (back.tags, back.aliases) == (pipeline.tags, pipeline.aliases)


def test_laid_out_as_a_hand_would() -> None:
    assert to_yaml(load_filter("emboss-gray")) == (
        "name: emboss-gray\n"
        "description: A gray relief lit from the upper left, flat areas mid-gray\n"
        "weights:\n"
        "  - [-2, -1, 0]\n"
        "  - [-1,  0, 1]\n"
        "  - [ 0,  1, 2]\n"
        "bias: 0.5\n"
        "aliases: [emboss-grey]\n"
        "tags: [relief, zero-sum]\n"
        "source: emboss without its identity\n"
    )


def test_layers_are_laid_out_as_a_hand_would() -> None:
    text = "1 -2 | conv:1,1,1,init=zeros,bias=false | leaky-relu:0.1 | maxpool:2x3 | avgpool:3,2 | relu | linear:10"
    assert to_yaml(load_filter(text)) == (
        "name: kernel+conv+leaky-relu-slope0.1+maxpool-size2x3+3-more\n"
        "layers:\n"
        "  - kernel:\n"
        "      weights:\n"
        "        - [1, -2]\n"
        "  - conv:\n"
        "      weights:\n"
        "        - - - [0]\n"
        "  - leaky-relu: {slope: 0.1}\n"
        "  - maxpool: [2, 3]\n"
        "  - avgpool: {size: 3, stride: 2}\n"
        "  - relu\n"
        "  - linear: {out_features: 10, init: random, seed: 0}\n"
    )


def test_pools_name_what_is_not_the_default() -> None:
    text = "maxpool:3,2,1|sumpool:2x3,ceil_mode=true|avgpool:4,padding=1x2,count_include_pad=false,divisor=1/2"
    assert to_yaml(load_filter(text)).split("layers:\n")[1] == (
        "  - maxpool: {size: 3, stride: 2, padding: 1}\n"
        "  - sumpool: {size: [2, 3], ceil_mode: true}\n"
        "  - avgpool: {size: 4, padding: [1, 2], count_include_pad: false, divisor: 0.5}\n"
    )


def test_branches_are_laid_out_as_a_hand_would() -> None:
    row, column = Conv(Kernel([[1, -1]])), Conv(Kernel([[1], [-1]]), padding=(0, 0), border=Border("constant"))
    assert to_yaml(Pipeline((Magnitude(((row,), (ReLU(), column))), Maximum()))) == (
        "layers:\n"
        "  - magnitude:\n"
        "      - kernel:\n"
        "          weights:\n"
        "            - [1, -1]\n"
        "      - - relu\n"
        "        - conv:\n"
        "            weights:\n"
        "              - [ 1]\n"
        "              - [-1]\n"
        "  - maximum\n"
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
    with pytest.raises(UsageError, match="weights are too many"):
        to_yaml(load_filter("gaussian:127"))
    with pytest.raises(UsageError, match="weights are too many"):
        to_yaml(load_filter("box:400"))
    with pytest.raises(UsageError, match="weights are too many"):
        to_yaml(load_filter("box:300 | box:300"))
    with pytest.raises(UsageError, match="a file has no layer Layer"):
        to_yaml(Pipeline((Layer(),)))


def test_branches_as_deep_as_a_file_may_be(scratch: Path) -> None:
    layer: Layer = Conv(Kernel(np.ones((1, 1, 1, 1))), border=Border("wrap"))
    for _ in range((yaml_text.DEEPEST - 9) // 3):
        layer = Magnitude(((ReLU(), layer),))
    assert_same(Pipeline((layer,)), read_back(scratch, Pipeline((layer,))))
    with pytest.raises(UsageError, match="branches too deep"):
        to_yaml(Pipeline((Maximum(((layer,),)),)))


@pytest.mark.slow
@pytest.mark.no_cover
def test_the_largest_that_can_be_written_can_be_read(scratch: Path) -> None:
    pipeline = Pipeline((Conv(Kernel(np.ones((312, 312)))),))
    assert_same(pipeline, read_back(scratch, pipeline))
