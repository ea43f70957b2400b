"""Decoding in a process of its own: crashes are damage, and the process ends when it is not needed."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
import tifffile

from convcli.image import Picture, read_picture
from convcli.image.apart import decoding
from convcli.image.apart.decoding import decoded_apart
from tests.support.encoding import by_convcli
from tests.support.noise import noise
from tests.support.reading import failure

_QUANTIZER = 16  # bytes behind the begin of the stream


def small(seed: int = 3) -> np.ndarray:
    return noise(seed, 20, 24, 3, dtype=np.uint16)


def written(pixels: np.ndarray) -> bytes:
    return by_convcli(Picture((pixels,)), "jxr")


def crashing() -> bytes:
    """Return a file whose header is in order and whose pixels end jxrlib by a segmentation fault."""
    data = bytearray(written(small()))
    data[data.index(b"WMPHOTO\0") + _QUANTIZER] = 160
    return bytes(data)


def test_a_crash_of_the_library_is_damage_and_the_next_file_is_read() -> None:
    assert failure(io.BytesIO(crashing())).message.endswith("is truncated or damaged")
    np.testing.assert_array_equal(read_picture(io.BytesIO(written(small()))).frames[0], small())


def test_a_crash_within_a_tiff_is_damage() -> None:
    whole = io.BytesIO()
    tifffile.imwrite(whole, small(), compression="jpegxr", photometric="rgb")
    np.testing.assert_array_equal(read_picture(io.BytesIO(whole.getvalue())).frames[0], small())
    data = bytearray(whole.getvalue())
    data[data.index(b"WMPHOTO\0") + _QUANTIZER] = 160
    assert failure(io.BytesIO(bytes(data))).message.endswith("is truncated or damaged")


def test_one_process_serves_all_files_and_threads() -> None:
    expected = [small(seed) for seed in range(8)]
    files = [io.BytesIO(written(each)) for each in expected]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read_picture, files))
    for picture, pixels in zip(found, expected, strict=True):
        np.testing.assert_array_equal(picture.frames[0], pixels)
    children = [each for each in psutil.Process().children() if "program.py" in " ".join(each.cmdline())]
    assert len(children) == 1


def test_what_the_system_ends_is_told_as_a_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(small())
    decoded_apart("jpegxr", data, 480, 1 << 20)
    os.kill(decoding._helper().pid, signal.SIGSTOP)  # so that it is there, and does not answer
    monkeypatch.setattr(decoding, "_SECONDS", 0.2)
    with pytest.raises(ValueError, match="crashed"):  # it took too long
        decoded_apart("jpegxr", data, 480, 1 << 20)
    monkeypatch.undo()
    helper = decoding._helper()
    os.kill(helper.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(decoded_apart, "jpegxr", data, 480, 1 << 20)
        time.sleep(0.2)
        os.kill(helper.pid, signal.SIGKILL)
        with pytest.raises(MemoryError):
            waiting.result()
    assert decoded_apart("jpegxr", data, 480, 1 << 20).shape == (20, 24, 3)


def test_its_memory_is_bounded_by_what_the_header_says() -> None:
    pixels = noise(3, 1500, 1500, 1, dtype=np.uint8).repeat(3, 2)
    data = written(pixels)
    np.testing.assert_array_equal(decoded_apart("jpegxr", data, 1500**2, 40 * 1500**2), pixels)
    if sys.platform == "linux":
        with pytest.raises(ValueError, match=r"(?i)memory|crashed|Error"):
            decoded_apart("jpegxr", data, 1500**2, -(1 << 28))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_command_while_it_decodes(tmp_path: Path, number: signal.Signals) -> None:
    large = tmp_path / "large.jxr"
    large.write_bytes(written(noise(3, 500, 500, 3, dtype=np.uint8).repeat(10, 0).repeat(10, 1)))
    command = subprocess.Popen(
        [sys.executable, "-m", "convcli", "apply", "identity", str(large), "-o", str(tmp_path / "out.png")],
        stderr=subprocess.PIPE,
    )
    parent = psutil.Process(command.pid)
    children: list[psutil.Process] = []
    limit = time.monotonic() + 30
    while not children and time.monotonic() < limit and command.poll() is None:
        children = [each for each in parent.children() if "program.py" in " ".join(each.cmdline())]
    time.sleep(0.3)
    command.send_signal(number)
    _, said = command.communicate(timeout=30)
    assert children
    assert not psutil.wait_procs(children, timeout=2)[1]
    assert b"Traceback" not in said
    assert not (tmp_path / "out.png").exists()
    assert command.returncode == (128 + number if number != signal.SIGKILL else -number)
