from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.console import command, done, environment, names, refused, run, shell
from tests.support.noise import noise
from tests.support.oracle import correlate, margins, rounded
from tests.support.paths import SAMPLES
from tests.support.pictures import deep, gray, harbour, pixels, save

TEXT = "1 2 0; -3 9 1; 0 -2 -1"
WEIGHTS = np.array([[1, 2, 0], [-3, 9, 1], [0, -2, -1]])
SAME = margins("same", (3, 3))
# A terminal sends Ctrl-C to the whole group of processes; so do timeout and service managers with SIGTERM.
# One that is closed sends SIGHUP.
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
LINES = {
    signal.SIGINT: b"interrupted\n",
    signal.SIGTERM: b"terminated\n",
    signal.SIGHUP: b"ended, since the terminal was closed\n",
}
# Of a batch of so many files, before these.
STOPPED = rb"stopped after \d of %d files; the same command with --resume does the rest\n"


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


# Pictures through pipes


@pytest.mark.parametrize("form", ["png", "tiff", "bmp", "ppm", "jpeg"])
def test_a_picture_from_stdin_to_stdout(form: str) -> None:
    source = io.BytesIO()
    Image.fromarray(harbour()).save(source, form)
    answer = done("apply", TEXT, "-", "-o", "-", "--format", form, "-q", stdin=source.getvalue())
    given = np.asarray(Image.open(source))
    with opened(answer.data) as image:
        assert image.format == {"ppm": "PPM"}.get(form, form.upper())
        assert image.size == (44, 30)
        if form != "jpeg":
            assert np.array_equal(np.asarray(image), rounded(correlate(given, WEIGHTS, margins=SAME), np.uint8))


def test_stdout_is_png_unless_asked_otherwise(tmp_path: Path) -> None:
    answer = done("apply", "sharpen", save(tmp_path / "in.bmp", harbour()), "-o", "-")
    assert opened(answer.data).format == "PNG"
    assert answer.lines[-1].startswith(f"{tmp_path / 'in.bmp'} → stdout (44×30, ")


def test_a_real_pipe_from_one_command_to_the_next(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    with subprocess.Popen(command("apply", "box", source, "-o", "-", "-q"), stdout=subprocess.PIPE) as first:
        second = shell("apply", "sharpen", "-", "-o", tmp_path / "piped.png", "-q", stdin=first.stdout)
    assert second.returncode == 0, second.stderr
    assert first.wait() == 0
    done("apply", "box", source, "-o", tmp_path / "box.png")
    done("apply", "sharpen", tmp_path / "box.png", "-o", tmp_path / "both.png")
    assert np.array_equal(pixels(tmp_path / "piped.png"), pixels(tmp_path / "both.png"))


def test_binary_stdout_of_a_process_is_the_file_byte_for_byte(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", deep())
    done("apply", "box", source, "-o", tmp_path / "out.png")
    answer = shell("apply", "box", source, "-o", "-")
    assert answer.stdout == (tmp_path / "out.png").read_bytes()
    assert answer.stderr.count(b"\n") == 1


def test_stdin_that_is_no_picture() -> None:
    for data, what in ((b"", "stdin is empty"), (b"hello", "stdin is not a picture"), (b"\xff\xd8\xff\xe0", "damaged")):
        answer = run("apply", "sharpen", "-", "-o", "-", stdin=data)
        assert answer.code == 1
        assert answer.data == b""
        assert what in answer.lines[0]


def test_stdin_has_no_name_for_a_folder(tmp_path: Path) -> None:
    what, helps = refused(2, "apply", "sharpen", "-", "-o", f"{tmp_path}/out/")
    assert "standard input has no name" in what
    assert "-" in helps
    assert names(tmp_path) == []


def test_a_pipe_and_a_device_are_written_to_as_they_are(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", gray())
    os.mkfifo(tmp_path / "pipe.png")
    with subprocess.Popen(["cat", tmp_path / "pipe.png"], stdout=subprocess.PIPE) as reader:
        done("apply", "box", source, "-o", tmp_path / "pipe.png", "-f", "-q")
        data = reader.stdout.read() if reader.stdout else b""
    assert opened(data).size == (44, 30)
    done("apply", "box", source, "-o", "/dev/null", "-f", "--format", "png")


# Arrays, unscaled and unclipped


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8, np.uint16, np.int32, np.bool_])
@pytest.mark.parametrize("shape", [(7, 9), (2, 7, 9), (5, 2, 7, 9)])
def test_npy_in_npy_out(tmp_path: Path, dtype: type[np.generic], shape: tuple[int, ...]) -> None:
    whole = not np.issubdtype(dtype, np.floating)
    random = np.random.default_rng(0)
    given = (random.integers(0, 250, shape) if whole else random.uniform(-500, 500, shape)).astype(dtype)
    np.save(tmp_path / "in.npy", given)
    done("apply", TEXT, tmp_path / "in.npy", "-o", tmp_path / "out.npy", "--divisor", "3", "--bias", "0.25")
    written = np.load(tmp_path / "out.npy")
    planes = given.reshape(-1, 7, 9).astype(np.float64).transpose(1, 2, 0)
    wanted = correlate(planes, WEIGHTS, margins=SAME, divisor=3, offset=0.25).transpose(2, 0, 1).reshape(shape)
    assert written.shape == shape
    assert written.dtype == (np.float32 if dtype is np.float32 else np.float64)
    largest = float(np.abs(wanted).max())
    assert np.abs(written - wanted).max() <= largest * (1e-6 if dtype is np.float32 else 1e-14)


def test_values_of_arrays_are_neither_scaled_nor_clipped(tmp_path: Path) -> None:
    given = np.array([[-1e6, 0.5, 300.25], [7, -0.125, 1e9]])
    np.savetxt(tmp_path / "in.csv", given, delimiter=",")
    for name in ("out.csv", "out.npy"):
        done("apply", "-2", tmp_path / "in.csv", "-o", tmp_path / name)
    assert np.array_equal(np.loadtxt(tmp_path / "out.csv", delimiter=","), -2 * given)
    assert np.array_equal(np.load(tmp_path / "out.npy"), -2 * given)
    assert (tmp_path / "out.csv").read_text() == "2000000,-1,-600.5\n-14,0.25,-2000000000\n"


def test_an_array_on_stdout_is_csv(tmp_path: Path) -> None:
    given = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    np.save(tmp_path / "in.npy", given)
    answer = done("apply", "identity", tmp_path / "in.npy", "-o", "-", "-q")
    assert answer.stdout == "0,1,2\n3,4,5\n\n6,7,8\n9,10,11\n"
    back = done("apply", "identity", "-", "-o", "-", "--format", "npy", stdin=(tmp_path / "in.npy").read_bytes())
    assert np.array_equal(np.load(io.BytesIO(back.data)), given)


def test_csv_as_a_spreadsheet_writes_it(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"\xef\xbb\xbf1, 2.5 ,3\r\n-4e0,5,6\r\n\r\n")
    answer = done("apply", "2", tmp_path / "in.csv", "-o", "-")
    assert list(csv.reader(answer.stdout.splitlines())) == [["2", "5", "6"], ["-8", "10", "12"]]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("1,2\n3\n", ":2: 1 value, the rows before have 2"),
        ("1,x\n", ":1:3: 'x' is not a number"),
        ("a,1\n1,2\n", ":1:1: 'a' is not a number"),
        ("1,2\n\n3,4\n", ":2: an empty line"),
        ("1,,3\n", ":1:3: a value is missing"),
        ("\n\n", "no values"),
    ],
)
def test_a_wrong_csv_tells_its_line(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "in.csv").write_text(text)
    assert what in refused(1, "apply", "identity", tmp_path / "in.csv", "-o", tmp_path / "out.csv")[0]
    assert names(tmp_path) == ["in.csv"]


def test_a_wrong_npy_is_refused(tmp_path: Path) -> None:
    for array, what in (
        (np.ones((2, 2, 2, 2, 2)), "5 axes"),
        (np.ones(4), "1 axis"),
        (np.ones((2, 2), complex), "complex128"),
        (np.array([["a", "b"]]), "type"),
        (np.ones((0, 4)), "no values"),
    ):
        np.save(tmp_path / "in.npy", array)
        assert what in refused(1, "apply", "identity", tmp_path / "in.npy", "-o", tmp_path / "out.npy")[0]
    np.save(tmp_path / "in.npy", np.array([[{}]]), allow_pickle=True)
    assert "run code" in refused(1, "apply", "identity", tmp_path / "in.npy", "-o", tmp_path / "out.npy")[0]
    assert names(tmp_path) == ["in.npy"]


def test_arrays_and_pictures_become_each_other(tmp_path: Path) -> None:
    save(tmp_path / "rgb.png", harbour())
    done("apply", TEXT, tmp_path / "rgb.png", "-o", tmp_path / "rgb.npy", "--divisor", "7")
    values = np.load(tmp_path / "rgb.npy")
    assert values.shape == (3, 30, 44)
    assert values.dtype == np.float32
    wanted = correlate(harbour(), WEIGHTS, margins=SAME, divisor=7)
    assert np.allclose(values.transpose(1, 2, 0), wanted, rtol=1e-6, atol=1e-4)
    assert values.min() < 0

    done("apply", "identity", tmp_path / "rgb.npy", "-o", tmp_path / "back.png")
    assert np.array_equal(pixels(tmp_path / "back.png"), rounded(values.transpose(1, 2, 0).astype(float), np.uint8))
    done("apply", "identity", tmp_path / "rgb.npy", "-o", tmp_path / "stretched.png", "--range", "stretch")
    assert (pixels(tmp_path / "stretched.png").min(), pixels(tmp_path / "stretched.png").max()) == (0, 255)

    save(tmp_path / "deep.png", deep())
    done("apply", "identity", tmp_path / "deep.png", "-o", tmp_path / "deep.csv")
    assert np.array_equal(np.loadtxt(tmp_path / "deep.csv", delimiter=","), deep())
    done("apply", "identity", tmp_path / "deep.csv", "-o", tmp_path / "deep-again.png", "--depth", "16")
    assert np.array_equal(pixels(tmp_path / "deep-again.png"), deep())


def test_an_array_from_0_to_1_made_a_picture_is_told(tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", np.random.default_rng(0).random((8, 8)))
    answer = done("apply", "identity", tmp_path / "in.npy", "-o", tmp_path / "out.png")
    assert any(line.startswith("warning: ") and "--range stretch" in line for line in answer.lines)


def test_more_planes_than_csv_holds_are_refused_for_a_file(tmp_path: Path) -> None:
    what, helps = refused(1, "apply", "identity", SAMPLES / "two-channels.npy", "-o", tmp_path / "out.csv")
    assert "one plane" in what
    assert ".npy" in helps
    assert names(tmp_path) == []


# Pipes that close, and signals


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("list", "--json"),
        ("show", "sharpen"),
        ("show", "sharpen", "--yaml"),
        ("apply", "sharpen", SAMPLES / "logo.png", "-o", "-"),
        ("apply", "1 -1", SAMPLES / "edges.csv", "-o", "-"),
        ("--help",),
        ("apply", "--help"),
        ("--version",),
    ],
)
def test_a_pipe_that_nobody_reads_ends_the_command_silently(words: tuple[str | Path, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        answer = shell(*words, stdout=writer, stderr=subprocess.PIPE, capture_output=False)
    finally:
        os.close(writer)
    said = [line for line in answer.stderr.splitlines() if not line.startswith(b"warning: ")]
    assert (answer.returncode, said) == (141, [])


def test_a_pipe_that_closes_half_way(tmp_path: Path) -> None:
    source = save(tmp_path / "in.bmp", noise(0, 600, 600, 3))
    with subprocess.Popen(
        command("apply", "identity", source, "-o", "-", "--format", "bmp"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(2) == b"BM"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 141


def test_streams_that_the_caller_closed(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour())
    for number, redirection in enumerate((">&-", "2>&-", "<&-", "<&- >&- 2>&-")):
        output = tmp_path / f"{number}.png"
        line = f'"$@" {redirection}'
        answer = subprocess.run(
            ["/bin/sh", "-c", line, "sh", *command("apply", "sharpen", source, "-o", output)],
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        assert pixels(output).shape == (30, 44, 3)


@pytest.fixture(scope="module")
def slow_picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture that takes a while to write as PNG: noise, in which deflate finds nothing."""
    path = tmp_path_factory.mktemp("noise") / "noise.ppm"
    return save(path, noise(0, 2200, 2200, 3))


def while_saving(folder: Path, words: tuple[str | Path, ...], act: Callable[[int], None]) -> tuple[int, bytes]:
    """Run the command, act on its process group as soon as a temporary file has grown; return code and stderr."""
    with subprocess.Popen(
        command(*words), env=environment(), stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        limit = time.monotonic() + 30
        while not any(each.stat().st_size > 0 for each in folder.rglob(".convcli-*.tmp")):
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < limit
            time.sleep(0.002)
        act(process.pid)
        _, told = process.communicate(timeout=30)
        return process.returncode, told


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_in_the_middle_of_a_save_leaves_the_old_file_and_no_other(
    tmp_path: Path, slow_picture: Path, number: signal.Signals
) -> None:
    output = save(tmp_path / "out.png", gray())
    old = output.read_bytes()
    words = ("apply", "identity", slow_picture, "-f", "-o", output, "--engine", "numpy")
    code, told = while_saving(tmp_path, words, lambda process: os.kill(process, number))
    assert code == CODES[number]
    assert told == LINES[number]
    assert names(tmp_path) == ["out.png"]
    assert output.read_bytes() == old


def test_a_kill_in_the_middle_of_a_save_leaves_the_old_file(tmp_path: Path, slow_picture: Path) -> None:
    output = save(tmp_path / "out.png", gray())
    old = output.read_bytes()
    words = ("apply", "identity", slow_picture, "-f", "-o", output, "--engine", "numpy")
    code, _ = while_saving(tmp_path, words, lambda process: os.kill(process, signal.SIGKILL))
    assert code == -signal.SIGKILL
    assert output.read_bytes() == old
    assert all(each == "out.png" or each.startswith(".convcli-") for each in names(tmp_path))

    new = tmp_path / "new"
    new.mkdir()
    anew = ("apply", "identity", slow_picture, "-o", new / "out.png", "--engine", "numpy")
    while_saving(new, anew, lambda process: os.kill(process, signal.SIGKILL))
    assert not (new / "out.png").exists()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_to_all_processes_of_a_batch_leaves_whole_files_only(
    tmp_path: Path, slow_picture: Path, number: signal.Signals
) -> None:
    (tmp_path / "in").mkdir()
    for name in "abcdef":
        (tmp_path / "in" / f"{name}.ppm").symlink_to(slow_picture)
    out = tmp_path / "out"
    words = ("apply", "identity", tmp_path / "in", "-j", "2", "--format", "png", "--engine", "numpy", "-o", f"{out}/")
    code, told = while_saving(tmp_path, words, lambda process: os.killpg(process, number))
    assert code == CODES[number]
    assert re.fullmatch(STOPPED % 6 + LINES[number], told)
    written = names(out)
    assert len(written) < 6, "what had not begun was cancelled"
    assert all(each.endswith(".png") and not each.startswith(".") for each in written)
    for each in written:
        with Image.open(out / each) as image:
            image.load()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("-o", "out.png"), "convcli apply sharpen - -o out.png"),
        (("-o", "out/"), "convcli apply sharpen --files-from - -o out/"),
    ],
)
def test_what_a_pipe_brings_is_named_in_the_command_that_was_meant(
    tmp_path: Path, words: tuple[str, ...], wanted: str
) -> None:
    called = command("apply", "sharpen", *words)
    answer = subprocess.run(called, input=b"", capture_output=True, cwd=tmp_path, env=environment(), check=False)
    assert answer.returncode == 2
    assert answer.stderr.decode().splitlines()[-1] == f"help: {wanted}"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells the children of a process")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_the_processes_of_a_batch_start_ends_in_a_line(tmp_path: Path, number: signal.Signals) -> None:
    sources = [save(tmp_path / f"{name}.png", gray()) for name in "abcd"]
    words = command("apply", "box", *sources, "-o", f"{tmp_path}/out/", "-j", "2")
    with subprocess.Popen(words, env=environment(), stderr=subprocess.PIPE, start_new_session=True) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        limit = time.monotonic() + 30
        while len(children.read_text().split()) < 2:  # the one that tracks resources, and the first that works
            assert time.monotonic() < limit
        os.killpg(process.pid, number)
        _, told = process.communicate(timeout=30)
    assert process.returncode == CODES[number]
    assert re.fullmatch(STOPPED % 4 + LINES[number], told)
    assert all(each.endswith(".png") for each in names(tmp_path))
