"""`convcli.apply` gives the pixels that the command gives for the same picture and settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convcli
from tests.support.console import run
from tests.support.noise import noise
from tests.support.sweeps import repeats

FILTERS = (
    "sharpen",
    "gaussian:1.2",
    "-1 0 1; -2 0 2; -1 0 1",
    "sobel",
    "maxpool:2",
    "box:2 | relu | avgpool:3,2",
    "invert",
    "sharpen | round | gaussian:1.5",
    "normalize",
    "sepia",
    "luma",
    "sharpen:stride=2",
)
SHAPES = ((9, 12), (9, 12, 2), (9, 12, 3), (9, 12, 4))


def options(of: dict[str, Any]) -> list[str]:
    """Return keywords as options of the command."""
    words = []
    for name, value in of.items():
        if value is True:
            words.append(f"--{name}")
        elif value is not False:
            words += [f"--{name}", str(value)]
    return words


def result(text: str, array: Any, keywords: dict[str, Any]) -> Any:
    """Return what the function returns, or the error that it raises."""
    try:
        return convcli.apply(text, array, engine="numpy", **keywords)
    except convcli.errors.ConvcliError as error:
        return error


def agree(text: str, array: Any, path: Path, keywords: dict[str, Any], extra: dict[str, Any]) -> None:
    """Compare the command with the function, whose keywords beside those of the command are `extra`."""
    convcli.write_picture(path, array, force=True)
    output = path.with_stem("output")
    answer = run("apply", text, path, "-o", output, "-f", "--engine", "numpy", *options(keywords))
    ours = result(text, array, {**keywords, **extra})
    if isinstance(ours, convcli.errors.ConvcliError):
        assert answer.code, ours
        assert ours.message in answer.stderr.replace(f"{path} ", "the array ").replace("--", "")
        return
    assert answer.code == 0, answer.stderr
    theirs = convcli.read_picture(output)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours.reshape(theirs.shape), theirs)


@pytest.mark.slow
@settings(max_examples=repeats(600), deadline=None)
@given(
    text=st.sampled_from(FILTERS),
    shape=st.sampled_from(SHAPES),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    keywords=st.fixed_dictionaries(
        {},
        optional={
            "range": st.sampled_from(["clip", "abs", "stretch", "center"]),
            "channels": st.sampled_from(["all", "luma", "r", "g,b", "a", "r,g,b,a"]),
            "linear": st.booleans(),
            "border": st.sampled_from(["wrap", "constant:50%", "edge"]),
        },
    ),
    alpha=st.sampled_from(["keep", "filter", "drop"]),
    seed=st.integers(0, 3),
)
def test_pictures(
    text: str,
    shape: tuple[int, ...],
    dtype: type[Any],
    keywords: dict[str, Any],
    alpha: str,
    seed: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    array = noise(seed, *shape, dtype=dtype)
    if array.ndim == 3 and array.shape[2] in (2, 4):
        array[:3, :5, -1] = 0
        array[3:6, :, -1] = np.iinfo(dtype).max
    folder = tmp_path_factory.getbasetemp()
    agree(text, array, folder / "input.png", {**keywords, "alpha": alpha}, {})


@settings(max_examples=repeats(200), deadline=None)
@given(
    text=st.sampled_from([each for each in FILTERS if each not in ("sepia", "luma")]),
    shape=st.sampled_from([(9, 12), (9, 12, 3), (9, 12, 5)]),
    dtype=st.sampled_from([np.float16, np.float32, np.float64, np.int8, np.int64, bool, ">i4", ">f8"]),
    border=st.sampled_from(["wrap", "constant:50%", "edge"]),
)
def test_arrays(
    text: str, shape: tuple[int, ...], dtype: Any, border: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    array = (noise(1, *shape, dtype=np.float64) * 40 - 20).astype(dtype)
    path = tmp_path_factory.getbasetemp() / "input.npy"
    np.save(path, array if array.ndim == 2 else array.transpose(2, 0, 1))
    output = path.with_stem("output")
    answer = run("apply", text, path, "-o", output, "-f", "--engine", "numpy", "--border", border)
    assert answer.code == 0, answer.stderr
    theirs = np.load(output)
    ours = convcli.apply(text, array, engine="numpy", border=border)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs if theirs.ndim == 2 else theirs.transpose(1, 2, 0))
