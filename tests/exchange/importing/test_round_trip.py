"""Kernels that are exported and imported again, and kernels in texts by hand."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convcli
from convcli.catalog.expression import FILE_ENDINGS, YAML_ENDINGS
from convcli.exchange import KERNEL_ENDINGS, TARGETS
from convcli.filters import Conv, Kernel, Pipeline
from tests.exchange.drawn import kernels, picture, pipeline_of, planes
from tests.support.pictures import pixels, save

FOLDER = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def handed(target: str, pipeline: Pipeline, file: Path) -> Pipeline:
    """Return the filter in the file that a filter is exported to."""
    content = TARGETS[target].export(pipeline, file.suffix).content
    assert isinstance(content, str | bytes)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return convcli.load_filter(str(file))


def same_pixels(one: Pipeline, other: Pipeline, channels: int = 0) -> None:
    image = picture(channels).astype(np.float32) / 255
    np.testing.assert_allclose(convcli.apply(one, image), convcli.apply(other, image), atol=1e-4, rtol=1e-5)


@given(kernel=kernels())
@FOLDER
def test_a_matrix_of_libvips(kernel: Kernel, tmp_path: Path) -> None:
    pipeline = pipeline_of(kernel, "edge")
    same_pixels(pipeline, handed("vips", pipeline, tmp_path / "k.mat"))


@given(kernel=kernels(), border=st.sampled_from(("edge", "wrap", "constant")))
@FOLDER
def test_a_filter_of_svg(kernel: Kernel, border: str, tmp_path: Path) -> None:
    pipeline = pipeline_of(kernel, border)
    back = handed("svg", pipeline, tmp_path / "k.svg")
    same_pixels(pipeline, back)
    conv = back.conv
    assert conv is not None
    assert conv.kernel.divisor == kernel.divisor
    assert conv.anchor == Conv(kernel).anchor


@pytest.mark.parametrize("text", ["sepia", "luma", "gaussian:1 | sharpen | invert"])
def test_a_filter_of_svg_of_several_steps(text: str, tmp_path: Path) -> None:
    pipeline = convcli.load_filter(text).with_settings(border="edge")
    back = handed("svg", pipeline, tmp_path / "k.svg")
    image = picture(3).astype(np.float64) / 255
    expected = np.broadcast_to(np.atleast_3d(convcli.apply(pipeline, image)), image.shape)
    np.testing.assert_allclose(convcli.apply(back, image), expected, atol=1e-9)


@given(plane=planes(7), divisor=st.sampled_from((1.0, 3.0, -0.7)))
@FOLDER
def test_tables(plane: np.ndarray[tuple[int, int], np.dtype[np.float64]], divisor: float, tmp_path: Path) -> None:
    for target in ("csv", "npy"):
        conv = handed(target, pipeline_of(Kernel(plane, divisor)), tmp_path / f"k.{target}").conv
        assert conv is not None
        np.testing.assert_array_equal(conv.kernel.weights, plane / divisor)
        assert conv.border is None


@given(
    kernel=kernels(),
    border=st.sampled_from((None, "reflect", "constant:0.5")),
    padding=st.sampled_from(("same", "valid", (2, 1))),
    stride=st.sampled_from(((1, 1), (2, 1))),
    dilation=st.sampled_from(((1, 1), (1, 2))),
)
@FOLDER
def test_tensors(
    kernel: Kernel,
    border: str | None,
    padding: tuple[int, int] | str,
    stride: tuple[int, int],
    dilation: tuple[int, int],
    tmp_path: Path,
) -> None:
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    pipeline = pipeline_of(kernel, border, padding=padding, stride=stride, dilation=dilation)
    back = handed("safetensors", pipeline, tmp_path / "k.safetensors")
    same_pixels(pipeline, back)
    found, expected = back.conv, pipeline.conv
    assert found is not None
    assert expected is not None
    assert (found.stride, found.padding, found.dilation) == (expected.stride, expected.padding, expected.dilation)
    assert found.border == expected.border


def test_tensors_of_several_layers_are_those_of_a_sequential(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    library = pytest.importorskip("safetensors.torch", reason="safetensors is not installed")
    pipeline = convcli.load_filter("conv:3,4,3,seed=1 | relu | conv:4,2,3,seed=2")
    back = handed("safetensors", pipeline, tmp_path / "k.safetensors")
    same_pixels(pipeline, back, 3)
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Conv2d(4, 2, 3)).double()
    module.load_state_dict(library.load_file(tmp_path / "k.safetensors"))
    image = picture(3).astype(np.float64) / 255
    with torch.no_grad():
        expected = module(torch.from_numpy(image.transpose(2, 0, 1).copy())[None])[0].numpy().transpose(1, 2, 0)
    np.testing.assert_allclose(convcli.apply(back, image), expected, atol=1e-9)


def test_a_tensor_of_another_program(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    weights = np.random.default_rng(0).normal(size=(2, 3, 3, 3)).astype(np.float16)
    file = tmp_path / "other.safetensors"
    library.save_file({"features.weight": weights, "features.bias": np.array([0.5, -1], np.float32)}, file)
    conv = convcli.load_filter(str(file)).conv
    assert conv is not None
    np.testing.assert_array_equal(conv.kernel.weights, weights)
    assert conv.kernel.bias == (0.5, -1)
    library.save_file({"a": weights, "b": weights}, file)
    with pytest.raises(convcli.errors.FilterError, match=r"it has 2 kernels: a \(2×3×3×3\) and b"):
        convcli.load_filter(str(file))


@pytest.mark.parametrize(
    ("text", "weights", "anchor"),
    [
        ("3x2: 1,2,3 4,5,6", [[1, 2, 3], [4, 5, 6]], (0, 1)),
        ("3x2+2+1:\n1,2,3\n4,5,6\n", [[1, 2, 3], [4, 5, 6]], (1, 2)),
        ("3: 0,1,0, 1,nan,1, 0,-,-2", [[0, 1, 0], [1, 0, 1], [0, 0, -2]], (1, 1)),
        ("1 2 3\n4 5 6", [[1, 2, 3], [4, 5, 6]], (1, 1)),
    ],
)
def test_a_kernel_of_imagemagick(
    text: str, weights: list[list[float]], anchor: tuple[int, int], tmp_path: Path
) -> None:
    file = tmp_path / "k.txt"
    file.write_text(text)
    conv = convcli.load_filter(str(file)).conv
    assert conv is not None
    np.testing.assert_array_equal(conv.kernel.weights, weights)
    assert conv.anchor == anchor


def test_a_kernel_of_imagemagick_is_a_filter(caplog: pytest.LogCaptureFixture) -> None:
    pipeline = convcli.load_filter("box | 3x2+0+1: 1,2,3 4,5,6")
    conv = pipeline.layers[1]
    assert isinstance(conv, Conv)
    np.testing.assert_array_equal(conv.kernel.weights, [[1, 2, 3], [4, 5, 6]])
    assert conv.anchor == (1, 0)
    assert "as by -morphology Correlate" in caplog.text
    with pytest.raises(convcli.errors.FilterError) as caught:
        convcli.load_filter("relu | 3x3: 1,2,x 0,0,0 0,0,0")
    assert caught.value.excerpt.splitlines()[1].strip("^ ") == ""
    for text in ("3x3: 1,2", "3x3-1-1: 1 2 3 4 5 6 7 8 9", "0x3: 1", "9999x9999: 1"):
        with pytest.raises(convcli.errors.FilterError):
            convcli.load_filter(text)


@pytest.mark.parametrize("text", ["4x2: 1,2,3,4 0,1,0,1", "2x2: 1,2 3,4", "3x3+0+2: 1,2,3 0,1,0 2,0,1"])
def test_imagemagick_has_the_same_pixels(text: str, tmp_path: Path) -> None:
    if not shutil.which("convert"):
        pytest.skip("ImageMagick is not installed")
    (tmp_path / "k.txt").write_text(text)
    image = picture(0) // 20
    save(tmp_path / "in.png", image)
    command = ["convert", "in.png", "-morphology", "Correlate", text, "-depth", "8", "out.pgm"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    np.testing.assert_array_equal(pixels(tmp_path / "out.pgm"), convcli.apply(str(tmp_path / "k.txt"), image))


def test_a_raster_that_gdal_filters(tmp_path: Path) -> None:
    if not shutil.which("gdal_translate"):
        pytest.skip("GDAL is not installed")
    pipeline = pipeline_of(Kernel(np.array([[1, 2, 0], [0, -1, 1], [2, 1, 1]]), 7), "edge")
    save(tmp_path / "input.tif", picture(3))
    script = str(TARGETS["gdal"].export(pipeline).content)
    subprocess.run(["sh", "-ec", script], cwd=tmp_path, check=True, timeout=60)
    same_pixels(pipeline, convcli.load_filter(str(tmp_path / "step1.vrt")))


@given(kernel=kernels(largest=6))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_kernel_of_a_virtual_raster(kernel: Kernel, tmp_path: Path) -> None:
    # A bias is of another raster, which scales the first.
    pipeline = pipeline_of(Kernel(kernel.weights, kernel.divisor, anchor=kernel.anchor), "edge")
    script = str(TARGETS["gdal"].export(pipeline).content)
    (found,) = re.findall("<Kernel .*?</Kernel>", script)
    file = tmp_path / "k.vrt"
    source = f"<KernelFilteredSource><SourceFilename>a.tif</SourceFilename>{found}</KernelFilteredSource>"
    file.write_text(VRT.format(f"<VRTRasterBand>{source}</VRTRasterBand>"))
    same_pixels(pipeline, convcli.load_filter(str(file)))


VRT = """<VRTDataset rasterXSize="9" rasterYSize="9">{}</VRTDataset>"""
BAND = """<VRTRasterBand><KernelFilteredSource><SourceFilename>a.tif</SourceFilename>
<Kernel normalized="{}"><Size>3</Size><Coefs>{}</Coefs></Kernel></KernelFilteredSource></VRTRasterBand>"""


def test_virtual_rasters(tmp_path: Path) -> None:
    file = tmp_path / "k.vrt"
    file.write_text(VRT.format(BAND.format(1, "1 2 1")))
    conv = convcli.load_filter(str(file)).conv
    assert conv is not None
    np.testing.assert_allclose(conv.kernel.weights, np.outer([1, 2, 1], [1, 2, 1]) / 16)
    file.write_text(VRT.format(BAND.format(0, "1 2 1") + BAND.format(0, "0 1 0")))
    conv = convcli.load_filter(str(file)).conv
    assert conv is not None
    np.testing.assert_array_equal(conv.kernel.weights, [np.outer([1, 2, 1], [1, 2, 1]), np.outer([0, 1, 0], [0, 1, 0])])


def test_json(tmp_path: Path) -> None:
    file = tmp_path / "k.json"
    file.write_text("[[0, 1, 0],\n[1, -4, 1],\n[0, 1, 0]]")
    conv = convcli.load_filter(str(file)).conv
    assert conv is not None
    np.testing.assert_array_equal(conv.kernel.weights, [[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    file.write_text('{"weights": [[1, 1]], "divisor": 2, "border": "edge"}')
    assert convcli.load_filter(str(file)).conv.kernel.divisor == 2  # type: ignore[union-attr]


def test_a_csv_with_decimal_commas(tmp_path: Path) -> None:
    file = tmp_path / "k.csv"
    file.write_text("0,5;1\n# a comment\n\n2;-1,25\n")
    conv = convcli.load_filter(str(file)).conv
    assert conv is not None
    np.testing.assert_array_equal(conv.kernel.weights, [[0.5, 1], [2, -1.25]])


def test_the_endings_of_the_exchange_are_those_of_the_parser() -> None:
    assert set(FILE_ENDINGS) == {*YAML_ENDINGS, ".onnx", *KERNEL_ENDINGS}


def test_a_vrt_of_which_some_bands_are_filtered_is_no_filter_of_all(tmp_path: Path) -> None:
    kernel = "<Kernel normalized='1'><Size>3</Size><Coefs>1 1 1 1 1 1 1 1 1</Coefs></Kernel>"
    filtered = f"<KernelFilteredSource>{kernel}</KernelFilteredSource>"
    for sources, band in (((filtered, "<SimpleSource/>"), 2), (("<SimpleSource/>", filtered), 1), ((filtered,) * 2, 0)):
        bands = "".join(f"<VRTRasterBand>{each}</VRTRasterBand>" for each in sources)
        file = tmp_path / f"{band}.vrt"
        file.write_text(f"<VRTDataset>{bands}</VRTDataset>")
        if not band:
            assert convcli.load_filter(str(file)).conv is not None
            continue
        with pytest.raises(convcli.errors.FilterError, match=f"band {band} has no kernel, and others have"):
            convcli.load_filter(str(file))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n3,4\n", "line 1 has names"),
        ("# title\n\n'left';'right one'\n1;2\n3;4\n", "line 3 has names"),
        (",0,1\n0,1,2\n1,3,4\n", "names of columns and rows"),
        ('"","V1","V2"\n"1",1,2\n"top, left"'.replace(", ", " ") + ",3,4\n", "names of columns and rows"),
    ],
)
def test_names_in_a_csv_are_left_out(text: str, told: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "k.csv"
    file.write_text(text)
    conv = convcli.load_filter(str(file)).conv
    assert conv is not None
    np.testing.assert_array_equal(conv.kernel.weights, [[1, 2], [3, 4]])
    assert told in caplog.text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Title\n1,2\n3,4\n", ":1:1: 1 name over 2 columns"),
        ("a,b\n1,2,3\n", ":1:1: 2 names over 3 columns"),
        ("nan,nan\n1,2\n", ":1:1: 'nan' is not a finite number"),
        ("a,b\n1,x\n", ":2:3: 'x' is not a number"),
        ("a,2\n1,2\n", ":1:1: 'a' is not a number"),
        ("a,b\n", ":1:1: 'a' is not a number"),
        (",1\n2,3\n,4\n", ":2:1: row 2 has 2 numbers, row 1 has 1"),
    ],
)
def test_a_csv_with_other_words_is_refused(text: str, what: str, tmp_path: Path) -> None:
    file = tmp_path / "k.csv"
    file.write_text(text)
    with pytest.raises(convcli.errors.FilterError) as caught:
        convcli.load_filter(str(file))
    assert what in caught.value.headline


def test_one_tensor_of_several_is_chosen_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    random = np.random.default_rng(0)
    tensors = {"a.weight": random.random((2, 3, 3, 3)), "a.bias": np.array([1.0, 2]), "b|c": random.random((3, 5))}
    monkeypatch.chdir(tmp_path)
    library.save_file(tensors, "net.safetensors")
    conv = convcli.load_filter("net.safetensors:a.weight").conv
    assert conv is not None
    np.testing.assert_array_equal(conv.kernel.weights, tensors["a.weight"])
    assert conv.kernel.bias == (1, 2)
    assert convcli.load_filter("./net.safetensors:a.weight | relu").name == "a.weight+relu"
    (tmp_path / "own.yaml").write_text("layers:\n  - net.safetensors:a.weight\n  - relu\n")
    assert convcli.load_filter("own.yaml").layers[0].output_shape((3, 4, 4)) == (2, 4, 4)
    for text, what, hint in (
        ("net.safetensors", "it has 2 kernels: a.weight (2×3×3×3) and b|c (3×5)", "net.safetensors:a.weight"),
        ("net.safetensors:a.bias", "the tensor a.bias (2) is no kernel", "a.weight"),
        ("net.safetensors:a.weights", "it has no tensor 'a.weights'", "did you mean a.weight?"),
        ("none.safetensors:a", "no such filter file: none.safetensors", "check the name"),
    ):
        with pytest.raises(convcli.errors.FilterError) as caught:
            convcli.load_filter(text)
        assert what in caught.value.headline
        assert hint in caught.value.hint


def test_a_tensor_lies_in_the_folder_of_the_file_that_names_it(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "own.yaml").write_text("layers:\n  - '../net.safetensors:/../inner/x'\n")
    with pytest.raises(convcli.errors.FilterError, match=r"outside|inside"):
        convcli.load_filter(str(inner / "own.yaml"))


@pytest.mark.parametrize(
    ("of_filter", "of_step", "told"),
    [
        ("", "", "filters in linear light"),
        ('color-interpolation-filters="linearRGB"', "", "filters in linear light"),
        ('color-interpolation-filters="sRGB"', "", ""),
        ('style="x: y; color-interpolation-filters: sRGB"', "", ""),
        ("", 'color-interpolation-filters="sRGB"', "step 2 is in linear light"),
        ('color-interpolation-filters="sRGB"', 'style="color-interpolation-filters:linearRGB"', "step 1 is in linear"),
    ],
)
def test_the_light_of_an_svg_is_told(
    of_filter: str, of_step: str, told: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    step = "<feConvolveMatrix order='1' kernelMatrix='1' {}/>"
    steps = step.format(of_step) + step.format("")
    file = tmp_path / "k.svg"
    file.write_text(f"<svg xmlns='http://www.w3.org/2000/svg'><filter {of_filter}>{steps}</filter></svg>")
    assert len(convcli.load_filter(str(file)).layers) == 2
    assert told in caplog.text
    assert bool(caplog.text) == bool(told)
