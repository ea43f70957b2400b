"""Files are written again without losing more than they must: lossless WebP, and JPEG of a high quality."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from tests.support.console import done
from tests.support.noise import noise
from tests.support.pictures import harbour, logo, pixels, save

RNG = np.random.default_rng(8)


def is_lossless(path: Path) -> bool:
    """Return whether a WebP has no chunk of lossy pixels."""
    return b"VP8L" in path.read_bytes() and b"VP8 " not in path.read_bytes()


@pytest.mark.parametrize("array", [harbour(), logo()], ids=["RGB", "RGBA"])
def test_a_lossless_webp_stays_lossless(tmp_path: Path, array: Any) -> None:
    source = save(tmp_path / "in.webp", array)
    done("apply", "identity", source, "-o", tmp_path / "out.webp")
    assert is_lossless(tmp_path / "out.webp")
    assert np.array_equal(pixels(tmp_path / "out.webp"), array)


def test_an_animation_too(tmp_path: Path) -> None:
    frames = [noise(RNG, 20, 24, 4) for _ in range(3)]
    first, *others = map(Image.fromarray, frames)
    first.save(tmp_path / "in.webp", save_all=True, append_images=others, lossless=True, exact=True, duration=50)
    done("apply", "identity", tmp_path / "in.webp", "-o", tmp_path / "out.webp")
    assert is_lossless(tmp_path / "out.webp")
    with Image.open(tmp_path / "in.webp") as before, Image.open(tmp_path / "out.webp") as after:
        for index in range(len(frames)):
            before.seek(index)
            after.seek(index)
            shown = np.asarray(before.convert("RGBA"))
            visible = shown[:, :, 3] > 0
            assert np.array_equal(np.asarray(after.convert("RGBA"))[visible], shown[visible])


def test_a_lossy_webp_stays_lossy_and_quality_has_the_last_word(tmp_path: Path) -> None:
    lossy = save(tmp_path / "lossy.webp", harbour(), lossless=False, quality=80)
    lossless = save(tmp_path / "lossless.webp", harbour())
    for source, *words in ((lossy,), (lossless, "--quality", "80")):
        done("apply", "identity", source, "-o", tmp_path / "out.webp", "-f", *words)
        assert not is_lossless(tmp_path / "out.webp")


def test_another_format_has_its_own_default(tmp_path: Path) -> None:
    png = save(tmp_path / "in.png", harbour())
    webp = save(tmp_path / "in.webp", harbour())
    for source, suffix in ((png, ".webp"), (webp, ".jpg")):
        done("apply", "identity", source, "-o", tmp_path / f"{source.suffix[1:]}{suffix}")
    assert not is_lossless(tmp_path / "png.webp")
    assert tables(tmp_path / "webp.jpg") == of_quality(92, tmp_path)


def tables(path: Path) -> Any:
    with Image.open(path) as image:
        assert isinstance(image, JpegImagePlugin.JpegImageFile)
        return image.quantization


def of_quality(quality: int, folder: Path) -> Any:
    return tables(save(folder / "of quality.jpg", harbour(), quality=quality))


@pytest.mark.parametrize("quality", [30, 75, 91, 92, 93, 95, 98, 99, 100])
@pytest.mark.parametrize("array", [harbour(), harbour()[:, :, 0]], ids=["RGB", "gray"])
def test_a_jpeg_has_at_least_the_quality_that_it_had(tmp_path: Path, array: Any, quality: int) -> None:
    source = save(tmp_path / "in.jpg", array, quality=quality)
    done("apply", "identity", source, "-o", tmp_path / "out.jpg")
    assert tables(tmp_path / "out.jpg")[0] == of_quality(max(quality, 92), tmp_path)[0]


def test_large_ones_and_those_that_are_cut_off(tmp_path: Path) -> None:
    source = save(tmp_path / "in.jpg", np.tile(harbour(300, 440), (4, 4, 1)), quality=97)
    done("apply", "identity", source, "-o", tmp_path / "out.jpg")
    assert tables(tmp_path / "out.jpg") == of_quality(97, tmp_path)
    source.write_bytes(source.read_bytes()[:-2])
    done("apply", "identity", source, "-o", tmp_path / "cut.jpg")
    assert tables(tmp_path / "cut.jpg") == of_quality(97, tmp_path)


def test_quality_is_taken_over_the_files(tmp_path: Path) -> None:
    source = save(tmp_path / "in.jpg", harbour(), quality=97)
    done("apply", "identity", source, "-o", tmp_path / "out.jpg", "--quality", "60")
    assert tables(tmp_path / "out.jpg") == of_quality(60, tmp_path)


def test_tables_of_other_makers_are_taken_by_their_steps(tmp_path: Path) -> None:
    fine, coarse = ([step] * 64 for step in (2, 40))
    for steps, quality in ((fine, range(96, 100)), (coarse, range(92, 93))):
        save(tmp_path / "in.jpg", harbour(), qtables=[steps, steps])
        done("apply", "identity", tmp_path / "in.jpg", "-o", tmp_path / "out.jpg", "-f")
        assert any(tables(tmp_path / "out.jpg") == of_quality(each, tmp_path) for each in quality)
