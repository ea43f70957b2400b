"""Every example for Python runs, and prints what the pages say: docs/python.md, the README, and docstrings."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

import convcli
from tests.support.paths import CHECKOUT
from tests.support.pictures import gray, harbour, save

PUBLIC = sorted(set(convcli.__all__) - {"__version__", "errors"})


@pytest.fixture(autouse=True)
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the pages' photograph into a working folder of its own."""
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "photo.jpg", harbour(40, 60), quality=95)


def run(text: str, name: str, names: dict[str, Any]) -> int:
    """Run the examples of a text, in one go; return how many there are."""
    test = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=report.append)
    assert not report, "".join(report)
    return len(test.examples)


def test_every_example_of_the_page_runs() -> None:
    page = (CHECKOUT / "docs" / "python.md").read_text(encoding="utf-8")
    assert run("\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL)), "python.md", {}) > 25


def test_the_page_names_everything_public() -> None:
    page = (CHECKOUT / "docs" / "python.md").read_text(encoding="utf-8")
    assert [name for name in PUBLIC if not re.search(rf"\b{name}\b", page)] == []


def test_the_examples_of_the_readme_run() -> None:
    page = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {"array": gray(64, 64)}
    exec(block, names)
    assert names["learned"].nearest.text == "gaussian:sigma=2"


@pytest.mark.parametrize("name", PUBLIC)
def test_the_examples_of_docstrings_run(name: str) -> None:
    function = getattr(convcli, name)
    run(function.__doc__ or "", name, {name: function})
