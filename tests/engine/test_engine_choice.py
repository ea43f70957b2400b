"""The choice of the engine."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from convcli.catalog import load_filter
from convcli.engine import engine_choice, warming
from convcli.engine.compiled import cache
from convcli.engine.engine_choice import NUMBA_COMPILE, NUMBA_START, Seconds, Settings, choose_engine, estimate
from convcli.engine.planning.making import make_plan
from convcli.engine.planning.plan import Plan
from convcli.engine.warming import loop_samples, sample_of
from tests.support.plans import SHARPEN, plan_of

DESIGN = Path(__file__).parents[2] / "docs" / "design.md"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a process that has no Numba yet, and an empty cache folder."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.delitem(sys.modules, "convcli.engine.compiled.numba_engine", raising=False)
    return tmp_path


def photograph(size: int, *, height: int = 3000, dtype: type[Any] = np.uint8) -> Plan:
    """A plan for a kernel of `size`×`size` different weights, and RGB of 4000 columns."""
    weights = np.random.default_rng(0).random((size, size))
    return plan_of(weights / weights.sum(), shape=(height, 4000, 3), dtype=dtype)


def disk() -> Plan:
    """A plan for a disk of 11 000 weights, nearly all equal, and RGB of 1200×800."""
    conv = load_filter("disk:60").conv
    assert conv is not None
    return make_plan(conv, (800, 1200, 3), np.uint8, 255, np.uint8)


def set_numba(monkeypatch: pytest.MonkeyPatch, *ready: str) -> None:
    module = SimpleNamespace(ready=set(ready))
    monkeypatch.setitem(sys.modules, "convcli.engine.compiled.numba_engine", module)


@pytest.mark.parametrize(
    ("seconds", "quicker", "saved"),
    [
        (Seconds(1, 2, 0), "numpy", -1),
        (Seconds(1, 2, 5), "numpy", -1),
        (Seconds(3, 2, 0), "numba", 0),
        (Seconds(3, 2, 5), "numpy", 1),
        (Seconds(8, 2, 5), "numba", 5),
        (Seconds(7, 2, 5), "numpy", 5),
    ],
)
def test_the_engine_that_ends_sooner_is_quicker(seconds: Seconds, quicker: str, saved: float) -> None:
    assert seconds.quicker == quicker
    assert seconds.saved_by_warmup == saved


@pytest.mark.parametrize("threads", [1, 2])
def test_the_seconds_follow_the_costs(threads: int) -> None:
    plan = photograph(3)  # 36 million values, 9 weights that differ: 18 passes in float32
    found = estimate(plan, threads, 1, started=True, compiled=True)
    assert found.numpy == pytest.approx(36e6 * (1.6 + 18 * 0.2) * 1e-9 / threads)
    assert found.numba == by_loop(plan, 36e6, 9, threads)
    assert found.compiling == 0
    cold = estimate(plan, threads, 10, started=False, compiled=False)
    assert cold.numpy == pytest.approx(10 * found.numpy)
    assert cold.numba == pytest.approx(10 * found.numba + NUMBA_START)
    assert cold.compiling == NUMBA_COMPILE, "which threads do not share"


def by_loop(plan: Plan, values: float, products: float, threads: int = 1) -> Any:
    value, product = engine_choice.LOOP_COSTS[plan.loop.split("-")[0]]
    return pytest.approx(values * (value + products * product) * 1e-9 / threads)


def test_what_a_pass_is() -> None:
    def planned(weights: Any, dtype: type[Any] = np.float32, **settings: Any) -> tuple[Plan, Seconds]:
        plan = plan_of(weights, dtype=dtype, **settings)
        return plan, estimate(plan, 1, 1, started=True, compiled=True)

    def numpy(weights: Any, dtype: type[Any] = np.float32, **settings: Any) -> float:
        return planned(weights, dtype, **settings)[1].numpy

    values = 20 * 30 * 3 * 1e-9
    equal = [[0.5, 0, 0.5], [0, 0.5, 0]]  # three taps and one product
    assert numpy(equal) == pytest.approx(values * (1.6 + 4 * 0.2))
    assert numpy(SHARPEN, np.uint8) == pytest.approx(values * (1.6 + 6 * 0.1)), "int16, and no product with -1"
    row = np.arange(1, 16) / 7
    plan, seconds = planned(np.outer(row, row))
    assert seconds.numpy == pytest.approx(values * (1.6 + 60 * 0.2), rel=0.02)
    assert seconds.numba == by_loop(plan, 1800, 30)
    plan, seconds = planned(np.random.default_rng(0).random((4, 3, 2, 2)), np.float64)
    assert seconds.numpy == pytest.approx(600 * 4 * 1e-9 * (1.6 + 12 * 0.18))
    assert seconds.numba == by_loop(plan, 2400, 12)
    read = 20 * 30 * 3 * 1e-9  # of which a quarter is written
    written = 10 * 15 * 3 * 1e-9
    assert numpy([[1.5, 2.5], [3.5, 4.5]], stride=(2, 2)) == pytest.approx(read * 1.6 + written * 8 * 0.2)


@pytest.mark.slow
def test_every_loop_has_its_costs() -> None:
    assert {sample.loop.split("-")[0] for sample in loop_samples()} <= set(engine_choice.LOOP_COSTS)


def test_the_costs_are_those_of_the_docs() -> None:
    page = " ".join(DESIGN.read_text(encoding="utf-8").split())
    passes = engine_choice.NUMPY_PASS.values()
    assert "{}, {} and {} ns a value in int16, float32 and float64".format(*passes) in page
    assert f"its start ({NUMBA_START:g} s), and the compiler ({NUMBA_COMPILE:g} s)" in page
    assert engine_choice.NOTICEABLE == 1
    assert "that `warmup` would have made a second faster" in page


def test_compiled_loops_are_chosen_where_their_start_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    for plan in (photograph(3), photograph(3, dtype=np.uint16)):
        assert not cache.is_cached(plan.loop)
        cache.write(plan.loop, b"")
    assert choose_engine(photograph(3, height=10), 2) == "numpy"
    assert choose_engine(photograph(3, height=400), 2) == "numba", "a picture of 1.6 megapixels"
    assert choose_engine(photograph(3), 2) == "numba"
    assert choose_engine(photograph(15), 2) == "numba"
    assert choose_engine(photograph(3, height=10), 2, 20) == "numba"
    assert choose_engine(photograph(3, height=150), 8) == "numpy"
    assert choose_engine(photograph(3, height=150), 1) == "numba", "one thread takes eight times as long as eight"
    set_numba(monkeypatch)
    assert choose_engine(photograph(3, height=10), 2) == "numba"


def test_a_module_that_another_thread_is_importing_has_no_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "convcli.engine.compiled.numba_engine", ModuleType("numba_engine"))
    assert choose_engine(photograph(3), threads=2) == "numpy"  # no loop is cached


def test_a_picture_waits_for_the_compiler_where_that_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_engine(photograph(3, height=750), 2) == "numpy"
    assert choose_engine(photograph(9), 2) == "numpy"
    assert choose_engine(photograph(31), 2) == "numba"
    assert choose_engine(photograph(31), 8) == "numpy"
    assert choose_engine(disk(), 2) == "numba"
    assert choose_engine(photograph(3), 2, 20) == "numpy"  # saves less than compiling takes
    assert choose_engine(photograph(3), 2, 200) == "numba"
    set_numba(monkeypatch, photograph(3).loop)
    assert choose_engine(photograph(3), 2) == "numba"


def test_a_run_keeps_its_choice_while_loops_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = photograph(9)
    before = Settings(threads=2).settled()
    cache.write(plan.loop, b"")
    after = Settings(threads=2).settled()
    assert (before.chosen(plan), after.chosen(plan)) == ("numpy", "numba")
    set_numba(monkeypatch, plan.loop)  # this process has it, too
    assert (before.chosen(plan), Settings(threads=2).chosen(plan)) == ("numpy", "numba")
    assert after.loops == frozenset({plan.loop})
    cache.write(photograph(3).loop, b"")
    assert after.settled() is after
    large = photograph(31)
    assert before.chosen(large) == "numba", "it is worth the compiler"
    assert Settings("numpy").settled().loops is None


def test_what_warmup_would_have_saved_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, cache.COMPILING_LOGGER)
    choose_engine(photograph(3), 2)
    assert not caplog.messages, "a saving that nobody would notice"
    choose_engine(photograph(31), 2)
    assert not caplog.messages, "the compiler says so itself"
    choose_engine(photograph(15), 2)
    assert caplog.messages == ["compiling once would save seconds here: run convcli warmup"]
    caplog.clear()
    cache.write(photograph(15).loop, b"")
    choose_engine(photograph(15), 16)
    assert not caplog.messages


def test_a_batch_looks_once_whether_warmup_compiles_a_loop(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(warming, "sample_of", asked.append)
    engine_choice._has_sample.cache_clear()
    choose_engine(photograph(15), 2)
    assert not asked, "nobody would be told"
    caplog.set_level(logging.INFO, cache.COMPILING_LOGGER)
    for _ in range(3):
        choose_engine(photograph(15), 2)
    assert asked == [photograph(15).loop]
    engine_choice._has_sample.cache_clear()


def test_nothing_is_said_of_warmup_where_it_compiles_no_such_loop(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, cache.COMPILING_LOGGER)
    wide = np.sin(np.arange(65.0**2) ** 2).reshape(65, 65) / 65**2
    plan = plan_of(wide, shape=(512, 512, 3), dtype=np.float32, out=np.float64)
    assert sample_of(plan.loop) is None
    assert choose_engine(plan, 2) == "numpy"
    assert not caplog.messages


def test_nothing_is_said_of_warmup_where_it_cannot_keep_anything(
    caplog: pytest.LogCaptureFixture, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, cache.COMPILING_LOGGER)
    (folder / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder / "file"))
    assert choose_engine(photograph(15), 2) == "numpy"
    assert not caplog.messages
