"""The program of the process that decodes: it is run as a file, and imports nothing of this package.

It reads requests from its input, each a line of JSON and the bytes of a file, and answers on its output, each a line of
JSON and the bytes of an array. It ends with its input, also while it decodes.
"""

from __future__ import annotations

import io
import json
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO


def _jpegxr(data: bytes, _request: dict[str, Any]) -> Any:
    from imagecodecs import jpegxr_decode

    return jpegxr_decode(data)


def _tiff(data: bytes, request: dict[str, Any]) -> Any:
    from tifffile import TiffFile

    with TiffFile(io.BytesIO(data)) as file:
        return file.pages[request["page"]].asarray(squeeze=False, maxworkers=1)


_DECODERS = {"jpegxr": _jpegxr, "tiff": _tiff}
_MEBIBYTE = 1 << 20
_ROOM = 1 << 28  # bytes for what libraries import and set aside later


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes of a terminal, and our parent ends us
    answers = _answers()
    requests: queue.SimpleQueue[tuple[dict[str, Any], bytes]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests,), daemon=True).start()
    while True:
        request, data = requests.get()
        _bound_memory(request["bytes"])
        try:
            array = _DECODERS[request["decoder"]](data, request)
            header = {"dtype": array.dtype.str, "shape": array.shape}
            content = array.tobytes() if array.nbytes < _MEBIBYTE else memoryview(array.copy(order="C")).cast("B")
        except Exception as error:  # of whatever kind: the parent says that the file is damaged
            header, content = {"error": f"{type(error).__name__}: {error}"}, b""
        answers.write(json.dumps(header).encode() + b"\n")
        answers.write(content)
        answers.flush()


def _answers() -> BinaryIO:
    """Return the output, which then has another number: libraries print to the usual one."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _receive(requests: queue.SimpleQueue[tuple[dict[str, Any], bytes]]) -> None:
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        requests.put((request, sys.stdin.buffer.read(request["length"])))
    os._exit(0)


def _bound_memory(wanted: int) -> None:
    """Allow what a file of such pixels takes, beside what this process has; leave no image of it behind a crash."""
    if sys.platform == "linux":
        import resource

        import imagecodecs  # noqa: F401 - what libraries set aside depends on the machine, and counts as had

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + _ROOM + wanted
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.path[:] = json.loads(sys.argv[1])
    _main()
