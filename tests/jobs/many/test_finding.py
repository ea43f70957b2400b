from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from convcli.errors import FileError
from convcli.jobs.many.finding import files_below
from convcli.jobs.many.planning import plan_batch
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Failed
from tests.jobs.many.batches import IDENTITY, pairs, tree


def test_a_tree_that_links_to_itself_ends(tmp_path: Path) -> None:
    tree(tmp_path / "in", "a.png")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "in", target_is_directory=True)
    assert len(plan_batch([str(tmp_path / "in")], f"{tmp_path}/out/", recursive=True).jobs) == 1


def test_a_folder_that_may_not_be_looked_into_is_an_input_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path / "in", "a.png", "closed/b.png")
    look = os.scandir

    def scandir(path: str) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    planned = plan_batch([str(tmp_path / "in")], f"{tmp_path}/out/", recursive=True)
    assert pairs(planned) == [
        (f"{tmp_path}/in/a.png", f"{tmp_path}/out/a.png"),
        (f"{tmp_path}/in/closed", f"{tmp_path}/out/closed"),
    ]
    alone = plan_batch([str(tmp_path / "in" / "closed")], f"{tmp_path}/out/")
    assert pairs(alone) == [(f"{tmp_path}/in/closed", f"{tmp_path}/out/closed")]
    assert isinstance(run_job(alone.jobs[0], Recipe(IDENTITY)), Failed)
    with pytest.raises(FileError, match="closed may not be read: Permission denied"):
        files_below(tmp_path / "in", recursive=True, output=tmp_path / "out")


def test_the_output_folder_is_no_input_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.png", "out/old.png", "other/b.png")
    monkeypatch.chdir(tmp_path)
    for output in ("out", "out/", "./out", "other/../out", str(tmp_path / "out")):
        planned = plan_batch(["."], output, recursive=True)
        assert [source for source, _ in pairs(planned)] == ["a.png", "other/b.png"]
