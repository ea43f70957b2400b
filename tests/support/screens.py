"""Screens: what commands show on a terminal of a width, kept as text in tests/goldens.

``python docs/generate.py screens`` makes them anew; ``python -m tests.support.screens 80 list edges`` prints one.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from unittest.mock import patch

import numpy as np

from convcli.cli import app
from tests.support.paths import CHECKOUT
from tests.support.pictures import save

GOLDENS = CHECKOUT / "tests" / "goldens"
WIDTHS = (80, 120)

KERNEL = "0 -1 0 0 -1 0 0 -1 0; 1 1 1 1 1 1 1 1 1; 0 -1 x 0 0 0 1 2 3 4"
# By the name of the file.
SCREENS: dict[str, tuple[str, ...]] = {
    "help": ("help",),
    "help-apply": ("apply", "--help"),
    "help-apply-all": ("apply", "--help-all"),
    "help-learn": ("learn", "--help"),
    "help-list": ("list", "--help"),
    "help-show": ("show", "--help"),
    "help-check": ("check", "--help"),
    "help-explain": ("explain", "--help"),
    "help-compare": ("compare", "--help"),
    "help-report": ("report", "--help"),
    "help-gallery": ("gallery", "--help"),
    "help-export": ("export", "--help"),
    "help-import": ("import", "--help"),
    "help-help": ("help", "--help"),
    "help-warmup": ("warmup", "--help"),
    "help-doctor": ("doctor", "--help"),
    "help-learn-all": ("learn", "--help-all"),
    "help-gaussian": ("help", "gaussian"),
    "help-sharpen": ("help", "sharpen"),
    "help-relu": ("help", "relu"),
    "help-conv": ("help", "conv"),
    "help-resize": ("help", "resize"),
    "help-median": ("help", "median"),
    "help-sobel": ("help", "sobel"),
    "list": ("list",),
    "list-edges": ("list", "edges"),
    "list-edge": ("list", "edge"),
    "list-blur": ("list", "blur"),
    "list-nothing": ("list", "zebra"),
    "show-sharpen": ("show", "sharpen"),
    "show-gaussian": ("show", "gaussian:2"),
    "show-log": ("show", "log"),
    "show-sobel": ("show", "sobel"),
    "show-kirsch": ("show", "kirsch"),
    "show-wide": ("show", "box:99"),
    "show-median": ("show", "median:5"),
    "show-pipeline": ("show", "gaussian:1.4 | sobel | normalize"),
    "show-network": ("show", "network.yaml", "--input-size", "1x28x28"),
    "explain": ("explain", "sharpen", "photo.png", "--at", "7,5"),
    "explain-pipeline": ("explain", "gaussian:0.5 | sobel-x | relu", "photo.png", "--at", "0,3"),
    "learn": ("learn", "photo.png", "sharp.png"),
    "compare": ("compare", "photo.png", "sharp.png"),
    "check": ("check", "network.yaml", "photo.png"),
    "learn-one": ("learn", "photo.png"),
    "batch": ("apply", "sharpen", "pictures", "-o", "out/", "-j", "1", "--engine", "numpy"),
    "batch-again": ("apply", "sharpen", "pictures", "-o", "done/", "-j", "1", "--engine", "numpy"),
    "apply": ("apply", "sobel-x", "photo.png", "-o", "x.png", "--engine", "numpy"),
    "error-name": ("apply", "gaussian:1.4 | sobell | normalize", "photo.png", "-o", "x.png"),
    "error-kernel": (
        "apply",
        "0 -1 0 0 -1 0 0 -1 0; 1 1 1 1 1 1 1 1 1; 0 -1 x 0 0 0 1 2 3 4",
        "photo.png",
        "-o",
        "x.png",
    ),
    "error-command": ("sharpen", "photo.png"),
}
_HOUSE = {"NO_COLOR": "1", "TERM": "xterm-256color", "LINES": "24"}
_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SECONDS = re.compile(r"\b\d+\.\d+ s\b")  # which differ from run to run


class _Terminal(io.StringIO):
    """A stream that is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def screen(words: Sequence[str | Path], columns: int | str) -> str:
    """Return all that a command prints on a terminal so wide, stdout and stderr, without colors and progress bars.

    A text is what COLUMNS holds, of whatever sense.
    """
    shown = _Terminal()
    terminal = patch.dict(os.environ, {**_HOUSE, "COLUMNS": str(columns)})
    bar = patch("convcli.report.voice.Voice.shows_progress", False)
    speed = patch("convcli.report.runs.outcomes.rate_text", lambda _: "1.5 megapixels/s")
    with terminal, bar, speed, redirect_stdout(shown), redirect_stderr(shown), suppress(SystemExit):
        app([str(word) for word in words], prog_name="convcli")
    lines = _SECONDS.sub("0.0 s", _STYLES.sub("", shown.getvalue())).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)  # tables are filled with blanks


def golden_screen(name: str, columns: int) -> str:
    """Return a screen of `SCREENS` in a folder of pictures, the command above it."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder), patch.dict(os.environ):
        # Nothing of whoever runs this: neither filters nor records of batches.
        os.environ.pop("CONVCLI_PATH", None)
        os.environ |= {name: str(Path(folder, ".home")) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME")}
        make_pictures(Path())
        words = " ".join(f'"{word}"' if " " in word else word for word in SCREENS[name])
        return f"$ convcli {words}\n{screen(SCREENS[name], columns)}"


def make_pictures(folder: Path) -> None:
    """Make the files that the screens are about."""
    rows, columns = np.mgrid[0:24, 0:32]
    photo = np.clip(128 + 90 * np.sin(columns / 5) + 60 * np.cos(rows / 4), 0, 255).astype(np.uint8)
    weights = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    padded = np.pad(photo.astype(int), 1, mode="reflect")
    sharp = sum(weights[i, j] * padded[i : i + 24, j : j + 32] for i in range(3) for j in range(3))
    save(folder / "photo.png", photo)
    save(folder / "sharp.png", np.clip(sharp, 0, 255).astype(np.uint8))
    for name in ("pictures", "done"):
        (folder / name).mkdir()
        for number in range(3):
            save(folder / name / f"{number}.png", photo)
    (folder / "pictures" / "broken.png").write_bytes(b"no picture")
    (folder / "pictures" / "notes.txt").write_text("no picture either")
    network = (CHECKOUT / "docs" / "lessons" / "network.yaml").read_text(encoding="utf-8")
    (folder / "network.yaml").write_text(network, encoding="utf-8")


def write_goldens() -> list[str]:
    """Write the screens that have changed; return their names."""
    GOLDENS.mkdir(exist_ok=True)
    changed = []
    for name in SCREENS:
        for columns in WIDTHS:
            file = GOLDENS / f"{name}-{columns}.txt"
            text = golden_screen(name, columns)
            if not file.exists() or file.read_text(encoding="utf-8") != text:
                file.write_text(text, encoding="utf-8", newline="\n")
                changed.append(file.name)
    return changed


if __name__ == "__main__":  # pragma: no cover
    sys.stdout.write(screen(sys.argv[2:], int(sys.argv[1])))
