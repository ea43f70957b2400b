from __future__ import annotations

from pathlib import Path

import pytest

from convcli.errors import UsageError
from convcli.jobs.matching import match_folders
from tests.jobs.many.batches import tree


def test_folders_are_matched_by_the_paths_in_them(tmp_path: Path) -> None:
    source = tree(tmp_path / "in", "a.png", "sub/b.png", "sub/deep/c.png", "only.png")
    target = tree(tmp_path / "out", "a.png", "sub/b.png", "sub/deep/c.png", "b.png", "more.png")
    (target / "notes.txt").touch()
    matched = match_folders(source, target)
    assert matched.files == tuple(
        (source / name, target / name, name) for name in ("a.png", "sub/b.png", "sub/deep/c.png")
    )
    assert matched.unmatched == (("only.png",), ("b.png", "more.png"))
    assert sum(matched.passed_over) == 1


def test_another_suffix_is_a_counterpart_where_there_is_one(tmp_path: Path) -> None:
    source = tree(tmp_path / "in", "a.png", "b.bmp", "c.png", "c.bmp", "d.png")
    target = tree(tmp_path / "out", "a.tif", "b.png", "c.tif", "d.png", "d.tif")
    matched = match_folders(source, target)
    assert [(first.name, second.name) for first, second, _ in matched.files] == [
        ("a.png", "a.tif"),
        ("b.bmp", "b.png"),
        ("d.png", "d.png"),
    ]
    assert matched.unmatched == (("c.bmp", "c.png"), ("c.tif", "d.tif"))


def test_a_folder_within_the_other_is_none_of_its_files(tmp_path: Path) -> None:
    source = tree(tmp_path / "in", "a.png", "out/a.png", "out/b.png")
    matched = match_folders(source, source / "out")
    assert matched.files == ((source / "a.png", source / "out" / "a.png", "a.png"),)
    assert matched.unmatched == ((), ("b.png",))


def test_no_counterpart_at_all(tmp_path: Path) -> None:
    source, target = tree(tmp_path / "in", "a.png"), tree(tmp_path / "out", "b.png")
    with pytest.raises(UsageError, match=r"no picture in .*in has a counterpart in .*out") as error:
        match_folders(source, target)
    assert "one name in both folders" in error.value.hint


def test_arrays_beside_pictures_are_no_pairs_and_alone_they_are(tmp_path: Path) -> None:
    source, target = (tree(tmp_path / name, "a.png", "notes.npy") for name in ("in", "out"))
    matched = match_folders(source, target)
    assert [name for _, _, name in matched.files] == ["a.png"]
    assert matched.passed_over.arrays == 2
    source, target = (tree(tmp_path / name, "notes.npy") for name in ("other", "more"))
    assert [name for _, _, name in match_folders(source, target).files] == ["notes.npy"]
