"""What the docs say is what the code is."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

from tests.support.paths import CHECKOUT


def test_the_generated_pages_are_current() -> None:
    done = subprocess.run(
        [sys.executable, CHECKOUT / "docs" / "generate.py", "--check"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


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


def test_links_of_the_readme_lead_somewhere() -> None:
    page = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", page) if "://" not in target]
    assert targets
    assert not [target for target in targets if not (CHECKOUT / target).exists()]
