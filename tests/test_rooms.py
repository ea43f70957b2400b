"""The house: rooms are entered by their faces, faces offer what they say, and no folder is crowded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import convcli

PACKAGE = Path(convcli.__file__).parent
ROOMS = sorted(each.parent.name for each in PACKAGE.glob("*/__init__.py"))
MOST_FILES = 16
MOST_LINES = 60  # of a function
QUESTIONS = ("What ", "Where ", "Whether ", "How ")


def imports_of(file: Path) -> Iterator[str]:
    """Yield the full name of every module that a file of the package imports, type-checking imports included."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def is_past_a_face(module: str, room: str) -> bool:
    """Return whether a module is inside a room other than the importer's."""
    package, _, inner = module.partition(".")
    other, _, below = inner.partition(".")
    return package == "convcli" and other in ROOMS and other != room and bool(below) and find_spec_of(module)


def find_spec_of(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # a name in a module, not a module
        return False


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_no_file_imports_past_the_face_of_another_room(file: Path) -> None:
    folders = file.relative_to(PACKAGE).parts[:-1]
    room = folders[0] if folders else ""
    assert [each for each in imports_of(file) if is_past_a_face(each, room)] == []


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_functions_are_short_and_docstrings_begin_with_what_they_define(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MOST_LINES, node.name
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            assert not (ast.get_docstring(node) or "").startswith(QUESTIONS), getattr(node, "name", file.name)


@pytest.mark.parametrize("room", ROOMS)
def test_a_face_offers_what_it_says_and_no_module_hides_it(room: str) -> None:
    face = import_module(f"convcli.{room}")
    modules = {each.stem for each in (PACKAGE / room).iterdir()}
    for name in face.__all__:
        assert getattr(face, name) is not None
        assert name not in modules
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = face.nothing


@pytest.mark.parametrize("folder", sorted({file.parent for file in PACKAGE.rglob("*.py")}), ids=lambda each: each.name)
def test_no_folder_is_crowded(folder: Path) -> None:
    assert len([each for each in folder.iterdir() if each.suffix == ".py"]) <= MOST_FILES
