"""The rules of settings: the same at the command and at `convcli.learn`."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convcli
from convcli.catalog import load_filter
from convcli.errors import UsageError
from convcli.filters import Border, Kernel
from convcli.learning import LearnKeywords, LearnSettings
from tests.support.console import refused

PICTURE = np.random.default_rng(0).random((30, 40))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pair")
    np.save(folder / "x.npy", PICTURE)
    np.save(folder / "y.npy", PICTURE)
    return folder / "x.npy", folder / "y.npy"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"size": 0}, "a side has 1 to 127 weights"),
        ({"size": 128}, "a side has 1 to 127 weights"),
        ({"size": (3, 2000)}, "size 3×2000: a side has 1 to 127 weights"),
        ({"holdout": -0.1}, "is no share of the rows"),
        ({"holdout": 0.9}, "is no share of the rows"),
        ({"learning_rate": 0.0}, "--learning-rate 0 does not descend"),
        ({"learning_rate": -1.0}, "--learning-rate -1 does not descend"),
        ({"steps": 0}, "is no number of steps"),
        ({"steps": 1.5}, "is no number of steps"),
        ({"steps": 10**10}, "is no number of steps"),
        ({"tolerance": -1.0}, "--tolerance -1 is no share"),
        ({"tolerance": 1.0}, "--tolerance 1"),
        ({"tolerance": 5.0}, "--tolerance 5"),
        ({"seed": -1}, "--seed"),
        ({"seed": 1.5}, "--seed"),
        ({"border": "mirror"}, "means different things"),
        ({"border": "nowhere"}, "unknown border"),
        ({"init": "gausian"}, "gausian"),
        ({"init": "gaussian:1 | sobel-x"}, "is a pipeline, and one kernel is learned"),
        ({"init": "relu"}, "is a pipeline, and one kernel is learned"),
        ({"init": "sharpen:stride=2"}, "--init: sharpen has a stride, dilation or groups"),
        ({"init": "sharpen:dilation=2"}, "--init: sharpen has a stride, dilation or groups"),
        ({"init": "sharpen", "size": 5}, "--size 5×5, and --init has 3×3 weights"),
        ({"model": "huge"}, "model"),
        ({"optimizer": "sgd"}, "optimizer"),
        ({"loss": "l1"}, "loss"),
    ],
)
def test_a_setting_is_refused_at_both_doors(files: tuple[Path, Path], settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        convcli.learn(PICTURE, PICTURE, **settings)
    options = [
        word
        for name, value in settings.items()
        for word in (
            f"--{name.replace('_', '-')}",
            "x".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}" if value == 0.0 else str(value),
        )
    ]
    what, _ = refused(2, "learn", *files, *options)
    assert words in what.replace(".0 ", " ")
    named = re.sub(r"--([a-z-]+)", lambda option: option[1].replace("-", "_"), words)
    assert named in caught.value.message
    assert "--" not in str(caught.value)


@pytest.mark.parametrize("settings", [{"holdout": "some"}, {"steps": "many"}, {"seed": "x"}, {"size": "3x"}])
def test_a_text_is_no_number(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"^\w+ \S+ is no"):
        convcli.learn(PICTURE, PICTURE, **settings)


def test_an_unknown_setting_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="there is no setting 'rate'") as caught:
        LearnSettings.of(rate=3)  # type: ignore[call-arg]  # the mistake
    assert "learning_rate" in caught.value.hint


def test_the_keywords_are_the_settings() -> None:
    assert list(LearnKeywords.__annotations__) == [
        field.name for field in fields(LearnSettings) if field.name not in ("finds_model", "largest")
    ]


def test_every_form_of_a_setting_is_understood() -> None:
    settings = LearnSettings.of(size=3, border="constant:50%", learning_rate="auto", steps="auto")
    assert settings == LearnSettings(size=(3, 3), border=Border("constant", 0.5))
    assert LearnSettings.of(size="auto", border="auto") == LearnSettings()
    of_numpy: Any = np.int64(7)
    assert LearnSettings.of(size=of_numpy, steps=of_numpy) == LearnSettings(size=(7, 7), steps=7)


def test_a_kernel_to_start_from_gives_the_size() -> None:
    kernel = Kernel(np.ones((2, 4)))
    assert LearnSettings(init=kernel).size == (2, 4)
    assert LearnSettings.of(init="box:5").size == (5, 5)
    assert LearnSettings.of(init=load_filter("box:5"), size=5).size == (5, 5)
    with pytest.raises(UsageError, match="--size 3×3, and --init has 2×4 weights") as caught:
        LearnSettings(init=kernel, size=(3, 3))
    assert "leave out --size" in caught.value.hint
