"""Filters joined by bars: what they become, what they are called, and where one is wrong."""

from __future__ import annotations

import pickle
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convcli import apply
from convcli.catalog import filter_names, load_filter
from convcli.catalog.words.excerpt import excerpt
from convcli.catalog.words.names import LONGEST_NAME, joined_name, safe_name
from convcli.errors import FilterError
from convcli.filters import Abs, Clip, Conv, LeakyReLU, MaxPool, Normalize, Threshold
from tests.support.filters import refusal


def test_layers_take_their_parameters() -> None:
    layers = load_filter("leaky-relu:0.1|clip:0,50% | threshold:0.3 |maxpool:2| maxpool:size=3,stride=2x1 | abs").layers
    assert layers == (
        LeakyReLU(0.1), Clip(0, 0.5), Threshold(0.3), MaxPool((2, 2)), MaxPool((3, 3), (2, 1)), Abs()
    )  # fmt: skip


def test_pipelines_within_pipelines_flatten() -> None:
    layers = load_filter("gaussian:1.4 | sobel | normalize").layers
    assert [layer.name for layer in layers] == ["conv", "magnitude", "normalize"]
    assert isinstance(layers[-1], Normalize)


def test_a_pipeline_is_its_filters_one_after_the_other() -> None:
    picture = np.random.default_rng(0).random((20, 21))
    steps = picture
    for text in ("gaussian:1.4", "sobel", "normalize"):
        steps = apply(text, steps)
    np.testing.assert_allclose(apply("gaussian:1.4 | sobel | normalize", picture), steps, rtol=1e-12)


def test_inline_kernels_are_steps_too() -> None:
    layers = load_filter("-1 1 | 1 2; 3 4 | relu").layers
    assert [layer.kernel.weights.tolist() for layer in layers if isinstance(layer, Conv)] == [
        [[-1, 1]],
        [[1, 2], [3, 4]],
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("gaussian:1.4 | sobel | normalize", "gaussian-sigma1.4+sobel+normalize"),
        ("relu", "relu"),
        ("1 -1 | pillow:blur", "kernel+pillow-blur"),
        ("clip:0,1|maxpool:2x3", "clip-low0-high1+maxpool-size2x3"),
        ("avgpool:3,ceil_mode=true | maxpool:3,2,1", "avgpool-size3-ceil_mode-true+maxpool-size3-stride2-padding1"),
        ("kirsch:n | leaky-relu", "kirsch-n+leaky-relu"),
        ("|".join(["gaussian:1.4"] * 9), "gaussian-sigma1.4+gaussian-sigma1.4+gaussian-sigma1.4+6-more"),
    ],
)
def test_the_name_serves_in_file_names(text: str, name: str) -> None:
    assert load_filter(text).name == name


@given(st.lists(st.text(min_size=1, max_size=70), min_size=2, max_size=30))
def test_any_names_are_joined_into_one_for_a_file(names: list[str]) -> None:
    name = joined_name(list(map(safe_name, names)))
    assert 0 < len(name) <= LONGEST_NAME
    assert name == safe_name(name)


@pytest.mark.parametrize(
    ("text", "marked", "message", "hint"),
    [
        ("gaussian:1.4 | sobl | normalize", "sobl", "unknown filter 'sobl'", "did you mean sobel"),
        ("gausian:2", "gausian", "unknown filter 'gausian'", "did you mean gaussian?"),
        ("pillow:blurr | relu", "pillow", "unknown filter 'pillow:blurr'", "did you mean pillow:blur?"),
        ("relu | gaussian:0", "0", "gaussian: sigma '0' is not a number from 0.01 to 127", "sigma is a number from"),
        ("relu | gaussian:sigma=0", "sigma=0", "gaussian: sigma '0' is not a number from 0.01", "sigma is a number"),
        ("relu | gaussian:sgima=1", "sgima", "gaussian has no parameter 'sgima'", "did you mean sigma? sigma is a"),
        ("relu:2 | abs", "2", "relu takes no parameters", "write relu"),
        ("abs | relu:slope=2", "slope", "relu has no parameter 'slope'", "relu has no parameters of its own"),
        ("maxpool:2,2,1,1,true,7", "7", "maxpool takes 5 parameters, got 6", "size is a whole number from 1"),
        ("maxpool:2x2x2", "2x2x2", "maxpool: size '2x2x2' is not a whole number from 1 to 1023, or", "size is a"),
        ("maxpool:1.5", "1.5", "maxpool: size '1.5' is not a whole number from 1 to 1023", "size is a whole number"),
        ("clip:1,0 | abs", "clip", "clip from 1 to 0 leaves nothing", "give low before high"),
        ("abs | 1 2; 3 x", "x", "'x' is not a number (row 2, number 2)", "write a number"),
        ("abs | 1 2; 3", "3", "row 2 has 1 number, row 1 has 2", "give every row"),
        ("abs | nothing.yaml", "nothing.yaml", "no such filter file: nothing.yaml", "a name with a slash"),
        ("abs | conv", "conv", "conv has no weights", "give weights: [[…]], or in_channels"),
        ("abs | conv:1,1", "conv", "conv has no kernel_size", "give weights"),
        ("abs | conv:1,1,3,bias=2", "bias=2", "bias: '2', and the weights are made", "write true or false"),
        ("abs | conv:3,4,3,groups=2", "groups=2", "2 groups do not divide 3 input and 4 output channels", "use a"),
        ("abs | conv:65535,65535,3", "conv", "conv with more than 8388608 weights", "use fewer channels"),
        ("abs | conv:weights=3", "weights=3", "conv: weights '3' is not rows of numbers", "weights is rows of"),
        ("abs | kernel", "kernel", "kernel has no weights", "write kernel: {weights"),
        ("abs | linear", "linear", "linear has neither weights nor out_features", "write linear: {out_features: 10}"),
        ("abs | linear:10,init=ones", "init=ones", "linear: init 'ones' is not one of random, zeros", "init is one of"),
        ("abs | sobel:stride=2", "stride=2", "stride needs a filter of one kernel, and sobel is a pipeline", "write"),
        ("abs | luma:normalize=sum,bias=1", "", "", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_shown(text: str, marked: str, message: str, hint: str) -> None:
    if not message:
        assert load_filter(text).layers
        return
    error = refusal(text)
    assert error.message.startswith(message)
    assert error.hint.startswith(hint)
    assert error.place is None
    shown, carets = error.excerpt.splitlines()
    assert shown == text
    assert text[carets.index("^") :].startswith(marked)
    assert carets.strip() == "^" * len(marked)


def test_nothing_is_shown_where_all_is_wrong() -> None:
    assert refusal("sobl").excerpt == ""
    assert refusal(" 1 2; 3 ").excerpt
    assert refusal("  sobl\n").excerpt == ""


def test_an_error_travels_between_processes() -> None:
    error = refusal("relu | sobl")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.message, copy.hint, copy.excerpt) == (error.message, error.hint, error.excerpt)


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("a | b", 4, 5, "a | b\n    ^"),
        ("a | b", 2, 2, "a | b\n  ^"),
        ("  a\n|\tb\x1b ", 6, 8, "a | b\\x1b\n    ^^^^^"),
        ("滤镜 | b", 5, 6, "滤镜 | b\n       ^"),
        ("e\u0301 | b", 5, 6, "e\u0301 | b\n    ^"),
        ("x" * 100 + " | b", 103, 104, "…" + "x" * 36 + " | b\n" + " " * 40 + "^"),
        ("a | " + "b" * 100 + " | c", 4, 104, "a | " + "b" * 39 + "… | c\n    " + "^" * 40),
        ("a", 0, 1, ""),
    ],
)
def test_carets_stand_under_what_is_wrong(text: str, start: int, end: int, expected: str) -> None:
    assert excerpt(text, start, end) == expected


STEPS = st.sampled_from(
    [*filter_names(), "1 2; 3 4", "-1 1", "gaussian:", ":", "sobel:1", "x", "", " ", "a.yaml", "maxpool:2x"]
)


@settings(deadline=None)
@given(st.lists(STEPS | st.text(max_size=5), max_size=6))
def test_any_steps_are_a_filter_or_an_error_of_one_line(steps: list[str]) -> None:
    text = "|".join(steps)
    error = None
    try:
        assert load_filter(text).layers
    except FilterError as caught:
        error = caught
    if error is not None:
        lines = error.excerpt.splitlines()
        assert len(lines) in (0, 2)
        # A combining character is part of a line, and not printable alone.
        assert all(each.isprintable() or unicodedata.combining(each) for each in "".join([error.message, *lines]))
        assert not lines or set(lines[1]) <= {" ", "^"}
