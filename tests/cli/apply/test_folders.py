"""Folders as people have them: what is taken from one, what is passed over, and what is said of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from scipy import ndimage

from tests.support.console import done, names, refused, run, shell
from tests.support.pictures import gray, harbour, save

SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])


def sharpened(pixels: np.ndarray) -> np.ndarray:
    planes = np.moveaxis(pixels.astype(int), 2, 0)
    whole = np.stack([ndimage.correlate(each, SHARPEN, mode="mirror") for each in planes], axis=2)
    return whole.clip(0, 255).astype(np.uint8)


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Sixty-one pictures, one of them damaged, some transparent, some turned by EXIF; a table and a text."""
    folder = tmp_path / "photos"
    folder.mkdir()
    rows, columns = np.mgrid[:30, :40]
    for index in range(58):
        waves = [np.sin(columns / (5 + index % 7)), np.cos(rows / 6), np.full(rows.shape, index / 58)]
        image = Image.fromarray((90 + 60 * np.stack(waves, axis=2)).astype(np.uint8))
        exif = Image.Exif()
        exif[0x0112] = index // 10 + 3
        if index % 10 == 7:
            image.putalpha(Image.fromarray((columns * 6).astype(np.uint8)))
            image.save(folder / f"img_{index:04}.png")
        else:
            image.save(folder / f"img_{index:04}.jpg", exif=exif if index % 10 == 3 else Image.Exif())
    opaque = image.convert("RGB")
    opaque.save(folder / "x.jpg")
    opaque.save(folder / "x.png")
    (folder / "broken.jpg").write_bytes((folder / "x.jpg").read_bytes()[:200])
    (folder / "places.csv").write_text("1,2\n3,4\n")
    (folder / "readme.txt").write_text("Holidays")
    return folder


def test_a_folder_of_photographs_with_all_that_happens_to_be_in_one(photographs: Path, tmp_path: Path) -> None:
    answer = run("apply", "sharpen", photographs, "-o", f"{tmp_path}/OUT/", "--engine", "numpy")
    assert answer.code == 1
    broken = photographs / "broken.jpg"
    error, hint, failed, arrays, summary = answer.lines
    assert error.startswith(f"error: {broken} ")
    assert hint.startswith("help: ")
    assert failed == f"failed: {broken}; once mended, the same command with --resume does the rest"
    assert arrays == "arrays beside pictures are filtered where they are named"
    assert summary.startswith("60 done, 1 failed, 1 of no format that convcli reads, 1 array left out in ")
    assert len(summary.partition(" → ")[0]) <= 100
    assert names(tmp_path / "OUT") == sorted(
        each.name for each in photographs.iterdir() if each.suffix in (".jpg", ".png") and each != broken
    )
    for name in ("x.png", "img_0013.jpg", "img_0023.jpg"):
        with Image.open(photographs / name) as before, Image.open(tmp_path / "OUT" / name) as after:
            upright = np.asarray(ImageOps.exif_transpose(before))
            assert after.size == (upright.shape[1], upright.shape[0])
            assert after.getexif().get(0x0112, 1) == 1
            difference = np.abs(np.asarray(after).astype(int) - sharpened(upright))
            assert difference.mean() < (1 if name.endswith("png") else 4)
    with Image.open(photographs / "img_0017.png") as before, Image.open(tmp_path / "OUT/img_0017.png") as after:
        assert np.array_equal(np.asarray(before)[..., 3], np.asarray(after)[..., 3])

    Image.fromarray(harbour()).save(broken)  # mended
    again = done("apply", "sharpen", photographs, "-o", f"{tmp_path}/OUT/", "--engine", "numpy", "--resume")
    assert again.lines[-1].startswith("1 done, 60 skipped, ")


def test_one_format_for_all_names_a_pattern_that_tells_them_apart(photographs: Path, tmp_path: Path) -> None:
    words = ("apply", "sharpen", photographs, "-o", f"{tmp_path}/OUT/", "--engine", "numpy", "--format", "png")
    what, hint = refused(2, *words)
    assert what == f"{photographs}/x.jpg and {photographs}/x.png would both become {tmp_path}/OUT/x.png"
    assert hint == '--name "{stem}-{ext}{suffix}" names them apart'
    assert run(*words, "--name", "{stem}-{ext}{suffix}").code == 1  # for the broken one
    written = names(tmp_path / "OUT")
    assert len(written) == 60
    assert {"x-jpg.png", "x-png.png"} < set(written)


def test_folders_with_pictures_of_one_name_are_told_apart_by_the_folders(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        save(tmp_path / folder / "1.png", gray())
    words = ("apply", "box", tmp_path / "a", tmp_path / "b", "-o", f"{tmp_path}/OUT/", "--engine", "numpy")
    assert refused(2, *words)[1] == '--name "{parent}-{stem}{suffix}" names them apart'
    done(*words, "--name", "{parent}-{stem}{suffix}")
    assert names(tmp_path / "OUT") == ["a-1.png", "b-1.png"]
    same = ("apply", "box", tmp_path / "a/1.png", tmp_path / "a/1.png", "-o", f"{tmp_path}/OUT/")
    assert refused(2, *same)[1] == '--name "{n:03}-{stem}{suffix}" names them apart'


def test_arrays_are_taken_where_they_are_named_or_alone_in_a_folder(tmp_path: Path) -> None:
    both, alone = tmp_path / "both", tmp_path / "alone"
    for folder in (both, alone):
        folder.mkdir()
        (folder / "a.csv").write_text("1,2\n3,4\n")
        np.save(folder / "b.npy", np.ones((2, 2)))
    save(both / "c.png", gray())
    out = f"{tmp_path}/OUT/"
    answer = done("apply", "box", both, "-o", out, "--engine", "numpy")
    assert answer.lines[-1].startswith("1 done, 2 arrays left out in ")
    done("apply", "box", alone, "-o", out, "--engine", "numpy")
    assert names(tmp_path / "OUT") == ["a.csv", "b.npy", "c.png"]
    done("apply", "box", both / "a.csv", both, "-o", f"{tmp_path}/more/", "--engine", "numpy")
    assert names(tmp_path / "more") == ["a.csv", "c.png"]
    below = alone / "below"
    below.mkdir()
    save(below / "d.png", gray())
    answer = done("apply", "box", alone, "-r", "-o", f"{tmp_path}/tree/", "--engine", "numpy")
    assert names(tmp_path / "tree") == ["below/d.png"]
    assert "2 arrays left out" in answer.lines[-1]


@pytest.fixture
def odd_files(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "in"
    folder.mkdir()
    save(folder / "a.png", gray())
    os.mkfifo(folder / "pipe.png")
    os.mkfifo(folder / "pipe.csv")
    (folder / "link.gif").symlink_to(folder / "pipe.png")
    (folder / "null.tif").symlink_to("/dev/zero")
    (folder / "folder.jpg").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(folder)  # the name of a socket is short
        try:
            listening.bind("socket.png")
        finally:
            os.chdir(here)
        yield folder


def test_pipes_sockets_and_devices_in_a_folder_are_passed_over(odd_files: Path, tmp_path: Path) -> None:
    answer = shell("apply", "box", odd_files, "-o", f"{tmp_path}/OUT/", "--engine", "numpy")
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.decode().splitlines()[-1].startswith("1 done, 5 special files left out in ")
    learned = shell("learn", odd_files, odd_files, "--size", "1", "--json")
    assert b"this should not happen" not in learned.stderr


def test_links_that_lead_nowhere_and_odd_names_fail_alone_or_work(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (folder / "circle.png").symlink_to(folder / "circle.png")
    odd = [b"-f.png", b"a b.png", b"new\nline.png", b"\xff\xfe.png", "ä漢.png".encode(), b"{stem}.png", b"~.png"]
    image = save(tmp_path / "a.png", gray()).read_bytes()
    for name in odd:
        with open(os.fsencode(folder) + b"/" + name, "wb") as stream:  # noqa: PTH123 - a name that is no text
            stream.write(image)
    save(folder / ".hidden.png", gray())
    answer = run("apply", "box", folder, "-o", f"{tmp_path}/OUT/", "--engine", "numpy", "--json")
    assert answer.code == 1
    assert answer.lines[-1].startswith("7 done, 2 failed in ")
    assert answer.lines[-2].startswith(f"failed: {folder}/circle.png, {folder}/gone.png; ")
    assert sorted(os.fsencode(each.name) for each in (tmp_path / "OUT").iterdir()) == sorted(odd)
    assert len(answer.stdout.splitlines()) == 9
    assert answer.stdout.isascii()


def test_a_case_that_the_disk_ignores_is_a_collision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("A.png", "a.png"):
        save(tmp_path / name, gray())
    words = (
        "apply",
        "box",
        tmp_path / "A.png",
        tmp_path / "a.png",
        "-o",
        f"{tmp_path}/OUT/",
        "--engine",
        "numpy",
        "-n",
    )
    assert done(*words).lines[-1].startswith("2 to do")
    monkeypatch.setattr("convcli.jobs.many.planning._ignores_case", lambda _: True)
    what, hint = refused(2, *words)
    assert what.endswith(f"would both become {tmp_path}/OUT/a.png")
    assert hint == '--name "{n:03}-{stem}{suffix}" names them apart'
