"""What is imported on the way: help and completion come at once, a small picture soon."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# Pydantic is not among them: Typer imports it to refuse a value.
HEAVY = {"numpy", "numba", "scipy", "PIL", "ruamel", "yaml", "dask", "torch", "cv2"}
# What filtering a JPEG with a built-in kernel has no use for.
NEEDLESS = {
    "numpy.ma",
    "typer",
    "platformdirs",
    "difflib",
    "fractions",
    "random",
    "tempfile",
    "pydantic",
    "ruamel.yaml",
    "rich",
    "json",
    "multiprocessing",
    "concurrent.futures.process",
    "importlib.metadata",
    "email",
}
NEEDLESS |= {"numpy.random", "numpy.fft", "numpy.polynomial", "numpy.ctypeslib"}
NEEDLESS |= {"PIL.PngImagePlugin", "PIL.TiffImagePlugin", "PIL.GifImagePlugin", "PIL.ImageCms"}
NEEDLESS |= {
    "convcli.cli.learn.command",
    "convcli.cli.show",
    "convcli.learning",
    "convcli.catalog.yaml.schema",
    "convcli.jobs.many.processes",
}
MOST_MODULES = 183
# Runs the command, then prints on stderr which modules it has imported.
PROBE = """
import sys
from convcli.cli import app
try:
    app(sys.argv[1:], prog_name="convcli")
finally:
    print(" ".join(sorted(sys.modules)), file=sys.stderr)
"""


def python(code: str, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    # Where the tests run under coverage, that would begin by importing some of what is looked for.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env={**inherited, "TERM": "dumb", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def imported(answer: subprocess.CompletedProcess[str], *, whole: bool = False) -> set[str]:
    """The packages that were imported, or the whole names of all modules."""
    names = set(answer.stderr.splitlines()[-1].split())
    assert "convcli" in names
    return names if whole else {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("--version",),
        (),
        ("apply", "--help"),
        ("apply", "--help-all"),
        ("help", "list"),
        ("help", "gaussian"),
        ("help", "sharpen"),
        ("list", "--help"),
        ("show", "-h"),
        ("check", "-h"),
        ("learn", "-h"),
        ("warmup", "-h"),
        ("doctor", "-h"),
    ],
)
def test_help_and_version_import_nothing_heavy(words: tuple[str, ...]) -> None:
    answer = python(PROBE, *words)
    assert answer.returncode == 0
    assert "convcli" in answer.stdout
    assert not imported(answer) & HEAVY


def test_a_usage_error_imports_nothing_heavy() -> None:
    answer = python(PROBE, "apply", "sharpen")
    assert answer.returncode == 2
    assert not imported(answer) & HEAVY


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("convcli app", {"apply"}),
        ("convcli apply gaussian-", {"gaussian-blur"}),
        ("convcli show sobel", {"sobel", "sobel-x", "sobel-y"}),
        ("convcli apply --bor", {"--border"}),
        ("convcli apply sharpen a.png --range st", {"stretch"}),
    ],
)
@pytest.mark.parametrize("protocol", ["line", "complete"])  # of our scripts, and of Typer's, which stay in use
def test_completion_imports_nothing_heavy(line: str, offered: set[str], protocol: str) -> None:
    variables = {
        "_CONVCLI_COMPLETE": f"{protocol}_bash",
        "_CONVCLI_LINE": line,
        "COMP_WORDS": line,
        "COMP_CWORD": str(line.count(" ")),
    }
    answer = python(PROBE, **variables)
    assert set(answer.stdout.split()) == offered
    assert not imported(answer) & HEAVY


def test_a_small_picture_needs_neither_numba_nor_scipy(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "in.png")
    answer = python(PROBE, "apply", "sharpen", tmp_path / "in.png", "-o", tmp_path / "out.png", "-q")
    assert answer.returncode == 0
    assert (tmp_path / "out.png").exists()
    assert {"numpy", "PIL"} <= imported(answer)
    assert not imported(answer) & {"numba", "scipy", "torch", "cv2"}


def test_a_small_picture_needs_no_more_than_it_takes(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "in.jpg")
    words = ("--threads", "2", "--quality", "90", "--range", "clip", "--jobs", "1", "--quiet", "--force")
    answer = python(PROBE, "apply", "sharpen", tmp_path / "in.jpg", "-o", tmp_path / "out.jpg", *words)
    assert answer.returncode == 0
    modules = imported(answer, whole=True)
    assert not modules & NEEDLESS
    # Each takes a ten-thousandth of a second or more: what came last reads the depth of a JPEG.
    assert len([each for each in modules if each.startswith("convcli")]) <= MOST_MODULES


@pytest.mark.parametrize("words", [("apply", "sharpen", "in.png", "-o", "out.png"), ("show", "sharpen", "-q")])
def test_garbage_is_collected_again_once_a_command_is_imported(tmp_path: Path, words: tuple[str, ...]) -> None:
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "in.png")
    words = tuple(str(tmp_path / word) if word.endswith(".png") else word for word in words)
    probe = PROBE.replace("app(sys.argv[1:], ", "app(").replace(
        "finally:", "finally:\n    import gc\n    assert gc.isenabled()"
    )
    assert "app(prog_name" in probe
    answer = python(probe, *words)
    assert answer.returncode == 0, answer.stderr


def test_what_a_program_leaves_is_collected_though_it_calls_commands(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "in.png")
    code = PROBE.replace("finally:", "finally:\n    import gc\n    assert gc.get_freeze_count() == 0")
    answer = python(code, "apply", "sharpen", tmp_path / "in.png", "-o", tmp_path / "out.png")
    assert answer.returncode == 0, answer.stderr


def test_decoding_begins_without_numpy() -> None:
    answer = python("import sys, convcli.image.ahead; sys.exit('numpy' in sys.modules)")
    assert answer.returncode == 0, answer.stderr


def test_another_command_is_not_imported() -> None:
    assert "convcli.cli.learn.command" not in imported(python(PROBE, "list", "sharpen"), whole=True)


def test_the_package_imports_nothing_heavy_until_it_is_used() -> None:
    code = """
import sys, convcli
assert convcli.__version__ and set(convcli.__all__) <= set(dir(convcli))
heavy = {"numpy", "numba", "PIL", "typer", "rich"} & set(sys.modules)
assert not heavy, heavy
convcli.Kernel([[1]])
assert "numpy" in sys.modules
assert not {"numba", "PIL", "typer", "scipy"} & set(sys.modules)
"""
    answer = python(code)
    assert answer.returncode == 0, answer.stderr
