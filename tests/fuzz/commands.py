"""Command lines for damaged files, drawn from all that the command line knows."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.files import Whole
from tests.support.damage import damaged

MAX_PIXELS = 400_000
DEFAULT_MAX_PIXELS = 89_478_485
OUTPUTS = ("png", "png", "jpg", "webp", "avif", "tif", "tif", "bmp", "gif", "pgm", "ppm", "pnm", "npy", "npy", "csv")

FILTERS = ("identity", "identity", "identity", "gaussian:1", "sharpen", "gaussian:1.4 | sobel | normalize", "sobel-x",
           "1 -1", "-1 0 1; -2 0 2; -1 0 1", "relu", "maxpool:2", "luma", "sepia", "swap-rb", "invert", "box:size=5",
           "kirsch", "unsharp:1", "1/9 1/9 1/9; 1/9 1/9 1/9; 1/9 1/9 1/9", "three.yaml", "four.yaml", "net.yaml",
           "normalize", "threshold:50%", "motion:9,30", "abs | clip")  # fmt: skip

# Filter files, beside the inputs.
YAML = {
    "three.yaml": "name: three\nweights: [[[[1, 2]], [[0, 1]], [[0, 0]]], [[[1, 0]], [[-1, 0]], [[0, 1]]]]\n",
    "four.yaml": "name: four\nweights: [[[[1, 0, -1]]], [[[0, 2, 2]]], [[[3, 3, 3]]], [[[1, 0, 0]]]]\n",
    "net.yaml": "name: net\nlayers:\n  - conv: {weights: [[1, -1], [1, -1]], stride: 2}\n  - relu\n  - maxpool: 2\n",
}

# Options of `apply`, each with the values that it is given.
OPTIONS: dict[str, tuple[str, ...]] = {
    "--border": ("edge", "wrap", "symmetric", "constant:0.5", "constant:nan", "scipy:mirror"),
    "--padding": ("valid", "full", "3", "100000", "-1"),
    "--stride": ("2", "7", "1000000000000"),
    "--dilation": ("2", "50", "100000000000"),
    "--divisor": ("4", "1/3", "0", "1e-300"),
    "--bias": ("50%", "-0.5", "1e300", "inf"),
    "--normalize": ("sum", "l1"),
    "--flip": (),
    "--range": ("abs", "stretch", "center", "clip"),
    "--channels": ("luma", "r,b", "a", "r,g,b,a", "g"),
    "--background": ("white", "#f80", "1,2,3", "none"),
    "--strict": (),
    "--alpha": ("filter", "drop", "keep"),
    "--linear": (),
    "--frame": ("0", "1", "2", "1000000"),
    "--depth": ("8", "16", "float"),
    "--format": OUTPUTS,
    "--quality": ("1", "100", "75"),
    "--png-effort": ("fast", "balanced", "small"),
    "--metadata": ("color", "strip", "keep"),
    "--sheet": (),
    "--each": (),
    "--json": (),
    "--dry-run": (),
    "--threads": ("2", "1"),
    "--quiet": (),
    "--verbose": (),
}
LIKELY = ("--alpha", "--frame", "--depth", "--range", "--metadata", "--format", "--channels", "--linear", "--sheet",
          "--each")  # fmt: skip
NOISE = ("", "-", "--", ":", ",", "=", "|", ";", "%", "\n", "\x1b[31m", "\udcff", "é", "٣", "0", "1e999", "-1", "nan",
         "9" * 400, "x", "/", "..", "(", "'", '"', "\\", "2", "gaussian", "sobel", "wrap", "constant", "same", "r,g",
         "8", "float")  # fmt: skip


@dataclass(frozen=True)
class Command:
    """A command line, and what it works on.

    Parameters
    ----------
    words
        As they are typed, relative to a folder.
    files
        What has to be in that folder, by name.
    stdin
        What comes through it.
    max_pixels
        The limit that it works under.
    damage
        Whether files are damaged; otherwise words are.
    """

    words: tuple[str, ...]
    files: dict[str, bytes]
    stdin: bytes = b""
    max_pixels: int = MAX_PIXELS
    damage: bool = True

    @property
    def batch(self) -> bool:
        """Whether it is about several files, each of which may fail."""
        return "out/" in self.words


def command_of(wholes: Sequence[Whole], seed: int, number: int) -> Command:
    """Return a command by its number; the first ones are on the whole files, which have bombs among them."""
    if number >= len(wholes):
        return draw(wholes, random.Random(f"{seed} {number}"))
    suffix, data = wholes[number]
    words = ("apply", "identity", f"in.{suffix}", "-o", "out.npy", "--max-pixels", str(MAX_PIXELS), "--engine", "numpy")
    return Command(words, {f"in.{suffix}": data})


def draw(wholes: Sequence[Whole], chance: random.Random) -> Command:
    """Return a command on damaged files, or one with damaged words."""
    kind = chance.random()
    if kind < 0.06:
        return _of_noise(wholes, chance)
    if kind < 0.10:
        return _batch(wholes, chance)
    name, data = _input(wholes, chance)
    max_pixels = DEFAULT_MAX_PIXELS if chance.random() < 0.02 else MAX_PIXELS
    limit = () if max_pixels == DEFAULT_MAX_PIXELS else ("--max-pixels", str(max_pixels))
    files = {name: data}
    words: tuple[str, ...]
    if kind < 0.15:
        at = f"{chance.randrange(24)},{chance.randrange(20)}"
        words = ("explain", _filter(chance), name, "--at", at, *chance.choice(((), ("--json",), ("--channel", "1"))))
    elif kind < 0.20:
        other, target = _input(wholes, chance) if chance.random() < 0.5 else (name, data)
        files[f"target-{other}"] = target
        outputs = chance.choice(
            (("-o", "k.yaml"), ("--predict", "replay.tif"), ("-o", "-"), ("--plot", "p.png", "--snap"))
        )
        more = chance.choice((("--size", "3"), ("--steps", "3"), ("--model", "depthwise", "--size", "1")))
        words = ("learn", name, f"target-{other}", *outputs, *more)
    else:
        out = chance.choice(("-", *(f"out.{chance.choice(OUTPUTS)}" for _ in range(9))))
        words = ("apply", _filter(chance), name, "-o", out, *_engine(chance), *_options(chance))
    stdin = b""
    if chance.random() < 0.1:
        words, stdin = (tuple("-" if each == name else each for each in words), files.pop(name))
    return Command((*words, *limit), files, stdin, max_pixels)


def _input(wholes: Sequence[Whole], chance: random.Random) -> tuple[str, bytes]:
    suffix, data = chance.choice(wholes)
    if chance.random() < 0.03:
        suffix = chance.choice(("png", "npy", "csv", "tif", "", "jpg"))
    return f"in.{suffix}", damaged(data, [each for _, each in wholes], chance)


def _batch(wholes: Sequence[Whole], chance: random.Random) -> Command:
    """Return a command on a list of files, some of them whole."""
    files = {}
    for number in range(chance.randrange(2, 6)):
        name, data = _input(wholes, chance) if chance.random() < 0.7 else _whole(wholes, chance)
        files[f"{number}-{name}"] = data
    names = list(files)
    listed = "\n".join(names).encode()
    more = chance.choice(((), (), ("--fail-fast",), ("--format", "png"), ("--json",), ("-q",), ("--format", "tif")))
    words = (
        "apply",
        _filter(chance),
        "-o",
        "out/",
        *_engine(chance),
        "-j",
        "1",
        "--max-pixels",
        str(MAX_PIXELS),
        *more,
    )
    kind = chance.randrange(3)
    if kind == 0:
        return Command((*words, *names), files)
    if kind == 1:
        return Command((*words, "--files-from", "-"), files, listed)
    return Command((*words, "--files-from", "list"), files | {"list": listed})


def _whole(wholes: Sequence[Whole], chance: random.Random) -> tuple[str, bytes]:
    suffix, data = chance.choice(wholes)
    return f"whole.{suffix}", data


def _of_noise(wholes: Sequence[Whole], chance: random.Random) -> Command:
    """Return a command of which the filter, a value, a list or all is noise, on a whole file."""
    name, data = _whole([each for each in wholes if len(each[1]) < 20_000], chance)
    noise = "".join(chance.choices(NOISE, k=chance.randrange(1, 6)))
    option = chance.choice(list(OPTIONS))
    filter_ = _filter(chance)
    start = ("apply", filter_, name, "-o", "out.png", "--engine", "numpy")
    kind = chance.randrange(6)
    words: tuple[str, ...]
    if kind == 0:
        words = ("apply", f"{filter_}{noise}", name, "-o", "out.png", "--engine", "numpy")
    elif kind == 1:
        words = (*start, f"{option}={noise}")
    elif kind == 2:
        words = ("explain", filter_, name, f"--at={noise}")
    elif kind == 3:
        words = (
            "learn",
            name,
            name,
            f"{chance.choice(('--size', '--steps', '--init', '--border', '--holdout'))}={noise}",
        )
    elif kind == 4:
        listed = os.fsencode(noise.join((name, "nothing.png", chance.choice(("", name)))))
        words = ("apply", filter_, "--files-from", "list", "-o", "out/", "-j", "1", "--engine", "numpy")
        return Command(
            words, {name: data, "list": damaged(listed, [data], chance)}, max_pixels=DEFAULT_MAX_PIXELS, damage=False
        )
    else:
        words = tuple(chance.sample((*start, noise, noise), k=chance.randrange(1, 9)))
    # What no command line can hold.
    return Command(
        tuple(word.replace("\0", "") for word in words), {name: data}, max_pixels=DEFAULT_MAX_PIXELS, damage=False
    )


def _filter(chance: random.Random) -> str:
    return chance.choice(FILTERS)


def _engine(chance: random.Random) -> tuple[str, ...]:
    # The compiled engine is tested elsewhere; what is compiled here may take long, once.
    return ("--engine", "numpy") if chance.random() < 0.95 else ("--engine", "auto")


def _options(chance: random.Random) -> list[str]:
    words = []
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        option = chance.choice(LIKELY if chance.random() < 0.6 else list(OPTIONS))
        words += [f"{option}={chance.choice(OPTIONS[option])}"] if OPTIONS[option] else [option]
    return words


def prepare(command: Command, folder: Path) -> None:
    """Put the files of a command into an empty folder."""
    for name, data in command.files.items():
        (folder / name).write_bytes(data)
    for name, text in YAML.items():
        (folder / name).write_text(text)
