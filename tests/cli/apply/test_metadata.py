"""``convcli apply --metadata``."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from tests.support.console import done, refused
from tests.support.encoding import SRGB


def photograph(path: Path) -> Path:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Ada")
    texts.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>")
    image = Image.fromarray(np.full((20, 30, 3), 90, np.uint8))
    image.save(path, exif=exif, dpi=(300, 300), icc_profile=SRGB, pnginfo=texts)
    return path


def test_metadata_is_kept_unless_it_is_stripped(tmp_path: Path) -> None:
    photo = photograph(tmp_path / "a.png")
    done("apply", "sharpen", photo, "-o", tmp_path / "kept.png")
    done("apply", "sharpen", photo, "-o", tmp_path / "same.png", "--metadata", "keep")
    with Image.open(tmp_path / "kept.png") as kept:
        assert {"exif", "icc_profile", "dpi", "xmp", "Author"} <= set(kept.info)
    assert (tmp_path / "same.png").read_bytes() == (tmp_path / "kept.png").read_bytes()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".gif", ".bmp"])
def test_stripping_leaves_the_pixels_alone(tmp_path: Path, suffix: str) -> None:
    photo, output = photograph(tmp_path / "a.png"), tmp_path / f"b{suffix}"
    answer = done("apply", "sharpen", photo, "-o", output, "--metadata", "strip")
    assert "left out" not in answer.stderr  # nothing that was not asked for
    image = Image.open(io.BytesIO(output.read_bytes()))
    assert image.size == (20, 30)  # upright
    assert np.allclose(np.asarray(image.convert("RGB")), 90, atol=3)
    assert not {"exif", "icc_profile", "xmp", "Author", "comment"} & set(image.info)
    if suffix != ".bmp":  # whose header always says a resolution
        assert image.info.get("dpi") in (None, (1, 1))  # what Pillow makes of none in a TIFF
    if suffix == ".tif":
        assert 282 not in image.getexif()


def test_another_word_is_refused(tmp_path: Path) -> None:
    what, _ = refused(2, "apply", "sharpen", "a.png", "-o", tmp_path / "b.png", "--metadata", "lose")
    assert "lose" in what
