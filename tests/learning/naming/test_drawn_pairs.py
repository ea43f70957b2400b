"""Filters drawn at random, learned back from photographs: named right or not at all."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from scipy import ndimage

from convcli import learn
from convcli.learning import Learned
from tests.support.filters import kernel_of
from tests.support.paths import SAMPLES
from tests.support.sweeps import repeats

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

PICTURES = {"harbour": "harbour.jpg", "lighthouse": "lighthouse-gray.png"}
# Differences of a predicted value, in levels, that rounding to levels hides: it leaves 0.29.
UNSEEN = 0.1


def drawn(count: int, seed: int) -> list[str]:
    """Return filters of every family of kernels, with parameters as people write them."""
    rng = np.random.default_rng(seed)

    def number(low: float, high: float, digits: int = 1) -> float:
        return round(float(rng.uniform(low, high)), digits)

    def whole(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    def direction() -> str:
        return str(rng.choice(["n", "ne", "e", "se", "s", "sw", "w", "nw"]))

    texts = []
    for _ in range(count):
        texts += [
            f"box:{whole(2, 9)}", f"box:height={whole(2, 6)},width={whole(2, 9)}", f"binomial:{whole(2, 11)}",
            f"gaussian:{number(0.4, 4, 2)}", f"gaussian:size={whole(2, 11)}",
            f"gaussian:{number(0.6, 2.5)},size={whole(3, 9)}",
            f"gaussian:sigma_x={number(0.4, 2.5)},sigma_y={number(0.4, 2.5)}", f"disk:{number(0.7, 5)}",
            f"motion:{whole(3, 13)},{5 * whole(0, 35)}", f"kirsch:{direction()}", f"robinson:{direction()}",
            f"sobel-x:{2 * whole(1, 3) + 1},divisor=48", f"log:{number(0.4, 2)}", f"dog:{number(0.4, 2)}",
            f"dog:{number(0.4, 1)},{number(1.2, 2)}", f"unsharp:{number(0.5, 2.5)},{number(0.3, 2)}",
            f"gabor:{number(0.8, 2)},{number(0, 3)},{number(3, 6)},{number(0.6, 1.2)},divisor=4",
            f"highpass:{number(0.5, 2.5)}", f"shift:{whole(-3, 3)},{whole(-3, 3)}",
        ]  # fmt: skip
    return texts


@cache
def picture(name: str) -> NDArray[np.float64]:
    with Image.open(SAMPLES / PICTURES[name]) as image:
        gray = np.asarray(image.convert("L"), float)
    top, left = (side // 2 - 120 for side in gray.shape)
    return gray[top : top + 240, left : left + 240]


def filtered(source: NDArray[np.float64], weights: NDArray[np.float64], anchor: ArrayLike) -> NDArray[np.float64]:
    """Return a correlation by SciPy, whose origin is the distance of the anchor from the middle."""
    origin = np.asarray(anchor) - np.array(weights.shape) // 2
    return np.asarray(ndimage.correlate(source, weights, mode="mirror", origin=tuple(origin)))


def pair(name: str, text: str, *, bias: float) -> tuple[Learned, NDArray[np.float64]]:
    """Return the kernel learned from levels of 8 bits, and the values before these were rounded."""
    kernel = kernel_of(text)
    exact = filtered(picture(name), kernel.weights / kernel.divisor, kernel.anchor)
    target = np.clip(np.rint(exact + bias), 0, 255).astype(np.uint8)
    return learn(picture(name).astype(np.uint8), target), exact


@pytest.mark.sweep
@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("text", [*dict.fromkeys(drawn(repeats(5), 7))])
def test_a_drawn_filter_is_named_right_or_not_at_all(text: str, name: str) -> None:
    learned, exact = pair(name, text, bias=128 if abs(kernel_of(text).gain) < 0.5 else 0)
    if learned.nearest is None:
        # Where next to nothing but rounding is left to see, or a name of six numbers is as long as the weights.
        assert learned.explained < 0.99 or text.startswith("gabor")
        return
    named = kernel_of(learned.nearest.text)
    predicted = learned.nearest.scale * filtered(picture(name), named.weights / named.divisor, named.anchor)
    inside = (slice(20, -20), slice(20, -20))
    assert np.std((predicted - exact)[inside]) <= UNSEEN, learned.nearest


@pytest.mark.sweep
@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("text", ["gaussian:sigma=4", "gaussian:sigma=2", "box:size=7", "motion:length=7", "sharpen"])
def test_what_people_use_has_its_name(text: str, name: str) -> None:
    nearest = pair(name, text, bias=0)[0].nearest
    assert nearest is not None
    assert (nearest.text, nearest.scale) == (text, 1)


@pytest.mark.sweep
@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("seed", range(repeats(20)))
def test_kernels_without_a_rule_have_no_name(seed: int, name: str) -> None:
    rng, source = np.random.default_rng(seed), picture(name)
    uneven, blur = rng.normal(size=(3, 3)) / 6, rng.random((5, 5))
    even = np.sum([np.rot90(each, turns) for each in (blur**3, blur.T**3) for turns in range(4)], axis=0)
    for weights in (uneven, blur / blur.sum(), even / even.sum(), rng.random((2, 4)) / 5):
        levels = filtered(source, weights, np.array(weights.shape) // 2)
        for target in (np.clip(np.rint(levels + 128 * (1 - weights.sum())), 0, 255).astype(np.uint8), levels / 255):
            given = source.astype(np.uint8) if target.dtype == np.uint8 else source / 255
            assert learn(given, target).nearest is None, weights
