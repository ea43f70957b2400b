"""The other side of the process that decodes: it is started for the first file, and kept for those that follow."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import numpy as np

from convcli.array_types import Array

_PROGRAM = Path(__file__).with_name("program.py")
_KILLED = -9  # by the system, where memory is short
_SECONDS, _SECONDS_OF_A_MEGAPIXEL = 20.0, 3.0  # that a file may take, on a machine at work with others

_helpers: dict[int, subprocess.Popen[bytes]] = {}  # by the process that they work for, of which there may be copies
_lock = threading.Lock()


def decoded_apart(decoder: Literal["jpegxr", "tiff"], data: bytes, pixels: int, held: int, *, page: int = 0) -> Array:
    """Decode a file, a page of it for ``tiff``, in a process of its own; the array is as the library returns it.

    `pixels` is the number that its header has, and `held` the bytes that the decoder may take. Raises ValueError where
    the library refuses the file, crashes, or takes too long for so many pixels; MemoryError where the system ended it.
    """
    request = {"decoder": decoder, "length": len(data), "bytes": held, "page": page}
    with _lock:
        helper = _helper()
        seconds = _SECONDS + _SECONDS_OF_A_MEGAPIXEL * pixels / 1e6
        latest = time.monotonic() + seconds
        limit = threading.Timer(seconds, helper.kill)
        limit.daemon = True
        limit.start()
        try:
            return _answer(helper, request, data)
        except (EOFError, BrokenPipeError) as error:
            _end(helper)
            if helper.returncode == _KILLED and time.monotonic() < latest:
                raise MemoryError("the decoder was ended by the system") from error
            raise ValueError(f"the decoder crashed: {helper.returncode}") from error
        except BaseException as error:
            if not isinstance(error, ValueError):  # the answer is still to come
                _end(helper)
            raise
        finally:
            limit.cancel()
            limit.join()  # no thread is left behind


def _answer(helper: subprocess.Popen[bytes], request: dict[str, Any], data: bytes) -> Array:
    assert helper.stdin is not None
    assert helper.stdout is not None
    helper.stdin.write(json.dumps(request).encode() + b"\n")
    helper.stdin.write(data)
    helper.stdin.flush()
    line = helper.stdout.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    header = json.loads(line)
    if "error" in header:
        raise ValueError(header["error"])
    array: Array = np.empty(header["shape"], np.dtype(header["dtype"]))
    rest = array.reshape(-1).view(np.uint8).data
    while rest:
        count = helper.stdout.readinto(rest)  # type: ignore[attr-defined]  # it is a buffered reader
        if not count:
            raise EOFError
        rest = rest[count:]
    return array


def _helper() -> subprocess.Popen[bytes]:
    """Return the process that works for this one, and start it where there is none."""
    mine = os.getpid()
    helper = _helpers.get(mine)
    if helper is None or helper.poll() is not None:
        if not _helpers:
            atexit.register(_end_mine)
        # Apart from the folder that the command is in, from which Python would import.
        words = [sys.executable, "-I", str(_PROGRAM), json.dumps(sys.path)]
        pipe = subprocess.PIPE
        helper = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        _helpers[mine] = helper
    return helper


def _end(helper: subprocess.Popen[bytes]) -> None:
    helper.kill()
    for pipe in (helper.stdin, helper.stdout):
        with suppress(OSError):  # what was not sent
            assert pipe is not None
            pipe.close()
    helper.wait()


def _end_mine() -> None:
    if (helper := _helpers.pop(os.getpid(), None)) is not None:
        _end(helper)
