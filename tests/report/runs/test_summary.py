"""The summary of a batch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from convcli.errors import OutputRefused, ReadError
from convcli.jobs import PassedOver
from convcli.jobs.one.work import DRY_RUN, Done, Failed, Job, Outcome, Skipped
from convcli.note import Note
from convcli.report.runs.outcomes import Summary
from convcli.words import clipped_note

JOB = Job(Path("in.png"), Path("out/out.png"))
DONE = Done(JOB, 1.23456789, (3000, 4000), 0.1234567, "numpy", (Note("lost", "something is lost"),))
SKIPPED = Skipped(JOB, "the output exists")
DRY = Skipped(JOB, DRY_RUN)
FAILED = Failed(JOB, ReadError("in.png is damaged", "fetch it again"))


@pytest.mark.parametrize(
    ("outcomes", "passed_over", "sentence"),
    [
        ([DONE] * 3, 0, "3 done in "),
        ([DONE, FAILED, SKIPPED, DONE], 0, "2 done, 1 skipped, 1 failed in "),
        ([DRY, DRY, FAILED], 2, "2 to do, 1 failed, 2 of no format that convcli reads in "),
        ([SKIPPED], 1, "1 skipped, 1 of no format that convcli reads in "),
    ],
)
def test_the_summary_is_a_sentence(outcomes: list[Outcome], passed_over: int, sentence: str) -> None:
    summary = Summary()
    for outcome in outcomes:
        summary.add(outcome)
    told = summary.sentence(PassedOver(passed_over), len(outcomes))
    assert told.startswith(sentence)
    speed = r", [\d.]+ megapixels/s → out/" if DONE in outcomes else ""
    assert re.fullmatch(rf"\d\.\d s{speed}", told.removeprefix(sentence))
    assert summary.failed == outcomes.count(FAILED)


def test_notes_of_one_kind_are_printed_for_three_files_and_then_counted() -> None:
    summary = Summary()
    shown = []
    for index in range(6):
        odd = Note("odd", "odd")
        notes = (Note("lost", f"{index} are lost; drop them"), odd.after(f"page {index}: "), odd.after("page 9: "))
        shown.append(summary.new_notes(DONE._replace(notes=notes if index else notes[:1])))
    assert list(map(len, shown)) == [1, 3, 3, 2, 0, 0]
    assert summary.new_notes(FAILED) == []
    assert summary.further_notes() == [
        "3 more files: … are lost (-v names them)",
        "2 more files: page …: odd (-v names them)",
    ]


def clipped(name: str, share: float, advice: str = "") -> Done:
    return DONE._replace(job=Job(Path(name), Path("out.png")), clipped=share, notes=(clipped_note(share, advice),))


def test_what_was_clipped_is_one_line() -> None:
    summary = Summary()
    for outcome in (clipped("a.png", 0.02), clipped("b.png", 0.25, "; --range abs keeps them"), clipped("c.png", 0.1)):
        summary.add(outcome)
        assert summary.new_notes(outcome) == []
    assert summary.further_notes() == ["values were clipped in 3 files, up to 25.0 % in b.png; --range abs keeps them"]
    one = Summary()
    one.add(clipped("a.png", 0.02))
    assert one.further_notes() == ["values were clipped in 1 file, 2.0 % in a.png"]
    alone = Summary(alone=True)
    alone.add(clipped("a.png", 0.02))
    assert len(alone.new_notes(clipped("a.png", 0.02))) == 1
    assert alone.further_notes() == []


@pytest.mark.parametrize(
    ("jobs", "place"),
    [
        ([("a.png", "out/a.png"), ("b.png", "out/b.png")], " → out/"),
        ([("a.png", "out/x/a.png"), ("b.png", "out/y/b.png")], " → out/"),
        ([("a.png", "x/a.png"), ("b.png", "y/b.png")], ""),
        ([("a.png", "/x/a.png"), ("b.png", "y/b.png")], ""),
        ([("a.png", None)], ""),
        ([("a.png", "a.png"), ("b.png", "b.png")], ", each in its place"),
    ],
)
def test_the_sentence_says_where_the_outputs_are(jobs: list[tuple[str, str | None]], place: str) -> None:
    summary = Summary()
    for source, target in jobs:
        summary.add(DONE._replace(job=Job(Path(source), None if target is None else Path(target))))
    assert summary.sentence(PassedOver(), len(jobs)).endswith(f" megapixels/s{place}")


def test_the_sentence_says_where_the_originals_are() -> None:
    summary = Summary(backups=True)
    summary.add(DONE._replace(job=Job(Path("a.png"), Path("a.png"))))
    assert summary.sentence(PassedOver(), 1).endswith(", each in its place, the originals beside them as NAME~")


def test_a_batch_that_is_ended_says_how_far() -> None:
    summary = Summary()
    summary.add(DONE)
    summary.add(FAILED)
    assert summary.interrupted(9) == "stopped after 2 of 9 files; the same command with --resume does the rest"
    assert summary.interrupted(None).startswith("stopped after 2 files;")


def test_refused_outputs_are_told_three_times_and_then_counted() -> None:
    summary = Summary()
    told = [summary.is_told(Failed(JOB, OutputRefused(f"{index}.png exists", "--force"))) for index in range(5)]
    assert told == [True, True, True, False, False]
    assert summary.is_told(Failed(JOB, OutputRefused("in.png is the input itself", "write elsewhere")))
    assert summary.is_told(FAILED)
    assert summary.is_told(DONE)
    (error,) = summary.further_refusals()
    assert (error.message, error.hint) == ("2 more outputs refused likewise (-v names them)", "--force")


def failed(name: str, message: str) -> Failed:
    return Failed(Job(Path(name), Path("out.png")), ReadError(message))


def test_advice_names_the_files_to_mend() -> None:
    summary = Summary()
    for name in ("c.png", "a.png", "b.png"):
        summary.add(failed(name, f"{name} is damaged"))
    assert summary.advice(PassedOver(arrays=1)) == [
        "failed: a.png, b.png, c.png; once mended, the same command with --resume does the rest",
        "arrays beside pictures are filtered where they are named",
    ]
    refused = Summary()
    refused.add(Failed(FAILED.job, OutputRefused("out.png exists")))
    assert refused.advice(PassedOver()) == []


def test_many_failures_are_told_by_their_reasons() -> None:
    summary = Summary()
    for index in range(7):
        summary.add(failed(f"{index}.png", f"{index}.png is cut off after {index} rows"))
    summary.add(failed("x.png", "x.png: no such file, though it was listed"))
    for letter in "abcdefghi":
        summary.add(failed(f"y{letter}.png", f"{letter} channels do not fit"))
    for name in ("z.png", "zz.png"):
        summary.add(failed(name, f"{name} is locked"))
    assert summary.advice(PassedOver()) == [
        "failed: 0.png, 1.png, 2.png, 3.png, 4.png and 2 more: is cut off after … rows",
        "failed: z.png, zz.png: is locked",
        "failed: ya.png: a channels do not fit",
        "failed: yb.png: b channels do not fit",
        "failed: yc.png: c channels do not fit",
        "failed: yd.png: d channels do not fit",
        "failed: ye.png: e channels do not fit",
        "failed: yf.png: f channels do not fit",
        "failed: yg.png: g channels do not fit",
        "failed: yh.png: h channels do not fit",
        "failed: 2 more, each with its error above; --json has them all",
        "once mended, the same command with --resume does the rest",
    ]


@pytest.mark.parametrize(
    ("folders", "around"),
    [(("out/a", "out/b/c"), "out/"), (("out", "/tmp"), ""), (("/tmp/a", "/var/b"), "/"), (("out", "out"), "out/")],
)
def test_the_folder_around_the_outputs_is_named_where_there_is_one(folders: tuple[str, str], around: str) -> None:
    summary = Summary()
    for folder in folders:
        summary.add(DONE._replace(job=Job(Path("in.png"), Path(folder) / "out.png")))
    assert summary.sentence(PassedOver(), 2).endswith(f" → {around}" if around else "megapixels/s")
