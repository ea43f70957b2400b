"""The pages written by hand agree with the code, and their links lead somewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.support.paths import CHECKOUT

ROOTS = (CHECKOUT / "convcli", CHECKOUT)


def test_the_picture_of_the_house_is_the_contract() -> None:
    page = (CHECKOUT / "docs" / "design.md").read_text(encoding="utf-8")
    drawn = re.search(r"```layers\n(.*?)```", page, re.DOTALL)
    assert drawn
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    assert drawn[1].splitlines() == layers


def test_every_room_is_described() -> None:
    page = (CHECKOUT / "docs" / "design.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    package = CHECKOUT / "convcli"
    rooms = {each.stem for each in package.iterdir() if each.suffix == ".py" or (each / "__init__.py").exists()}
    assert described == {room for room in rooms if not room.startswith("_")}


def test_every_folder_of_a_room_is_described() -> None:
    page = (CHECKOUT / "docs" / "design.md").read_text(encoding="utf-8")
    package = CHECKOUT / "convcli"
    folders = {f"{each.parent.relative_to(package).as_posix()}/" for each in package.glob("*/**/*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+/[\w/]+)` \|", page, re.MULTILINE)) == folders


def test_the_readme_has_its_two_commands_and_no_step_before_them() -> None:
    page = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    setup, tests = blocks[0], blocks[1]
    assert setup.count("\n") == tests.count("\n") == 1
    assert setup.startswith(
        'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/convcli apply sharpen'
    )
    assert tests == ".venv/bin/python -m pytest\n"
    sample = re.search(r"sample_images/\S+", setup)
    assert sample
    assert (CHECKOUT / sample[0]).exists()


PAGES = [
    CHECKOUT / "README.md",
    CHECKOUT / "CONTRIBUTING.md",
    *sorted((CHECKOUT / "docs").glob("*.md")),
    CHECKOUT / "benchmarks" / "README.md",
    CHECKOUT / "sample_images" / "README.md",
]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    page = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", page) if "://" not in target]
    assert not [target for target in targets if not (path.parent / target.partition("#")[0]).exists()]


def test_the_readme_links_every_page() -> None:
    page = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    targets = {(CHECKOUT / target).resolve() for target in re.findall(r"\]\(([^)]+)\)", page) if "://" not in target}
    assert [path for path in (CHECKOUT / "docs").glob("*.md") if path not in targets] == []
    assert CHECKOUT / "CONTRIBUTING.md" in targets


@pytest.mark.parametrize("name", ["docs/design.md", "docs/peers.md", "CONTRIBUTING.md", "README.md"])
def test_every_file_that_a_page_names_exists(name: str) -> None:
    """A path in code font is below the package or the checkout; of a path with NAME, the folder is."""
    page = re.sub(r"```.*?```", "", (CHECKOUT / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    paths = set(re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:py|md|toml|yaml))`", page))
    assert paths
    assert [
        each for each in sorted(paths) if not any((root / each.partition("NAME")[0]).exists() for root in ROOTS)
    ] == []


@pytest.mark.parametrize(
    "name",
    ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    + [f"docs/{page}.md" for page in ("cookbook", "lessons", "detective", "design", "scale", "scripts")],
)
def test_prose_is_at_most_100_columns_wide(name: str) -> None:
    page = re.sub(r"```.*?```", "", (CHECKOUT / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    prose = [line for line in page.splitlines() if not line.startswith(("|", "!", "- ["))]
    assert [line for line in prose if len(line) > 100] == []
