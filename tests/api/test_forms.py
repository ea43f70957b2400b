"""Filters and arrays in every form that a person has them in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

import convcli
from convcli.engine.planning.making import make_plan
from tests.support.noise import noise
from tests.support.pictures import save
from tests.support.profiles import P3

KERNEL = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
untyped: Any = convcli


def filtered(array: Any, weights: Any = KERNEL) -> Any:
    """Return a plane after a kernel, by scipy."""
    return ndimage.correlate(np.asarray(array, np.float64), np.asarray(weights, np.float64), mode="mirror")


def test_a_filter_is_a_name_a_file_a_value_or_weights(tmp_path: Path) -> None:
    array = noise(0, 9, 11, dtype=np.float64)
    file = tmp_path / "mine.yaml"
    file.write_text(f"weights: {KERNEL}\n")
    pipeline = convcli.load_filter(file)
    forms: tuple[Any, ...] = (
        "0 -1 0; -1 5 -1; 0 -1 0",
        str(file),
        file,
        KERNEL,
        tuple(map(tuple, KERNEL)),
        np.array(KERNEL),
        np.array(KERNEL, np.float16),
        convcli.Kernel(KERNEL),
        pipeline,
        pipeline.layers[0],
    )
    for form in forms:
        np.testing.assert_allclose(convcli.apply(form, array), filtered(array), atol=1e-12)
    np.testing.assert_array_equal(convcli.apply([[2]], array, bias=1), 2 * array + 1)


@pytest.mark.parametrize(
    ("dtype", "result"),
    [
        (np.uint8, np.uint8),
        (np.uint16, np.uint16),
        (">u2", np.uint16),
        (np.float32, np.float32),
        (">f4", np.float32),
        (np.float16, np.float32),
        (np.float64, np.float64),
        (">f8", np.float64),
        (bool, np.float64),
        (np.int8, np.float64),
        (np.int16, np.float64),
        (np.int32, np.float64),
        (">i4", np.float64),
        (np.uint32, np.float64),
        (np.int64, np.float64),
        (np.uint64, np.float64),
    ],
)
def test_dtypes(dtype: Any, result: Any) -> None:
    array = noise(0, 9, 11, top=100).astype(dtype)
    for values in (convcli.apply([[0, 1, 1]], array), convcli.correlate(array, [[0, 1, 1]])):
        assert values.dtype == result
        np.testing.assert_allclose(values, filtered(array, [[0, 1, 1]]), rtol=1e-6)


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1])
def test_whole_numbers_that_floats_do_not_hold_are_refused(value: int) -> None:
    with pytest.raises(convcli.errors.UsageError, match=r"beyond 2\^53 would be rounded\nhelp: convert them"):
        convcli.apply("box", np.array([[value]]))
    assert convcli.apply([[1]], np.array([[2**53]])) == 2.0**53


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_arrays_of_any_memory(engine: Any, tmp_path: Path) -> None:
    array = noise(0, 12, 14, top=50)
    expected = filtered(array[::2, ::-1]).clip(0, 255)
    locked = array[::2, ::-1].copy()
    locked.setflags(write=False)
    np.save(tmp_path / "a.npy", locked)
    packed = np.zeros((6, 14), dtype=[("flag", "u1"), ("value", ">u2")])
    packed["value"] = locked

    class Subclass(np.ndarray[Any, Any]):
        pass

    class Wrapped:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return locked

    forms: tuple[Any, ...] = (
        array[::2, ::-1],
        np.asfortranarray(locked),
        locked,
        np.load(tmp_path / "a.npy", mmap_mode="r"),
        locked.view(Subclass),
        Wrapped(),
        np.ma.MaskedArray(locked, mask=False),
        packed["value"],
        locked.tolist(),
    )
    for form in forms:
        result = convcli.correlate(form, KERNEL, engine=engine)
        assert type(result) is np.ndarray
        np.testing.assert_array_equal(np.asarray(result).clip(0, 255), expected)
        assert not np.shares_memory(result, locked)
        result[:] = 0  # it is the caller's
    np.testing.assert_array_equal(locked, array[::2, ::-1])


def test_masked_values_are_refused() -> None:
    with pytest.raises(convcli.errors.UsageError, match="some of its values are masked"):
        convcli.apply("box", np.ma.masked_less(noise(0, 4, 4), 200))


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("L", "L"), ("LA", "LA"), ("RGB", "RGB"), ("RGBA", "RGBA"), ("1", "L"), ("CMYK", "RGB"), ("I;16", "I;16")],
)
def test_an_image_stays_an_image(mode: str, expected: str) -> None:
    image = Image.fromarray(noise(0, 9, 11, 3)).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(noise(0, 9, 11, dtype=np.uint16))
    image.info["dpi"] = (300, 300)
    before = image.tobytes()
    result = convcli.apply("box", image)
    assert isinstance(result, Image.Image)
    assert (result.mode, result.size, result.info) == (expected, image.size, {"dpi": (300, 300)})
    assert image.tobytes() == before
    if mode == "RGB":
        np.testing.assert_array_equal(np.asarray(result), convcli.apply("box", np.asarray(image)))


def test_an_image_keeps_a_profile_that_is_one_for_its_channels() -> None:
    image = Image.fromarray(noise(0, 9, 11, 3))
    image.info["icc_profile"] = P3
    assert convcli.apply("box", image).info == {"icc_profile": P3}
    assert convcli.apply("luma", image).info == {}


def test_images_of_floats_and_of_integers_become_images_of_floats() -> None:
    values = noise(0, 9, 11, dtype=np.float32)
    for image, weights in (
        (Image.fromarray(values), KERNEL),
        (Image.fromarray((values * 999).astype(np.int32)), [[3]]),
    ):
        result = convcli.correlate(image, weights)
        assert result.mode == "F"
        np.testing.assert_allclose(np.asarray(result), filtered(np.asarray(image), weights), rtol=1e-5, atol=1e-5)


def test_the_alpha_of_an_image_is_alpha() -> None:
    clear = np.zeros((4, 4, 4), np.uint8)
    clear[1:] = 100, 100, 100, 255
    clear[0] = 255, 255, 255, 0
    seen = np.asarray(convcli.apply("box", Image.fromarray(clear)))
    np.testing.assert_array_equal(seen[..., :3], 100)
    np.testing.assert_array_equal(seen[..., 3], clear[..., 3])
    np.testing.assert_array_equal(convcli.apply("box", clear, alpha="keep"), seen)
    assert convcli.apply("box", clear)[0, 0, 0] == 152, "the channels of an array are alike: (3 · 255 + 6 · 100) / 9"
    assert np.asarray(convcli.apply("box", Image.fromarray(clear), alpha="drop")).shape == (4, 4, 3)


def test_what_pillow_has_no_mode_for_is_refused() -> None:
    image = Image.fromarray(noise(0, 5, 5, 3))
    with pytest.raises(convcli.errors.UsageError, match=r"Pillow has no image of 3 channels of float32(.|\n)*asarray"):
        convcli.apply("box", image, dtype="float32")
    assert convcli.apply("box", np.asarray(image), dtype="float32").dtype == np.float32


def test_a_path_is_read(tmp_path: Path) -> None:
    colors = noise(0, 9, 11, 4)
    png = save(tmp_path / "a.png", colors)
    np.testing.assert_array_equal(convcli.apply("sharpen", png), convcli.apply("sharpen", colors, alpha="keep"))
    np.testing.assert_array_equal(convcli.apply("sharpen", str(png)), convcli.apply("sharpen", png))
    np.save(tmp_path / "a.npy", colors[..., 0])
    result = convcli.correlate(tmp_path / "a.npy", KERNEL)
    assert result.dtype == np.float64
    np.testing.assert_allclose(result, filtered(colors[..., 0]))
    with pytest.raises(convcli.errors.ReadError, match=r"none\.png does not exist\nhelp: check the name"):
        convcli.apply("sharpen", tmp_path / "none.png")


def test_learning_takes_the_same_forms(tmp_path: Path) -> None:
    before = noise(0, 40, 50)
    after = convcli.correlate(before, [[1, 2, 1]], divisor=4)
    paths = save(tmp_path / "x.png", before), save(tmp_path / "y.png", after)
    images = Image.fromarray(before), Image.fromarray(after)
    for x, y in (paths, images, (before.tolist(), after.tolist())):
        learned = convcli.learn(x, y, size=(1, 3), bias=False)
        np.testing.assert_allclose(learned.kernel.weights, [[0.25, 0.5, 0.25]], atol=2e-3)
    assert convcli.learn(before, after, init=[[0, 1, 0]], bias=False).kernel.size == (1, 3)


def test_values_are_treated_as_the_options_of_the_command_treat_them() -> None:
    ramp = np.array([[10, 20, 40, 80]], np.uint8)
    np.testing.assert_array_equal(convcli.apply([[2]], ramp, range="stretch"), [[0, 36, 109, 255]])
    np.testing.assert_array_equal(convcli.apply([[-1]], ramp, range="abs"), ramp)
    np.testing.assert_allclose(convcli.apply([[1]], [[2.0, 4.0, 6.0]], range="stretch"), [[0, 0.5, 1]])
    colors = noise(0, 6, 6, 3)
    red = convcli.apply([[0]], colors, channels="r")
    np.testing.assert_array_equal(red, colors * [0, 1, 1])
    with pytest.raises(convcli.errors.UsageError, match="an array of 5 channels has no colors"):
        convcli.apply("box", np.zeros((3, 3, 5)), channels="luma")


def test_errors_name_keywords_where_the_command_names_options() -> None:
    with pytest.raises(convcli.errors.ShapeError, match='help: use padding="same", a smaller kernel'):
        convcli.correlate(np.zeros((2, 2)), np.ones((3, 3)), padding="valid")
    with pytest.raises(convcli.errors.UsageError, match='has no alpha channel\nhelp: name colors: channels="r,g,b"'):
        convcli.apply("box", np.zeros((2, 2, 3)), channels="a")


def test_the_types_follow_what_is_given(tmp_path: Path) -> None:
    """mypy reads the annotations: an image for an image, an array for all else."""
    levels = noise(0, 5, 6)
    image: Image.Image = convcli.apply("box", Image.fromarray(levels), range="abs")
    array: NDArray[Any] = convcli.apply(KERNEL, [[1, 2], [3, 4]], alpha="keep")
    read: NDArray[Any] = convcli.correlate(save(tmp_path / "a.png", levels), convcli.Kernel(KERNEL))
    assert (image.size, array.shape, read.shape) == ((6, 5), (2, 2), (5, 6))


def test_what_is_known_of_a_filter_is_not_found_anew_for_every_array(monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[Any] = []

    def watched(*about: Any) -> Any:
        planned.append(about)
        return make_plan(*about)

    monkeypatch.setattr("convcli.engine.correlation.make_plan", watched)
    array = noise(0, 19, 23, dtype=np.uint8)
    first = convcli.apply("emboss", array)
    count = len(planned)
    assert count <= 1
    for _ in range(3):
        np.testing.assert_array_equal(convcli.apply("emboss", array), first)
    assert len(planned) == count
    assert convcli.load_filter("emboss") is convcli.load_filter("emboss")
    assert convcli.apply("emboss", array, border="wrap").shape == array.shape
    assert len(planned) == count + 1, "of other settings nothing is known"


def test_a_file_of_the_user_hides_a_built_in_one_that_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = noise(0, 9, 11, dtype=np.float64)
    convcli.apply("emboss", array)
    (tmp_path / "emboss.yaml").write_text("weights: [[2]]")
    monkeypatch.setenv("CONVCLI_PATH", str(tmp_path))
    np.testing.assert_array_equal(convcli.apply("emboss", array), 2 * array)
