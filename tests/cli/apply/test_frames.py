"""``convcli apply`` on animations and documents."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support.console import done, refused, run
from tests.support.oracle import rounded

BLUR = "1 2 1; 2 4 2; 1 2 1"
WEIGHTS = {-1: 0.25, 0: 0.5, 1: 0.25}


def blurred(values: NDArray[Any]) -> NDArray[np.float64]:
    """What the kernel makes of a picture, with plain NumPy."""
    height, width = values.shape
    around = np.pad(values.astype(float), 1, mode="reflect")
    down = sum((WEIGHTS[step] * around[1 + step : 1 + step + height] for step in WEIGHTS), start=np.zeros(1))
    return sum((WEIGHTS[step] * down[:, 1 + step : 1 + step + width] for step in WEIGHTS), start=np.zeros(1))


def grays() -> list[NDArray[np.uint8]]:
    return [np.random.default_rng(seed).integers(0, 256, (12, 10), np.uint8) for seed in range(3)]


def animation(path: Path) -> Path:
    first, *others = map(Image.fromarray, grays())
    first.save(path, save_all=True, append_images=others, duration=[40, 300, 120], loop=0, lossless=True)
    return path


def frames(path: Path) -> list[NDArray[np.uint8]]:
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        result = []
        for index in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(index)
            result.append(np.asarray(image.convert("L")))
        return result


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".tif"])
def test_each_frame_is_filtered_by_itself(tmp_path: Path, suffix: str) -> None:
    source = animation(tmp_path / "a.png")
    answer = done("apply", BLUR, source, "-o", tmp_path / f"b{suffix}", "--divisor", "16", "--quality", "100")
    assert "3 frames" in answer.stderr
    for result, gray in zip(frames(tmp_path / f"b{suffix}"), grays(), strict=True):
        expected = rounded(blurred(gray), np.uint8)
        assert np.abs(result.astype(int) - expected).max() <= (1 if suffix == ".webp" else 0)  # by way of RGB


def test_a_filter_that_changes_the_size_changes_all_frames(tmp_path: Path) -> None:
    source = animation(tmp_path / "a.gif")
    done("apply", "maxpool:2", source, "-o", tmp_path / "b.gif")
    assert [frame.shape for frame in frames(tmp_path / "b.gif")] == [(6, 5)] * 3


def test_one_frame_is_taken(tmp_path: Path) -> None:
    source = animation(tmp_path / "a.gif")
    answer = done("apply", "identity", source, "-o", tmp_path / "b.pgm", "--frame", "2")
    assert "frames" not in answer.stderr
    assert np.array_equal(frames_of_one(tmp_path / "b.pgm"), grays()[2])
    what, help_ = refused(1, "apply", "identity", source, "-o", tmp_path / "c.pgm", "--frame", "3")
    assert what.endswith("has 3 frames, counted from 0: there is no frame 3")
    assert help_ == "--frame 2 is the last"


def frames_of_one(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


def test_frames_are_not_dropped_without_a_word(tmp_path: Path) -> None:
    source = animation(tmp_path / "a.gif")
    what, help_ = refused(1, "apply", "identity", source, "-o", tmp_path / "b.jpg")
    assert what == "JPEG holds one picture, this animation has 3 frames"
    assert help_.startswith("--frame 0 takes the first")
    assert not (tmp_path / "b.jpg").exists()


def test_dry_run_and_json_tell_of_the_frames(tmp_path: Path) -> None:
    source = animation(tmp_path / "a.webp")
    answer = run("apply", "identity", source, "-o", tmp_path / "b.gif", "--dry-run")
    assert answer.lines == [f"would write {source} → {tmp_path / 'b.gif'} (3 frames)"]
    refused(1, "apply", "identity", source, "-o", tmp_path / "b.jpg", "--dry-run")
    told = done("apply", "identity", source, "-o", tmp_path / "b.gif", "--json")
    assert json.loads(told.stdout)["frames"] == 3


def test_pages_of_other_sizes_are_filtered_too(tmp_path: Path) -> None:
    gray, deep = grays()[0], np.random.default_rng(9).integers(0, 65_536, (5, 7), np.uint16)
    Image.fromarray(gray).save(tmp_path / "a.tif", save_all=True, append_images=[Image.fromarray(deep)])
    done("apply", BLUR, tmp_path / "a.tif", "-o", tmp_path / "b.tif", "--divisor", "16")
    with Image.open(tmp_path / "b.tif") as image:
        assert np.array_equal(np.asarray(image), rounded(blurred(gray), np.uint8))
        image.seek(1)
        assert np.array_equal(np.asarray(image), rounded(blurred(deep), np.uint16))
    edges = done("apply", "0 0 0; 0 3 0; 0 0 0", tmp_path / "a.tif", "-o", tmp_path / "d.tif")
    assert [line.split(": ")[2] for line in edges.lines[:2]] == ["page 0", "page 1"]  # each clipped by itself
    for option in ("--each", "--sheet"):
        what, _ = refused(1, "apply", BLUR, tmp_path / "a.tif", "-o", tmp_path / "c.tif", option)
        assert "takes one page" in what
