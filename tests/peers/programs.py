"""The programs and libraries beside which convcli is held: which are here, in which version, and what they do."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import shlex
import shutil
import subprocess
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from convcli.cli.application.app import app

# What asks for the version, and where the answer has it. Other programs are called convert, too.
PROGRAMS = {
    "ImageMagick": (("convert", "-version"), r"^Version: ImageMagick (\S+)"),
    "libvips": (("vips", "--version"), r"^vips-(\d+\.\d+\.\d+)"),
    "GraphicsMagick": (("gm", "-version"), r"^GraphicsMagick (\S+)"),
}
LIBRARIES = {"Pillow": "PIL", "OpenCV": "cv2", "SciPy": "scipy"}


@dataclass(frozen=True)
class Answer:
    """How a command ended: whether it was carried out, and what it said."""

    done: bool
    said: str


@cache
def version(peer: str) -> str | None:
    """Return the version of a peer, or None where it is missing."""
    if peer in LIBRARIES:
        try:
            return str(importlib.import_module(LIBRARIES[peer]).__version__)
        except ModuleNotFoundError:
            return None
    (program, option), pattern = PROGRAMS[peer]
    if not (shutil.which(program) and shutil.which("sh")):
        return None
    answer = subprocess.run([program, option], capture_output=True, encoding="utf-8", check=False, timeout=20)
    found = re.search(pattern, answer.stdout, re.MULTILINE)
    return found[1] if found else None


def needs(peer: str, wanted: str, *, exactly: bool = True) -> None:
    """Skip a test where a peer is missing or of another version; unless `exactly`, two of its numbers count."""
    here = version(peer)
    if here is None:
        pytest.skip(f"{peer} is not installed")
    if here != wanted if exactly else here.split(".")[:2] != wanted.split(".")[:2]:
        pytest.skip(f"the page speaks of {peer} {wanted}, here is {here}")


def shell(command: str, folder: Path) -> Answer:
    """Run a command of a program in a folder."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "VIPS_CONCURRENCY": "1"}
    answer = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, check=False, timeout=60
    )
    return Answer(answer.returncode == 0, answer.stderr.decode(errors="replace"))


def python(statement: str, folder: Path) -> Answer:
    """Run a statement with the libraries in a folder."""
    from PIL import Image, ImageFilter

    names: dict[str, Any] = {"np": np, "Image": Image, "ImageFilter": ImageFilter}
    if "cv2" in statement:
        names["cv2"] = importlib.import_module("cv2")
    if "ndimage" in statement:
        names["ndimage"] = importlib.import_module("scipy.ndimage")
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stderr(said), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # a line on the page does not close what it opens
        exec(statement, names)
        names.clear()
    return Answer(True, said.getvalue())


def convcli(command: str, folder: Path) -> Answer:
    """Run a command of convcli, in this process."""
    program, *words = shlex.split(command)
    assert program == "convcli"
    with contextlib.chdir(folder):
        result = CliRunner().invoke(app, words, env={"NO_COLOR": "1", "TERM": "dumb"}, prog_name="convcli")
    assert result.exit_code == 0, result.output
    # The line that tells of every output is no warning.
    return Answer(True, "\n".join(line for line in result.stderr.splitlines() if "→" not in line))


def run(peer: str, command: str, folder: Path) -> Answer:
    """Run a command of the page in a folder."""
    if peer == "convcli":
        return convcli(command, folder)
    return python(command, folder) if peer in LIBRARIES else shell(command, folder)
