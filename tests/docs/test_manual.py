"""The page for ``man convcli`` has every command and option, and no mistakes in its roff."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
import typer

from convcli.cli.application.app import app
from convcli.version import __version__
from tests.support.paths import DOCS

PAGE = DOCS / "convcli.1"


def output(*words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"MANWIDTH": "80", "MANPAGER": "cat", "LC_ALL": "C.UTF-8"}
    return subprocess.run(words, env=environment, capture_output=True, encoding="utf-8", check=False)


def test_every_option_stands_below_its_command() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("\\-", "-")
    sections = dict(re.findall(r"^\.SS (\w+)\n(.*?)(?=^\.S[SH] )", text, re.MULTILINE | re.DOTALL))
    group = typer.main.get_command(app)
    assert list(sections) == list(group.commands)  # type: ignore[attr-defined]
    common = {name for each in group.params for name in each.opts}
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        tags = " ".join(re.findall(r"^\.TP\n(.*)", sections[name], re.MULTILINE))
        expected = {each for own in command.params for each in own.opts + own.secondary_opts if each.startswith("-")}
        assert {each for each in expected - common if rf"\fB{each}" not in tags} == set(), name


def test_its_day_is_that_of_the_release() -> None:
    (title,) = re.findall(r'^\.TH CONVCLI 1 "(.*?)" "convcli (.*?)" ', PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    day, version = title
    assert version == __version__
    assert f"## {version} ({day})" in (DOCS.parent / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.skipif(not shutil.which("man"), reason="man is missing")
def test_man_shows_it_without_a_warning() -> None:
    done = output("man", "--warnings", "-E", "UTF-8", "-l", str(PAGE))
    if "unminimize" in done.stdout + done.stderr or "usage" in done.stderr:
        pytest.skip("another man, or none but its name")
    assert (done.returncode, done.stderr) == (0, "")
    text = re.sub(r".\x08|\x1b\[[\d;]*m", "", done.stdout)
    assert "\n       convcli - filter pictures with convolution kernels\n" in text
    assert '\n           convcli apply "-1 0 1; -2 0 2; -1 0 1" photo.png -o edges.png --bias 50%\n' in text
    assert re.search(r"Turn the kernel by 180(°|<B0>| deg)", text)


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is missing")
def test_mandoc_finds_nothing() -> None:
    assert output("mandoc", "-Tlint", str(PAGE)).stdout == ""
