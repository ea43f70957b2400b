from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import convcli
from tests.support.console import done, refused
from tests.support.pictures import harbour, save


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    file = tmp_path / "kernel.mat"
    file.write_text("3 1 4 0\n1 2 1\n")
    return file


def test_a_filter_file_is_printed_or_written(matrix: Path, tmp_path: Path) -> None:
    text = done("import", matrix).stdout
    assert "  - [1, 2, 1]\ndivisor: 4\nborder: edge\n" in text
    target = tmp_path / "kernel.yaml"
    assert done("import", matrix, "-o", target).lines == [f"kernel → {target}"]
    assert target.read_text() == text
    assert refused(1, "import", matrix, "-o", target) == (f"{target} exists", "--force overwrites it")
    done("import", matrix, "-o", target, "-f")


def test_a_file_of_another_program_is_a_filter_everywhere(matrix: Path, tmp_path: Path) -> None:
    assert "1  2  1" in done("show", matrix).stdout
    assert done("check", matrix).lines == [f"{matrix}: valid (kernel)"]
    photo = save(tmp_path / "photo.png", np.full((4, 5), 90, np.uint8))
    done("apply", f"{matrix} | invert", photo, "-o", tmp_path / "out.png")
    answer = done("report", matrix, "-o", tmp_path / "page.html")
    assert "page →" in answer.stderr
    own = tmp_path / "own.yaml"
    own.write_text("layers:\n  - kernel.mat\n  - relu\n")
    assert len(convcli.load_filter(str(own)).layers) == 2


@pytest.mark.parametrize("signed", [False, True])
def test_a_kernel_as_a_picture(signed: bool, tmp_path: Path) -> None:
    kernel = "1 2 3; 0 -1 2.5" if signed else "1 2 3; 0 1 2.5"
    target = tmp_path / "kernel.png"
    advice = done("export", kernel, target).lines[-1]
    assert str(target) in advice
    words = advice.rpartition("convcli import ")[2].removesuffix(" reads it back").split()
    back = tmp_path / "back.yaml"
    done("import", *words, "-o", back)
    conv, expected = convcli.load_filter(str(back)).conv, convcli.load_filter(kernel).conv
    assert conv is not None
    assert expected is not None
    np.testing.assert_allclose(conv.kernel.weights, expected.kernel.weights, atol=1e-4)


def test_the_levels_of_a_picture_add_up_to_one(tmp_path: Path) -> None:
    levels = np.array([[0, 10], [30, 0]], np.uint8)
    save(tmp_path / "k.png", np.dstack([levels, levels, levels, np.full_like(levels, 255)]))
    assert "divisor: 40" in done("import", tmp_path / "k.png").stdout
    save(tmp_path / "k.png", np.zeros((2, 2), np.uint8))
    what, helps = refused(2, "import", tmp_path / "k.png")
    assert what == "the levels of the picture add up to a weight of 0"
    assert "--white" in helps


@pytest.mark.parametrize(
    ("words", "code", "what", "helps"),
    [
        (("none.mat",), 2, "no such filter file: none.mat", "check the name"),
        (("none.png",), 1, "none.png does not exist", ""),
        (("{}", "-o", "a.txt"), 2, "-o a.txt is no name for a filter file", "-o kernel.yaml"),
        (("{}", "--white", "2"), 2, "--white and --zero are about a kernel as a picture", "convcli import"),
        ((), 2, "Missing argument", "convcli import kernel.mat -o kernel.yaml"),
    ],
)
def test_what_cannot_be_imported_is_refused(
    words: tuple[str, ...], code: int, what: str, helps: str, matrix: Path
) -> None:
    message, hint = refused(code, "import", *(each.format(matrix) for each in words))
    assert message.startswith(what)
    assert helps in hint


def test_a_photograph_is_no_kernel(tmp_path: Path) -> None:
    photo = save(tmp_path / "photo.png", harbour(320, 400))
    what, hint = refused(2, "import", photo)
    assert what == f"{photo} is 400×320, and of a kernel every pixel is a weight"
    assert "convcli apply" in hint


def test_a_file_of_the_working_folder_has_its_name_in_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.csv").write_text("bad")
    assert refused(2, "import", "bad.csv")[0].startswith("bad.csv:1:1: ")


def test_the_name_of_a_file_is_no_pipeline(matrix: Path) -> None:
    odd = matrix.rename(matrix.parent / "a | b:2.mat")
    assert "divisor: 4" in done("import", odd).stdout


def test_what_is_left_out_of_a_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "k.csv").write_text("a,b\n1,2\n")
    answer = done("import", tmp_path / "k.csv")
    assert "line 1 has names, and is left out" in answer.stderr
    assert "- [1, 2]" in answer.stdout
