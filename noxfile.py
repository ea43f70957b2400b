"""The tasks of a developer: ``.venv/bin/nox --list`` names them, ``.venv/bin/nox -s check test-quick`` runs two.

What follows ``--`` goes to the task: ``nox -s test -- image catalog/yaml`` runs the tests of two rooms. The tasks run
in the environment that holds nox, and need no other. ``.ci/run`` calls them too, in an environment of its own.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["check", "test-quick"]

PYTHON = sys.executable
BIN = Path(PYTHON).parent
# Processes of the tests: a file's tests differ too much in length to be dealt out beforehand.
PARALLEL = ("--numprocesses=logical", "--dist=worksteal")
BENCHMARKS = ("engine", "command", "batch", "learn", "png")


@nox.session
def setup(session: nox.Session) -> None:
    """Install the package, its tools, and the hooks of git."""
    session.run(PYTHON, "-m", "pip", "install", "--quiet", "-e", ".[dev]")
    # With core.hooksPath set, pre-commit refuses, and all else is there.
    session.run(BIN / "pre-commit", "install", success_codes=(0, 1))


@nox.session
def check(session: nox.Session) -> None:
    """Check style, spelling, types and the direction of imports."""
    session.run(BIN / "ruff", "check", ".")
    session.run(BIN / "ruff", "format", "--check", ".")
    session.run(BIN / "codespell", *_tracked(session), log=False)  # its names fill a page
    session.run(PYTHON, "-m", "mypy")
    session.run(BIN / "lint-imports")


@nox.session(name="test-quick")
def test_quick(session: nox.Session) -> None:
    """Run the tests that take no time: neither sweeps, nor those that compile, kill or draw whole pages."""
    session.run(PYTHON, "-m", "pytest", *PARALLEL, "-m", "not slow and not sweep", *_rooms(session))


@nox.session
def test(session: nox.Session) -> None:
    """Run all tests, or those of the rooms that are named; of every sweep a tenth."""
    session.run(PYTHON, "-m", "pytest", *PARALLEL, *_rooms(session))


@nox.session(name="test-sweep")
def test_sweep(session: nox.Session) -> None:
    """Run every sweep whole."""
    session.run(PYTHON, "-m", "pytest", *PARALLEL, "-m", "sweep", *_rooms(session), env={"CONVCLI_SWEEP": "1"})


@nox.session(name="test-covered")
def test_covered(session: nox.Session) -> None:
    """Run the README's command under coverage, and fail where too little of the package is run."""
    readme = Path("README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^\.venv/bin/python -m pytest$", readme, re.MULTILINE)
    session.run(BIN / "coverage", "erase")
    watched = {
        "COVERAGE_PROCESS_START": str(Path("pyproject.toml").resolve()),
        "COVERAGE_FILE": str(Path(".coverage").resolve()),
    }
    session.run("bash", "-c", command, external=True, env={**watched, "PYTEST_ADDOPTS": " ".join(PARALLEL)})
    session.run(BIN / "coverage", "combine", "--quiet")
    session.run(BIN / "coverage", "json", "--quiet", "-o", ".coverage.json")
    session.run(PYTHON, ".ci/coverage_floors.py", ".coverage.json")


@nox.session
def docs(session: nox.Session) -> None:
    """Make every page that is made from the code; with ``-- --check`` name those that are not current."""
    session.run(PYTHON, "docs/generate.py", *session.posargs)


@nox.session
def site(session: nox.Session) -> None:
    """Build the documentation as a site, with pictures of every filter, into out/site or the folder that is named."""
    session.run(PYTHON, "docs/site/build_site.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Run the benchmarks, or those that are named: ``nox -s bench -- engine png --rounds 9``."""
    named = [each for each in session.posargs if each in BENCHMARKS]
    options = [each for each in session.posargs if each not in BENCHMARKS]
    for name in named or BENCHMARKS:
        session.run(PYTHON, f"benchmarks/{name}.py", *options)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, and use it where there is no checkout."""
    session.run(PYTHON, ".ci/wheel_test.py")


@nox.session
def release(session: nox.Session) -> None:
    """Build the wheel with compiled loops for all processors, check it, and put it into dist/: it takes minutes."""
    session.run(PYTHON, ".ci/wheel_test.py", "--release", "dist")


@nox.session
def ci(session: nox.Session) -> None:
    """Run all that must hold before a change lands, in a copy of the checkout."""
    session.run("bash", ".ci/run", external=True)


def _rooms(session: nox.Session) -> list[str]:
    """Return the arguments of a session, with the names of rooms as the folders of their tests."""
    return [f"tests/{each}" if (Path("tests") / each).exists() else each for each in session.posargs]


def _tracked(session: nox.Session) -> list[str]:
    names = session.run("git", "ls-files", "-z", external=True, silent=True) or ""
    return [name for name in names.split("\0") if name]
