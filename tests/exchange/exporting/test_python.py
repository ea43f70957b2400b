"""Programs in Python, run, against the engine: the libraries that they call share no code with it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import convcli
from convcli import load_filter
from convcli.errors import UsageError
from convcli.exchange import TARGETS
from convcli.filters import Border, Conv, Kernel, Pipeline
from tests.exchange.drawn import BORDERS, kernels, picture, pipeline_of

LIBRARIES = {"opencv": "cv2", "scipy": "scipy", "torch": "torch"}


def applied(target: str) -> Callable[[Pipeline, Any], Any]:
    """Return the function that runs a filter's program for a library; skip where that is missing."""
    pytest.importorskip(LIBRARIES[target], reason="the library of the program is not installed")

    def run(pipeline: Pipeline, image: Any) -> Any:
        names: dict[str, Any] = {}
        exec(compile(str(TARGETS[target].export(pipeline).content), f"{target}.py", "exec"), names)
        return names["apply"](image)

    return run


def equal(found: Any, expected: Any) -> None:
    """Hold a result against ours: one level apart where float sums lie half-way between two."""
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    if found.dtype.kind == "f":
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-5)
        return
    difference = np.abs(found.astype(int) - expected.astype(int))
    assert difference.max() <= 1
    assert (difference > 0).mean() <= 0.02


@pytest.mark.parametrize("target", LIBRARIES)
@given(
    kernel=kernels(),
    border=st.sampled_from((*BORDERS, "constant:0.5", None)),
    padding=st.sampled_from(("same", "valid", "full", (2, 1), "same-upper")),
    stride=st.sampled_from(((1, 1), (2, 3))),
    dilation=st.sampled_from(((1, 1), (2, 1))),
    channels=st.sampled_from((0, 1, 3, 4)),
    dtype=st.sampled_from(("uint8", "uint16")),
)
@settings(max_examples=40, deadline=None)
def test_a_kernel_of_one_plane(
    target: str, kernel: Kernel, border: str | None, padding: Any, stride: Any, dilation: Any, channels: int, dtype: str
) -> None:
    stride = (1, 1) if padding == "same-upper" else stride
    pipeline = pipeline_of(kernel, border, padding=padding, stride=stride, dilation=dilation)
    image = picture(channels, dtype=dtype)
    equal(applied(target)(pipeline, image), convcli.apply(pipeline, image))


@pytest.mark.parametrize("target", LIBRARIES)
@pytest.mark.parametrize("groups", [0, 1, 2])
def test_kernels_over_channels(target: str, groups: int) -> None:
    random = np.random.default_rng(groups)
    weights = random.normal(size=(4, 3, 2) if not groups else (2 * groups, 4 // groups, 3, 2))
    bias = random.normal(size=len(weights)) / 10
    conv = Conv(Kernel(weights, bias=bias.tolist()), groups=max(groups, 1))
    image = random.random((9, 11, 4)).astype(np.float32)
    equal(applied(target)(Pipeline((conv,)), image), convcli.apply(Pipeline((conv,)), image))


@pytest.mark.parametrize("target", LIBRARIES)
@pytest.mark.parametrize(
    "text",
    [
        "sobel", "kirsch", "emboss-gray", "gaussian:1 | sobel", "gaussian:1 | sobel-x | abs", "motion:9,30 | invert",
        "laplacian | relu", "laplacian | leaky-relu:0.3", "sharpen | clip:0.2,0.7", "gaussian:2 | threshold:0.4",
        "gaussian:1 | round | sharpen",
        "sobel-y | normalize", "grayscale | curve:0:0 0.5:0.6 1:1", "luma | magnitude", "sobel-x | maximum", "sepia",
    ],
)  # fmt: skip
def test_filters_of_several_steps(target: str, text: str) -> None:
    image = picture(3)
    pipeline = convcli.load_filter(text)
    if target == "torch" and "curve" in text:
        with pytest.raises(UsageError, match="PyTorch has no curve"):
            TARGETS["torch"].export(pipeline)
        return
    equal(applied(target)(pipeline, image), convcli.apply(pipeline, image))


@pytest.mark.parametrize("target", LIBRARIES)
def test_code_stands_alone_and_tells_its_name(target: str) -> None:
    code = str(TARGETS[target].export(convcli.load_filter("sharpen")).content)
    assert code.startswith('"""sharpen as convcli applies it')
    assert "import convcli" not in code
    assert max(map(len, code.splitlines())) <= 120
    assert inspect.cleandoc(code)


@pytest.mark.parametrize("target", ["opencv", "scipy", "torch", "pillow"])
@pytest.mark.parametrize("name", ['"""\nraise SystemExit\n"""', "a\\", "{0}", "a\rraise SystemExit", "'"])
def test_a_name_is_no_code(target: str, name: str) -> None:
    pipeline = Pipeline(convcli.load_filter("sharpen").layers, name=name)
    tree = ast.parse(str(TARGETS[target].export(pipeline).content))
    kinds = (ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef, ast.ClassDef)
    assert all(isinstance(each, kinds) for each in tree.body[1:])


def test_a_name_is_no_line_of_a_shader() -> None:
    pipeline = Pipeline(convcli.load_filter("sharpen").layers, name="a\rb\nvoid c;\\")
    assert "// a-b-void c-- as convcli applies it" in str(TARGETS["glsl"].export(pipeline).content)


@pytest.mark.parametrize("target", LIBRARIES)
def test_layers_without_code_are_refused_by_name(target: str) -> None:
    with pytest.raises(UsageError, match="has no pixelate"):
        TARGETS[target].export(convcli.load_filter("sharpen | pixelate:3"))
    strided = pipeline_of(Kernel(np.ones((3, 3))), padding="same-lower", stride=(2, 2))
    with pytest.raises(UsageError, match="padding same-lower with a stride"):
        TARGETS[target].export(strided)


def test_a_constant_border_of_its_own_value() -> None:
    pipeline = Pipeline((Conv(Kernel(np.ones((3, 3)), 9), border=Border("constant", -1.5)),))
    image = np.zeros((4, 4), np.float32)
    assert applied("scipy")(pipeline, image)[0, 0] == pytest.approx(-1.5 * 5 / 9)


def pillow(pipeline: Pipeline, image: Any) -> Any:
    """Return the picture that Pillow makes of another."""
    names: dict[str, Any] = {}
    exec(compile(str(TARGETS["pillow"].export(pipeline).content), "pillow.py", "exec"), names)
    return np.asarray(names["apply"](Image.fromarray(image)))


@given(
    kernel=kernels(largest=3),
    border=st.sampled_from((*BORDERS, "constant:0.2", None)),
    channels=st.sampled_from((0, 3)),
    dilation=st.sampled_from(((1, 1), (2, 1))),
)
@settings(max_examples=40, deadline=None)
def test_a_kernel_of_pillow(kernel: Kernel, border: str | None, channels: int, dilation: tuple[int, int]) -> None:
    pipeline = pipeline_of(kernel, border, dilation=dilation)
    image = picture(channels)
    conv = pipeline.conv
    assert conv is not None
    if max(map(max, conv.margins)) > 2:
        with pytest.raises(UsageError, match="Pillow has kernels of 3×3 and 5×5"):
            pillow(pipeline, image)
        return
    found = pillow(pipeline, image)
    difference = np.abs(found.astype(int) - convcli.apply(pipeline, image).astype(int))
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.1


def test_pillow_keeps_alpha_and_16_bits() -> None:
    pipeline = pipeline_of(Kernel(np.array([[0, 1, 0], [1, 5, 1], [0, 1, 2]]), 20, 0.1), "reflect")
    image = picture(4)
    found = pillow(pipeline, image)
    np.testing.assert_array_equal(found[..., 3], image[..., 3])
    np.testing.assert_allclose(found[..., :3], convcli.apply(pipeline, image[..., :3]), atol=1)
    deep = picture(0, dtype="uint16")
    np.testing.assert_allclose(pillow(pipeline, deep), convcli.apply(pipeline, deep), atol=1)
    names: dict[str, Any] = {}
    exec(str(TARGETS["pillow"].export(pipeline).content), names)
    with pytest.raises(ValueError, match="not P"):
        names["apply"](Image.new("P", (4, 4)))


@pytest.mark.parametrize("text", ["binomial:3 | invert", "pillow:detail", "relu", "box:3 | box:3 | relu"])
def test_pillow_takes_several_steps(text: str) -> None:
    pipeline, image = convcli.load_filter(text).with_settings(border="edge"), picture(3)
    np.testing.assert_allclose(pillow(pipeline, image), convcli.apply(pipeline, image), atol=1)


def test_a_module_of_torch_is_trained() -> None:
    torch = pytest.importorskip("torch", reason="the library of the program is not installed")
    names: dict[str, Any] = {}
    exec(str(TARGETS["torch"].export(convcli.load_filter("sepia | relu")).content), names)
    module = names["Filter"]().double()
    assert [tuple(each.shape) for each in module.parameters()] == [(3, 3, 1, 1)]
    module(torch.rand(2, 3, 5, 6, dtype=torch.float64)).sum().backward()
    assert next(module.parameters()).grad.abs().sum() > 0


@pytest.mark.parametrize("target", ["opencv", "pillow", "scipy", "torch", "glsl"])
def test_a_name_stays_within_its_comment(target: str) -> None:
    pipeline = Pipeline(load_filter("sharpen").layers, name='a"""\nraise SystemExit\n"""*/ b\\')
    text = str(TARGETS[target].export(pipeline).content)
    assert "a----raise SystemExit-----" in text
    assert "\nraise SystemExit" not in text


WINDOWS = (
    "median:3", "median:5,border=wrap", "min:3", "max:3x5", "min:4", "max:2x3,border=constant:0.3", "maxpool:2",
    "maxpool:3,stride=2,padding=1", "avgpool:2", "avgpool:3x2,stride=2,padding=1", "avgpool:2,divisor=3", "sumpool:2",
    "gaussian:1 | median:3 | maxpool:2 | sobel-x",
)  # fmt: skip


@pytest.mark.parametrize("target", LIBRARIES)
@pytest.mark.parametrize("channels", [0, 3])
@pytest.mark.parametrize("text", WINDOWS)
def test_ranks_and_pools(target: str, channels: int, text: str) -> None:
    pipeline, image = load_filter(text), picture(channels)
    equal(applied(target)(pipeline, image), convcli.apply(pipeline, image))


@pytest.mark.parametrize("text", ["median:3x4", "median:7", "median:4"])
def test_medians_of_any_size(text: str) -> None:
    pipeline, image = load_filter(text), picture(3)
    for target in ("scipy", "torch"):
        equal(applied(target)(pipeline, image), convcli.apply(pipeline, image))
    with pytest.raises(UsageError, match="median of floats is one of 3×3 and 5×5"):
        TARGETS["opencv"].export(pipeline)


@pytest.mark.parametrize(
    "text", ["maxpool:3,dilation=2", "maxpool:3,ceil_mode=true", "avgpool:3,ceil_mode=true,padding=1"]
)
def test_pools_that_pytorch_alone_has(text: str) -> None:
    pipeline, image = load_filter(text), picture(0, height=14)
    equal(applied("torch")(pipeline, image), convcli.apply(pipeline, image))
    for target in ("scipy", "opencv"):
        with pytest.raises(UsageError, match=r"has no (ceil_mode|dilation)"):
            TARGETS[target].export(pipeline)


@pytest.mark.parametrize("text", ["median:3", "min:5,border=wrap", "max:3,border=edge", "median:3 | sharpen | invert"])
@pytest.mark.parametrize("channels", [0, 3, 4])
def test_ranks_of_pillow(text: str, channels: int) -> None:
    pipeline, image = load_filter(text), picture(channels)
    found = pillow(pipeline, image)
    colors = image[..., :3] if channels == 4 else image
    np.testing.assert_allclose(found[..., :3] if channels == 4 else found, convcli.apply(pipeline, colors), atol=1)
    with pytest.raises(UsageError, match="Pillow has windows of odd sides"):
        TARGETS["pillow"].export(load_filter("median:2"))
