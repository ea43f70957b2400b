"""The whole catalog: every name there is to be, and every filter on every kind of picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.catalog import list_filters, load_filter
from convcli.engine import apply_pipeline, full_scale_of
from convcli.errors import FilterError, ShapeError
from convcli.filters import Pipeline

pytestmark = pytest.mark.no_cover

# Names and, after a slash, their other names and variants.
CATALOG = """
identity / unity delta none
box box:5 box:height=3,width=5 / mean average blur
gaussian gaussian:2 gaussian:1,5 gaussian:size=5 gaussian:sigma_x=2,sigma_y=1 gaussian:size=5,sigma_x=2,sigma_y=1
/ gauss gaussian-blur
binomial binomial:5 / gaussian3 gaussian5
disk disk:2.5 / pillbox bokeh
motion motion:9,30 / motion-blur
sobel-x sobel-y sobel-x:5 sobel-y:size=7 farid-x farid-y
prewitt-x prewitt-y scharr-x scharr-y roberts-1 roberts-2 freichen-x freichen-y
sobel sobel:size=5 prewitt scharr roberts freichen farid / roberts-cross frei-chen
kirsch kirsch:n kirsch:sw robinson robinson:ne
laplacian / laplacian4 laplace
laplacian8
outline / edge find-edges
log log:2 log:2,9 / mexican-hat
dog dog:1,2 dog:sigma1=1,sigma2=2 / difference-of-gaussians
sharpen sharpen8
unsharp unsharp:2,0.5 / usm
highpass highpass:2 / high-boost
emboss emboss-gray
gabor gabor:sigma=3,theta=0.5,lambda=6,gamma=1,psi=1 gabor:2,size=9
shift shift:3,-2 shift:dx=3,dy=-2 / translate
luma:bt601 luma:bt709 / luma luma-bt601 luma-bt709 grayscale
sepia
swap-rb / bgr
pillow:blur pillow:contour pillow:detail pillow:edge-enhance pillow:edge-enhance-more pillow:emboss
pillow:find-edges pillow:sharpen pillow:smooth pillow:smooth-more
""".replace("/", "").split()

LAYERS = [
    "relu", "leaky-relu", "leaky-relu:0.1", "sigmoid", "tanh", "elu:2", "celu:0.5", "selu", "gelu",
    "gelu:tanh", "silu", "mish", "softplus:2,threshold=10", "hard-sigmoid", "hard-sigmoid:0.2", "hard-swish",
    "softmax", "log-softmax", "prelu", "prelu:0.1", "pad:2", "pad:1,2,0,-1,border=edge", "lppool:2,size=2",
    "lppool:3,size=3,stride=2,ceil_mode=true", "adaptive-avgpool:3", "adaptive-maxpool:3x4", "global-avgpool",
    "global-maxpool", "upsample:2", "upsample:size=9x20,mode=bicubic,align_corners=true", "pixel-shuffle:1",
    "pixel-unshuffle:1", "batch-norm", "batch-norm:0.5,0.04,2,-1,eps=0.001", "instance-norm", "group-norm:1",
    "layer-norm", "layer-norm:2,bias=0.1", "local-response-norm", "local-response-norm:3,alpha=1",
    "dropout", "dropout:0.1", "flatten", "as:x", "abs",
    "clip", "clip:0,1", "clip:10%,0.9", "invert", "normalize", "round",
    "threshold", "threshold:0.3", "magnitude", "maximum", "maxpool", "maxpool:2", "maxpool:2x1",
    "maxpool:size=3,stride=2", "avgpool:2", "sumpool:2", "conv:3,2,1", "conv-transpose:3,2,2,stride=2",
    "linear:2", "median",
    "median:5", "median:3x5,border=wrap", "min", "max:4", "pixelate:4", "pixelate:3x5", "curve:0:0 0.5:0.7 1:1",
    "curve:0:10% 1/2:0.7 1:1,channels=rb", "crop:2,3,7,5", "mirror", "mirror:vertical", "turn:90", "turn:270",
    "resize:0.5", "resize:2,filter=bicubic", "resize:width=9", "resize:width=9,height=20,filter=box",
]  # fmt: skip

MIXES_CHANNELS = {"luma:bt601", "luma:bt709", "sepia", "swap-rb"}

NAMED = [name for entry in list_filters() if "layer" not in entry.tags for name in (entry.name, *entry.aliases)]


def picture(channels: int, height: int = 13, width: int = 17) -> NDArray[np.uint8]:
    return np.random.default_rng(channels).integers(0, 256, (height, width, channels), np.uint8)


def mixes_channels(pipeline: Pipeline) -> bool:
    return pipeline.name.replace("luma-", "luma:") in MIXES_CHANNELS


@pytest.mark.parametrize("text", [*CATALOG, *LAYERS])
def test_every_name_is_there(text: str) -> None:
    pipeline = load_filter(text)
    assert pipeline.layers
    assert pipeline.description
    assert pipeline.source


def test_there_is_no_other() -> None:
    expected = {text.partition(":")[0] for text in CATALOG if not text.startswith(("pillow", "luma:"))}
    expected |= {text for text in CATALOG if text.startswith(("pillow", "luma:"))}
    found = set(NAMED)
    assert expected <= found
    # Spellings of the two English languages, and the components of what has an alias.
    assert found - expected == {
        "emboss-grey",
        "greyscale",
        "frei-chen-x",
        "frei-chen-y",
        "roberts-cross-1",
        "roberts-cross-2",
    }


@pytest.mark.sweep
@pytest.mark.parametrize("text", sorted({*CATALOG, *NAMED}))
@pytest.mark.parametrize("size", [(13, 17), (1, 1), (1, 9)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_every_filter_runs_on_every_picture(text: str, size: tuple[int, int], dtype: Any) -> None:
    pipeline = load_filter(text)
    for channels in (1, 3):
        array = picture(channels, *size).astype(dtype)
        if mixes_channels(pipeline) and channels == 1:
            with pytest.raises(ShapeError, match="the kernel takes 3 input channels, the input has 1"):
                apply_pipeline(pipeline, array, full_scale=full_scale_of(dtype), dtype=np.float32)
            continue
        values = apply_pipeline(pipeline, array, full_scale=full_scale_of(dtype), dtype=np.float32).values
        assert values.shape == (*size, 1 if text.startswith(("luma", "gr")) else channels)
        assert np.isfinite(values).all()


@pytest.mark.parametrize("text", sorted({*CATALOG, *NAMED}))
def test_every_filter_runs_beside_alpha(text: str) -> None:
    pipeline = load_filter(text)
    for size in ((13, 17), (1, 1)):
        array = picture(4, *size)
        array[: size[0] // 2, :, 3] = 255
        array[size[0] // 2 :, : size[1] // 2 + 1, 3] = 0
        for alpha in ("keep", "drop") if mixes_channels(pipeline) else ("keep", "filter", "drop"):
            values = apply_pipeline(pipeline, array, alpha=alpha, full_scale=255, dtype=np.float32).values
            assert values.shape[:2] == size
            assert values.shape[2] == (1 if text.startswith(("luma", "gr")) else 3) + (alpha != "drop")
            assert np.isfinite(values).all()


@pytest.mark.parametrize("text", LAYERS)
def test_every_layer_runs(text: str) -> None:
    pipeline = load_filter(text)
    values = apply_pipeline(pipeline, picture(3), full_scale=255, dtype=np.float32).values
    assert values.shape == pipeline.output_shape((3, 13, 17))[1:] + pipeline.output_shape((3, 13, 17))[:1]
    assert np.isfinite(values).all()


def test_pipelines_run() -> None:
    for text in ("gaussian:1.4 | sobel | normalize", "kirsch | threshold:30%", "luma | dog | abs | maxpool:2"):
        values = apply_pipeline(load_filter(text), picture(3), full_scale=255, dtype=np.uint8).values
        assert values.max() > values.min()


def test_a_picture_in_place_of_a_filter_leads_to_import() -> None:
    with pytest.raises(FilterError) as caught:
        load_filter("kernel.png")
    assert caught.value.message == "'kernel.png' is no filter"
    assert "convcli import kernel.png -o kernel.yaml" in caught.value.hint
