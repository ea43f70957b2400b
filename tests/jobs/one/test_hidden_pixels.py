"""Hidden pixels do not count: their colors change no visible pixel, no range and no count, whatever the filter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.catalog import list_filters, load_filter
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.engine import apply_pipeline
from convcli.errors import UsageError
from convcli.filters import (
    Border,
    Conv,
    Invert,
    Kernel,
    Layer,
    Linear,
    Magnitude,
    Maximum,
    MaxPool,
    Normalize,
    Pipeline,
    ReLU,
)
from convcli.image import Picture, format_named
from convcli.jobs.one.filtering import filter_page
from convcli.jobs.one.finishing import Filtered, finish_page, joined
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.run import filtered
from convcli.jobs.one.treatment import Given, decide
from convcli.jobs.one.work import Job

RANDOM = np.random.default_rng(23)
SHIFT = Conv(Kernel([[0, 0, 1]]))
# One of every layer at least; those that are more than a text in the second table.
TEXTS = (
    "relu", "leaky-relu:0.5", "abs", "clip:0.2,0.7", "invert", "normalize", "threshold:0.4", "magnitude", "maximum",
    "round",
    "maxpool:2", "avgpool:2", "sumpool:2", "maxpool:3,2,1", "avgpool:3,2,1", "sumpool:3,1,1",
    "avgpool:3,2,1,2,true", "avgpool:3,2,1,1,true,false", "avgpool:size=3,padding=1,divisor=4",
    "-1 0 1; -2 0 2; -1 0 1 | normalize", "median:3", "min:3", "max:3", "pixelate:3",
    "curve:0:0.2 1:0.7,channels=rb", "crop:1,2,6,5", "mirror", "turn:90", "turn:180 | median", "resize:0.5",
    "resize:2", "resize:0.7 | normalize", "maxpool:2 | sharpen | normalize",
    "avgpool:3,1,1 | normalize | maxpool:2", "normalize | box | threshold",
    "median:5x2", "max:3,border=constant:0.5", "resize:0.6,filter=box", "resize:2,filter=nearest",
    "resize:width=7,filter=bicubic", "unsharp:1,1,0.05", "median | resize:0.7 | sharpen",
    "sigmoid", "tanh", "elu:0.5", "selu", "celu:0.5", "gelu", "silu", "mish", "softplus", "hard-sigmoid", "hard-swish",
    "softmax", "log-softmax", "prelu:0.1", "dropout", "pad:2", "pad:1,border=constant:0.5", "lppool:2,size=3",
    "adaptive-avgpool:3", "adaptive-maxpool:3x4", "global-avgpool", "global-maxpool", "upsample:2",
    "upsample:2,mode=bilinear", "batch-norm:0.5,0.04", "instance-norm", "group-norm:1", "layer-norm",
    "local-response-norm:3", "as:it | invert | add:it", "as:it | box | subtract:it", "as:it | median:3 | multiply:it",
    "as:it | sobel-x | concat:it",
)  # fmt: skip
WEIGHTS = np.random.default_rng(5).normal(size=(2, 3, 3, 3))
LAYER_OBJECTS: dict[str, tuple[Layer, ...]] = {
    "conv": (Conv(Kernel(WEIGHTS), padding=(1, 1), border=Border("constant", 0.5)),),
    "kernel": (Conv(Kernel([[1, -2], [3, 4]]), stride=(2, 1), padding="full", dilation=(1, 2)),),
    "branches": (Magnitude(((SHIFT,), (Conv(Kernel(WEIGHTS[0])),))),),
    "branches that differ": (Maximum(((Invert(),), (SHIFT, SHIFT))), Normalize()),
    "anchors that differ": (
        Maximum(
            ((Conv(Kernel([[1, 1]]), padding="valid"),), (Conv(Kernel([[1, 1]], anchor=(0, 0)), padding="valid"),))
        ),
    ),
    "pools in branches": (Magnitude(((MaxPool((2, 2)),), (Normalize(), MaxPool((2, 2))))), ReLU()),
}
PIPELINES = {text: load_filter(text) for text in TEXTS} | {
    name: Pipeline(layers, name=name) for name, layers in LAYER_OBJECTS.items()
}


def sprite(dtype: Any = np.uint8, colors: int = 3) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a picture with a hidden rim, holes and soft pixels, twice, with other colors for what is hidden."""
    full = 1.0 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    shares = RANDOM.random((10, 11, colors + 1)) * 0.4 + 0.3
    shares[:, :, -1] = RANDOM.choice(np.array([0.0, 0.4, 1.0]), (10, 11))
    shares[:2, :, -1] = shares[:, 7:, -1] = 0
    hidden = shares[:, :, -1] == 0
    other = shares.copy()
    other[hidden, :-1] = RANDOM.choice(np.array([0.0, 1.0]), (int(hidden.sum()), colors))
    return (shares * full).astype(dtype), (other * full).astype(dtype)


def finished(frame: NDArray[Any], pipeline: Pipeline, form: str = "tiff", **options: Any) -> Filtered:
    page = Picture((frame,), has_alpha=True)
    each = options.pop("each", False)
    treatment = decide(Given.of(page), Recipe(pipeline, **options), format_named(form), name="in.tiff", is_apart=each)
    computed = filter_page(page, treatment, "in.tiff")
    return finish_page(page, computed, treatment, format_named(form), Job(None, None, each=each))


def assert_alike(pipeline: Pipeline, dtype: Any = np.uint8, **options: Any) -> None:
    first, second = (finished(frame, pipeline, **options) for frame in sprite(dtype))
    assert (first.clipped, first.counted, first.notes) == (second.clipped, second.counted, second.notes)
    for one, other in zip(first.pictures, second.pictures, strict=True):
        np.testing.assert_array_equal(one.frames[0][:, :, -1], other.frames[0][:, :, -1])
        visible = one.frames[0][:, :, -1] > 0
        assert visible.any() or options.get("alpha") == "filter"
        np.testing.assert_array_equal(one.frames[0][visible], other.frames[0][visible])


# Beside alpha these are refused: an output pixel is made of no place of the picture.
REFUSED = {"linear", "flatten", "conv-transpose", "pixel-shuffle", "pixel-unshuffle"}


def test_every_layer_is_met() -> None:
    met = {each.strip().partition(":")[0] for name in PIPELINES for each in name.split("|")}
    assert met | REFUSED >= set(LAYERS)


@pytest.mark.parametrize("alpha", ["keep", "filter"])
@pytest.mark.parametrize("name", PIPELINES)
def test_the_colors_of_hidden_pixels_change_no_visible_pixel(name: str, alpha: str) -> None:
    if alpha == "filter" and name in ("conv", "branches"):
        pytest.skip("alpha cannot be filtered by a plane per channel")
    if alpha == "filter" and "concat" in name:
        pytest.skip("the alpha of the first is that of all, and another may show what it hides")
    for dtype in (np.uint8, np.uint16, np.float32):
        assert_alike(PIPELINES[name], dtype, alpha=alpha)


def test_no_built_in_filter_lets_hidden_pixels_have_a_say() -> None:
    for entry in list_filters(builtin=True):
        if "layer" not in entry.tags:
            assert_alike(load_filter(entry.name))


@pytest.mark.parametrize("into", ["clip", "abs", "stretch", "center"])
@pytest.mark.parametrize(
    "options",
    [{}, {"channels": "luma"}, {"channels": "rb"}, {"linear": True}, {"depth": 16}, {"depth": "float"}, {"each": True}],
    ids=lambda each: "-".join(map(str, each)) or "plain",
)
def test_no_option_lets_hidden_pixels_have_a_say(options: dict[str, Any], into: str) -> None:
    for text in ("-1 0 1; -2 0 2; -1 0 1", "avgpool:2", "maxpool:3,2,1", "5", "normalize"):
        assert_alike(load_filter(text), range=into, **options)
        assert_alike(load_filter(text), range=into, alpha="filter", **options)


@pytest.mark.parametrize("text", ["normalize", "1"])
def test_a_sprite_is_stretched_from_its_visible_values(text: str) -> None:
    frame = np.zeros((2, 6, 4), np.uint8)
    frame[0, :, :3] = np.arange(100, 106)[:, np.newaxis]
    frame[0, :, 3] = 255
    result = finished(frame, load_filter(text), **({"range": "stretch"} if text == "1" else {}))
    (made,) = result.pictures[0].frames
    assert made[0, :, 0].tolist() == [0, 51, 102, 153, 204, 255]
    assert result.clipped == 0
    assert result.notes == ()


def test_the_share_of_clipped_values_is_one_of_visible_values() -> None:
    frame = np.full((4, 10, 4), 255, np.uint8)
    frame[1:, :, 3] = 0
    frame[0, :5, :3] = 100
    result = finished(frame, load_filter("2"))
    assert result.clipped == 0.5
    (note,) = result.notes
    assert note == "50.0 % of the values were clipped; the weights add up to 2, and --normalize sum makes that 1"
    frame[0, 5:, :3] = 100
    assert finished(frame, load_filter("2")).clipped == 0
    frame[:, :, 3] = 0
    assert finished(frame, load_filter("2")).clipped == 0
    half = finished(np.full((1, 30, 4), 255, np.uint8), load_filter("2"))
    assert joined([result, half], format_named("tiff")).clipped == pytest.approx((15 + 90) / 120)


def test_unfiltered_channels_in_a_pool_are_weighed_too() -> None:
    frame = np.full((4, 4, 4), 255, np.uint8)
    frame[0, :, 3] = 0
    frame[1:, :, :3] = 100
    (made,) = finished(frame, load_filter("avgpool:2"), channels="r").pictures[0].frames
    assert (made[:, :, :3] == 100).all()


def test_alpha_filtered_alone_brings_no_hidden_color_to_light() -> None:
    for text in ("box", "avgpool:2", "gaussian:1 | relu"):
        assert_alike(load_filter(text), channels="a", alpha="filter")


@pytest.mark.parametrize("channels", ["a", "luma"])
def test_a_filter_that_joins_channels_leaves_hidden_colors_where_it_filters_one(channels: str) -> None:
    (made,) = finished(sprite()[0], load_filter("magnitude"), channels=channels, alpha="filter").pictures[0].frames
    assert made.shape == (10, 11, 4)


def test_frames_are_weighed_one_by_one() -> None:
    frames = sprite()
    page = Picture(frames, has_alpha=True)
    treatment = decide(Given.of(page), Recipe(load_filter("normalize")), format_named("png"), name="in.png")
    first, second = (each.values for each in filter_page(page, treatment, "in.png"))
    visible = frames[0][:, :, 3] > 0
    np.testing.assert_array_equal(first[visible], second[visible])


def test_pages_of_a_document_count_their_visible_values_each() -> None:
    bright = np.full((4, 5, 4), 255, np.uint8)
    hidden = bright.copy()
    hidden[:3, :, 3] = 0
    dark = np.where(np.arange(4) < 3, 10, 255).astype(np.uint8) * np.ones((5, 5, 1), np.uint8)
    document = Picture(
        (bright,), has_alpha=True, pages=(Picture((hidden,), has_alpha=True), Picture((dark,), has_alpha=True))
    )
    made = filtered(document, Recipe(load_filter("2")), format_named("tiff"), Job(None, None))
    assert made.clipped == pytest.approx((20 + 5) / (20 + 5 + 25))
    assert [note.partition(":")[0] for note in made.notes] == ["page 0", "page 1"]
    assert all("100.0 % of the values were clipped" in note for note in made.notes)


def test_a_sheet_draws_the_range_of_visible_values() -> None:
    drawn: list[NDArray[Any]] = []

    def artist(maps: NDArray[Any], *_: Any) -> NDArray[np.uint8]:
        drawn.append(maps)
        return np.zeros((1, 1, 3), np.uint8)

    for frame in sprite():
        page, png = Picture((frame,), has_alpha=True), format_named("png")
        treatment = decide(Given.of(page), Recipe(load_filter("box"), artist=artist), png, name="in.png")
        finish_page(page, filter_page(page, treatment, "in.png"), treatment, png, Job(None, None))
    first, second = drawn
    np.testing.assert_array_equal(first, second)
    assert np.isnan(first).any()


def test_a_layer_without_positions_has_no_use_for_alpha() -> None:
    with pytest.raises(UsageError, match="no alpha"):
        apply_pipeline(Pipeline((Linear(2),)), sprite()[0], alpha="keep", full_scale=255.0, dtype=np.uint8)
