from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.support.console import done, names, refused, run
from tests.support.pictures import gray, harbour, save
from tests.support.png import chunk, header, png_file

OUT = "out.png"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save(tmp_path / "photo.png", harbour())


def file_fails(source: Path, *words: str) -> tuple[str, str]:
    """Have one file fail: exit code 1, its name in one line, and nothing written."""
    before = names(source.parent)
    what, helps = refused(1, "apply", "sharpen", source, "-o", source.parent / OUT, *words)
    assert str(source) in what
    assert names(source.parent) == before
    return what, helps


def test_a_missing_file(tmp_path: Path) -> None:
    what, helps = file_fails(tmp_path / "none.png")
    assert "does not exist" in what
    assert helps


def test_a_text_file_named_png(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("Dear diary, today I am a picture.\n")
    what, helps = file_fails(tmp_path / "text.png")
    assert "not a picture" in what
    assert ".png" in what
    assert "does not begin as PNG does" in helps


def test_a_text_file_named_as_a_video(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("Dear diary, today I am a film.\n")
    assert "does not begin as a video does" in file_fails(tmp_path / "text.mp4")[1]


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    assert "empty" in file_fails(tmp_path / "empty.png")[0]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".bmp", ".gif", ".ppm", ".npy"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.98])
def test_a_truncated_file(tmp_path: Path, suffix: str, share: float) -> None:
    source = tmp_path / f"cut{suffix}"
    if suffix == ".npy":
        np.save(source, gray().astype(np.float32))
    else:
        save(source, np.tile(harbour(), (3, 3, 1)))
    whole = source.read_bytes()
    source.write_bytes(whole[: int(len(whole) * share)])
    if share > {".jpg": 0.5, ".png": 0.9}.get(suffix, 1):  # most of it is there
        answer = done("apply", "identity", source, "-o", tmp_path / "out.png")
        assert f"% of the picture is {'gray' if suffix == '.jpg' else 'black'}" in answer.stderr
        return
    what, _ = file_fails(source)
    assert any(word in what for word in ("truncated", "damaged", "not a .npy"))


def test_a_png_with_a_wrong_byte_inside(tmp_path: Path) -> None:
    source = save(tmp_path / "bad.png", harbour())
    data = bytearray(source.read_bytes())
    data[len(data) // 2] ^= 0x40
    source.write_bytes(data)
    assert "damaged" in file_fails(source)[0]


def bomb(path: Path, width: int, height: int) -> Path:
    """A small PNG that says it is huge."""
    rows = zlib.compress(bytes(1_000_000), 9)
    path.write_bytes(png_file(header(width, height, 8, 2), chunk(b"IDAT", rows)))
    return path


@pytest.mark.parametrize("size", [(10_000, 9_000), (30_000, 30_000), (2_000_000_000, 2_000_000_000)])
def test_a_decompression_bomb(tmp_path: Path, size: tuple[int, int]) -> None:
    what, helps = file_fails(bomb(tmp_path / "bomb.png", *size))
    assert "pixels" in what
    assert "89 478 485" in what
    assert "--max-pixels" in helps


def test_the_limit_of_pixels_can_be_set(photo: Path) -> None:
    height, width, _ = harbour().shape
    what, helps = file_fails(photo, "--max-pixels", str(height * width - 1))
    assert f"{width}×{height} pixels" in what
    assert f"--max-pixels {height * width}" in helps
    done("apply", "sharpen", photo, "-o", photo.parent / OUT, "--max-pixels", str(height * width))


def test_a_folder_where_a_file_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    what, _ = refused(2, "apply", "sharpen", tmp_path / "folder.png", "-o", tmp_path / OUT)
    assert "no picture" in what


@pytest.mark.parametrize(
    ("text", "what", "helps"),
    [
        ("sharpn", "unknown filter 'sharpn'", "did you mean sharpen?"),
        ("gausian:2", "unknown filter 'gausian'", "did you mean gaussian?"),
        ("something-else-entirely", "unknown filter", "`convcli list`"),
        ("gaussian:sigme=2", "no parameter 'sigme'", "did you mean sigma?"),
        ("gaussian:two", "'two' is not a number", "sigma"),
        ("gaussian:-1", "not a number from", "sigma"),
        ("sharpen:2", "takes no parameters", "unsharp:amount=2"),
        ("", "without numbers", "0 -1 0"),
        (";", "without numbers", "0 -1 0"),
        ("1 2; 3", "row 2 has 1 number, row 1 has 2", "every row"),
        ("1 2; 3 x", "'x' is not a number", "1/9"),
        ("-1 0 1; x y z", "'x' is not a number", "1/9"),
        ("1 nan", "not a finite number", "finite"),
        ("1/0 2", "divides by zero", "finite"),
        ("1,,2", "comma without a number", "rows separated"),
        ("nothing.yaml", "no such filter file", ".yaml"),
        ("folder/none", "no such filter file", ".yaml"),
    ],
)
def test_a_filter_that_is_none(photo: Path, text: str, what: str, helps: str) -> None:
    told = refused(2, "apply", text, photo, "-o", photo.parent / OUT)
    assert what in told[0]
    assert helps in told[1]
    assert names(photo.parent) == [photo.name]


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("weights:\n  - [1, 2]\n  - [3]\n", ":3:5: ", "row 2 has 1 number, row 1 has 2"),
        ("weights:\n  - [1, .nan]\n", ":2:9: ", "not a finite number"),
        ("weights:\n  - [1, two]\n", ":2:9: ", "'two' is not a number"),
        ("weights: []\n", ":1:10: ", "empty list"),
        ("weights: [[1]]\ndivisor: 0\n", ":2:10: ", "divisor: 0, expected a number other than 0"),
        ("weights: [[1]]\nborder: mirror\n", ":2:9: ", "mirror"),
        ("weigths: [[1]]\n", ":1:1: ", "unknown key 'weigths'"),
        ("weights: [[1]\n", ":2:1: ", "not YAML"),
        ("", ":1:1: ", "empty"),
    ],
)
def test_a_wrong_yaml_file_tells_its_line_and_column(photo: Path, text: str, place: str, what: str) -> None:
    file = photo.parent / "mine.yaml"
    file.write_text(text)
    told, helps = refused(2, "apply", str(file), photo, "-o", photo.parent / OUT)
    assert told.startswith(f"{file}{place}")
    assert what in told
    assert helps
    assert names(photo.parent) == ["mine.yaml", "photo.png"]


def test_an_unknown_border_shows_both_choices_for_mirror(photo: Path) -> None:
    what, helps = refused(2, "apply", "sharpen", photo, "-o", photo.parent / OUT, "--border", "mirror")
    assert "mirror" in what
    assert "reflect" in helps
    assert "symmetric" in helps
    assert "dcb|abcd|cba" in helps
    assert "cba|abcd|dcb" in helps


def test_a_kernel_that_does_not_fit(photo: Path) -> None:
    for kernel, words, what in (
        ("box:99", ("--padding", "valid"), "99×99 pixels does not fit"),
        ("box:3", ("--padding", "valid", "--dilation", "40"), "81×81 pixels does not fit"),
    ):
        told, helps = refused(1, "apply", kernel, photo, "-o", photo.parent / OUT, *words)
        assert what in told
        assert "--padding same" in helps
    (photo.parent / "two.yaml").write_text("weights: [[[[1]], [[2]]]]\n")
    told, _ = refused(1, "apply", str(photo.parent / "two.yaml"), photo, "-o", photo.parent / OUT)
    assert "takes 2 input channels, the input has 3" in told
    assert names(photo.parent) == ["photo.png", "two.yaml"]


def test_a_result_that_the_format_cannot_hold(photo: Path) -> None:
    (photo.parent / "two.yaml").write_text("weights: [[[[1]], [[1]], [[1]]], [[[1]], [[0]], [[0]]]]\n")
    told, helps = refused(1, "apply", str(photo.parent / "two.yaml"), photo, "-o", photo.parent / OUT)
    assert "2 channels" in told
    assert ".npy" in helps
    assert names(photo.parent) == ["photo.png", "two.yaml"]


@pytest.mark.parametrize("output", ["none/out.png", "photo.png/out.png"])
def test_an_output_folder_that_is_none(photo: Path, output: str) -> None:
    what, helps = refused(1, "apply", "sharpen", photo, "-o", photo.parent / output)
    assert output in what
    assert helps
    assert names(photo.parent) == ["photo.png"]


def test_a_folder_that_cannot_be_made(photo: Path) -> None:
    what, helps = refused(1, "apply", "sharpen", photo, "-o", f"{photo}/out/")
    assert "cannot be" in what
    assert helps
    assert names(photo.parent) == ["photo.png"]


def test_an_output_without_a_format(photo: Path) -> None:
    for name in ("out", "out.xyz", "out.png.bak"):
        what, helps = refused(2, "apply", "sharpen", photo, "-o", photo.parent / name)
        assert "no format" in what
        assert "--format" in helps
    assert names(photo.parent) == ["photo.png"]


def test_names_too_long_for_the_system(photo: Path) -> None:
    endless = f"{'x' * 300}.png"
    assert "too long" in refused(1, "apply", "sharpen", photo, "-o", photo.parent / endless)[0]
    assert "too long" in refused(1, "apply", "sharpen", photo.parent / endless, "-o", photo.parent / OUT)[0]
    assert "too long" in refused(1, "apply", "sharpen", photo, "-o", f"{photo.parent}/{'x' * 300}/")[0]
    assert run("apply", "sharpen", photo.parent / endless, "-o", photo.parent / OUT, "-n").code == 1
    assert names(photo.parent) == ["photo.png"]


@contextmanager
def nobody() -> Iterator[None]:
    """Be the user nobody for a while instead of root, whom no mode stops."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_folders_and_files_that_are_closed() -> None:
    with tempfile.TemporaryDirectory() as name:  # not below pytest's own, which is closed to others altogether
        folder = Path(name)
        folder.chmod(0o755)
        photo = save(folder / "photo.png", harbour())
        locked = save(folder / "locked.png", harbour())
        locked.chmod(0)
        (folder / "closed").mkdir(mode=0o555)
        (folder / "open").mkdir()
        (folder / "open").chmod(0o777)
        (folder / "dark").mkdir(mode=0)
        (folder / "dark").chmod(0)
        # What a refusal imports is imported now: nobody may not read a checkout in a folder that is its owner's alone.
        refused(1, "apply", "sharpen", photo, "-o", folder / "missing" / OUT)
        refused(1, "apply", "sharpen", folder / "missing.png", "-o", folder / OUT)
        with nobody():
            for source, output in (
                (photo, folder / "closed" / OUT),
                (photo, f"{folder}/closed/new/"),
                (photo, folder / "dark" / OUT),
                (locked, folder / "open" / OUT),
                (folder / "dark" / "a.png", folder / "open" / OUT),
            ):
                what, _ = refused(1, "apply", "sharpen", source, "-o", output)
                assert "ermission denied" in what
        assert names(folder) == ["locked.png", "photo.png"]


def test_a_missing_word_of_the_command(photo: Path) -> None:
    for words, what in (
        (("apply",), "FILTER"),
        (("apply", "sharpen", "-o", "out.png"), "INPUT"),
        (("apply", "sharpen", photo), "--output"),
        (("aply", "sharpen", photo), "aply"),
        (("show",), "FILTER"),
        (("check",), "FILE"),
        (("list", "one", "two"), "two"),
    ):
        told, helps = refused(2, *words)
        assert what in told
        assert "convcli" in helps
