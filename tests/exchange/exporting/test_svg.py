from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest

import convcli
from convcli.errors import UsageError
from convcli.exchange import TARGETS
from convcli.filters import Kernel, Pipeline
from tests.exchange.drawn import picture, pipeline_of

_SVG = "{http://www.w3.org/2000/svg}"


def primitives(pipeline: Pipeline) -> list[ET.Element]:
    root = ET.fromstring(str(TARGETS["svg"].export(pipeline).content))
    return list(root.find(f"{_SVG}filter") or ())


def as_the_standard_has_it(element: ET.Element, image: Any) -> Any:
    """Return gray levels under feConvolveMatrix, by the formula of the standard."""
    width, height = map(int, str(element.get("order")).split())
    matrix = np.array(str(element.get("kernelMatrix")).split(), float).reshape(height, width)
    column, row = int(str(element.get("targetX"))), int(str(element.get("targetY")))
    wide = np.pad(image.astype(float), ((row, height - 1 - row), (column, width - 1 - column)), mode="edge")
    total = np.zeros(image.shape)
    for i in range(height):
        for j in range(width):
            part = wide[i : i + image.shape[0], j : j + image.shape[1]]
            total += part * matrix[height - i - 1, width - j - 1]
    result = total / float(str(element.get("divisor"))) + 255 * float(element.get("bias", "0"))
    return np.clip(np.floor(result + 0.5), 0, 255)


@pytest.mark.parametrize(
    "kernel",
    [
        Kernel(np.array([[1, 2, 0], [0, -1, 1], [2, 1, 1]]), 7),
        Kernel(np.array([[1, 2, 3, 4], [0, 1, 0, 1]]), 24, 0.25),
        Kernel(np.array([[1, 2, 3], [3, 2, 1]]), 12, anchor=(1, 0)),
    ],
)
def test_the_formula_of_the_standard_gives_our_pixels(kernel: Kernel) -> None:
    pipeline = pipeline_of(kernel, "edge")
    (element,) = primitives(pipeline)
    assert element.tag == f"{_SVG}feConvolveMatrix"
    assert element.get("preserveAlpha") == "true"
    assert element.get("edgeMode") == "duplicate"
    image = picture(0)
    np.testing.assert_allclose(as_the_standard_has_it(element, image), convcli.apply(pipeline, image), atol=1)


def test_mixes_of_colors_are_a_color_matrix() -> None:
    (element,) = primitives(convcli.load_filter("sepia"))
    assert element.tag == f"{_SVG}feColorMatrix"
    rows = np.array(str(element.get("values")).split(), float).reshape(4, 5)
    image = picture(3)
    mixed = np.clip(np.floor(image @ rows[:3, :3].T + 0.5), 0, 255)
    np.testing.assert_allclose(mixed, convcli.apply("sepia", image), atol=1)


def test_what_svg_does_otherwise_is_told() -> None:
    def notes(text: str, border: str | None = None) -> tuple[str, ...]:
        return TARGETS["svg"].export(convcli.load_filter(text).with_settings(border=border)).notes

    assert notes("sharpen", "edge") == ()
    assert notes("sharpen", "symmetric") == (), "of one pixel beyond the picture both are the same"
    assert "duplicate" in notes("sharpen")[0]
    assert "none, which is black" in notes("box", "constant:0.5")[0]
    assert "bias" in notes("emboss-gray", "edge")[0]
    assert "cuts values" in notes("gaussian:1 | sharpen", "edge")[-1]
    with pytest.raises(UsageError, match="SVG has no median"):
        TARGETS["svg"].export(convcli.load_filter("median:3"))
