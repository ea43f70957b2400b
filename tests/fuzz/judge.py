"""Whether what a command left is a result or a line, and nothing else."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from pathlib import PurePath

import imagecodecs
import numpy as np
import tifffile
from PIL import Image

from tests.fuzz.commands import Command

LONGEST = 5.0  # seconds of a processor
# Bytes at most beside what there was before: of a pixel of the limit, of a byte of the file, and always.
OF_A_PIXEL, OF_A_BYTE, ALWAYS = 200, 20, 64 << 20

# What the command says on stderr; the report of `learn` is in lines of many kinds.
_LINE = re.compile(
    r"(error|help|warning|failed): .|  .|.* → .|(would write|skipped) .|compiling|arrays beside pictures are"
    r"|once mended, |\d+ (to do|done|skipped|failed|not begun|of no format)\b"
)
_NEVER = re.compile(r"Traceback|File \"|libpng|TIFF[A-Z]\w+:|this should not happen|\w(Warning|Error):")


@dataclass(frozen=True)
class Answer:
    """What became of a command.

    Parameters
    ----------
    code, stdout, stderr
        Of the process.
    written
        The files that are there now and were not given, by name.
    seconds
        Of a processor.
    memory
        The peak beyond what there was before.
    max_pixels, size
        The limit of pixels, and the bytes that were read.
    died
        How it ended, where it did not end as a program does.
    """

    code: int = -1
    stdout: bytes = b""
    stderr: str = ""
    written: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0
    memory: int = 0
    max_pixels: int = 0
    size: int = 0
    died: str = ""

    @property
    def memory_share(self) -> float:
        """The peak as a share of what is allowed."""
        return self.memory / (ALWAYS + OF_A_PIXEL * self.max_pixels + OF_A_BYTE * self.size)


def complaints(command: Command, answer: Answer) -> list[str]:
    """Return what is wrong with an answer; empty for a good one."""
    if answer.died:
        return [answer.died]
    wrong = []
    if answer.code not in (0, 1, 2):
        wrong.append(f"exit code {answer.code}")
    if answer.seconds > LONGEST and command.max_pixels < 1e6:
        wrong.append(f"{answer.seconds:.1f} s")
    if answer.memory_share > 1:
        wrong.append(f"{answer.memory / 1e6:.0f} MB")
    return [*wrong, *_about_lines(command, answer), *_about_files(command, answer)]


def _about_lines(command: Command, answer: Answer) -> list[str]:
    lines = answer.stderr.splitlines()
    errors = [line for line in lines if line.startswith("error: ")]
    free = command.words[:1] == ("learn",)
    wrong = [f"noise: {line}" for line in lines if _NEVER.search(line) or not (free or _LINE.match(line))]
    if answer.code == 0 and errors:
        wrong.append("errors, and exit code 0")
    if answer.code and not errors:
        wrong.append(f"no error, and exit code {answer.code}")
    if command.batch and command.damage and "--fail-fast" not in command.words and answer.code != 2:
        inputs = len(command.files) - ("list" in command.files)
        if len(errors) + len(answer.written) != inputs:
            wrong.append(f"{len(errors)} errors and {len(answer.written)} outputs of {inputs} files")
    elif len(errors) > 1 and not command.batch:
        wrong.append(f"{len(errors)} errors")
    if sum(line.startswith("help: ") for line in lines) > len(errors):
        wrong.append("more help than errors")
    wrong += [f"cannot be printed: {line!r}" for line in lines if not line.replace("\xa0", "").isprintable()]
    return wrong


def _about_files(command: Command, answer: Answer) -> list[str]:
    forms = [word.split("=")[1] for word in command.words if word.startswith("--format=")]
    wrong = [f"left behind: {name}" for name in answer.written if PurePath(name).name.startswith(".")]
    if answer.code and not command.batch:
        wrong += [f"an output of what failed: {name}" for name in answer.written]
    if answer.code == 0 and command.words[0] == "apply" and "--dry-run" not in command.words:
        wants_stdout = "-" in command.words[command.words.index("-o") + 1 :][:1]
        if not (answer.stdout if wants_stdout else answer.written):
            wrong.append("no output")
        if wants_stdout:
            wrong += _about_output(f"stdout.{forms[-1] if forms else ''}", answer.stdout)
    for name, data in answer.written.items():
        wrong += _about_output(f"{name}.{forms[-1]}" if forms else name, data)
    return wrong


_OF_IMAGECODECS = {".jxl": "jpegxl", ".jxr": "jpegxr", ".hdr": "rgbe", ".qoi": "qoi"}
_NOT_OF_PILLOW = (".pam", ".sgi")
_VIDEOS = (".mp4", ".mkv", ".mov", ".webm")


def _about_output(name: str, data: bytes) -> list[str]:
    """Decode an output without convcli."""
    suffix = PurePath(name).suffix
    if suffix in (".yaml", "", ".jsonl"):
        return []
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        if suffix == ".npy":
            size = np.load(io.BytesIO(data)).size
        elif suffix == ".csv" or data[:1] in (b"-", *(b"%d" % digit for digit in range(10)), b"n", b"i"):
            size = sum(
                np.loadtxt(io.BytesIO(part), delimiter=",", ndmin=2).size for part in data.split(b"\n\n") if part
            )
        elif suffix in (".tif", ".tiff"):
            with tifffile.TiffFile(io.BytesIO(data)) as file:
                size = sum(page.asarray().size for page in file.pages)
        elif suffix in _OF_IMAGECODECS:
            size = getattr(imagecodecs, f"{_OF_IMAGECODECS[suffix]}_decode")(data).size
        elif suffix in _NOT_OF_PILLOW:  # some kinds of them
            size = len(data)
        elif suffix in _VIDEOS:
            import av  # here, since it may not be installed

            with av.open(io.BytesIO(data)) as video:
                size = sum(frame.width * frame.height for frame in video.decode(video=0))
        else:
            with Image.open(io.BytesIO(data)) as image:
                for frame in range(getattr(image, "n_frames", 1)):
                    image.seek(frame)
                    image.load()
                size = image.width * image.height
    except Exception as error:  # whatever a decoder raises
        return [f"{name} does not decode: {type(error).__name__}: {error}"]
    finally:
        Image.MAX_IMAGE_PIXELS = limit
    return [] if size else [f"{name} is empty"]
