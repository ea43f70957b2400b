from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from convcli.errors import UsageError
from convcli.image import format_named
from convcli.jobs.many import planning
from convcli.jobs.many.planning import Batch, plan_batch
from tests.jobs.many.batches import pairs, tree


def test_a_file_to_a_file(tmp_path: Path) -> None:
    planned = plan_batch(["a.png"], f"{tmp_path}/b.jpg")
    assert pairs(planned) == [("a.png", f"{tmp_path}/b.jpg")]
    assert not any(planned.passed_over)
    (job,) = planned.jobs
    assert not job.makes_folder, "a folder that is not there is a slip of the pen, not a wish"


def test_streams() -> None:
    assert pairs(plan_batch(["-"], "-")) == [("stdin", "stdout")]
    assert pairs(plan_batch(["-"], "b.png")) == [("stdin", "b.png")]
    assert pairs(plan_batch(["a.png"], "-")) == [("a.png", "stdout")]


def test_a_folder_that_holds_one_picture_fits_into_a_stream(tmp_path: Path) -> None:
    assert pairs(plan_batch([str(tree(tmp_path, "a.png", "b.txt"))], "-")) == [(f"{tmp_path}/a.png", "stdout")]


def test_files_of_a_folder_are_in_order_and_without_hidden_ones(tmp_path: Path) -> None:
    tree(tmp_path / "in", "b.PNG", "a.jpeg", ".c.png", "d.txt", "e", "below/f.png")
    planned = plan_batch([str(tmp_path / "in")], f"{tmp_path}/out/")
    assert pairs(planned) == [
        (f"{tmp_path}/in/a.jpeg", f"{tmp_path}/out/a.jpeg"),
        (f"{tmp_path}/in/b.PNG", f"{tmp_path}/out/b.PNG"),
    ]
    assert planned.passed_over == (2, 0, 0)


def test_a_tree_keeps_its_paths_and_its_order(tmp_path: Path) -> None:
    tree(tmp_path / "in", "z.png", "a/y.png", "a/b/x.png", "c/w.txt")
    planned = plan_batch([str(tmp_path / "in")], f"{tmp_path}/out/", recursive=True, form=format_named("tiff"))
    assert [target for _, target in pairs(planned)] == [
        f"{tmp_path}/out/z.tif",
        f"{tmp_path}/out/a/y.tif",
        f"{tmp_path}/out/a/b/x.tif",
    ]
    assert planned.passed_over == (1, 0, 0)
    assert all(job.makes_folder for job in planned.jobs)


@pytest.mark.parametrize(
    ("inputs", "output", "what"),
    [
        (["a.png", "b.png"], "c.png", "c.png is not a folder, and there are 2 inputs"),
        (["a.png", "b.png"], "-", "2 pictures do not fit"),
        (["a.png", "-"], "-", "2 pictures do not fit"),
        (["-"], "out/", "standard input has no name"),
        (["a.png"], "b", "no format"),
        (["a.png"], "b.txt", "no format"),
        (["a.png", "x/a.png"], "out/", "a.png and x/a.png would both become out/a.png"),
        (["a.png", "a.png"], "out/", "would both become"),
    ],
)
def test_what_does_not_go_together(inputs: list[str], output: str, what: str) -> None:
    with pytest.raises(UsageError, match=what) as caught:
        plan_batch(inputs, output)
    assert caught.value.hint


def test_advice_on_many_inputs_is_a_folder_that_can_be_made(tmp_path: Path) -> None:
    tree(tmp_path, "there.png")
    for output, hint in (
        (tmp_path / "there.png", "give an output folder: -o out/"),
        (tmp_path / "new", f"write -o {tmp_path}/new/ to make it one"),
    ):
        with pytest.raises(UsageError, match="is not a folder, and there are 2 inputs") as caught:
            plan_batch(["a.png", "b.png"], str(output))
        assert caught.value.hint == hint


def test_an_array_that_is_named_beside_its_folder_is_not_counted_as_left_out(tmp_path: Path) -> None:
    tree(tmp_path / "in", "a.png", "b.csv", "c.npy")
    planned = plan_batch([f"{tmp_path}/in/b.csv", f"{tmp_path}/in/"], f"{tmp_path}/out/")
    assert [source for source, _ in pairs(planned)] == [f"{tmp_path}/in/b.csv", f"{tmp_path}/in/a.png"]
    assert planned.passed_over == (0, 1, 0)


def test_a_file_without_a_known_ending_does_not_stop_a_batch_before_it_begins() -> None:
    assert pairs(plan_batch(["a.png", "README"], "out/")) == [("a.png", "out/a.png"), ("README", "out/README")]


def test_of_a_large_folder_the_first_files_are_begun_before_the_last_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{folder}/{number}.png" for folder in "abc" for number in range(3)]
    tree(tmp_path / "in", *names, "b/notes.txt", "c/table.csv")
    looked: list[str] = []
    look = os.scandir

    def scandir(path: Path) -> Any:
        looked.append(Path(path).name)
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(planning, "_LOOKED_AHEAD", 2)

    def planned(**options: Any) -> Batch:
        return plan_batch([str(tmp_path / "in")], f"{tmp_path}/out/", recursive=True, **options)

    batch = planned(streamed=True)
    assert looked == ["in", "a"]
    assert pairs(batch) == [(f"{tmp_path}/in/{name}", f"{tmp_path}/out/{name}") for name in names[:2]]
    assert batch.more
    assert [job.target_name for job in batch.more] == [f"{tmp_path}/out/{name}" for name in names[2:]]
    assert (batch.more.count, batch.more.passed_over) == (7, (1, 1, 0))
    assert looked == ["in", "a", "b", "c"]
    for options in ({}, {"streamed": True, "form": format_named("tiff")}, {"streamed": True, "name": "{n}{suffix}"}):
        assert len(planned(**options).jobs) == 9, "all outputs are compared"
    monkeypatch.setattr(planning, "_ignores_case", lambda _: True)
    assert len(planned(streamed=True).jobs) == 9


def test_formats_that_are_not_written_become_png_beside_those_that_are(tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", "a.cr2", "a.png", "b.psd", "c.JPG")
    outputs = [job.target.name for job in plan_batch([str(folder)], f"{tmp_path}/out/").jobs if job.target]
    assert outputs == ["a.cr2.png", "a.png", "b.psd.png", "c.JPG"]
    named = plan_batch([str(folder / "a.cr2")], f"{tmp_path}/out/", form=format_named("jpeg")).jobs
    assert [job.target.name for job in named if job.target] == ["a.jpg"]


def test_a_folder_of_videos_alone_says_how_they_are_filtered(tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", "a.mp4", "b.txt")
    with pytest.raises(UsageError) as caught:
        plan_batch([str(folder)], f"{tmp_path}/out/")
    assert caught.value.hint == f"videos are filtered where they are named: {folder}/*.mp4"
