"""Pipes, devices and open files by their names: read, and written straight, without --force, and never removed."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest
from PIL import Image

from tests.support.console import command, done, environment, names, refused, shell
from tests.support.pictures import gray, save


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return save(tmp_path / "a.png", gray())


def bash(line: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    text = line.replace("convcli", " ".join(command()))
    return subprocess.run(
        ["bash", "-c", text], cwd=folder, env=environment(), capture_output=True, timeout=60, check=False
    )


def test_a_pipe_with_a_name_is_read_and_written(picture: Path, tmp_path: Path) -> None:
    expected = done("apply", "box", picture, "-o", "-").data
    for name in ("in.png", "in", "out.png", "out"):
        os.mkfifo(tmp_path / name)
    for source, target in (("in.png", "out.png"), ("in", "out")):
        got: list[bytes] = []
        reader = threading.Thread(target=lambda target=target, got=got: got.append((tmp_path / target).read_bytes()))
        writer = threading.Thread(target=lambda source=source: (tmp_path / source).write_bytes(picture.read_bytes()))
        reader.start()
        writer.start()
        answer = shell("apply", "box", tmp_path / source, "-o", tmp_path / target)
        assert answer.returncode == 0, answer.stderr
        writer.join()
        reader.join()
        assert got == [expected]
        assert stat.S_ISFIFO((tmp_path / target).stat().st_mode)
    assert len(names(tmp_path)) == 1, "no temporary file is left"


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_stdout_by_its_names_is_stdout(picture: Path, name: str) -> None:
    expected = shell("apply", "box", picture, "-o", "-")
    assert shell("apply", "box", picture, "-o", name).stdout == expected.stdout
    assert refused(2, "apply", "box", picture, "-o", name, "--json") == (
        "--json and -o - would both write to stdout",
        "write the picture to a file",
    )


def test_what_a_file_behind_a_descriptor_holds_stays(picture: Path, tmp_path: Path) -> None:
    expected = shell("apply", "box", picture, "-o", "-").stdout
    for target in ("/dev/stdout", "/dev/fd/3"):
        answer = bash(f"(echo before; convcli apply box a.png -q -o {target} 3>&1; echo after) > out.bin", tmp_path)
        assert answer.returncode == 0, answer.stderr
        assert (tmp_path / "out.bin").read_bytes() == b"before\n" + expected + b"after\n"


def test_substitutions_of_the_shell(picture: Path, tmp_path: Path) -> None:
    expected = shell("apply", "box", picture, "-o", "-").stdout
    answer = bash("convcli apply box <(cat a.png) -o >(cat > b.png); wait $!; cat b.png", tmp_path)
    assert answer.stdout == expected, answer.stderr
    assert bash(r"convcli apply 2 <(printf '1;2\n') -o -", tmp_path).stdout == b"2,4\n"
    assert bash("cat a.png | convcli apply box /dev/stdin -o /dev/stdout", tmp_path).stdout == expected
    answer = bash(f"convcli apply box {'<(cat a.png) ' * 9} -j 2 -o out/ --name '{{n}}.png' --format png", tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert names(tmp_path / "out") == [f"{number}.png" for number in range(1, 10)]


def test_devices_take_a_picture_without_force(picture: Path) -> None:
    answer = shell("apply", "box", picture, "-o", "/dev/null")
    assert (answer.returncode, answer.stdout) == (0, b"")
    assert Path("/dev/null").is_char_device()
    answer = shell("apply", "box", picture, "-o", "/dev/full")
    assert answer.returncode == 1
    assert answer.stderr.startswith(b"error: /dev/full cannot be written: no space is left on its disk\n")
    assert refused(1, "apply", "box", picture, "-o", "/dev/fd/987")[0].startswith("/dev/fd/987 cannot be written: ")
    assert refused(2, "apply", "box", picture, "-o", "/dev/null", "--each")[0].startswith("--each writes a file per")
    assert done("apply", "box", picture, "-o", "/dev/null", "-n").lines == [f"would write {picture} → /dev/null"]


def test_a_pipe_is_not_opened_by_a_dry_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.gif")
    answer = shell("apply", "box", tmp_path / "a.gif", "-n", "-o", f"{tmp_path}/out/", "--name", "{width}{suffix}")
    assert answer.stderr.decode().splitlines() == [f"would write {tmp_path}/a.gif → {tmp_path}/out/unknown.gif"]


def test_a_reader_that_closes_a_pipe_ends_the_command_silently(tmp_path: Path) -> None:
    save(tmp_path / "a.png", gray())
    Image.new("RGB", (800, 800)).save(tmp_path / "a.bmp")
    answer = bash("convcli apply identity a.bmp -o >(head -c 2 >/dev/null) --format bmp -q; echo $?", tmp_path)
    assert answer.stdout.split() == [b"141"]
    assert answer.stderr == b""


def test_a_picture_from_a_pipe_is_whole(picture: Path, tmp_path: Path) -> None:
    answer = bash("convcli apply identity <(cat a.png) -o -", tmp_path)
    with Image.open(io.BytesIO(answer.stdout)) as image, Image.open(picture) as given:
        assert image.tobytes() == given.tobytes()


def test_pictures_and_kernels_of_other_commands_go_to_pipes_and_devices(picture: Path, tmp_path: Path) -> None:
    done("apply", "box", picture, "-o", tmp_path / "b.png")
    answer = bash(
        "convcli learn a.png b.png -q -o >(cat > k.txt) --predict /dev/null --plot /dev/null; wait $!", tmp_path
    )
    assert answer.returncode == 0, answer.stderr
    assert "weights:" in (tmp_path / "k.txt").read_text()
    assert b"weights:" in shell("learn", picture, tmp_path / "b.png", "-q", "-o", "/dev/stdout").stdout
    assert bash("convcli show box -o >(cat > s.png) 2>&1 >/dev/null; wait $!", tmp_path).returncode == 0
    with Image.open(tmp_path / "s.png") as image:
        assert image.format == "PNG"
    assert b"3" in bash("convcli explain box <(cat a.png) --at 1,1", tmp_path).stdout
    assert bash(r"convcli check <(printf 'weights: [[1]]\n')", tmp_path).returncode == 0
    assert bash("convcli apply box --files-from <(echo a.png) -o out/", tmp_path).returncode == 0
    assert names(tmp_path / "out") == ["a.png"]
