from __future__ import annotations

from pathlib import Path

import pytest

from convcli.errors import UsageError
from convcli.image import format_named
from convcli.jobs.many.planning import plan_batch
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
