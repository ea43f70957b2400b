from __future__ import annotations

from pathlib import Path

import pytest

from convcli.jobs.paths import exists, is_folder, resolved


def test_questions_about_paths_have_answers_whatever_the_system_says(tmp_path: Path) -> None:
    endless = tmp_path / ("x" * 300)
    assert exists(tmp_path)
    assert is_folder(tmp_path)
    assert not exists(endless)
    assert not is_folder(endless)
    (tmp_path / "file").touch()
    assert not is_folder(tmp_path / "file")
    assert not exists(tmp_path / "file" / "below")


def test_a_file_has_one_path_however_its_folder_is_written_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "a" / "file").touch()
    (tmp_path / "a" / "link").symlink_to("file")
    paths = {resolved(each) for each in (tmp_path / "a/file", tmp_path / "b/file", tmp_path / "a/../b/file")}
    assert paths == {f"{tmp_path.resolve()}/a/file"}
    assert resolved(tmp_path / "b" / "link") == f"{tmp_path.resolve()}/a/link"


def test_a_relative_path_is_resolved_from_the_folder_one_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert resolved(Path("out/x.png")) == str(tmp_path / name / "out" / "x.png")
