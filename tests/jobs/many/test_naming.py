from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from convcli.errors import UsageError
from convcli.jobs.many.naming import Pattern
from convcli.jobs.many.planning import plan_batch
from tests.support.console import done, names, refused, run
from tests.support.pictures import gray, save

VALUES: dict[str, Callable[[], str | int]] = {
    "stem": lambda: "a",
    "n": lambda: 7,
    "width": lambda: 40,
    "height": lambda: "unknown",
}


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("{n}", "7"), ("{n:03}", "007"), ("{n:3}", "007"), ("{n:0}", "7"), ("{{{n}}}", "{7}"), ("{stem:_>3}", "__a"),
     ("{stem:.0}x", "x"), ("{width:02}x{height:04}", "40xunknown")],
)  # fmt: skip
def test_placeholders_take_a_format(pattern: str, name: str) -> None:
    assert Pattern(pattern).name(VALUES).replace("unknown0000", "unknown") == name


@pytest.mark.parametrize(
    ("pattern", "what", "hint"),
    [
        ("{n:99999}", "{n:99999} cannot be filled in", "write {n}, or {n:03} for at least 3 digits"),
        ("{n:x}", "{n:x} cannot be filled in", "write {n}, or {n:03} for at least 3 digits"),
        ("{n!r}", "{n!r} cannot be filled in", "write {n}, or {n:03} for at least 3 digits"),
        ("{stem:>999}", "{stem:>999} cannot be filled in", "write {stem}"),
        ("{n:{width}}", "{n:{width}} cannot be filled in", "write {n}, or {n:03} for at least 3 digits"),
        ("{stem.__class__}", "{stem.__class__} cannot be filled in", "the placeholders are {stem}, "),
        ("{foo}", "{foo} cannot be filled in", "the placeholders are {stem}, {suffix}, {ext}, {filter}, {parent}, "),
        ("{}", "{} cannot be filled in", "the placeholders are "),
        ("a}", "cannot be filled in: a brace stands alone", "write {{ for one"),
    ],
)
def test_wrong_placeholders_are_refused(pattern: str, what: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        Pattern(pattern)
    assert caught.value.message.startswith(f"--name {pattern!r}")
    assert what in caught.value.message
    assert caught.value.hint.startswith(hint)


@given(st.text(st.sampled_from("{}n:03stem.!rd/\\ "), max_size=12))
def test_a_pattern_is_a_name_or_refused(text: str) -> None:
    with suppress(UsageError):
        assert len(Pattern(text).name(VALUES)) < 400


def test_every_placeholder_of_a_batch(tmp_path: Path) -> None:
    folder = tmp_path / "holidays"
    folder.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (40, 30)).save(folder / "a.JPG", exif=exif)
    Image.new("RGB", (20, 10)).save(folder / "b.c.png")
    for each in folder.iterdir():
        os.utime(each, (946_728_000, 946_728_000))  # 2000-01-01, at noon in Greenwich
    pattern = "{n:02}_{parent}_{stem}_{ext}_{filter}_{width}x{height}_{date}{suffix}"
    words = ("apply", "gaussian:2", folder, "-o", f"{tmp_path}/out/", "--name", pattern, "--engine", "numpy")
    expected = [
        "01_holidays_a_JPG_gaussian-sigma2_30x40_2000-01-01.JPG",
        "02_holidays_b.c_png_gaussian-sigma2_20x10_2000-01-01.png",
    ]
    assert [line.rpartition("/")[2] for line in done(*words, "-n").lines[:2]] == expected
    done(*words)
    assert names(tmp_path / "out") == expected
    assert done(*words, "--resume").lines[-1].startswith("2 skipped in ")
    assert done(*words, "--skip-existing").lines[-1].startswith("2 skipped in ")
    done(*words, "--each", "--format", "png")
    assert expected[0].replace(".JPG", "-2.png") in names(tmp_path / "out")


def test_the_size_is_that_of_the_output(tmp_path: Path) -> None:
    source = save(tmp_path / "a.png", gray())
    with Image.open(source) as image:
        width, height = image.size
    words = ("apply", "avgpool:2", source, "-o", f"{tmp_path}/out/", "--name", "{width}x{height}{suffix}")
    done(*words)
    assert names(tmp_path / "out") == [f"{width // 2}x{height // 2}.png"]


def test_the_size_of_a_picture_that_cannot_be_read_is_unknown_and_stops_no_other(tmp_path: Path) -> None:
    save(tmp_path / "a.png", gray())
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    words = ("apply", "box", tmp_path / "a.png", tmp_path / "b.png", "--name", "{stem}-{width}{suffix}")
    answer = run(*words, "-o", f"{tmp_path}/out/", "--engine", "numpy")
    assert answer.code == 1
    assert answer.lines[-1].startswith("1 done, 1 failed")


def test_no_value_leads_out_of_the_output_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    save(tmp_path / "deep" / "a.png", gray())
    monkeypatch.chdir(tmp_path / "deep" / "er")
    (job,) = plan_batch(["../a.png"], "out/", name="{parent}{suffix}").jobs
    assert job.target == Path("out/deep.png")
    (job,) = plan_batch(["./../er/../a.png"], "out/", name="{parent}{suffix}").jobs
    assert job.target == Path("out/deep.png")
    for pattern in ("{parent}/{stem}{suffix}", "..", "../{stem}{suffix}", "{stem:/>4}{suffix}", "{stem:.0}..", ""):
        assert "no file name" in refused(2, "apply", "box", "../a.png", "-o", "out/", "--name", pattern)[0]


def test_a_pattern_for_one_file_is_left_unused_with_a_warning(tmp_path: Path) -> None:
    source = save(tmp_path / "a.png", gray())
    answer = done("apply", "box", source, "-o", tmp_path / "b.png", "--name", "{n}{suffix}")
    assert answer.lines[0].startswith("warning: --name is left unused")
