"""--resume: what an earlier run has done is left alone, as far as its record and the files bear it out."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from tests.support.console import STATE, command, done, environment, names, refused, run
from tests.support.paths import SAMPLES
from tests.support.pictures import gray, harbour, pixels, save


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name in "abcd":
        save(tmp_path / "in" / f"{name}.png", harbour())
    return tmp_path


def words(folder: Path, name: str = "invert", *more: str) -> tuple[str | Path, ...]:
    return ("apply", name, folder / "in", "-o", f"{folder}/out/", "-j", "1", *more)


def stamps(folder: Path) -> dict[str, int]:
    return {name: (folder / "out" / name).stat().st_mtime_ns for name in names(folder / "out")}


def redone(folder: Path, before: dict[str, int]) -> set[str]:
    return {name for name, stamp in stamps(folder).items() if before.get(name) != stamp}


def test_what_is_done_is_left_alone(folder: Path) -> None:
    assert done(*words(folder, "invert", "--resume")).lines[-1].startswith("4 done")
    before = stamps(folder)
    answer = done(*words(folder, "invert", "--resume", "--json"))
    assert answer.lines[-1].startswith("4 skipped")
    assert answer.stdout.count('"status": "skipped"') == 4
    assert stamps(folder) == before
    assert names(folder / "out") == ["a.png", "b.png", "c.png", "d.png"], "the record stands elsewhere"


def test_a_batch_that_knew_nothing_of_it_is_gone_on_with(folder: Path) -> None:
    done(*words(folder))
    (folder / "out" / "b.png").unlink()
    save(folder / "in" / "e.png", harbour())
    before = stamps(folder)
    assert done(*words(folder, "invert", "--resume")).lines[-1].startswith("2 done, 3 skipped")
    assert redone(folder, before) == {"b.png", "e.png"}


def test_an_input_that_changed_is_done_again(folder: Path) -> None:
    done(*words(folder))
    save(folder / "in" / "a.png", 255 - harbour())
    os.utime(folder / "in" / "b.png")
    before = stamps(folder)
    assert done(*words(folder, "invert", "--resume")).lines[-1].startswith("2 done, 2 skipped")
    assert redone(folder, before) == {"a.png", "b.png"}
    assert np.array_equal(pixels(folder / "out" / "a.png"), harbour())


def test_an_output_that_is_there_is_not_trusted_for_that(folder: Path) -> None:
    (folder / "out").mkdir()
    theirs = save(folder / "out" / "a.png", gray()).read_bytes()
    answer = run(*words(folder, "invert", "--resume"))
    assert answer.code == 1
    assert f"{folder}/out/a.png exists" in answer.stderr
    assert answer.lines[-1].startswith("3 done, 1 failed")
    changed = save(folder / "out" / "b.png", gray()).read_bytes()
    answer = run(*words(folder, "invert", "--resume"))
    assert answer.lines[-1].startswith("2 skipped, 2 failed")
    assert (folder / "out" / "a.png").read_bytes() == theirs
    assert (folder / "out" / "b.png").read_bytes() == changed
    before = stamps(folder)
    done(*words(folder, "invert", "--resume", "--force"))
    assert redone(folder, before) == {"a.png", "b.png"}


@pytest.mark.parametrize(
    "other",
    [("identity",), ("invert", "--depth", "16"), ("invert", "--png-effort", "small"), ("0 0 0; 0 2 0; 0 0 0",)],
)
def test_another_filter_or_option_is_another_batch(folder: Path, other: tuple[str, ...]) -> None:
    done(*words(folder))
    before = stamps(folder)
    answer = run(*words(folder, *other, "--resume", "--format", "png"))
    assert answer.code == 1
    assert "4 outputs are of another filter or other options" in answer.lines[0]
    assert "--force" in answer.stderr
    assert stamps(folder) == before


def test_what_changes_no_pixel_is_the_same_batch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done(*words(folder, "box"))
    monkeypatch.chdir(folder / "in")
    same = ("apply", "box", ".", "-o", "../out", "--engine", "numba", "--threads", "1", "--max-pixels", "5000")
    assert done(*same, "--resume").lines[-1].startswith("4 skipped")


def test_what_is_overwritten_counts_as_what_it_is_now(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done(*words(folder))
    (record,) = (each for each in Path(STATE).rglob("*.jsonl") if str(folder) in each.read_text())
    size = record.stat().st_size
    done(*words(folder, "identity", "--force"))
    assert record.stat().st_size > size
    monkeypatch.setattr("convcli.jobs.many.record._LARGEST", size)
    done(*words(folder, "identity", "--resume"))
    assert record.stat().st_size > size, "what is gone on with is not forgotten"
    done(*words(folder, "identity", "--force"))
    assert record.stat().st_size <= size + 8, "begun anew"
    answer = run(*words(folder, "invert", "--resume"))
    assert "4 outputs are of another filter" in answer.lines[0]
    assert done(*words(folder, "identity", "--resume")).lines[-1].startswith("4 skipped")


def test_a_dry_run_tells_and_writes_nothing(folder: Path) -> None:
    done(*words(folder))
    (folder / "out" / "c.png").unlink()
    state = {each: each.read_bytes() for each in Path(STATE).rglob("*.jsonl")}
    answer = done(*words(folder, "invert", "--resume", "-n"))
    assert answer.lines[-1].startswith("1 to do, 3 skipped")
    assert {each: each.read_bytes() for each in Path(STATE).rglob("*.jsonl")} == state
    assert not (folder / "out" / "c.png").exists()


def test_a_record_that_is_damaged_is_believed_where_it_is_whole(folder: Path) -> None:
    done(*words(folder))
    (record,) = (each for each in Path(STATE).rglob("*.jsonl") if str(folder) in each.read_text())
    record.write_bytes(record.read_bytes()[:-40] + b"\xff\x00\n[]\n[1,2]\n{}\nnull\n" + b"[" * 100_000)
    answer = run(*words(folder, "invert", "--resume"))
    assert answer.lines[-1].startswith("3 skipped, 1 failed")


def test_a_record_that_cannot_be_written_is_told_and_the_pictures_are_written(folder: Path) -> None:
    env = {"XDG_STATE_HOME": str(folder / "in" / "a.png")}
    answer = run(*words(folder, "invert", "--resume"), env=env)
    assert answer.code == 0
    assert "not recorded" in answer.lines[0]
    shutil.rmtree(folder / "out")
    assert "not recorded" not in run(*words(folder), env=env).stderr
    assert len(names(folder / "out")) == 4


def test_records_of_long_ago_are_removed(folder: Path) -> None:
    old = Path(STATE) / "convcli" / "batches" / "0.jsonl"
    old.parent.mkdir(parents=True, exist_ok=True)
    old.touch()
    os.utime(old, (time.time() - 31 * 86400,) * 2)
    done(*words(folder))
    assert not old.exists()


def test_channels_in_files_of_their_own(folder: Path) -> None:
    np.save(folder / "in" / "x.npy", np.arange(24.0).reshape(2, 3, 4))
    name = str(SAMPLES / "kernel-2to3.yaml")
    for each in "abcd":
        (folder / "in" / f"{each}.png").unlink()
    np.save(folder / "in" / "y.npy", np.arange(24.0).reshape(2, 3, 4))
    done(*words(folder, name, "--each"))
    before = stamps(folder)
    assert len(before) == 6
    (folder / "out" / "x-1.npy").unlink()
    (folder / "out" / "y-0.npy").unlink()
    assert done(*words(folder, name, "--each", "--resume")).lines[-1].startswith("2 done")
    assert len(stamps(folder)) == 6
    assert done(*words(folder, name, "--each", "--resume")).lines[-1].startswith("2 skipped")


def test_what_does_not_go_together(folder: Path) -> None:
    source = folder / "in" / "a.png"
    assert "--skip-existing" in refused(2, *words(folder, "invert", "--resume", "--skip-existing"))[0]
    assert "stdout" in refused(2, "apply", "box", source, "-o", "-", "--resume")[0]


def test_names_that_are_no_text(folder: Path) -> None:
    for name in (b"caf\xe9.png", b"new\nline.png"):
        shutil.copy(folder / "in" / "a.png", folder / "in" / os.fsdecode(name))
    done(*words(folder))
    assert done(*words(folder, "invert", "--resume")).lines[-1].startswith("6 skipped")


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_to_the_end(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    count = 60
    for number in range(count):
        save(tmp_path / "in" / f"{number}.png", harbour(150, 200) ^ np.uint8(number))
    line = command("apply", "invert", tmp_path / "in", "-o", f"{tmp_path}/out/", "-j", "2", "-q", "--engine", "numpy")
    for _ in range(2):
        process = subprocess.Popen([*line, "--resume"], env=environment(), start_new_session=True)
        so_far = len(list(tmp_path.glob("out/*.png")))
        limit = time.monotonic() + 30
        while process.poll() is None and len(list(tmp_path.glob("out/*.png"))) < so_far + 9:
            assert time.monotonic() < limit
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(0.02)
    before = stamps(tmp_path)
    kept = {name for name in before if not name.startswith(".")}
    assert 0 < len(kept) < count
    ended = subprocess.run([*line, "--resume"], env=environment(), capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert redone(tmp_path, before) == {f"{number}.png" for number in range(count)} - kept
    assert len(names(tmp_path / "out")) == count
    for number in range(count):
        wanted = 255 - (harbour(150, 200) ^ np.uint8(number))
        assert np.array_equal(pixels(tmp_path / "out" / f"{number}.png"), wanted)
