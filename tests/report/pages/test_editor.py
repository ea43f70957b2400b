"""The kernel of the page, in Node: the same levels as the engine's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import convcli
from convcli.filters import BORDER_NAMES, Kernel
from convcli.report.pages.editor import editor
from convcli.report.pages.effect import effect_of, sample_subject

SCRIPT = Path(convcli.__file__).parent / "report" / "pages" / "report.js"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node is not installed")
CALL = """
const { correlate, parsed } = require(process.argv[1]);
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map((each) => {
  if (typeof each === "string") return parsed(each);
  const found = correlate(each.picture, each.kernel);
  return { levels: [...found.levels], clipped: found.clipped };
})));
"""


def in_node(cases: list[Any]) -> list[Any]:
    answer = subprocess.run(
        [str(NODE), "-e", CALL, str(SCRIPT)], input=json.dumps(cases).encode(), capture_output=True, check=True
    )
    loaded: list[Any] = json.loads(answer.stdout)
    return loaded


def drawn(number: int) -> tuple[NDArray[np.uint8], Kernel, dict[str, Any]]:
    """Return a picture, a kernel and its settings, drawn by a number."""
    generator = np.random.default_rng(number)
    height, width, channels = (*generator.integers(1, 24, 2), generator.choice([1, 3]))
    picture = generator.integers(0, 256, (height, width, channels), np.uint8)
    rows, columns = generator.integers(1, 7, 2)
    weights = generator.integers(-6, 9, (rows, columns)).astype(np.float64)
    divisor, bias = float(generator.choice([1, 2, 3, 7, 16, -4])), float(generator.choice([0, 0.5, -0.25]))
    if number % 4 == 1:
        weights /= 8
    elif number % 4 == 2:
        weights += generator.normal(size=weights.shape)
    border = str(generator.choice(BORDER_NAMES))
    settings = {"border": border, "dilation": tuple(map(int, generator.integers(1, 3, 2)))}
    if border == "constant":
        settings["border"] = f"constant:{generator.choice([0, 1, 0.5])}"
    return picture, Kernel(weights, divisor, bias), settings


def case(picture: NDArray[np.uint8], kernel: Kernel, settings: dict[str, Any]) -> dict[str, Any]:
    height, width, channels = picture.shape
    name, _, value = settings["border"].partition(":")
    return {
        "picture": {"width": width, "height": height, "channels": channels, "levels": picture.ravel().tolist()},
        "kernel": {
            "weights": kernel.weights.tolist(),
            "divisor": kernel.divisor,
            "bias": kernel.bias[0],
            "anchor": kernel.anchor,
            "dilation": settings["dilation"],
            "border": name,
            "fill": float(value or 0),
        },
    }


@needs_node
def test_the_levels_are_those_of_the_engine_for_100_drawn_kernels() -> None:
    given = [drawn(number) for number in range(100)]
    for number, (found, (picture, kernel, settings)) in enumerate(
        zip(in_node([case(*each) for each in given]), given, strict=True)
    ):
        levels = np.array(found["levels"], np.uint8).reshape(picture.shape)
        made = convcli.correlate(picture, kernel, engine="numpy", **settings)
        # Half levels of floats are rounded to either side, in single precision as in double.
        whole = {**settings, "border": settings["border"].replace("0.5", "128/255")}  # a border of 8 bits is a level
        exact = np.round(255 * convcli.correlate(picture / 255, kernel, engine="numpy", **whole), 9)
        if number % 4 == 2:
            fraction = np.abs(exact - np.floor(exact) - 0.5)
            assert (levels == made)[fraction > 1e-3].all()
            assert (np.abs(levels.astype(int) - made) <= 1).all()
        else:
            assert np.array_equal(levels, made), (kernel, settings)
        assert found["clipped"] == np.count_nonzero((np.floor(exact + 0.5) < 0) | (np.floor(exact + 0.5) > 255))


@needs_node
def test_numbers_in_any_form() -> None:
    texts = ["5", " -0.5 ", "1/9", "50%", "\u22121", "0,25", "1e2", "", "x", "1/2/3", "1/", "%"]
    found = in_node(texts)
    assert found[:7] == [5, -0.5, 1 / 9, 0.5, -1, 0.25, 100]
    assert found[7:] == [None] * 5  # NaN in JSON


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("sharpen", ["layer 1"]), ("gaussian:1", ["layer 1"]), ("1 -1", ["layer 1"]),
        ("identity | sharpen | relu", ["layer 1", "layer 2"]), ("relu | sharpen", ["layer 2"]),
        ("sobel", ["layer 1, branch 1", "layer 1, branch 2"]),
        ("gaussian:1 | sobel | normalize", ["layer 1", "layer 2, branch 1", "layer 2, branch 2"]),
        ("gaussian:5", []), ("sepia", []), ("median", []),
    ],
)  # fmt: skip
def test_the_kernels_that_are_offered(text: str, places: list[str]) -> None:
    pipeline = convcli.load_filter(text)
    made = editor(pipeline, effect_of(pipeline, sample_subject()))
    assert re.findall('aria-label="Kernel of ([^"]*)"', made) == places
    assert made.count('<option value="0">') == (len(places) > 1)
    assert ("alone" in made) == (text in ("relu | sharpen",) or len(places) > 1)
