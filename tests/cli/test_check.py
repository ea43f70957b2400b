from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.console import run, shell
from tests.support.paths import KERNELS as FOLDER

KERNELS = sorted(FOLDER.glob("*.yaml"))


def test_every_built_in_is_valid() -> None:
    answer = run("check", *KERNELS)
    assert answer.code == 0
    assert answer.stdout == ""
    assert answer.lines == [f"{path}: valid ({path.stem})" for path in KERNELS]
    assert run("check", *KERNELS, "-q").stderr == ""


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("weights:\n  - [0, 1]\n  - [2]\n", "3:5", "row 2 has 1 number, row 1 has 2"),
        ("weights: [[1, .inf]]\n", "1:15", "not a finite number"),
        ("weights: [[1]]\nbias: soft\n", "2:7", "'soft'"),
        ("weights: [[1]]\nstride: 0\n", "2:9", "stride: 0"),
        ("weights: [[1]]\npadding: some\n", "2:10", "padding"),
        ("weights: [[1]]\nnmae: x\n", "2:1", "unknown key 'nmae'"),
        ("weights: [[1]]\nweights: [[2]]\n", "2:1", "twice"),
        ("weights: [[1]]\nanchor: [1, 0]\n", "2:9", "anchor"),
        ("name: x\n", "1:1", "no weights"),
        ("weights: *a\n", "1:10", "references"),
        ("weights:\n\t- [1]\n", "2:1", "tab"),
        ("weights: {file: ../w.npy}\n", "1:17", "outside the folder"),
        ("weights: {file: none.npy}\n", "1:17", "No such file"),
        ("- 1\n", "1:1", "a list"),
        ("", "1:1", "empty"),
    ],
)
def test_a_wrong_file_is_told_with_line_and_column(tmp_path: Path, text: str, place: str, what: str) -> None:
    file = tmp_path / "k.yaml"
    file.write_text(text)
    answer = run("check", file)
    assert answer.code == 2
    (line,) = answer.stdout.splitlines()
    assert line.startswith(f"{file}:{place}: ")
    assert what in line
    assert all(each.startswith("help: ") for each in answer.lines)
    assert "Traceback" not in answer.stderr


def test_several_files_are_all_checked(tmp_path: Path) -> None:
    for name, text in (
        ("a", "weights: [[1]]"),
        ("b", "weights: 1"),
        ("c", "weights: [[1], [2, 3]]"),
        ("d", "weights: [[2]]"),
    ):
        (tmp_path / f"{name}.yaml").write_text(text)
    files = [tmp_path / f"{name}.yaml" for name in ("b", "a", "c", "none", "d")]
    answer = run("check", *files)
    assert answer.code == 2
    wrong = answer.stdout.splitlines()
    assert [str(tmp_path / f"{name}.yaml") in line for name, line in zip(("b", "c", "none"), wrong, strict=True)] == [
        True
    ] * 3
    assert [line for line in answer.lines if "valid" in line] == [
        f"{tmp_path}/a.yaml: valid (a)",
        f"{tmp_path}/d.yaml: valid (d)",
    ]
    quiet = run("check", *files, "-q")
    assert (quiet.code, quiet.stdout, quiet.stderr) == (2, answer.stdout, "")


def test_a_binary_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "k.yaml").write_bytes(b"weights: \xff\xfe\n")
    answer = run("check", tmp_path / "k.yaml", tmp_path)
    assert answer.code == 2
    first, second = answer.stdout.splitlines()
    assert first.startswith(f"{tmp_path}/k.yaml:1:10: ")
    assert "UTF-8" in first
    assert "folder" in second


def test_the_shell_gets_the_lines_and_the_code(tmp_path: Path) -> None:
    (tmp_path / "k.yaml").write_text("weights: [[1, x]]\n")
    answer = shell("check", "k.yaml", cwd=tmp_path)
    assert answer.returncode == 2
    assert answer.stdout.startswith(b"k.yaml:1:15: 'x' is not a number")
    assert answer.stderr.startswith(b"help: ")


def test_the_name_of_a_filter_is_shown_otherwise() -> None:
    answer = run("check", "sharpen", "gaussian:2", "nosuch")
    assert answer.code == 2
    assert [line for line in answer.stderr.splitlines() if line.startswith("help: ")] == [
        "help: it is the name of a filter: convcli show sharpen",
        "help: it is the name of a filter: convcli show gaussian:2",
        "help: a name with a slash or ending in .yaml is a file",
    ]
