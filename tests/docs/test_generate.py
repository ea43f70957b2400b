"""docs/generate.py writes the pages that are not current, and names them with --check."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.paths import CHECKOUT

SCRIPT = CHECKOUT / "docs" / "generate.py"


@pytest.fixture
def generate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script as a module, with one quick page and one slow page in a folder of its own."""
    spec = importlib.util.spec_from_file_location("generate", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "DOCS", tmp_path)
    monkeypatch.setattr(module, "QUICK", {"one": ("one.md", lambda: "first\n")})
    monkeypatch.setattr(module, "SLOW", {"two": ("two.md", lambda: "second\n")})
    return module


def test_the_quick_pages_are_current() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_names_it_makes_the_quick_pages_and_names_the_others(
    generate: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate.main([]) == 0
    assert (tmp_path / "one.md").read_text() == "first\n"
    assert not (tmp_path / "two.md").exists()
    assert capsys.readouterr().out == "written: one.md\nleft out, until they are named: two, strips, pairs, screens\n"


def test_a_named_page_is_made_alone(generate: ModuleType, tmp_path: Path) -> None:
    assert generate.main(["two"]) == 0
    assert (tmp_path / "two.md").read_text() == "second\n"
    assert not (tmp_path / "one.md").exists()


def test_a_page_that_is_not_current_fails_the_check_and_stays(
    generate: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.md").write_text("first\n")
    (tmp_path / "two.md").write_text("old\n")
    assert generate.main(["--check"]) == 0
    assert generate.main(["--check", "all"]) == 1
    assert "not current: two.md\n" in capsys.readouterr().out
    assert (tmp_path / "two.md").read_text() == "old\n"


@pytest.mark.parametrize("spoiled", ["<class 'list'>", "<function f at 0x7f>", "<typer.Typer object at 0x7f>"])
def test_a_python_object_on_any_page_fails(
    generate: ModuleType, tmp_path: Path, spoiled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "written-by-hand.md").write_text(f"Default: `{spoiled}`.\n")
    assert generate.main([]) == 1
    assert generate.main(["--check"]) == 1
    assert "in place of a text: written-by-hand.md" in capsys.readouterr().out


def test_an_unknown_page_is_refused_and_the_known_ones_are_named(
    generate: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        generate.main(["three"])
    assert refused.value.code == 2
    assert "no page is called three" in capsys.readouterr().err
