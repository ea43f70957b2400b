"""--in-place: each file becomes its own output, whole or not at all, and the original stays as its backup."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from convcli.filters import Invert, Pipeline
from convcli.jobs import Job, Policy, Recipe, replacing
from convcli.jobs.one.strips.running import run_in_strips
from tests.support.console import done, names, refused, run
from tests.support.pictures import gray, harbour, pixels, save


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save(tmp_path / "photo.png", harbour())


def inverted(data: bytes, name: str, folder: Path) -> np.ndarray:
    path = folder.parent / f"{folder.name}-{name}"
    path.write_bytes(data)
    return np.asarray(ImageOps.invert(Image.open(path).convert("RGB")))


def test_a_file_is_replaced_and_its_original_stays_beside_it(photo: Path) -> None:
    original, modified = photo.read_bytes(), 10**18
    os.utime(photo, ns=(modified, modified))
    photo.chmod(0o640)
    assert done("apply", "invert", photo, "--in-place").lines[-1].startswith(f"{photo} (")
    assert np.array_equal(pixels(photo), inverted(original, "o.png", photo.parent))
    backup = photo.with_name("photo.png~")
    assert backup.read_bytes() == original
    assert backup.stat().st_mtime_ns == modified, "the backup is the original, with its time"
    assert photo.stat().st_mtime_ns > modified
    assert photo.stat().st_mode & 0o777 == backup.stat().st_mode & 0o777 == 0o640
    assert names(photo.parent) == ["photo.png", "photo.png~"]


def test_an_older_backup_is_kept_and_told(photo: Path) -> None:
    original = photo.read_bytes()
    done("apply", "invert", photo, "--in-place")
    answer = done("apply", "box:3", photo, "--in-place", "--json")
    assert photo.with_name("photo.png~").read_bytes() == original
    assert "the backup photo.png~ was there before, and is kept as it is" in answer.stderr
    assert "backup-kept" in [note["code"] for note in json.loads(answer.stdout)["notes"]]


def test_no_backup_leaves_the_new_file_alone(photo: Path) -> None:
    done("apply", "invert", photo, "--in-place", "--no-backup")
    assert names(photo.parent) == ["photo.png"]


def test_folders_are_done_once_with_resume(tmp_path: Path) -> None:
    originals = {}
    for name in ("a.png", "b.png", "deep/c.png"):
        originals[name] = save(tmp_path / "in" / name, harbour()).read_bytes()
    (tmp_path / "in" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    words = ("apply", "invert", tmp_path / "in", "-r", "--in-place")
    assert run(*words).code == 1
    assert (tmp_path / "in" / "broken.png").read_bytes().endswith(b"no more")
    save(tmp_path / "in" / "d.png", harbour())
    (tmp_path / "in" / "broken.png").unlink()
    answer = done(*words, "--resume")
    assert answer.lines[-1].startswith("1 done, 3 skipped in"), "backups are no files of an unknown format"
    for name, data in originals.items():
        assert np.array_equal(pixels(tmp_path / "in" / name), inverted(data, name.replace("/", "-"), tmp_path)), name
    save(tmp_path / "in" / "a.png", gray())
    assert done(*words, "--resume").lines[-1].startswith("1 done, 3 skipped"), "a file that was changed since is new"
    assert done("apply", "box:3", *words[2:], "--resume").lines[-1].startswith("4 done"), "another filter"


def test_a_single_file_is_gone_on_with_too(photo: Path) -> None:
    done("apply", "invert", photo, "--in-place")
    replaced = photo.read_bytes()
    assert "done before" in done("apply", "invert", photo, "--in-place", "--resume").stderr
    assert photo.read_bytes() == replaced


def test_large_pictures_are_replaced_in_strips(photo: Path) -> None:
    original = photo.read_bytes()
    run_in_strips(Job(photo, photo), Recipe(Pipeline((Invert(),))), Policy(existing="replace"), None, 10**6)
    assert np.array_equal(pixels(photo), inverted(original, "o.png", photo.parent))
    assert photo.with_name("photo.png~").read_bytes() == original


def test_a_dry_run_replaces_nothing(photo: Path) -> None:
    original = photo.read_bytes()
    assert f"would replace {photo}" in done("apply", "invert", photo, "--in-place", "-n").stderr
    assert photo.read_bytes() == original
    assert names(photo.parent) == ["photo.png"]


def test_a_link_stays_and_the_file_it_leads_to_is_replaced(photo: Path) -> None:
    original = photo.read_bytes()
    (photo.parent / "links").mkdir()
    link = photo.parent / "links" / "link.png"
    link.symlink_to(photo)
    done("apply", "invert", link, "--in-place")
    assert link.is_symlink()
    assert photo.read_bytes() != original
    assert photo.with_name("photo.png~").read_bytes() == original
    assert names(link.parent) == ["link.png"]


def test_a_file_of_several_names_is_refused(photo: Path) -> None:
    photo.with_name("other.png").hardlink_to(photo)
    what, _ = refused(1, "apply", "invert", photo, "--in-place")
    assert "has another name (hard links)" in what
    photo.with_name("other.png").unlink()
    photo.with_name("photo.png~").hardlink_to(photo)  # as a run leaves it that was killed between two names
    done("apply", "invert", photo, "--in-place")
    assert names(photo.parent) == ["photo.png", "photo.png~"]


def test_two_names_of_one_file_are_refused_before_anything_is_written(photo: Path) -> None:
    original = photo.read_bytes()
    photo.with_name("link.png").symlink_to(photo)
    assert "are one file" in refused(2, "apply", "invert", photo.parent, "--in-place")[0]
    assert "is named twice" in refused(2, "apply", "invert", photo, photo, "--in-place")[0]
    assert photo.read_bytes() == original


def test_a_protected_file_is_refused(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # which no mode makes so for root
    assert "is write-protected" in refused(1, "apply", "invert", photo, "--in-place")[0]


def test_a_file_keeps_its_format_and_an_array_its_type_and_axes(tmp_path: Path) -> None:
    photo = save(tmp_path / "photo.png", gray())
    liar = photo.rename(tmp_path / "liar.jpg")
    assert "liar.jpg holds PNG, and would become JPEG" in refused(1, "apply", "box:3", liar, "--in-place")[0]
    for name, dtype in (("whole.npy", np.uint8), ("floats.npy", np.float32)):
        np.save(tmp_path / name, np.arange(42).reshape(6, 7).astype(dtype))
    what, _ = refused(1, "apply", "box:3", tmp_path / "whole.npy", "--in-place")
    assert "whole.npy holds uint8, and would become float64" in what
    done("apply", "box:3", tmp_path / "floats.npy", "--in-place")
    assert np.load(tmp_path / "floats.npy").dtype == np.float32
    maps = tmp_path / "maps.yaml"
    maps.write_text("weights: [[[[1]]], [[[2]]]]")
    what, _ = refused(1, "apply", maps, tmp_path / "floats.npy", "--in-place", "--no-backup")
    assert "is H×W, and would become 2 channels" in what
    assert names(tmp_path) == ["floats.npy", "floats.npy~", "liar.jpg", "maps.yaml", "whole.npy"]
    backup = tmp_path / "floats.npy~"
    assert "stands for no format" in refused(1, "apply", "box:3", backup, "--in-place")[0]
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "zarr.json").write_text("{}")
    assert "Zarr, a folder," in refused(1, "apply", "box:3", tmp_path / "a.zarr", "--in-place")[0]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("photo.png --in-place -o x.png", "--in-place and -o contradict each other"),
        ("photo.png --in-place --name {n}.png", "--in-place and --name contradict each other"),
        ("photo.png --in-place --format png", "--in-place and --format contradict each other"),
        ("photo.png --in-place --each", "--in-place and --each contradict each other"),
        ("photo.png --in-place --sheet", "--in-place and --sheet contradict each other"),
        ("photo.png --in-place --frame 0", "--in-place and --frame contradict each other"),
        ("photo.png --in-place --scheduler local", "--in-place and --scheduler contradict each other"),
        ("photo.png --in-place --skip-existing", "--in-place replaces what --skip-existing leaves alone"),
        ("photo.png --in-place --preview", "--in-place and --preview contradict each other"),
        ("photo.png --no-backup -o x.png", "--no-backup is about the originals of --in-place"),
        ("- --in-place", "stdin is none"),
        ("s3://bucket/photo.png --in-place", "s3://bucket/photo.png is none"),
        ("empty --in-place", "no picture in empty"),
        ("photo.png", "Missing option '-o'"),
    ],
)
def test_what_contradicts_it_is_said_in_a_line(
    photo: Path, monkeypatch: pytest.MonkeyPatch, words: str, text: str
) -> None:
    monkeypatch.chdir(photo.parent)
    Path("empty").mkdir()
    original = photo.read_bytes()
    assert text in refused(2, "apply", "invert", *words.split())[0]
    assert photo.read_bytes() == original
    assert names(photo.parent) == ["photo.png"]


def test_where_no_hard_links_are_the_backup_is_a_copy(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    original, modified = photo.read_bytes(), 10**18
    os.utime(photo, ns=(modified, modified))
    monkeypatch.setattr(Path, "hardlink_to", no_links)
    done("apply", "invert", photo, "--in-place")
    backup = photo.with_name("photo.png~")
    assert backup.read_bytes() == original
    assert backup.stat().st_mtime_ns == modified


def test_without_a_backup_nothing_is_replaced(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    original = photo.read_bytes()
    monkeypatch.setattr(Path, "hardlink_to", full)
    monkeypatch.setattr("shutil.copyfileobj", full)
    assert "no space is left on its disk" in refused(1, "apply", "invert", photo, "--in-place")[0]
    assert photo.read_bytes() == original
    assert names(photo.parent) == ["photo.png"]


def test_an_error_while_writing_leaves_the_file(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise RuntimeError

    original = photo.read_bytes()
    monkeypatch.setattr(replacing, "back_up", interrupted)
    assert run("apply", "invert", photo, "--in-place").code == 1
    assert photo.read_bytes() == original
    assert names(photo.parent) == ["photo.png"]
