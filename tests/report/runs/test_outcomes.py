"""The outcomes of a batch: lines, JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convcli.errors import FilterError, ReadError, SourceLocation
from convcli.jobs.one.work import DRY_RUN, Done, Failed, Job, Outcome, Skipped
from convcli.note import Note
from convcli.report.runs.outcomes import outcome_json, report_outcome
from convcli.report.voice import Voice

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


def test_an_error_names_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    odd = Failed(JOB, ReadError("4 channels do not fit", "drop one"))
    report_outcome(odd, Voice(), alone=False)
    assert capsys.readouterr().err.splitlines() == ["error: in.png: 4 channels do not fit", "help: drop one"]
    assert json.loads(outcome_json(odd))["error"] == "in.png: 4 channels do not fit"


def test_the_error_of_a_file_that_is_named_stays_as_it_was() -> None:
    support = pytest.importorskip("tblib.pickling_support")
    support.install()  # as Dask does: a copy of an error shares its attributes then
    error = ReadError("it is damaged", "fetch it again")
    assert json.loads(outcome_json(Failed(JOB, error)))["error"] == "in.png: it is damaged"
    assert error.headline == "it is damaged"
