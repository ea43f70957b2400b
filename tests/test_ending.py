"""Signals: the command ends soon, with one line and its code, whatever it is at."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import convcli
from convcli.engine.compiled.processes import words_of
from convcli.engine.warming import loop_samples
from tests.support.console import command, environment, names

ENDS = {signal.SIGINT: (130, b"interrupted\n"), signal.SIGTERM: (143, b"terminated\n")}
SIGNALS = list(ENDS)

# Sends a signal to itself when a module is about to be imported, which the first two arguments name.
AT_AN_IMPORT = """
import os, sys
module, number = sys.argv[1], int(sys.argv[2])
del sys.argv[1:3]
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), number)
sys.meta_path.insert(0, Finder())
from convcli.cli import app
app(prog_name="convcli")
"""

# The same, for the command's own process, before the command is imported.
SITE = """
import os, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["SIGNAL_AT"]:
            os.kill(os.getpid(), int(os.environ["SIGNAL"]))
sys.meta_path.insert(0, Finder())
"""

# Computes in C, for minutes, and receives a signal meanwhile; the interpreter lock is free, as it is while LLVM works.
IN_A_LIBRARY = """
import hashlib, os, sys, threading, time
from pathlib import Path
from convcli.disk import atomic_write
from convcli.ending import ending_at_signals
def work(stream):
    stream.write(b"half")
    stream.flush()
    threading.Timer(0.1, os.kill, (os.getpid(), int(sys.argv[1]))).start()
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
with ending_at_signals(last=True):
    atomic_write(Path("out"), work, overwrite=False)
"""
# An exception that a callback cannot pass on is lost.
IN_A_CALLBACK = """
import ctypes, os, sys
from convcli.ending import ending_at_signals
@ctypes.CFUNCTYPE(None)
def callback():
    os.kill(os.getpid(), int(sys.argv[1]))
    for _ in range(1000):
        pass
with ending_at_signals(last=True):
    callback()
    while True:
        pass
"""
OUTSIDE_THE_COMMAND = """
import os, signal
import convcli.cli
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
from typer.testing import CliRunner
from convcli.cli.application.app import app
assert CliRunner().invoke(app, ["--version"]).exit_code == 0
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("still here")
"""


def python(code: str, *words: object, cwd: Path | None = None) -> tuple[int, bytes, bytes]:
    answer = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env=environment(),
        cwd=cwd,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return answer.returncode, answer.stdout, answer.stderr


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(
    "module", ["convcli.cli.application.start", "convcli.cli.apply.command", "numpy", "convcli.engine.pipelines"]
)
def test_a_signal_during_an_import(tmp_path: Path, module: str, number: signal.Signals) -> None:
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    assert python(AT_AN_IMPORT, module, int(number), "apply", "box", tmp_path / "a.png", "-o", tmp_path / "b.png") == (
        ENDS[number][0],
        b"",
        ENDS[number][1],
    )
    assert names(tmp_path) == ["a.png"]


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("module", ["convcli.lazy", "convcli.cli", "convcli.ending"])
def test_a_signal_before_the_command_is_imported(tmp_path: Path, module: str, number: signal.Signals) -> None:
    (tmp_path / "sitecustomize.py").write_text(SITE)
    settings = {"PYTHONPATH": str(tmp_path), "SIGNAL_AT": module, "SIGNAL": str(int(number))}
    answer = subprocess.run(command("list"), env={**environment(), **settings}, capture_output=True, check=False)
    assert (answer.returncode, answer.stdout, answer.stderr) == (ENDS[number][0], b"", ENDS[number][1])


def test_compiling_ends_when_the_process_that_asked_for_it_has(tmp_path: Path) -> None:
    words = [*words_of("main"), *(each.loop for each in loop_samples())]
    settings = {**environment(), "NUMBA_CACHE_DIR": str(tmp_path)}
    with subprocess.Popen(words, env=settings, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        time.sleep(0.5)
        assert process.poll() is None
        assert process.stdin is not None
        process.stdin.close()  # as the system does for a process that was killed
        assert process.wait(10) != 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not show semaphores as files")
def test_semaphores_are_removed_when_all_processes_of_a_command_are_killed() -> None:
    code = """
from multiprocessing import get_context
from convcli.jobs.tracker import start_tracker
start_tracker()
semaphore = get_context("spawn").Semaphore()
print(semaphore._semlock.name, flush=True)
input()
"""
    words = [sys.executable, "-c", code]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().decode().strip().removeprefix("/")
        semaphore = Path("/dev/shm") / f"sem.{name}"
        assert semaphore.exists()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        limit = time.monotonic() + 5
        while semaphore.exists() and time.monotonic() < limit:
            time.sleep(0.05)
        assert not semaphore.exists()
        assert process.stderr is not None
        assert process.stderr.read() == b"", "the tracker does not warn of what it was left"


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_a_library_computes_for_minutes(tmp_path: Path, number: signal.Signals) -> None:
    assert python(IN_A_LIBRARY, int(number), cwd=tmp_path) == (ENDS[number][0], b"", ENDS[number][1])
    assert names(tmp_path) == [], "the temporary file is removed"


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_whose_exception_is_lost(number: signal.Signals) -> None:
    assert python(IN_A_CALLBACK, int(number)) == (ENDS[number][0], b"", ENDS[number][1])


def test_to_import_the_command_and_to_call_it_leaves_the_signals_to_the_program() -> None:
    assert python(OUTSIDE_THE_COMMAND) == (0, b"still here\n", b"")


def test_a_signal_that_the_caller_ignores_stays_ignored(tmp_path: Path) -> None:
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    code = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{AT_AN_IMPORT}"
    assert (
        python(code, "numpy", int(signal.SIGINT), "apply", "box", tmp_path / "a.png", "-o", tmp_path / "b.png")[0] == 0
    )
    assert names(tmp_path) == ["a.png", "b.png"]


def signaled(
    words: tuple[str | Path, ...], number: signal.Signals, delay: float, **more: str
) -> tuple[int, bytes, float]:
    """Send a signal to a command and its group after a delay; return code, stderr, and the seconds until its end."""
    with subprocess.Popen(
        command(*words), env={**environment(), **more}, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        time.sleep(delay)
        begin = time.monotonic()
        os.killpg(process.pid, number)
        _, told = process.communicate(timeout=60)
        return process.returncode, told, time.monotonic() - begin


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("number", SIGNALS)
def test_signals_at_drawn_moments_of_compiling(tmp_path: Path, number: signal.Signals) -> None:
    source, output = tmp_path / "a.png", tmp_path / "b.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8)).save(source)
    apply = ("apply", "gaussian:3", source, "-o", output, "--engine", "numba")
    chance = random.Random(int(number))
    caches = [tmp_path / "0", tmp_path / "0", tmp_path / "1", tmp_path / "2"]
    for cache, words in zip(caches, (("warmup",), ("warmup",), apply, apply), strict=True):
        # From the start of the compiler on, which begins later on a busy machine.
        delay = chance.uniform(1, 4 if words == ("warmup",) else 2)
        code, told, seconds = signaled(words, number, delay, NUMBA_CACHE_DIR=str(cache))
        assert code == ENDS[number][0]
        assert told.replace(b"compiling (once): convcli warmup does it ahead of need\n", b"") == ENDS[number][1]
        assert seconds < 5, "a second, on a machine with nothing else to do"
        assert not list(cache.rglob("*.tmp"))
    assert not output.exists()
    for cache in (caches[0], caches[-1]):
        settings = {**environment(), "NUMBA_CACHE_DIR": str(cache)}
        after = subprocess.run(command(*apply, "-f"), env=settings, capture_output=True, check=False)
        assert after.returncode == 0, after.stderr


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_signals_at_drawn_moments_of_a_batch_leave_whole_files_and_no_process(
    tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "in").mkdir()
    for name in "abcd":
        noise = np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), np.uint8)
        Image.fromarray(noise).save(tmp_path / "in" / f"{name}.bmp")
    out = tmp_path / "out"
    words = (
        "apply",
        "disk:50",  # so that no machine is done with it before the signal
        tmp_path / "in",
        "-o",
        f"{out}/",
        "--format",
        "png",
        "-j",
        "2",
        "--engine",
        "numpy",
        "-f",
    )
    chance = random.Random(int(number))
    for _ in range(4):
        code, told, seconds = signaled(words, number, chance.uniform(0.5, 2))
        # Where it has begun with the files, it says how far it came.
        assert (code, re.sub(rb"^stopped after [0-4] of 4 files; [^\n]*--resume[^\n]*\n", b"", told)) == ENDS[number]
        assert seconds < 5
        for each in names(out) if out.exists() else ():
            with Image.open(out / each) as image:
                image.load()


@pytest.mark.slow
def test_signals_at_drawn_moments_of_learning(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), np.uint8)
    for name, pixels in (("a.bmp", noise), ("b.bmp", 255 - noise)):
        Image.fromarray(pixels).save(tmp_path / name)
    words = ("learn", tmp_path / "a.bmp", tmp_path / "b.bmp", "--size", "21", "-o", tmp_path / "k.yaml")
    for delay in (0.4, 0.7, 1):
        code, told, seconds = signaled(words, signal.SIGINT, delay)
        assert (code, told) == ENDS[signal.SIGINT]
        assert seconds < 5
    assert names(tmp_path) == ["a.bmp", "b.bmp"]


@pytest.mark.slow
def test_a_terminal_has_its_cursor_back_and_the_line_in_place_of_the_bar(tmp_path: Path) -> None:
    import pty

    noise = np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), np.uint8)
    for name in "abcd":
        Image.fromarray(noise).save(tmp_path / f"{name}.bmp")
    controlling, terminal = pty.openpty()
    words = ("apply", "disk:20", tmp_path, "-o", f"{tmp_path}/out/", "-j", "1", "--engine", "numpy")
    settings = {**environment(), "TERM": "xterm"}
    with subprocess.Popen(command(*words), env=settings, stderr=terminal, start_new_session=True) as process:
        os.close(terminal)
        shown = os.read(controlling, 1000)  # the bar
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(60) == 130
    while not shown.endswith(b"interrupted\r\n"):
        shown += os.read(controlling, 1000)
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")
    os.close(controlling)


def test_signals_are_prepared_for_with_nothing_but_what_python_starts_with() -> None:
    text = "import runpy, sys; before = set(sys.modules); exec(open(sys.argv[1]).read(), {'__name__': 'early'}); "
    text += "print(*sorted(set(sys.modules) - before))"
    words = [sys.executable, "-I", "-c", text, str(Path(convcli.__file__).with_name("early.py"))]
    loaded = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout.split()
    assert set(loaded) <= {"__future__", "_signal"}
