"""Animations go from every format that holds them to every other, and documents come back page by page."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.formats.corpus import SUFFIXES
from tests.formats.moving import ANIMATED, DURATIONS, PLAYS, animation, document, frames, pages, shown
from tests.support.console import done, refused

# 100 is lossless in WebP, and in AVIF it is not.
QUALITY = {"WebP": ("--quality", "100"), "AVIF": ("--quality", "95")}


@pytest.mark.parametrize("target", ANIMATED)
@pytest.mark.parametrize("source", ANIMATED)
def test_frames_durations_and_plays_go_along(source: str, target: str, tmp_path: Path) -> None:
    path, output = tmp_path / f"a{SUFFIXES[source]}", tmp_path / f"b{SUFFIXES[target]}"
    path.write_bytes(animation(source))
    answer = done("apply", "identity", path, "-o", output, *QUALITY.get(target, ()))
    seen, durations, plays = shown(output)
    assert durations == list(DURATIONS)
    # AVIF plays for ever; whoever comes from another format is told.
    from_avif, to_avif = source == "AVIF", target == "AVIF"
    assert plays == (None if to_avif else 0 if from_avif else PLAYS)
    assert ("plays for ever" in answer.stderr) == (to_avif and not from_avif)
    for frame, expected in zip(seen, frames(), strict=True):
        assert np.array_equal(frame[:, :, 3], expected[:, :, 3])  # no frame shines through another
        difference = np.abs(frame.astype(int) - expected)[expected[:, :, 3] > 0]
        assert difference.max() <= (2 if "AVIF" in (source, target) else 0)


@pytest.mark.parametrize("target", ["JPEG", "BMP"])
def test_an_animation_is_refused_where_it_has_no_room(target: str, tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(animation("GIF"))
    what, hint = refused(1, "apply", "identity", path, "-o", tmp_path / f"b{SUFFIXES[target]}")
    assert "3 frames" in what
    assert "--frame 0" in hint


def test_pages_keep_their_order_their_sizes_and_their_kinds(tmp_path: Path) -> None:
    path, output = tmp_path / "a.tif", tmp_path / "b.tif"
    path.write_bytes(document())
    done("apply", "identity", path, "-o", output)
    with Image.open(io.BytesIO(output.read_bytes())) as image:
        assert image.n_frames == 3  # type: ignore[attr-defined]
        for index, page in enumerate(pages()):
            image.seek(index)
            assert image.info["dpi"] == (300, 300)
            assert np.array_equal(np.asarray(image), page)


@pytest.mark.parametrize("target", [*ANIMATED, "JPEG"])
def test_a_document_is_refused_where_it_has_no_room(target: str, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(document())
    what, hint = refused(1, "apply", "identity", path, "-o", tmp_path / f"b{SUFFIXES[target]}")
    assert "3" in what
    assert "--frame 0" in hint
