"""The file that is written does again what was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

import convcli
from convcli.catalog import to_yaml
from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, kinds, rounded
from tests.support.pictures import harbour_cut
from tests.support.sweeps import repeats

PHOTO = harbour_cut(288, 100, 300, 320)
KINDS = {kind.name: kind for kind in kinds() if kind.name != "unrelated"}
_RIM = 48  # pixels in which a border, or what a shift uncovers, is unknown


def inner(picture: NDArray[Any]) -> NDArray[Any]:
    return picture[_RIM:-_RIM, _RIM:-_RIM].astype(float)


def psnr(first: NDArray[Any], second: NDArray[Any]) -> float:
    rms = float(np.sqrt(np.mean((inner(first) - inner(second)) ** 2)))
    return 20 * float(np.log10(255 / rms)) if rms else np.inf


def again(result: Detected, folder: Path, source: Picture) -> Picture:
    """Return what the file makes of the source."""
    file = folder / "learned.yaml"
    file.write_text(to_yaml(result.pipeline))
    made: Picture = convcli.apply(file, source, engine="numpy")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(KINDS)[:: len(KINDS) // repeats(len(KINDS))])
def test_the_file_matches_as_well_as_it_is_said(tmp_path: Path, name: str) -> None:
    target = KINDS[name].change(PHOTO)
    result = detect([LearningPair(PHOTO, target)], LearnSettings.of())
    if not result.has_filter:
        assert not result.is_explained or {step.name for step in result.found} & {"rotate", "nonlinear"}
        return
    made = again(result, tmp_path, PHOTO)
    assert made.shape == target.shape
    if not any(step.name == "region" for step in result.found):
        assert psnr(made, target) >= min(result.psnr_after, 60) - 1


@pytest.mark.parametrize("power", [0.5, 2.2])
def test_a_curve_goes_on_beyond_its_points(tmp_path: Path, power: float) -> None:
    values = PHOTO[:160, :160].astype(float)
    source = rounded(60 + values * 0.5)
    target = rounded(255 * (source / 255) ** power)
    result = detect([LearningPair(source, target)], LearnSettings.of())
    assert [step.name for step in result.found] == ["curve"]
    (curve,) = [layer for layer in result.pipeline.layers if layer.name == "curve"]
    points: Any = vars(curve)["points"]
    slopes = np.diff([y for _, y in points]) / np.diff([x for x, _ in points])
    np.testing.assert_allclose(slopes[[0, -1]], slopes[[1, -2]], rtol=1e-6)
    assert points[0][0] < source.min() / 255 - 0.05
    assert points[-1][0] > source.max() / 255 + 0.05
    assert psnr(again(result, tmp_path, source), target) > 55


@pytest.mark.parametrize(
    ("change", "layers"),
    [
        (lambda x: x[:, ::-1], ["mirror"]),
        (lambda x: np.rot90(x)[20:, 30:], ["turn", "crop"]),
        (lambda x: ndimage.median_filter(x, (5, 5, 1)), ["median"]),
        (lambda x: rounded(255 * (x / 255) ** 1.6), ["curve"]),
    ],
)
def test_the_file_has_no_kernel_that_changes_nothing(change: Callable[[Picture], Picture], layers: list[str]) -> None:
    target = np.ascontiguousarray(change(PHOTO))
    result = detect([LearningPair(PHOTO, target)], LearnSettings.of())
    assert [layer.name for layer in result.pipeline.layers] == layers
    assert psnr(np.asarray(convcli.apply(result.pipeline, PHOTO, engine="numpy")), target) > 55
