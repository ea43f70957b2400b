"""Every door to a setting takes and refuses the same: Python, a YAML file, its layers, a filter's text, the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convcli
from convcli.catalog import check_file, load_filter, to_yaml
from convcli.cli.options.kernel import KernelOptions
from convcli.engine import ArraySettings
from convcli.errors import UsageError
from convcli.filters import GROUPS, KERNEL_SETTINGS, Conv, ConvSettings, Kernel, Pipeline

WEIGHTS = [[[[1, 2]]], [[[3, 5]]]]
untyped: Any = convcli


def python(name: str, value: Any, folder: Path) -> Pipeline:  # noqa: ARG001 - as the other doors
    """The keyword of `convcli.apply` and `convcli.correlate`, and of what they call."""
    setting: dict[str, Any] = {name: value}
    kernel = Pipeline((Conv(Kernel(WEIGHTS)),))
    try:
        return kernel.with_settings(**setting)
    except UsageError:
        assert refused(untyped.apply, kernel, np.zeros((9, 9, 1)), **setting)
        assert refused(untyped.correlate, np.zeros((9, 9, 1)), WEIGHTS, **setting)
        raise


def file(name: str, value: Any, folder: Path) -> Pipeline:
    (folder / "f.yaml").write_text(f"name: f\nweights: {WEIGHTS}\n{name}: {json.dumps(value)}\n")
    return check_file(folder / "f.yaml")


def layer(name: str, value: Any, folder: Path) -> Pipeline:
    (folder / "f.yaml").write_text(f"layers: [kernel: {{weights: {WEIGHTS}, {name}: {json.dumps(value)}}}]\n")
    return check_file(folder / "f.yaml")


def text(name: str, value: Any, folder: Path) -> Pipeline:
    (folder / "mine.yaml").write_text(f"weights: {WEIGHTS}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVCLI_PATH", str(folder))
        return load_filter(f"mine:{name}={written(value)}")


def command(name: str, value: Any, folder: Path) -> Pipeline:  # noqa: ARG001 - as the other doors
    option: dict[str, Any] = {name: value if isinstance(value, bool) else written(value)}
    return KernelOptions(**option).applied_to(Pipeline((Conv(Kernel(WEIGHTS)),)))


def written(value: Any) -> str:
    if isinstance(value, list):
        return "x".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def refused(call: Callable[..., Any], *arguments: Any, **keywords: Any) -> bool:
    try:
        call(*arguments, **keywords)
    except UsageError:
        return True
    return False


DOORS = (python, file, layer, text, command)
# Values that only one kind of door can tell apart: a number in quotes is none in YAML and Python, and all there is to a
# text; a list of biases cannot be written in a text, which has commas of its own.
VALUES_ONLY: list[tuple[str, Any, bool]] = [
    ("stride", "2", False),
    ("stride", 2.0, False),
    ("stride", True, False),
    ("dilation", "1", False),
    ("padding", "1", False),
    ("padding", 1.0, False),
    ("flip", "true", False),
    ("flip", 1, False),
    ("bias", [0.5, "25%"], True),
    ("bias", [], False),
    ("bias", [1, 2, 3], False),
    ("bias", True, False),
    ("divisor", True, False),
    ("divisor", [2], False),
    ("border", 1, False),
    ("normalize", 1, False),
]
EVERYWHERE: list[tuple[str, Any, bool]] = [
    ("stride", 1, True),
    ("stride", 65_535, True),
    ("stride", 65_536, False),
    ("stride", 0, False),
    ("stride", -1, False),
    ("stride", 2.5, False),
    ("stride", "two", False),
    ("stride", [2, 3], True),
    ("stride", "2x3", True),
    ("stride", [2, 0], False),
    ("stride", "2x0", False),
    ("stride", [1, 2, 3], False),
    ("dilation", 2, True),
    ("dilation", 65_536, False),
    ("dilation", 0, False),
    ("padding", "same", True),
    ("padding", "full", True),
    ("padding", "Same", False),
    ("padding", 0, True),
    ("padding", [1, 2], True),
    ("padding", 65_535, True),
    ("padding", 65_536, False),
    ("padding", -1, False),
    ("padding", "some", False),
    ("divisor", 2, True),
    ("divisor", -0.5, True),
    ("divisor", "1/9", True),
    ("divisor", 0, False),
    ("divisor", "1/0", False),
    ("divisor", "50%", False),
    ("divisor", "nan", False),
    ("divisor", "1e999", False),
    ("bias", 0.5, True),
    ("bias", "50%", True),
    ("bias", "1/4", True),
    ("bias", "inf", False),
    ("bias", "half", False),
    ("normalize", "none", True),
    ("normalize", "l1", True),
    ("normalize", "L1", False),
    ("normalize", "max", False),
    ("border", "wrap", True),
    ("border", "Circular", True),
    ("border", "scipy:mirror", True),
    ("border", "constant:25%", True),
    ("border", "constant:x", False),
    ("border", "mirror", False),
    ("border", "wrap:1", False),
    ("anchor", [0, 1], True),
    ("anchor", [0, 0], True),
    ("anchor", "0x1", True),
    ("anchor", [0, 2], False),
    ("anchor", [1, 0], False),
    ("anchor", [0, -1], False),
    ("anchor", 0, False),
    ("anchor", [0, 1, 2], False),
    ("anchor", "middle", False),
    ("flip", True, True),
    ("flip", False, True),
    ("flip", "yes", False),
]


def agree(doors: tuple[Callable[..., Pipeline], ...], name: str, value: Any, accepted: bool, folder: Path) -> None:
    results = {}
    for door in doors:
        try:
            results[door.__name__] = to_yaml(Pipeline(door(name, value, folder).layers))
        except UsageError:
            results[door.__name__] = "refused"
    assert len(set(results.values())) == 1, results
    assert ("refused" not in results.values()) is accepted


# One divisor for both outputs: `normalize` would need two.
@pytest.mark.parametrize(("name", "value", "accepted"), [each for each in EVERYWHERE if each[0] != "normalize"])
def test_every_door_agrees(name: str, value: Any, accepted: bool, tmp_path: Path) -> None:
    agree(DOORS, name, value, accepted, tmp_path)


@pytest.mark.parametrize(("name", "value", "accepted"), [each for each in EVERYWHERE if each[0] == "normalize"])
def test_every_door_agrees_on_a_word(
    name: str, value: Any, accepted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "WEIGHTS", [[1, -2, 5]])
    agree(DOORS, name, value, accepted, tmp_path)


@pytest.mark.parametrize(("name", "value", "accepted"), VALUES_ONLY)
def test_the_doors_of_values_agree(name: str, value: Any, accepted: bool, tmp_path: Path) -> None:
    agree((python, file, layer), name, value, accepted, tmp_path)


@pytest.mark.parametrize("value", [0, -1, 65_536, 1.0, "2", True, None, [1]])
def test_groups_are_judged_alike(value: Any, tmp_path: Path) -> None:
    assert refused(Conv, Kernel(WEIGHTS), groups=value)
    for door in (file, layer):
        assert refused(door, "groups", value, tmp_path)


def test_the_keywords_of_python_are_the_declared_settings() -> None:
    declared = [each.name for each in (*KERNEL_SETTINGS, GROUPS)]
    assert sorted(ConvSettings.__annotations__) == sorted(declared)
    assert set(ArraySettings.__annotations__) == {*declared, "engine", "threads", "dtype"}
    for name in declared:
        assert name in str(convcli.correlate.__doc__)
        assert name in str(convcli.apply.__doc__)


def test_every_setting_says_what_it_does_and_gives_an_example_that_it_takes() -> None:
    for setting in (*KERNEL_SETTINGS, GROUPS):
        assert setting.help.endswith(".")
        assert setting.examples
        for example in setting.examples:
            setting.read(example)
