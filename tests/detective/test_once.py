"""Answers that are kept."""

from __future__ import annotations

import gc
import weakref

from convcli.detective.once import once


class Subject:
    """Something that is asked about."""


class Answer(list[type]):
    """What is told of it."""


def test_an_answer_is_found_once_for_each_subject_and_question() -> None:
    asked: list[tuple[object, int]] = []

    @once
    def answer(subject: Subject, number: int = 0) -> int:
        asked.append((subject, number))
        return number + 1

    first, second = Subject(), Subject()
    assert [answer(first), answer(first), answer(first, 3), answer(first, number=3), answer(second)] == [1, 1, 4, 4, 1]
    assert asked == [(first, 0), (first, 3), (first, 3), (second, 0)]


def test_an_answer_is_gone_with_its_subject() -> None:
    @once
    def answer(subject: Subject) -> Answer:
        return Answer([type(subject)])

    subject = Subject()
    kept = weakref.ref(answer(subject))
    assert kept() is not None
    del subject
    gc.collect()
    assert kept() is None
