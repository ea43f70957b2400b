"""The steps that are found between pairs of pictures, of every kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Kind, Named, kinds, photographs, pixelated
from tests.detective.makers import kinds_of_others
from tests.support.pictures import harbour_cut
from tests.support.sweeps import repeats

KINDS = {kind.name: kind for kind in (*kinds(), *kinds_of_others())}
# Found on some pictures only: letters on a sharpening, then a JPEG; a small part of an enlarged picture, mostly sky.
OPEN = {"sharpen, letters 60, JPEG 75", "resize 1.1, crop"}


def found(kind: Kind, picture: str) -> list[dict[str, Any]]:
    source = photographs()[picture]
    pair = LearningPair(source, kind.change(source))
    return [step.values for step in detect([pair], LearnSettings.of()).found]


@pytest.mark.sweep
@pytest.mark.slow
@pytest.mark.parametrize("picture", photographs())
@pytest.mark.parametrize("name", sorted(set(KINDS) - OPEN)[:: len(KINDS) // repeats(len(KINDS))])
def test_the_steps_of_a_pair_are_found(name: str, picture: str) -> None:
    kind = KINDS[name]
    steps = found(kind, picture)
    assert len(steps) == len(kind.steps), steps
    for step, wanted in zip(steps, kind.steps, strict=True):
        for key, value in wanted.items():
            assert is_near(step[key], value), (key, value, step)


@pytest.mark.parametrize("size", [8, 12])
def test_blocks_of_a_picture_larger_than_what_is_looked_at(size: int) -> None:
    source = harbour_cut(0, 0, 800, 1200)
    pair = LearningPair(source, pixelated(source, size))
    assert [step.values for step in detect([pair], LearnSettings.of()).found] == [{"step": "pixelate", "size": size}]


def is_near(value: Any, wanted: Any) -> bool:
    """Return whether a value is the wanted one: equal, within a tolerance, one of a set, or a filter of that name."""
    if isinstance(wanted, Named):
        name, _, arguments = (value or "").partition(":")
        pairs = dict(each.split("=") for each in arguments.split(",") if "=" in each)
        return name == wanted.name and all(
            key not in pairs or is_near(float(pairs[key]), tolerated) for key, tolerated in wanted.parameters.items()
        )
    if isinstance(wanted, set):
        return value in wanted
    if isinstance(wanted, tuple):
        return bool(np.isclose(value, wanted[0], rtol=0, atol=wanted[1]))
    return bool(value == wanted)
