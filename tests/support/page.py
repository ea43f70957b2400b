"""Pages with commands on them: run every command, and hold what it prints against the page.

A command stands in a ``console`` block after ``$ ``; what follows until the next one is what it prints,
on stdout and stderr together. Times are written as ``… s``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import CHECKOUT, DOCS, SAMPLES

_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_SECONDS = re.compile(r"\b\d+\.\d+ s\b")


@dataclass(frozen=True)
class Command:
    """A command of a page, and what the page says that it prints."""

    line: str
    printed: str


def commands(page: str) -> list[Command]:
    """Return the commands of a page in order."""
    found: list[Command] = []
    for block in _BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, printed = part.partition("\n")
            found.append(Command(line, printed.rstrip()))
    return found


def prepare(folder: Path) -> dict[str, str]:
    """Make a folder in which the commands of a page run, and return their environment."""
    shutil.copytree(SAMPLES, folder / "sample_images", ignore=shutil.ignore_patterns("*.py"))
    shutil.copytree(DOCS, folder / "docs")
    programs = folder / "programs"
    programs.mkdir()
    for name, words in (("convcli", " -m convcli"), ("python", "")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}"{words} "$@"\n')
        program.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(CHECKOUT), "NO_COLOR": "1", "COLUMNS": "100"}


def run(command: Command, folder: Path, environment: dict[str, str]) -> str:
    """Run a command in a shell, and return what it prints, times left out."""
    done = subprocess.run(
        ["sh", "-c", command.line],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    return _SECONDS.sub("… s", "\n".join(lines)).rstrip()


def filled(page: str, folder: Path) -> str:
    """Return the page with what its commands print now."""
    environment = prepare(folder)

    def fill(block: re.Match[str]) -> str:
        parts = []
        for command in commands(block[0]):
            printed = run(command, folder, environment)
            parts.append(f"$ {command.line}\n" + (f"{printed}\n" if printed else ""))
        return "```console\n" + "".join(parts) + "```"

    return _BLOCK.sub(fill, page)
