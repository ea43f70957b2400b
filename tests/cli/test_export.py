from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import convcli
from convcli.cli.export import complete_target
from convcli.exchange import TARGETS
from tests.support.console import done, refused, run
from tests.support.pictures import harbour, pixels, save


def test_a_command_is_printed_and_what_differs_is_told() -> None:
    answer = done("export", "sharpen", "--to", "imagemagick")
    assert answer.stdout.startswith("convert input.png ")
    assert '"3x3+1+1: 0,-1,0 -1,5,-1 0,-1,0"' in answer.stdout
    assert answer.lines[0].startswith("warning: ImageMagick has no border reflect: mirror")
    assert done("export", "sharpen", "--to", "imagemagick", "--border", "edge", "-q").lines == []


@pytest.mark.parametrize("name", ["k.mat", "k.csv", "k.npy"])
def test_the_ending_of_a_file_tells_the_target(name: str, tmp_path: Path) -> None:
    target = tmp_path / name
    answer = done("export", "sobel-x", target, "--border", "edge")
    assert answer.stdout == ""
    assert f"→ {target}" in answer.stderr
    done("export", "sobel-x", "-o", tmp_path / f"other-{name}", "--border", "edge")
    assert target.read_bytes() == (tmp_path / f"other-{name}").read_bytes()


def test_a_script_takes_the_names_of_the_pictures(tmp_path: Path) -> None:
    script = tmp_path / "blur it.sh"
    done("export", "box", "--to", "vips", "--border", "wrap", "-o", script)
    text = script.read_text()
    assert text.startswith("#!/bin/sh\n# sh blur it.sh INPUT OUTPUT\n")
    assert 'vips copy "$1" $steps/0.v\n' in text
    assert '$steps/whole.v "$2" uchar\n' in text
    if not shutil.which("vips"):
        pytest.skip("vips is not installed")
    image = harbour()
    save(tmp_path / "my in.png", image)
    subprocess.run(["sh", script, "my in.png", "my out.png"], cwd=tmp_path, check=True, timeout=60)
    assert np.abs(pixels(tmp_path / "my out.png").astype(int) - convcli.apply("box", image, border="wrap")).max() <= 1


def test_a_binary_target_goes_to_a_pipe() -> None:
    data = done("export", "sobel-x", "--to", "npy").data
    np.testing.assert_array_equal(np.load(io.BytesIO(data)), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def test_an_existing_file_is_replaced_by_force_alone(tmp_path: Path) -> None:
    target = tmp_path / "k.csv"
    target.write_text("mine")
    assert refused(1, "export", "box", target) == (f"{target} exists", "--force overwrites it")
    assert target.read_text() == "mine"
    done("export", "box", target, "-f")
    assert target.read_text().count("0.1111") == 9


@pytest.mark.parametrize(
    ("words", "what", "helps"),
    [
        (("sharpen",), "export does not know to what", "give --to and one of imagemagick"),
        (("sharpen", "--to", "magick"), "unknown target 'magick'", "did you mean imagemagick?"),
        (("sharpen", "--to", "cv2"), "unknown target 'cv2'", "did you mean opencv?"),
        (("sharpen", "--to", "vpis"), "unknown target 'vpis'", "did you mean vips?"),
        (("sharpen", "a.py"), "a.py does not tell the library", "give --to opencv"),
        (("sharpen", "a.yaml"), "a.yaml would be a filter file of convcli", "show FILTER --yaml > a.yaml"),
        (("sharpen", "a"), "a has no ending that tells the target", "give --to imagemagick"),
        (("sharpen", "a.mat", "-o", "b.mat"), "a.mat and -o b.mat both name the output", "give one of them"),
        (("median:3", "a.csv"), "a CSV holds one kernel, and median-size3 is none: it has median", "opencv"),
        (("gaussian:1 | gaussian:2", "a.csv", "--border", "edge"), "a CSV holds one kernel, and the 2 of", "wrap"),
        (("sepia", "a.csv"), "a CSV holds one plane, and this kernel has 9", "--to npy"),
        (("conv:3,4,3", "--to", "vips"), "libvips filters all channels alike", "opencv"),
        (("sharpen", "a.npy", "--to", "csv"), "a.npy has the ending of an array of NumPy", "-o filter.csv"),
        (("sharpen", "a.jpg", "--to", "opencv"), "a.jpg is the name of a picture", "convcli apply"),
        (("box", "--to", "vips", "--stride", "2"), "libvips has no stride", "opencv"),
        (("box", "--to", "vips", "--padding", "valid"), "libvips keeps the size of the picture", "opencv"),
        (("none", "--to", "x"), "unknown target 'x'", "The targets are imagemagick"),
        ((), "Missing argument", "convcli export sharpen --to imagemagick"),
    ],
)
def test_what_cannot_be_exported_is_refused(words: tuple[str, ...], what: str, helps: str) -> None:
    message, hint = refused(2, "export", *words)
    assert message.startswith(what)
    assert helps in hint


def test_a_file_that_is_the_filter_itself_stays(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("weights: [[1]]\n")
    assert refused(1, "export", own, "--to", "csv", "-o", own, "-f")[0] == f"{own} is {own} itself"


def test_the_page_has_a_row_for_every_target() -> None:
    page = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text("utf-8")
    rows = [line.split("|")[1].strip(" `") for line in page.splitlines() if line.startswith("| `")]
    assert [name for name in rows if name in TARGETS] == list(TARGETS)


def test_the_help_and_the_completion_name_every_target() -> None:
    text = " ".join(done("help", "export").stdout.split())
    assert f"The program or format: {', '.join(list(TARGETS)[:-1])} or {list(TARGETS)[-1]}." in text
    assert complete_target("op") == ["opencv"]
    assert complete_target("") == list(TARGETS)


def test_first_guesses_are_answered_with_a_command() -> None:
    assert "convcli export" in run("translate", "sharpen").stderr


def test_a_layer_of_networks_leads_to_onnx() -> None:
    what, hint = refused(2, "export", "softmax", "--to", "imagemagick")
    assert what == "ImageMagick has no softmax"
    assert "--to onnx" in hint
