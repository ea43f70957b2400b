from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convcli.image import READABLE_SUFFIXES, Picture, read_picture
from tests.support.console import done, names, refused, run, shell
from tests.support.oracle import correlate, margins, rounded
from tests.support.pictures import gray, harbour, pixels, save

SHARPENED = rounded(
    correlate(harbour(), [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], margins=margins("same", (3, 3))), np.uint8
)


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A folder of three pictures, two of them below, with other files beside them."""
    album = tmp_path / "album"
    (album / "2024" / "may").mkdir(parents=True)
    save(album / "a.png", harbour())
    save(album / "2024" / "b.bmp", harbour())
    save(album / "2024" / "may" / "a.png", gray())
    (album / "notes.txt").write_text("not a picture")
    (album / "2024" / "movie.mp4").write_bytes(b"neither")
    (album / ".hidden.png").write_bytes(b"of no concern")
    return album


def objects(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_one_file_to_a_file(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    answer = done("apply", "sharpen", source, "-o", tmp_path / "out.png")
    assert answer.data == b""
    assert answer.lines[-1].startswith(f"{source} → {tmp_path / 'out.png'} (44×30, ")
    assert np.array_equal(pixels(tmp_path / "out.png"), SHARPENED)


def test_one_file_into_a_folder_that_exists_or_not(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    (tmp_path / "there").mkdir()
    done("apply", "sharpen", source, "-o", tmp_path / "there")
    done("apply", "sharpen", source, "-o", f"{tmp_path}/new/deep/")
    assert names(tmp_path) == ["in.png", "new/deep/in.png", "there/in.png"]
    assert np.array_equal(pixels(tmp_path / "new" / "deep" / "in.png"), SHARPENED)


def test_many_files_into_a_folder(tmp_path: Path) -> None:
    sources = [save(tmp_path / f"{name}.png", harbour()) for name in "abc"]
    answer = done("apply", "sharpen", *sources, "-o", f"{tmp_path}/out/")
    assert names(tmp_path / "out") == ["a.png", "b.png", "c.png"]
    assert all(np.array_equal(pixels(tmp_path / "out" / f"{name}.png"), SHARPENED) for name in "abc")
    assert answer.lines[-1].startswith("3 done in ")


def test_many_files_do_not_fit_into_one(tmp_path: Path) -> None:
    sources = [save(tmp_path / f"{name}.png", harbour()) for name in "ab"]
    what, helps = refused(2, "apply", "sharpen", *sources, "-o", tmp_path / "out.png")
    assert "2 inputs" in what
    assert f"{tmp_path / 'out'}/" in helps
    assert "stream" in refused(2, "apply", "sharpen", *sources, "-o", "-")[0]
    (tmp_path / "folder").mkdir()
    save(tmp_path / "folder" / "c.png", harbour())
    assert "the input is one" in refused(2, "apply", "sharpen", tmp_path / "folder", "-o", tmp_path / "out.png")[0]
    assert names(tmp_path) == ["a.png", "b.png", "folder/c.png"]


def test_a_folder_without_what_is_below(album: Path, tmp_path: Path) -> None:
    answer = done("apply", "sharpen", album, "-o", f"{tmp_path}/out/")
    assert names(tmp_path / "out") == ["a.png"]
    assert "1 done, 1 of no format that convcli reads in " in answer.lines[-1]


def test_a_whole_tree_keeps_its_paths(album: Path, tmp_path: Path) -> None:
    answer = done("apply", "sharpen", album, "-r", "-o", f"{tmp_path}/out/")
    assert names(tmp_path / "out") == ["2024/b.bmp", "2024/may/a.png", "a.png"]
    assert "3 done, 2 of no format that convcli reads in " in answer.lines[-1]
    assert np.array_equal(pixels(tmp_path / "out" / "2024" / "b.bmp"), SHARPENED)


def test_files_and_folders_together(album: Path, tmp_path: Path) -> None:
    other = save(tmp_path / "other.tif", harbour())
    done("apply", "sharpen", album, other, "-r", "-o", f"{tmp_path}/out/", "--format", "png")
    assert names(tmp_path / "out") == ["2024/b.png", "2024/may/a.png", "a.png", "other.png"]


def test_the_output_folder_inside_the_input_folder_is_no_input(album: Path) -> None:
    for _ in range(2):
        answer = done("apply", "sharpen", album, "-r", "-f", "-o", f"{album}/out/")
        assert answer.lines[-1].startswith("3 done")
    assert names(album / "out") == ["2024/b.bmp", "2024/may/a.png", "a.png"]


def test_every_extension_that_is_read_counts_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for suffix in (*READABLE_SUFFIXES, ".PNG", ".Jpg"):
        (folder / f"x{suffix}{suffix}").touch()
    for suffix in (".txt", ".png.bak", ".pdf", ""):
        (folder / f"other{suffix}").touch()
    answer = done("apply", "sharpen", folder, "-o", tmp_path, "-n")
    read = len(READABLE_SUFFIXES) + 2 - len({".npy", ".csv"})
    assert answer.lines[-1].startswith(f"{read} to do, 4 of no format that convcli reads, 2 arrays left out in ")
    assert sum(line.startswith("would write ") for line in answer.lines) == read


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "in" / "below").mkdir(parents=True)
    save(tmp_path / "in" / "below" / "a.png", gray())
    what, helps = refused(2, "apply", "sharpen", tmp_path / "in", "-o", f"{tmp_path}/out/")
    assert "no picture in" in what
    assert "-r" in helps
    assert not (tmp_path / "out").exists()


def test_outputs_that_would_collide_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        save(tmp_path / folder / "a.png", harbour())
    save(tmp_path / "one" / "a.bmp", harbour())
    for inputs, words in (
        (("one/a.png", "two/a.png"), ()),
        (("one", "two"), ()),
        (("one/a.png", "one/a.bmp"), ("--format", "png")),
        (("one",), ("--name", "same.png")),
    ):
        sources = [tmp_path / each for each in inputs]
        what, helps = refused(2, "apply", "sharpen", *sources, "-o", f"{tmp_path}/out/", *words)
        assert "would both become" in what
        assert "--name" in helps
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{stem}-{filter}{suffix}", "a.b-gaussian-sigma2.png"),
        ("{filter}.tif", "gaussian-sigma2.tif"),
        ("x{{{stem}}}{suffix}", "x{a.b}.png"),
        ("{stem:_<6}{suffix}", "a.b___.png"),
    ],
)
def test_names_follow_a_pattern(tmp_path: Path, pattern: str, name: str) -> None:
    source = save(tmp_path / "a.b.png", harbour())
    done("apply", "gaussian:2", source, "-o", f"{tmp_path}/out/", "--name", pattern)
    assert names(tmp_path / "out") == [name]


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("{name}{suffix}", "cannot be filled in"),
        ("{0}{suffix}", "cannot be filled in"),
        ("{stem", "cannot be filled in"),
        ("{stem.nothing}{suffix}", "cannot be filled in"),
        ("sub/{stem}{suffix}", "no file name"),
        ("../{stem}{suffix}", "no file name"),
        ("/tmp/{stem}{suffix}", "no file name"),
        ("..", "no file name"),
        ("", "no file name"),
        ("{stem}", "no format"),
        ("{stem}.xyz", "no format"),
    ],
)
def test_a_wrong_pattern_is_refused_before_anything_is_written(tmp_path: Path, pattern: str, what: str) -> None:
    source = save(tmp_path / "a.png", harbour())
    assert what in refused(2, "apply", "sharpen", source, "-o", f"{tmp_path}/out/", "--name", pattern)[0]
    assert names(tmp_path) == ["a.png"]


def test_the_suffix_follows_the_format(tmp_path: Path) -> None:
    source = save(tmp_path / "a.png", harbour())
    done("apply", "sharpen", source, "-o", f"{tmp_path}/out/", "--format", "JPG", "--name", "{stem}-{filter}{suffix}")
    assert names(tmp_path / "out") == ["a-sharpen.jpg"]


def test_two_processes_give_the_same_files_as_one(album: Path, tmp_path: Path) -> None:
    (album / "2024" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    answers = {}
    for jobs in ("1", "2"):
        words = ("-r", "-j", jobs, "--json", "-o", f"{tmp_path}/out{jobs}/")
        answers[jobs] = run("apply", "gaussian:1.5", album, *words)
        assert answers[jobs].code == 1
    assert names(tmp_path / "out1") == names(tmp_path / "out2")
    for name in names(tmp_path / "out1"):
        assert (tmp_path / "out1" / name).read_bytes() == (tmp_path / "out2" / name).read_bytes()
    one, two = (
        sorted((str(each["input"]), str(each["status"]), str(each["clipped"])) for each in objects(answer.stdout))
        for answer in answers.values()
    )
    assert one == two
    assert len(one) == 4


def test_a_file_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    sources = [save(tmp_path / f"{name}.png", harbour()) for name in "abc"]
    sources[1].write_bytes(b"no picture")
    answer = run("apply", "sharpen", *sources, tmp_path / "none.png", "-o", f"{tmp_path}/out/", "-j", "1")
    assert answer.code == 1
    assert names(tmp_path / "out") == ["a.png", "c.png"]
    errors = [line for line in answer.lines if line.startswith("error: ")]
    assert len(errors) == 2
    assert str(sources[1]) in errors[0]
    assert "none.png" in errors[1]
    assert answer.lines[-1].startswith("2 done, 2 failed in ")


def test_fail_fast_ends_with_the_first_that_fails(tmp_path: Path) -> None:
    sources = [save(tmp_path / f"{name}.png", harbour()) for name in "abcd"]
    sources[1].write_bytes(b"no picture")
    answer = run("apply", "sharpen", *sources, "-o", f"{tmp_path}/out/", "-j", "1", "--fail-fast")
    assert answer.code == 1
    assert names(tmp_path / "out") == ["a.png"]
    assert answer.lines[-1].startswith("1 done, 1 failed, 2 not begun in ")
    dry = run("apply", "sharpen", tmp_path / "none.png", *sources, "-n", "-o", f"{tmp_path}/dry/", "--fail-fast")
    assert dry.lines[-1].startswith("1 failed, 4 not begun in ")
    done("apply", "sharpen", sources[0], *sources[2:], "-o", f"{tmp_path}/other/", "--fail-fast")
    assert run("apply", "sharpen", *sources, "-f", "-o", f"{tmp_path}/out/", "--fail-fast", "--keep-going").code == 1
    assert names(tmp_path / "out") == ["a.png", "c.png", "d.png"]


def test_json_is_one_object_a_file(tmp_path: Path) -> None:
    done_, bad, there = (tmp_path / f"{name}.png" for name in ("done", "bad", "there"))
    save(done_, harbour())
    save(there, harbour())
    bad.write_bytes(b"no picture")
    out = tmp_path / "out"
    out.mkdir()
    save(out / "there.png", harbour())
    words = ("-o", out, "--json", "-j", "1", "--skip-existing")
    answer = run("apply", "sharpen", done_, bad, there, *words)
    assert answer.code == 1
    first, second, third = objects(answer.stdout)
    for each in (first, second, third):
        assert list(each) == ["input", "output", "status", "seconds", "clipped", "engine", "error", "notes"]
    assert (first["input"], first["output"], first["status"]) == (str(done_), str(out / "done.png"), "done")
    assert isinstance(first["seconds"], float)
    assert first["seconds"] > 0
    values = correlate(harbour(), [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], margins=margins("same", (3, 3)))
    share = float(np.mean((values < -0.5) | (values >= 255.5)))
    assert first["clipped"] == pytest.approx(share, abs=1e-6)
    assert first["engine"] in ("numpy", "numba")
    assert first["error"] is None
    assert (second["status"], second["seconds"], second["clipped"], second["engine"]) == ("failed", None, None, None)
    assert str(bad) in str(second["error"])
    assert (third["status"], third["error"]) == ("skipped", None)
    assert second["notes"] == third["notes"] == []
    text = f"{100 * share:.1f} % of the values were clipped"
    assert first["notes"] == [{"code": "clipped", "text": text}]


def test_json_and_the_picture_do_not_share_stdout(tmp_path: Path) -> None:
    source = save(tmp_path / "a.png", harbour())
    assert "--json" in refused(2, "apply", "sharpen", source, "-o", "-", "--json")[0]


def states(folder: Path) -> dict[str, tuple[int, int, int]]:
    """What every file below a folder is like, when it was last read left out."""
    found = {name: (folder / name).stat() for name in names(folder)}
    return {name: (each.st_ino, each.st_size, each.st_mtime_ns) for name, each in found.items()}


def test_a_dry_run_says_what_would_be_done_and_does_nothing(album: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    save(tmp_path / "out" / "a.png", gray())
    before = states(tmp_path)
    answer = run("apply", "sharpen", album, "-r", "-n", "-o", f"{tmp_path}/out/", "--json")
    assert answer.code == 1
    would = [line for line in answer.lines if line.startswith("would write ")]
    assert would == [
        f"would write {album / '2024' / 'b.bmp'} → {tmp_path / 'out' / '2024' / 'b.bmp'}",
        f"would write {album / '2024' / 'may' / 'a.png'} → {tmp_path / 'out' / '2024' / 'may' / 'a.png'}",
    ]
    assert any(line.startswith("error: ") and "exists" in line for line in answer.lines)
    assert [each["status"] for each in objects(answer.stdout)] == ["failed", "skipped", "skipped"]
    assert states(tmp_path) == before
    assert run("apply", "sharpen", album, "-r", "-n", "-f", "-o", f"{tmp_path}/out/").code == 0
    assert run("apply", "sharpen", tmp_path / "none.png", "-n", "-o", tmp_path / "x.png").code == 1
    assert states(tmp_path) == before


@pytest.mark.parametrize("output", ["out.webp", "new/", "-"])
def test_a_format_behind_the_option_that_overwrites_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "in.png", gray())
    what, helps = refused(2, "apply", "invert", "in.png", "-f", "webp", "-o", output)
    assert what == "webp does not exist"
    assert "--format webp" in helps
    assert names(tmp_path) == ["in.png"]
    save(tmp_path / "other.png", gray()).rename(tmp_path / "png")
    done("apply", "invert", "in.png", "png", "-o", "new/", "--format", "png")


@pytest.mark.parametrize("words", [(), ("-n",), ("-q",)])
def test_a_folder_of_existing_outputs_is_not_told_of_one_by_one(tmp_path: Path, words: tuple[str, ...]) -> None:
    sources = [save(tmp_path / f"{index}.png", gray()) for index in range(7)]
    command: tuple[str | Path, ...] = ("apply", "invert", *sources, "-o", f"{tmp_path}/out/", "--json", "-j", "1")
    done(*command)
    answer = run(*command, *words)
    assert answer.code == 1
    assert [each["status"] for each in objects(answer.stdout)] == ["failed"] * 7
    errors = [line for line in answer.lines if line.startswith("error: ")]
    assert errors == [
        *(f"error: {tmp_path}/out/{index}.png exists" for index in range(3)),
        "error: 4 more outputs refused likewise (-v names them)",
    ]
    named = run(*command, "-v").lines
    assert [line for line in named if line.startswith("error: ")] == [
        f"error: {tmp_path}/out/{index}.png exists" for index in range(7)
    ]


def test_an_existing_output_is_refused_skipped_or_overwritten(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    output = save(tmp_path / "out.png", gray())
    os.utime(output, ns=(10**18, 10**18))
    old = output.read_bytes()

    what, helps = refused(1, "apply", "sharpen", source, "-o", output)
    assert f"{output} exists" in what
    assert "--force" in helps
    assert "--skip-existing" in helps
    assert (output.read_bytes(), output.stat().st_mtime_ns) == (old, 10**18)

    answer = done("apply", "sharpen", source, "-o", output, "--skip-existing", "--json")
    assert objects(answer.stdout)[0]["status"] == "skipped"
    assert any("skipped" in line for line in answer.lines)
    assert (output.read_bytes(), output.stat().st_mtime_ns) == (old, 10**18)

    done("apply", "sharpen", source, "-o", output, "-f")
    assert np.array_equal(pixels(output), SHARPENED)
    assert names(tmp_path) == ["in.png", "out.png"]


def test_skipping_takes_up_a_batch_where_it_ended(album: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "2024").mkdir(parents=True)
    save(tmp_path / "out" / "2024" / "b.bmp", gray())
    answer = done("apply", "sharpen", album, "-r", "--skip-existing", "-o", tmp_path / "out")
    assert answer.lines[-1].startswith("2 done, 1 skipped, ")
    assert np.array_equal(pixels(tmp_path / "out" / "2024" / "b.bmp"), gray())
    assert names(tmp_path / "out") == ["2024/b.bmp", "2024/may/a.png", "a.png"]


def test_the_input_is_never_overwritten(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    (tmp_path / "link.png").symlink_to(source)
    (tmp_path / "twin.png").hardlink_to(source)
    old = source.read_bytes()
    for output in ("in.png", "./in.png", "link.png", "twin.png", "."):
        for words in ((), ("--force",), ("--skip-existing",)):
            what, helps = refused(1, "apply", "sharpen", source, "-o", f"{tmp_path}/{output}", *words)
            assert "is the input itself" in what
            assert "another" in helps
    assert source.read_bytes() == old


def test_an_output_keeps_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    output = save(tmp_path / "out.png", gray())
    output.chmod(0o640)
    (tmp_path / "link.png").symlink_to(output)
    done("apply", "sharpen", source, "-f", "-o", tmp_path / "link.png")
    assert (tmp_path / "link.png").is_symlink()
    assert output.stat().st_mode & 0o777 == 0o640
    assert np.array_equal(pixels(output), SHARPENED)


@pytest.mark.parametrize("place", ["before", "after"])
def test_quiet_says_errors_only(tmp_path: Path, place: str) -> None:
    source = save(tmp_path / "in.png", harbour())
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")

    def quiet(*words: str | Path) -> tuple[str | Path, ...]:
        return ("-q", *words) if place == "before" else (*words, "--quiet")

    assert done(*quiet("apply", "9", source, "-o", tmp_path / "out.png")).stderr == ""
    answer = run(*quiet("apply", "9", source, bad, "-o", f"{tmp_path}/out/", "-j", "1"))
    assert answer.code == 1
    assert [line.split(":")[0] for line in answer.lines] == ["error", "help"]
    loud = done("apply", "9", source, "-o", tmp_path / "loud.png")
    assert loud.lines[0].startswith("warning: ")
    assert len(loud.lines) == 2


@pytest.mark.parametrize("place", ["before", "after"])
def test_verbose_says_more(tmp_path: Path, place: str) -> None:
    sources = [save(tmp_path / f"{name}.png", harbour()) for name in "ab"]
    words: list[str | Path] = ["apply", "box", *sources, "-j", "1", "--engine", "numpy"]
    plain = done(*words, "-o", f"{tmp_path}/plain/")
    assert len(plain.lines) == 1
    wordy = [*words, "-o", f"{tmp_path}/wordy/"]
    answer = done("-v", *wordy) if place == "before" else done(*wordy, "--verbose")
    assert [line.startswith(f"{source} → ") for line, source in zip(answer.lines, sources, strict=False)] == [True] * 2
    assert all("numpy" in line for line in answer.lines[:2])


@pytest.mark.parametrize("place", ["before", "after"])
def test_debug_adds_the_traceback(tmp_path: Path, place: str) -> None:
    wrong: list[tuple[str | Path, ...]] = [
        ("apply", "sharpen", tmp_path / "none.png", "-o", tmp_path / "out.png"),
        ("apply", "sharpn", tmp_path / "none.png", "-o", tmp_path / "out.png"),
        ("show", "sharpn"),
        ("apply", "sharpen", tmp_path / "none.png"),
    ]
    for words in wrong:
        plain = run(*words)
        assert "Traceback" not in plain.stderr
        answer = run("--debug", *words) if place == "before" else run(*words, "--debug")
        assert answer.code == plain.code
        assert "Traceback (most recent call last):" in answer.stderr
        assert answer.stderr.endswith(plain.stderr)


def test_an_error_nobody_foresaw_is_one_line_and_a_traceback_for_debug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("convcli.cli.apply.planning.plan_batch", broken)
    answer = run("apply", "sharpen", tmp_path / "a.png", "-o", tmp_path / "b.png")
    assert answer.code == 1
    what, helps = answer.lines
    assert what == "error: this should not happen: ZeroDivisionError: a bug"
    assert "--debug" in helps
    with pytest.raises(AssertionError, match="a bug"):  # what the helper makes of an exception that comes through
        run("apply", "sharpen", tmp_path / "a.png", "-o", tmp_path / "b.png", "--debug")


def test_an_error_nobody_foresaw_does_not_stop_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.png", "b.png", "c.png"):
        save(tmp_path / name, harbour())

    def broken(source: Path, **settings: Any) -> Picture:
        if source.name == "b.png":
            raise ZeroDivisionError("a bug")
        return read_picture(source, **settings)

    monkeypatch.setattr("convcli.jobs.one.run.read_picture", broken)
    inputs = sorted(tmp_path.glob("*.png"))
    answer = run("apply", "identity", *inputs, "-o", f"{tmp_path}/out/", "-j", "1")
    assert answer.code == 1
    assert answer.lines[0].startswith(f"error: {tmp_path / 'b.png'}: this should not happen: ZeroDivisionError")
    assert "Traceback" not in answer.stderr
    assert names(tmp_path / "out") == ["a.png", "c.png"]
    debug = run("apply", "identity", tmp_path / "b.png", "-o", tmp_path / "b2.png", "--debug")
    assert "Traceback (most recent call last):" in debug.stderr
    assert "ZeroDivisionError" in debug.stderr


def test_the_exit_codes_reach_the_shell(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    assert shell("apply", "sharpen", source, "-o", tmp_path / "out.png").returncode == 0
    assert shell("apply", "sharpen", source, "-o", tmp_path / "out.png").returncode == 1
    wrong = shell("apply", "sharpn", source, "-o", tmp_path / "other.png")
    assert wrong.returncode == 2
    assert wrong.stdout == b""
    assert wrong.stderr.startswith(b"error: unknown filter 'sharpn'\nhelp: did you mean sharpen?")
    assert wrong.stderr.count(b"\n") == 2


def test_odd_names_of_files(tmp_path: Path) -> None:
    for name in ("with space.png", "-dash.png", "ünï→.png", "[brackets].png", "a;b|c.png", "new\nline.png"):
        save(tmp_path / name, harbour())
        answer = done("apply", "sharpen", "-o", f"{tmp_path}/out/", "--", tmp_path / name)
        assert np.array_equal(pixels(tmp_path / "out" / name), SHARPENED)
        assert len(answer.lines) == 2, "a warning of clipped values, and one line for the file, whatever its name"


def test_numbers_after_two_dashes_are_names_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "-1.png", harbour())
    (tmp_path / "-1.png").rename("-1")
    done("apply", "-o", "out.png", "--", "sharpen", "-1")
    assert np.array_equal(pixels(tmp_path / "out.png"), SHARPENED)
