"""What the shells offer: commands, options and their values, filters with their parameters, also in a pipeline."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from convcli.catalog import known_names
from convcli.cli.application.commands import Commands
from convcli.cli.application.completion import SCRIPTS, Word, split_line
from tests.support.console import done, run
from tests.support.paths import CHECKOUT
from tests.support.pictures import save

BREAKS = " \t\n\"'><=;|&(:"  # Bash's own


def offered(line: str, shell: str = "fish", breaks: str = BREAKS) -> list[str]:
    variables = {"_CONVCLI_COMPLETE": f"line_{shell}", "_CONVCLI_LINE": line, "_CONVCLI_BREAKS": breaks}
    answer = run(env=variables)
    assert (answer.code, answer.stderr) == (0, "")
    return answer.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("convcli app", ["apply"]),
        ("convcli -q ch", ["check"]),
        ("convcli --vers", ["--version"]),
        ("convcli apply find-e", ["find-edges"]),
        ("convcli apply gaussian-", ["gaussian-blur"]),
        ("convcli apply gaussian:", [f"gaussian:{name}=" for name in ("sigma", "size", "sigma_x", "sigma_y")]),
        ("convcli apply gaussian:si", [f"gaussian:{name}=" for name in ("sigma", "size", "sigma_x", "sigma_y")]),
        ("convcli apply gaussian:sigma=2,siz", ["gaussian:sigma=2,size="]),
        ("convcli apply gauss:2,bor", ["gauss:2,border="]),
        ("convcli apply mirror:v", ["mirror:vertical"]),
        ("convcli apply mirror:axis=h", ["mirror:axis=horizontal"]),
        ("convcli apply pillow:con", ["pillow:contour"]),
        ("convcli apply resize:50%,fi", ["resize:50%,filter="]),
        ("convcli apply resize:50%,filter=la", ["resize:50%,filter=lanczos"]),
        ('convcli apply "gaussian:1.4 | sobe', [f"gaussian:1.4 | {name}" for name in ("sobel", "sobel-x", "sobel-y")]),
        ("convcli apply 'sobel-x|thresh", ["sobel-x|threshold"]),
        ('convcli apply "relu | maxpool:str', ["relu | maxpool:stride="]),
        ("convcli apply sharpen a.png --range st", ["stretch"]),
        ("convcli apply sharpen a.png --range=st", ["--range=stretch"]),
        ("convcli apply sharpen a.png --border w", ["wrap"]),
        ("convcli apply sharpen a.png --padding v", ["valid"]),
        ("convcli apply sharpen a.png --channels l", ["luma"]),
        ("convcli apply sharpen a.png --format jpe", ["jpeg", "jpegxl", "jpeg2k", "jpegxr"]),
        ("convcli apply sharpen a.png --background wh", ["white"]),
        ("convcli apply sharpen a.png -j a", ["auto"]),
        ("convcli apply --help-", ["--help-all"]),
        ("convcli apply sharpen a.png --forc", ["--force"]),
        ("convcli apply sharpen ", []),  # files, which the shell knows better
        ("convcli apply sharpen a.png -o ", []),
        ("convcli learn a.png b.png --init ze", ["zeros"]),
        ("convcli learn a.png b.png --init sharpen", ["sharpen", "sharpen8"]),
        ("convcli learn a.png b.png --border r", ["reflect"]),
        ("convcli list st", ["stylize"]),
        ("convcli help appl", ["apply"]),
        ("convcli help invert", ["invert"]),
        ("convcli show roberts-", ["roberts-1", "roberts-2", "roberts-cross", "roberts-cross-1", "roberts-cross-2"]),
        ("convcli explain sharpen a.png ", []),
        ("convcli nonsense x", []),
    ],
)
def test_what_is_offered(line: str, wanted: list[str]) -> None:
    assert offered(line) == wanted


FILES = {"OUTPUT", "FILE", "PICTURE", "KERNEL.yaml", "LAYERS|FILE.yaml"}


@pytest.mark.parametrize("name", list(Commands()))
def test_every_option_offers_values_but_those_of_files(name: str) -> None:
    for option in Commands()[name].params:
        if option.param_type_name == "option" and not option.is_flag and option.metavar not in FILES:
            values = offered(f"convcli {name} {option.opts[-1]} ")
            assert values, option.opts
            assert all(" " not in each for each in values)


def test_numbers_that_are_offered_are_taken(tmp_path: Path) -> None:
    source = save(tmp_path / "a.png", np.zeros((40, 40), np.uint8))
    for option in ("--quality", "--max-pixels", "--jobs", "--threads", "--stride", "--bias", "--anchor", "--channels"):
        for value in offered(f"convcli apply sharpen a.png {option} "):
            if value not in ("a", "b", "g", "r", "r,g,b", "0,3"):  # of a gray picture
                done("apply", "sharpen", source, "-o", tmp_path / "out.jpg", "-f", option, value)


def test_every_name_and_alias_is_offered() -> None:
    assert set(offered("convcli apply s")) == {name for name in known_names() if name.startswith("s")}


def test_every_option_of_apply_with_words_for_values_offers_them() -> None:
    for option, value in (("--alpha", "keep"), ("--depth", "float"), ("--metadata", "color"), ("--engine", "numpy")):
        assert value in offered(f"convcli apply sharpen a.png {option} ")
    for option, value in (("--name", "{stem}"), ("--memory", "1GB"), ("--scheduler", "local"), ("--normalize", "sum")):
        assert any(value in each for each in offered(f"convcli apply sharpen a.png {option} "))


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("convcli apply gaussian:sigma", ["sigma=", "sigma_x=", "sigma_y="]),
        ("convcli apply gaussian:sigma=2,siz", ["2,size="]),
        ('convcli apply "gaussian:siz', ["gaussian:size="]),
        ("convcli apply pillow:con", ["contour"]),
        ("convcli apply sharpen a.png --range=st", ["stretch"]),
    ],
)
def test_bash_is_given_what_stands_behind_its_last_break(line: str, wanted: list[str]) -> None:
    assert offered(line, "bash") == wanted


def test_words_are_parted_as_a_shell_does() -> None:
    assert split_line('convcli  a\\ b \'c d\'e "f\\"g" ') == [
        Word("convcli"),
        Word("a b"),
        Word("c de"),
        Word('f"g'),
        Word(""),
    ]
    assert split_line('x "a | b') == [Word("x"), Word("a | b", is_quoted=True)]
    assert split_line("x 'a") == [Word("x"), Word("a", is_quoted=True)]
    assert split_line("") == [Word("")]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with the command, and a picture."""
    command = tmp_path / "bin" / "convcli"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m convcli "$@"\n')
    command.chmod(0o755)
    (tmp_path / "picture.png").touch()
    return tmp_path


def variables(home: Path) -> dict[str, str]:
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {
        **os.environ,
        "HOME": str(home),
        "PATH": path,
        "TERM": "dumb",
        "ZDOTDIR": str(home),
        "PYTHONPATH": str(CHECKOUT),
    }


def script(shell: str) -> str:
    names = {"complete_func": "_convcli_completion", "prog_name": "convcli", "autocomplete_var": "_CONVCLI_COMPLETE"}
    return (SCRIPTS[shell] % names).strip()


# What is typed before the key of completion, and what stands there then.
TYPED = {
    "convcli apply sharpen8": "convcli apply sharpen8",
    "convcli apply gaussian:siz": "convcli apply gaussian:size=",
    'convcli apply "gaussian:1.4 | pillow:con': "convcli apply gaussian:1.4 | pillow:contour",
    "convcli apply sharpen pict": "convcli apply sharpen picture.png",
    "convcli apply sharpen a.png --range stre": "convcli apply sharpen a.png --range stretch",
}
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "PS1='> '; . {script}"),
    "zsh": (["zsh", "-f", "-i"], "PS1='> '; bindkey -e; autoload -Uz compinit; compinit -D; . {script}"),
    # As --install-completion sets it up: the first completion loads it.
    "zsh by itself": (
        ["zsh", "-f", "-i"],
        "PS1='> '; bindkey -e; mv {script} _convcli; fpath+=$PWD; autoload -Uz compinit; compinit -u -D",
    ),
}


@contextmanager
def terminal(shell: str, home: Path) -> Iterator[int]:
    """Yield the terminal of a shell that has the completion."""
    words, setup = START[shell]
    file = home / "completion"
    file.write_text(script(words[0]))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        words, stdin=theirs, stdout=theirs, stderr=theirs, env=variables(home), cwd=home, start_new_session=True
    )
    os.close(theirs)
    try:
        os.write(ours, setup.format(script=file).encode() + b"; echo re''ady\r")
        assert "ready" in told(ours, "ready")
        yield ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def told(terminal: int, wanted: str, seconds: float = 30) -> str:
    """Return what a terminal shows until it has shown what is wanted, or for some seconds."""
    shown = b""
    end = time.monotonic() + seconds
    while time.monotonic() < end and wanted.encode() not in shown:
        if select.select([terminal], [], [], 0.1)[0]:
            with suppress(OSError):
                shown += os.read(terminal, 65536)
    return shown.decode(errors="replace")


@pytest.mark.slow
@pytest.mark.parametrize("shell", START)
def test_in_a_shell_with_its_keys(shell: str, home: Path) -> None:
    if shutil.which(START[shell][0][0]) is None:
        pytest.skip(f"there is no {shell}")
    with terminal(shell, home) as end:
        for number, (typed, wanted) in enumerate(TYPED.items()):
            # Then the line is printed in place of being run.
            os.write(end, f"{typed}\t\x01echo line{number}''- \r".encode())
            assert f"line{number}- {wanted}" in told(end, f"line{number}- {wanted}")


@pytest.mark.slow
def test_in_fish(home: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("there is no fish")
    (home / "completion").write_text(script("fish"))
    lines = "; ".join(f"complete -C '{typed}'" for typed in TYPED)
    answer = subprocess.run(
        ["fish", "--no-config", "-c", f"source completion; {lines}"],
        cwd=home,
        env=variables(home),
        capture_output=True,
        text=True,
        check=True,
    )
    ends = ["sharpen8", "gaussian:size=", "gaussian:1.4 | pillow:contour", "picture.png", "stretch"]
    assert answer.stdout.splitlines() == ends


def test_the_scripts_are_those_that_typer_prints_and_installs(home: Path) -> None:
    shown = subprocess.run(
        ["bash", "-c", "convcli --show-completion; true"],
        env=variables(home),
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == script("bash")
