"""The outcomes of a batch: lines, JSON, a summary."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convcli.errors import FilterError, OutputRefused, ReadError, SourceLocation
from convcli.jobs import PassedOver
from convcli.jobs.one.work import DRY_RUN, Done, Failed, Job, Outcome, Skipped
from convcli.note import Note
from convcli.report.runs.outcomes import Summary, outcome_json, report_outcome
from convcli.report.voice import Voice
from convcli.words import clipped_note

JOB = Job(Path("in.png"), Path("out.png"))


DONE = Done(JOB, 1.23456789, (30, 40), 0.1234567, "numpy", (Note("lost", "something is lost"),))


SKIPPED = Skipped(JOB, "the output exists")


DRY = Skipped(JOB, DRY_RUN)


FAILED = Failed(JOB, ReadError("in.png is damaged", "fetch it again"))


def test_json_of_an_outcome() -> None:
    keys = ["input", "output", "status", "seconds", "clipped", "engine", "error", "notes"]
    done, skipped, failed = (json.loads(outcome_json(outcome)) for outcome in (DONE, SKIPPED, FAILED))
    assert list(done) == list(skipped) == list(failed) == keys
    notes = [{"code": "lost", "text": "something is lost"}]
    assert list(done.values()) == ["in.png", "out.png", "done", 1.2346, 0.123457, "numpy", None, notes]
    assert list(skipped.values()) == ["in.png", "out.png", "skipped", None, None, None, None, []]
    assert list(failed.values()) == ["in.png", "out.png", "failed", None, None, None, "in.png is damaged", []]
    odd = Failed(Job(Path('a"\n→.png'), None), FilterError("wrong", "", SourceLocation("k.yaml", 2, 3)))
    assert "\n" not in outcome_json(odd)
    assert outcome_json(odd).isascii()
    assert json.loads(outcome_json(odd))["input"] == 'a"\n→.png'
    assert json.loads(outcome_json(odd))["error"] == "k.yaml:2:3: wrong"


ERROR = ["error: in.png is damaged", "help: fetch it again"]


WARNING = "warning: in.png: something is lost"


@pytest.mark.parametrize(
    ("outcome", "voice", "alone", "lines"),
    [
        (DONE, Voice(), True, [WARNING, "in.png → out.png (40×30, 1.23 s)"]),
        (DONE, Voice(), False, [WARNING]),
        (DONE, Voice(verbose=True), True, [WARNING, "in.png → out.png (40×30, 1.23 s, numpy)"]),
        (DONE, Voice(verbose=True), False, [WARNING, "in.png → out.png (40×30, 1.23 s, numpy)"]),
        (DONE, Voice(quiet=True), True, []),
        (DONE, Voice(quiet=True, verbose=True), True, []),
        (SKIPPED, Voice(), True, ["skipped in.png: the output exists"]),
        (SKIPPED, Voice(), False, []),
        (SKIPPED, Voice(verbose=True), False, ["skipped in.png: the output exists"]),
        (DRY, Voice(), True, ["would write in.png → out.png"]),
        (DRY, Voice(), False, ["would write in.png → out.png"]),
        (DRY, Voice(quiet=True), True, []),
        (FAILED, Voice(), True, ERROR),
        (FAILED, Voice(quiet=True), False, ERROR),
    ],
)
def test_what_is_told_of_a_file(
    outcome: Outcome, voice: Voice, alone: bool, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    report_outcome(outcome, voice, alone=alone)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == lines


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
    assert told.endswith(" s")
    assert float(told.removeprefix(sentence).removesuffix(" s")) < 60
    assert summary.failed == outcomes.count(FAILED)


def test_notes_of_one_kind_are_printed_for_three_files_and_then_counted() -> None:
    summary = Summary()
    shown = []
    for index in range(6):
        odd = Note("odd", "odd")
        clipped = clipped_note(index / 200 + 0.005, "; --range abs")
        notes = (clipped, odd.after(f"page {index}: "), odd.after(f"page {index + 1}: "))
        shown.append(summary.new_notes(DONE._replace(notes=notes if index else notes[:1])))
    assert list(map(len, shown)) == [1, 3, 3, 2, 0, 0]
    assert summary.new_notes(FAILED) == []
    assert summary.further_notes() == [
        "3 more files: … % of the values were clipped (-v names them)",
        "2 more files: page …: odd (-v names them)",
    ]


def test_refused_outputs_are_told_three_times_and_then_counted() -> None:
    summary = Summary()
    told = [summary.is_told(Failed(JOB, OutputRefused(f"{index}.png exists", "--force"))) for index in range(5)]
    assert told == [True, True, True, False, False]
    assert summary.is_told(Failed(JOB, OutputRefused("in.png is the input itself", "write elsewhere")))
    assert summary.is_told(FAILED)
    assert summary.is_told(DONE)
    (error,) = summary.further_refusals()
    assert (error.message, error.hint) == ("2 more outputs refused likewise (-v names them)", "--force")


def test_advice_names_the_files_to_mend() -> None:
    summary = Summary()
    for index in range(7):
        summary.add(Failed(FAILED.job._replace(source=Path(f"{index}.png")), FAILED.error))
    assert summary.advice(PassedOver(arrays=1)) == [
        (
            "failed: 0.png, 1.png, 2.png, 3.png, 4.png and 2 more; "
            "once mended, the same command with --resume does the rest"
        ),
        "arrays beside pictures are filtered where they are named",
    ]
    refused = Summary()
    refused.add(Failed(FAILED.job, OutputRefused("out.png exists")))
    assert refused.advice(PassedOver()) == []
