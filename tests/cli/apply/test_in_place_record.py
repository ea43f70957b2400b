"""--in-place: no file is filtered twice unasked, whatever ended an earlier run, and no original is lost."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from convcli.array_types import Array
from convcli.filters import Invert, Pipeline
from convcli.jobs import Done, Failed, Job, Policy, Recipe, replacing
from convcli.jobs.many import in_place
from convcli.jobs.many.in_place import Scope, plan_anew, record_in_place
from convcli.jobs.many.planning import plan_in_place
from convcli.jobs.one.run import run_job
from tests.support.console import done, names, refused, run
from tests.support.pictures import pixels, save

BROKEN = b"\x89PNG\r\n\x1a\nno more"
INVERT = Recipe(Pipeline((Invert(),)))


def picture(level: int) -> Array:
    return np.full((4, 5), level, np.uint8)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the record, for runs of the command and for those beside."""
    monkeypatch.setattr("tests.support.console.PLAIN", {"NO_COLOR": "1", "TERM": "dumb", "TERMINAL_WIDTH": "300"})
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "convcli"


@pytest.fixture
def photos(tmp_path: Path, state: Path) -> Path:  # noqa: ARG001 - where the runs on them are recorded
    """Three photographs, of which one is broken at first: the run that does the others is as one that is stopped."""
    folder = tmp_path / "photos"
    for level, name in ((10, "a.png"), (20, "b.png")):
        save(folder / name, picture(level))
    (folder / "c.png").write_bytes(BROKEN)
    assert run("apply", "invert", folder, "--in-place").code == 1
    save(folder / "c.png", picture(30))
    return folder


def levels(folder: Path) -> list[int]:
    return [int(pixels(folder / name).flat[0]) for name in ("a.png", "b.png", "c.png")]


def test_another_run_empties_no_record_of_one_that_was_stopped(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_place, "_LARGEST", 0)
    other = save(tmp_path / "other" / "x.png", picture(1))
    done("apply", "invert", other, "--in-place")
    done("apply", "invert", other.parent, "--in-place", "--force")
    done("apply", "invert", photos, "--in-place", "--resume")
    assert levels(photos) == [245, 235, 225]


def test_a_large_record_keeps_the_lines_that_are_needed(
    photos: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = save(tmp_path / "gone" / "x.png", picture(1))
    for _ in range(5):
        done("apply", "invert", other, "--in-place", "--no-backup")
    shutil.rmtree(other.parent)
    monkeypatch.setattr(in_place, "_LARGEST", 0)
    done("apply", "invert", photos, "--in-place", "--resume")
    text = (state / "in-place.jsonl").read_text()
    kept = [line for line in text.splitlines() if line.startswith("[") and "x.png" in line]
    assert len(kept) == 1, "the latest of the file, which may be away for a while"
    assert text.count("a.png") == 3
    assert levels(photos) == [245, 235, 225]
    assert done("apply", "invert", photos, "--in-place", "--resume").lines[-1].startswith("3 skipped")


def test_files_that_were_away_while_a_record_was_made_shorter_are_not_filtered_again(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = levels(photos)
    away = photos.rename(tmp_path / "away")
    monkeypatch.setattr(in_place, "_LARGEST", 0)
    done("apply", "invert", save(tmp_path / "other.png", picture(1)), "--in-place")
    away.rename(photos)
    done("apply", "invert", photos, "--in-place", "--resume")
    assert levels(photos) == [*before[:2], 255 - before[2]]


def test_the_same_command_again_is_refused_where_a_run_was_stopped(photos: Path) -> None:
    what, help_ = refused(2, "apply", "invert", photos, "--in-place")
    assert what == "2 of 3 files were replaced by this filter before, in a run that did not do them all"
    assert help_ == "--resume does the rest; --force filters all of them, those a second time"
    assert levels(photos) == [245, 235, 30]
    done("apply", "invert", photos, "--in-place", "--force")
    assert levels(photos) == [10, 20, 225]
    done("apply", "invert", photos, "--in-place")
    assert levels(photos) == [245, 235, 30], "a run that did all of them may be repeated"


@pytest.mark.parametrize("more", [["--png-effort", "small"], ["--range", "stretch"]])
def test_resume_with_other_options_is_refused(photos: Path, more: list[str]) -> None:
    before = [(photos / name).read_bytes() for name in names(photos)]
    what, help_ = refused(2, "apply", "invert", photos, "--in-place", "--resume", *more)
    assert what == "2 of 3 files were last replaced by another filter or other options"
    assert help_.startswith("repeat that filter and its options with --resume")
    assert [(photos / name).read_bytes() for name in names(photos)] == before
    done("apply", "invert", photos, "--in-place", "--resume")
    assert levels(photos) == [245, 235, 225]


def test_a_second_pass_that_is_stopped_is_gone_on_with(photos: Path) -> None:
    done("apply", "invert", photos, "--in-place", "--resume")
    good = (photos / "c.png").read_bytes()
    (photos / "c.png").write_bytes(BROKEN)
    assert run("apply", "invert", photos, "--in-place", "--force").code == 1
    (photos / "c.png").write_bytes(good)
    done("apply", "invert", photos, "--in-place", "--resume")
    assert levels(photos) == [10, 20, 30], "each of the files that the first pass had done too"


def test_a_folder_is_known_by_any_name(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = photos.with_name("link")
    link.symlink_to(photos, target_is_directory=True)
    done("apply", "invert", link / "a.png", "--in-place", "--resume")
    monkeypatch.chdir(photos)
    done("apply", "invert", ".", "--in-place", "--resume")
    assert levels(photos) == [245, 235, 225]


def test_files_whose_record_is_gone_are_left_alone_where_they_have_backups(photos: Path, state: Path) -> None:
    (state / "in-place.jsonl").unlink()
    what, _ = refused(2, "apply", "invert", photos, "--in-place", "--resume")
    assert what.startswith(f"{photos / 'a.png'} has a backup, and nothing is recorded of the run that made it")
    assert levels(photos) == [245, 235, 30]


def test_another_version_goes_on(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcli.jobs.one.identity.__version__", "99")
    done("apply", "invert", photos, "--in-place", "--resume")
    assert levels(photos) == [245, 235, 225]


def test_damaged_lines_spoil_no_other(photos: Path, state: Path) -> None:
    file = state / "in-place.jsonl"
    begun, *others = file.read_bytes().split(b"\n\n")
    cut = b'\n{"begun": "x", "files": [1], "folders": [], "recursive": true}\n{"begun": \n' + b"\0" * 99
    file.write_bytes(cut + b"\n\n".join([begun, b'["/a", "', b"[[", *others]) + b'\n["/b", "x')
    done("apply", "invert", photos, "--in-place", "--resume")
    assert levels(photos) == [245, 235, 225]


@pytest.mark.parametrize("more", [["--resume"], ["--force"]])
def test_several_files_are_left_alone_where_what_is_done_cannot_be_recorded(
    photos: Path, state: Path, more: list[str]
) -> None:
    (state / "in-place.jsonl").unlink()
    (state / "in-place.jsonl").mkdir()
    for name in names(photos):
        if name.endswith("~"):
            (photos / name).unlink()
    what, help_ = refused(2, "apply", "invert", photos, "--in-place", *more)
    assert "what is done cannot be recorded" in what
    assert "XDG_STATE_HOME" in help_
    assert levels(photos) == [245, 235, 30]
    answer = done("apply", "invert", photos / "c.png", "--in-place")
    assert "warning: what is done cannot be recorded" in answer.stderr
    assert levels(photos) == [245, 235, 225]


def planned(folder: Path) -> tuple[tuple[Job, ...], in_place.RecordInPlace]:
    record = record_in_place(INVERT)
    plan = plan_anew(plan_in_place([str(folder)]), record, Scope.of([str(folder)], recursive=False), forced=True)
    record.prepare()
    record.begin(plan.begins or Scope.of([], recursive=False))
    return tuple(plan.batch.jobs), record


REPLACE = Policy(existing="replace")


@pytest.mark.parametrize("reason", ["gone", "full", "short"])
def test_a_file_stays_where_its_line_is_not_on_the_disk(
    photos: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    (first, *_), record = planned(photos)
    backup = photos / "a.png~"
    backup.unlink()
    if reason == "gone":
        record.file.unlink()
    elif reason == "full":

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr("convcli.jobs.many.in_place.os.fsync", full)
    else:
        monkeypatch.setattr("convcli.jobs.many.in_place.os.write", lambda _, data: len(data) - 1)
    before = (photos / "a.png").read_bytes()
    outcome = run_job(first, INVERT, REPLACE, record.add)
    assert isinstance(outcome, Failed)
    if reason == "gone":
        assert "which records what is done, cannot be written" in outcome.error.message
    assert (photos / "a.png").read_bytes() == before
    assert not backup.exists()
    assert not [each for each in names(photos) if each.startswith(".")]


def test_two_runs_at_once_filter_each_file_once(photos: Path) -> None:
    first, record = planned(photos)
    second, _ = planned(photos)
    before = levels(photos)
    outcomes = [run_job(job, INVERT, REPLACE, record.add) for pair in zip(first, second, strict=True) for job in pair]
    assert [type(each) for each in outcomes] == [Done, Failed] * 3
    assert levels(photos) == [255 - each for each in before]
    assert "was changed while this run was at work" in str(outcomes[1])


def test_what_an_editor_saves_meanwhile_is_not_replaced(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = replacing.refuse_changed

    def saved(place: Path, seen: object) -> None:
        if is_at_work:
            save(place, picture(77))
        before(place, seen)  # type: ignore[arg-type] # as it is called

    (first, *_), record = planned(photos)
    is_at_work = False
    monkeypatch.setattr(replacing, "refuse_changed", saved)

    def then(*_: object) -> None:
        nonlocal is_at_work
        is_at_work = True

    monkeypatch.setattr("convcli.jobs.one.run.check_size", then)
    outcome = run_job(first, INVERT, REPLACE._replace(backup=False), record.add)
    assert isinstance(outcome, Failed)
    assert levels(photos)[0] == 77


def test_another_picture_of_the_same_name_has_a_backup_of_its_own(photos: Path) -> None:
    done("apply", "invert", photos, "--in-place", "--resume")
    save(photos / "a.png", picture(99))
    new = (photos / "a.png").read_bytes()
    answer = done("apply", "invert", photos, "--in-place", "--resume")
    assert "1 file changed since they were filtered, and are filtered again" in answer.stderr
    assert "the backup a.png~ was there before, and is kept as it is: that of this file is a.png.~2~" in answer.stderr
    assert (photos / "a.png.~2~").read_bytes() == new
    assert int(pixels_of(photos / "a.png~", photos).flat[0]) == 10
    done("apply", "invert", photos, "--in-place")
    assert names(photos) == ["a.png", "a.png.~2~", "a.png~", "b.png", "b.png~", "c.png", "c.png~"]


def pixels_of(backup: Path, folder: Path) -> Array:
    copy = folder.parent / "backup.png"
    shutil.copy(backup, copy)
    return pixels(copy)


def test_a_backup_that_is_a_copy_is_whole_or_not_there(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    def half(*_: object) -> None:
        assert backup.name not in names(photos)
        raise KeyboardInterrupt

    (first, *_), record = planned(photos)
    backup = photos / "a.png~"
    backup.unlink()
    before = (photos / "a.png").read_bytes()
    monkeypatch.setattr(Path, "hardlink_to", no_links)
    with monkeypatch.context() as patched:
        patched.setattr("shutil.copyfileobj", half)
        with pytest.raises(KeyboardInterrupt):
            run_job(first, INVERT, REPLACE, record.add)
    assert not backup.exists()
    assert isinstance(run_job(first, INVERT, REPLACE, record.add), Done)
    assert backup.read_bytes() == before
