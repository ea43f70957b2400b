"""Bands of rows in threads."""

from __future__ import annotations

import sys
from threading import Barrier, get_ident

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcli.engine.bands import available_threads, for_each_band


@given(rows=st.integers(1, 60), band_rows=st.integers(1, 80), threads=st.integers(1, 9))
def test_bands_cover_every_row_once(rows: int, band_rows: int, threads: int) -> None:
    bands: list[tuple[int, int]] = []

    def work(first: int, last: int) -> int:
        bands.append((first, last))
        return last - first

    assert for_each_band(work, rows, band_rows, threads) == rows
    covered = [row for first, last in sorted(bands) for row in range(first, last)]
    assert covered == list(range(rows))
    assert max(last - first for first, last in bands) <= band_rows
    assert len(bands) >= min(threads, -(-rows // -(-rows // threads)))


def test_bands_run_side_by_side_in_as_many_threads() -> None:
    together = Barrier(3, timeout=30)
    threads = set()

    def work(first: int, last: int) -> int:
        together.wait()
        threads.add(get_ident())
        return last - first

    for_each_band(work, 3, 1, 3)
    assert len(threads) == 3
    assert get_ident() in threads


def test_one_thread_is_the_callers() -> None:
    threads = set()

    def work(first: int, last: int) -> int:
        threads.add(get_ident())
        return last - first

    for_each_band(work, 9, 2, 1)
    assert threads == {get_ident()}


def test_an_error_in_a_band_is_the_callers() -> None:
    def work(first: int, last: int) -> int:
        raise MemoryError(first, last)

    for threads in (1, 2):
        with pytest.raises(MemoryError):
            for_each_band(work, 4, 1, threads)


def test_an_error_in_another_thread_is_the_callers_too() -> None:
    both = Barrier(2, timeout=30)

    def work(first: int, last: int) -> int:
        both.wait()
        if get_ident() != caller:
            raise MemoryError(first, last)
        return last - first

    caller = get_ident()
    with pytest.raises(MemoryError):
        for_each_band(work, 2, 1, 2)


def test_no_thread_works_on_after_an_error() -> None:
    both, inside = Barrier(2, timeout=30), set()

    def work(first: int, last: int) -> int:
        inside.add(first)
        if first < 2:
            both.wait()
        if get_ident() == caller:
            raise KeyboardInterrupt
        sum(range(100_000))
        inside.discard(first)
        return last - first

    caller = get_ident()
    with pytest.raises(KeyboardInterrupt):
        for_each_band(work, 40, 1, 2)
    assert len(inside) == 1  # the caller's


def test_without_more_threads_the_caller_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("convcli.engine.bands.start_new_thread", refused)
    threads = set()

    def work(first: int, last: int) -> int:
        threads.add(get_ident())
        return last - first

    assert for_each_band(work, 40, 7, 4) == 40
    assert threads == {get_ident()}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux restricts the processors of a process")
def test_threads_are_those_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {3, 5, 9})
    assert available_threads() == 3
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert available_threads() == 1
