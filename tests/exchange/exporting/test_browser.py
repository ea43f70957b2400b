"""Shaders and filters of SVG in Chromium, against the engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import convcli
from convcli.errors import UsageError
from convcli.exchange import TARGETS
from convcli.filters import Kernel, Pipeline
from tests.exchange.drawn import picture, pipeline_of
from tests.support.browser import Browser, needs_browser
from tests.support.browser import browser as opened
from tests.support.pictures import pixels, save

pytestmark = needs_browser

_PAGE = """<!doctype html><body style="margin:0"><script>
function shaded(source, width, height, bytes) {
  const canvas = document.createElement("canvas");
  canvas.width = width; canvas.height = height;
  const gl = canvas.getContext("webgl2", {premultipliedAlpha: false, alpha: true, antialias: false});
  if (!gl) return "no WebGL";
  const program = gl.createProgram();
  const corners = `#version 300 es
    void main() { gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0); }`;
  for (const [kind, text] of [[gl.VERTEX_SHADER, corners], [gl.FRAGMENT_SHADER, source]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text); gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) return gl.getShaderInfoLog(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program); gl.useProgram(program);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(bytes));
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  gl.viewport(0, 0, width, height);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  const result = new Uint8Array(width * height * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, result);
  return Array.from(result);
}
</script></body>"""

KERNELS = {
    "odd": Kernel(np.array([[1, 2, 0], [0, -1, 1], [2, 1, 1]]), 7),
    "even": Kernel(np.array([[1, 2, 3, 4], [0, 1, 0, 1]]), 24, 0.25),
    "corner": Kernel(np.array([[1, 2, 3], [3, 2, 1]]), 12, anchor=(1, 0)),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as found:
        yield found


def shaded(browser: Browser, folder: Path, pipeline: Pipeline, image: NDArray[np.uint8]) -> Any:
    """Return the picture that a shader makes of another of four channels."""
    page = folder / "page.html"
    page.write_text(_PAGE)
    browser.open(page, 500)
    source = str(TARGETS["glsl"].export(pipeline).content)
    height, width = image.shape[:2]
    numbers = json.dumps(image.ravel().tolist())
    answer = browser.run(f"shaded({json.dumps(source)}, {width}, {height}, {numbers})")
    if answer == "no WebGL":
        pytest.skip("Chromium has no WebGL here")
    assert isinstance(answer, list), answer
    return np.array(answer, np.uint8).reshape(image.shape)


def near(found: Any, expected: Any, share: float = 0.1) -> None:
    difference = np.abs(found.astype(int) - expected.astype(int))
    assert difference.max() <= 1
    assert (difference > 0).mean() < share


@pytest.mark.parametrize("border", ["edge", "reflect", "symmetric", "wrap", "constant", "constant:0.5"])
@pytest.mark.parametrize("name", KERNELS)
def test_a_shader_gives_our_pixels(browser: Browser, border: str, name: str, tmp_path: Path) -> None:
    pipeline, image = pipeline_of(KERNELS[name], border), picture(4)
    found = shaded(browser, tmp_path, pipeline, image)
    near(found[..., :3], convcli.apply(pipeline, image[..., :3]))
    np.testing.assert_array_equal(found[..., 3], image[..., 3])


@pytest.mark.parametrize(
    "text",
    ["sobel", "kirsch", "laplacian | abs | invert", "box | threshold:0.4", "emboss-gray | clip:0.2,0.6", "invert",
     "relu", "sobel-x | leaky-relu:0.3", "gaussian:1 | laplacian | relu"],
)  # fmt: skip
def test_a_shader_of_several_steps(browser: Browser, text: str, tmp_path: Path) -> None:
    pipeline, image = convcli.load_filter(text), picture(4)
    near(shaded(browser, tmp_path, pipeline, image)[..., :3], convcli.apply(pipeline, image[..., :3]))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("sobel | gaussian:1", "a shader is one pass"),
        ("relu | sharpen", "a shader is one pass"),
        ("median:3", "a shader has no median"),
        ("gaussian:9", "a shader of 5329 weights"),
        ("sepia", "a shader filters all channels alike"),
    ],
)
def test_what_no_shader_does(text: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        TARGETS["glsl"].export(convcli.load_filter(text))


@pytest.mark.parametrize(
    ("text", "border"),
    [("odd", "edge"), ("even", "wrap"), ("corner", "constant"), ("sepia", "edge"), ("gaussian:2", "edge")],
)
def test_a_filter_of_svg_gives_our_pixels(browser: Browser, text: str, border: str, tmp_path: Path) -> None:
    kernel = KERNELS.get(text)
    if kernel is None:
        pipeline = convcli.load_filter(text).with_settings(border=border)
    else:
        pipeline = pipeline_of(Kernel(kernel.weights, kernel.divisor, anchor=kernel.anchor), border)
    image = picture(3, 40, 60)
    save(tmp_path / "input.png", image)
    drawing = str(TARGETS["svg"].export(pipeline).content)
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><body style="margin:0">{drawing}</body>')
    browser.open(page, 500)
    found = pixels(browser.screenshot(tmp_path / "shown.png"))[:40, :60, :3]
    near(found, convcli.apply(pipeline, image), share=0.4 if "gaussian" in text else 0.1)  # two steps round twice
