"""Another size before a JPEG."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from convcli.detective.ahead.compressed import resized_before_jpeg
from convcli.detective.alignment import aligned, frame_of
from convcli.detective.geometry.frame import Frame
from convcli.detective.scene import Scene
from convcli.learning import LearningPair
from tests.detective.kinds import Picture, gaussian, jpeg, photographs, resized, rounded

GIVEN = photographs()["quay"][:400, :400]


def by_jpeg(target: Picture) -> Frame | None:
    pair = LearningPair(GIVEN, np.ascontiguousarray(target))
    frame = replace(frame_of(pair), is_certain=False)
    return resized_before_jpeg(pair, frame, Scene.of(aligned(pair, frame)))


@pytest.mark.parametrize(("scale", "name", "quality"), [(0.6, "lanczos", 80), (0.45, "bicubic", 90)])
def test_the_resampling_before_a_jpeg(scale: float, name: str, quality: int) -> None:
    found = by_jpeg(jpeg(resized(GIVEN, scale, name), quality))
    assert found is not None
    assert (found.filter, found.is_certain) == (name, True)


def test_a_program_that_cuts_digits_off_before_its_jpeg() -> None:
    deep = resized(GIVEN, 0.6, "lanczos").astype(float) + np.random.default_rng(0).uniform(-0.5, 0.5, (240, 240, 1))
    found = by_jpeg(jpeg(np.asarray(np.clip(np.floor(deep), 0, 255), np.uint8), 85))
    assert found is not None
    assert found.filter == "lanczos"


def test_more_than_another_size_before_a_jpeg() -> None:
    assert by_jpeg(jpeg(rounded(gaussian(resized(GIVEN, 0.6, "lanczos"), 0.8)), 90)) is None


def test_another_size_that_was_no_jpeg() -> None:
    assert by_jpeg(resized(GIVEN, 0.6, "lanczos")) is None
