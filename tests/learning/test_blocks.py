"""Pairs in blocks, which another process reads: what is learned is the same, to the last bit."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import convcli
from convcli.detective import detect
from convcli.lazy import dataclass
from convcli.learning import Elsewhere, Learned, LearningPair, LearnSettings, Pairs, ReadBlock, learn_pairs, read_alone
from tests.support.pictures import harbour_cut

Picture = NDArray[Any]


class Copies:
    """Stands for other processes: reads copies of the blocks, and returns copies of the results."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def results(self, read: ReadBlock[Any], blocks: Sequence[tuple[Pairs, int]]) -> Iterator[Any]:
        for block, first in blocks:
            self.read.append(first)
            other, pairs = pickle.loads(pickle.dumps((read, block)))
            yield pickle.loads(pickle.dumps(read_alone(other, pairs, first)))


@dataclass(frozen=True, eq=False)
class Four:
    """Pairs in blocks of two."""

    pairs: Sequence[LearningPair]
    elsewhere: Elsewhere | None = None

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[LearningPair]:
        return iter(self.pairs)

    def blocks(self) -> Sequence[Pairs]:
        return [replace(self, pairs=self.pairs[first : first + 2], elsewhere=None) for first in range(0, 4, 2)]


def noisy(text: str, picture: Picture) -> Picture:
    made = np.asarray(convcli.apply(text, picture))
    return np.clip(made + np.random.default_rng(1).normal(0, 3, made.shape), 0, 255).astype(np.uint8)


def black_and_white(picture: Picture) -> Picture:
    return np.where(picture > np.median(picture), np.uint8(255), np.uint8(0))


@pytest.mark.parametrize(
    ("learn", "made", "settings"),
    [
        (learn_pairs, lambda picture: noisy("0.3 0.1 0.2; 0.1 0.4 0.1; 0 0.2 0.1", picture), {}),
        (learn_pairs, lambda picture: noisy("sharpen8", picture), {"model": "depthwise"}),
        (learn_pairs, lambda picture: noisy("gaussian:1 | sharpen", picture), {"size": (21, 21)}),
        (learn_pairs, lambda picture: convcli.apply("box:3", picture, stride=2), {"stride": (2, 2), "size": (3, 3)}),
        (detect, lambda picture: convcli.apply("gaussian:1.2", picture, linear=True), {"size": (7, 7)}),
        (detect, lambda picture: convcli.apply("sharpen", picture[:, ::-1]), {"size": (3, 3)}),
        (detect, black_and_white, {"size": (3, 3)}),
    ],
)
def test_what_other_processes_read_is_the_same(
    learn: Callable[[Pairs, LearnSettings], Learned], made: Callable[[Picture], Picture], settings: dict[str, Any]
) -> None:
    parts = [harbour_cut(60 * number, 40 * number, 90, 104 + number % 2 * 8) for number in range(4)]
    pairs = tuple(
        LearningPair(part, np.asarray(made(part)), f"{n}.png", (f"{n}.png: a note",)) for n, part in enumerate(parts)
    )
    copies = Copies()
    judged = LearnSettings(**settings)
    here, there = learn(Four(pairs), judged), learn(Four(pairs, copies), judged)
    assert copies.read[:2] == [0, 2]
    assert np.array_equal(here.kernel.weights, there.kernel.weights)
    assert here.kernel.bias == there.kernel.bias
    assert (here.border, here.warnings, here.doubts) == (there.border, there.warnings, there.doubts)
    assert here.replay == there.replay
    assert [each for each in here.warnings if "note" in each] == ["0.png: a note"]
