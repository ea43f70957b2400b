"""Commands are their help and a call."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import convcli.cli
from convcli.cli.application.commands import Commands

ROOM = Path(convcli.cli.__file__).parent
MOST_LINES = 40
_MODULES = {"import": "importing"}  # no module has a keyword for its name
FILES = {
    name: file
    for name in Commands()
    for file in (ROOM / f"{_MODULES.get(name, name)}.py", ROOM / name / "command.py")
    if file.exists()
}


def functions(file: Path) -> list[ast.FunctionDef]:
    return [each for each in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(each, ast.FunctionDef)]


def test_every_command_has_its_file() -> None:
    assert list(FILES) == list(Commands())


@pytest.mark.parametrize("name", FILES)
def test_no_function_of_a_command_is_long(name: str) -> None:
    for each in functions(FILES[name]):
        assert (each.end_lineno or 0) - each.lineno < MOST_LINES, each.name


@pytest.mark.parametrize("name", FILES)
def test_a_command_imports_no_other(name: str) -> None:
    own = FILES[name].parent if FILES[name].parent != ROOM else None
    for file in own.glob("*.py") if own else [FILES[name]]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("convcli.cli."):
                assert node.module.split(".")[2] in (name, "options"), f"{file.name} imports {node.module}"
