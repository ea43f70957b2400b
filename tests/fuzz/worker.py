"""One process that runs one command after the other, as the program does, and looks at what it has left."""

from __future__ import annotations

import io
import os
import resource
import shutil
import sys
import threading
import time
import warnings
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

from convcli.ending import WATCHER
from tests.fuzz.commands import YAML, Command, command_of, prepare
from tests.fuzz.files import files
from tests.fuzz.judge import Answer

ADDRESS_SPACE = 6 << 30  # bytes: what takes more is told so by the system
PLAIN = {"NO_COLOR": "1", "TERM": "dumb", "TERMINAL_WIDTH": "120"}


def work(seed: int, first: int, last: int, scratch: Path, sending: Connection) -> None:
    """Run the commands from one number to before another, and send an `Answer` for each."""
    os.environ.update(PLAIN, XDG_STATE_HOME=str(scratch / "state"), XDG_CONFIG_HOME=str(scratch / "config"))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("always")  # each is a line of Python's on stderr, which is to be found
    streams = [(scratch / name).open("w+b", buffering=0) for name in ("stdout", "stderr")]
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream.fileno(), number)
    wholes = files()
    folder = scratch / "here"
    folder.mkdir()
    _warm_up()
    for number in range(first, last):
        command = command_of(wholes, seed, number)
        _empty(folder)
        prepare(command, folder)
        sending.send(_answer(command, folder, *streams))
    sending.close()


def _warm_up() -> None:
    """Have what is imported once imported before memory is measured."""
    import imagecodecs
    import scipy.ndimage
    import tifffile

    import convcli.learning
    import convcli.report.learning.text

    del imagecodecs, scipy, tifffile, convcli


def _empty(folder: Path) -> None:
    os.chdir(folder.parent)
    shutil.rmtree(folder)
    folder.mkdir()
    os.chdir(folder)


def _answer(command: Command, folder: Path, stdout: IO[bytes], stderr: IO[bytes]) -> Answer:
    for stream in (stdout, stderr):
        stream.seek(0)
        stream.truncate()
    before = _resident()
    _forget_peak()
    start, wall = time.process_time(), time.monotonic()
    code, raised = _run(command)
    seconds = min(time.process_time() - start, time.monotonic() - wall)
    memory = max(0, _peak() - before)
    said = []
    for stream in (stdout, stderr):
        stream.seek(0)
        said.append(stream.read())
    given = {*command.files, *YAML}
    written = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and str(path.relative_to(folder)) not in given
    }
    threads = [each.name for each in threading.enumerate() if each.name not in ("MainThread", WATCHER)]
    return Answer(
        code=code,
        stdout=said[0],
        stderr=said[1].decode(errors="backslashreplace"),
        written=written,
        seconds=seconds,
        memory=memory,
        max_pixels=command.max_pixels,
        size=sum(map(len, (*command.files.values(), command.stdin))),
        died=raised or (f"threads go on: {threads}" if threads else ""),
    )


def _run(command: Command) -> tuple[int, str]:
    """Run the command as `python -m convcli` does; return its exit code, and what it raised beside that."""
    from convcli.cli import app

    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(command.stdin)))
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), "utf-8", "backslashreplace", write_through=True)
    code, raised = 0, ""
    try:
        app(list(command.words), prog_name="convcli")
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException as error:  # whatever it is, it should not have come here
        raised = f"raised {type(error).__name__}: {error}"
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code, raised


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0


def _resident() -> int:
    return _status("VmRSS:") if _has_proc() else _peak()


def _peak() -> int:
    if _has_proc():
        return _status("VmHWM:")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _forget_peak() -> None:
    if _has_proc():
        Path("/proc/self/clear_refs").write_text("5")


def _has_proc() -> bool:
    return Path("/proc/self/clear_refs").exists()
