"""Names in place of learned weights, where the errors allow them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.catalog import load_filter, to_yaml
from convcli.detective import Detected, detect
from convcli.detective.chains.named import named_layers
from convcli.filters import Border, Conv, NamedConv, Pipeline
from convcli.learning import LearningPair, LearnSettings, Nearest
from tests.detective.kinds import gaussian, noisy, rounded, sharpened, unsharp
from tests.support.pictures import harbour_cut

Picture = NDArray[np.uint8]


def found(change: Callable[[Picture], Picture], **given: Any) -> Detected:
    picture = harbour_cut(200, 300, 240, 240)
    return detect([LearningPair(picture, change(picture))], LearnSettings.of(**given))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda x: rounded(gaussian(x, 1.5)), "- gaussian: {sigma: 1.5, border: reflect}"),
        (lambda x: unsharp(x, 1.5, 0.8, -1), "- unsharp: {sigma: 1.5, amount: 0.8, border: reflect}"),
        (lambda x: noisy(rounded(gaussian(x, 1.5)), 2), "- gaussian: {sigma: 1.5, border: reflect}"),
        (lambda x: noisy(sharpened(x), 4), "- sharpen: {border: reflect}"),
    ],
)
def test_a_name_is_written(change: Callable[[Picture], Picture], line: str) -> None:
    named = found(change).named
    assert named is not None
    assert line in to_yaml(named)


def test_a_name_that_is_off_by_more_than_the_errors_is_not_written() -> None:
    blurred = found(lambda x: rounded(gaussian(x, 1.5)))
    assert replace(blurred, nearest=Nearest("gaussian:sigma=1.5", 1.0, 0.0)).named is not None
    for text, scale in (("gaussian:sigma=1.6", 1.0), ("gaussian:sigma=1.5", 1.01)):
        assert replace(blurred, nearest=Nearest(text, scale, 0.0)).named is None


def test_two_names_are_two_layers() -> None:
    layers = tuple(named_layers("box | gaussian:sigma=1.5", Border("edge")))
    text = to_yaml(Pipeline(layers, name="two"))
    assert "- box: {border: edge}" in text
    assert "- gaussian: {sigma: 1.5, border: edge}" in text


@pytest.mark.parametrize("text", ["gaussian:sigma=1.5", "box:height=3,width=5", "pillow:sharpen", "sharpen"])
def test_what_is_written_reads_back(text: str, tmp_path: Any) -> None:
    path = tmp_path / "named.yaml"
    path.write_text(to_yaml(Pipeline(tuple(named_layers(text)), name="named")))
    (read,), (meant,) = load_filter(str(path)).layers, load_filter(text).layers
    assert isinstance(read, Conv)
    assert isinstance(meant, Conv)
    np.testing.assert_array_equal(read.kernel.weights, meant.kernel.weights)
    assert read.kernel.divisor == meant.kernel.divisor
    assert (read.border, read.padding) == (meant.border, meant.padding)


def test_a_setting_ends_the_name() -> None:
    (conv,) = named_layers("sobel-x:size=3")
    assert isinstance(conv, NamedConv)
    turned = conv.with_settings(flip=True)
    assert not isinstance(turned, NamedConv)
    assert "sobel" not in to_yaml(Pipeline((turned,), name="turned"))
