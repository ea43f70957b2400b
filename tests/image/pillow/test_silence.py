from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from convcli.errors import ReadError
from convcli.image import read_picture
from convcli.image.pillow.silence import without_stderr


def noisy_tiff() -> bytes:
    """A TIFF that libtiff complains of: differences of the bytes of floats, where there are no floats."""
    stream = io.BytesIO()
    values = np.arange(64, dtype=np.uint16).reshape(8, 8)
    tifffile.imwrite(stream, values, compression="zlib", predictor=2)
    with tifffile.TiffFile(io.BytesIO(stream.getvalue())) as file:
        at = file.pages.first.tags[317].valueoffset
    return stream.getvalue()[:at] + b"\3\0" + stream.getvalue()[at + 2 :]


def test_libtiff_says_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OSError, match="decoder error"):
        Image.open(io.BytesIO(noisy_tiff())).load()
    assert "Predictor" in capfd.readouterr().err  # so that there is something to keep off it
    with pytest.raises(ReadError, match="truncated or damaged"):
        read_picture(io.BytesIO(noisy_tiff()))
    assert capfd.readouterr().err == ""


def test_what_pillow_logs_is_not_printed(tmp_path: Path) -> None:
    stream = io.BytesIO()
    tifffile.imwrite(stream, np.zeros((4, 5, 4), np.uint8), photometric="rgb")
    with tifffile.TiffFile(io.BytesIO(stream.getvalue())) as file:
        at = file.pages.first.tags[277].valueoffset
    (tmp_path / "a.tif").write_bytes(stream.getvalue()[:at] + b"\0\x7f" + stream.getvalue()[at + 2 :])
    command = [
        sys.executable,
        "-m",
        "convcli",
        "apply",
        "sharpen",
        str(tmp_path / "a.tif"),
        "-o",
        str(tmp_path / "b.tif"),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert [line.partition(":")[0] for line in answer.stderr.splitlines()] == ["error", "help"]


def test_stderr_is_back_when_the_last_has_done(capfd: pytest.CaptureFixture[str]) -> None:
    inside, done = threading.Barrier(2), threading.Barrier(2)

    def work() -> None:
        with without_stderr():
            inside.wait()
            os.write(2, b"lost")
        done.wait()

    thread = threading.Thread(target=work)
    with without_stderr():
        thread.start()
        inside.wait()
        done.wait()
        os.write(2, b"lost too")
    thread.join()
    os.write(2, b"told")
    assert capfd.readouterr().err == "told"


@pytest.mark.skipif(os.name == "nt", reason="the shell of other systems closes it")
def test_a_file_that_is_opened_in_place_of_a_closed_stderr_is_left_alone(tmp_path: Path) -> None:
    values = np.arange(20, dtype=np.uint8).reshape(4, 5)
    Image.fromarray(values).save(tmp_path / "a.tif", compression="tiff_lzw")
    code = (
        "import os, sys; from pathlib import Path; from convcli.image import read_picture;"
        "assert os.open(os.devnull, os.O_RDONLY) == 2; os.close(2);"
        "print(read_picture(Path(sys.argv[1])).frames[0].sum())"
    )
    command = ["sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-c", code, str(tmp_path / "a.tif")]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    assert answer.stdout == f"{values.sum()}\n"
