"""Make the sample pictures, or compare them with the files that this script makes.

    python sample_images/make.py            write files that are missing or differ
    python sample_images/make.py --check    compare, and exit with 1 if a file differs

Pixels are compared, not bytes: another version of a codec may pack the same picture differently.
"""

import argparse
import io
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from drawing import lessons, scene
from drawing.beacon import MILLISECONDS, PALETTE, draw_beacon
from drawing.color import Array, to_bytes
from drawing.gradient import draw_gradients
from drawing.logo import draw_logo
from PIL import Image, ImageSequence

# The levels, on average and at most, by which two JPEG codecs may differ.
JPEG_TOLERANCE = (0.5, 12.0)

Pixels = npt.NDArray[Any]


@cache
def _harbour() -> Array:
    return scene.harbour()


def _encode(pixels: Pixels, form: str, **options: object) -> bytes:
    """Encode pixels in a picture format."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def make_harbour() -> bytes:
    """Make the JPEG of the harbour, with film grain and a description."""
    exif = Image.Exif()
    exif[0x010E] = "A harbour in the evening, drawn by sample_images/make.py"
    exif[0x8298] = "CC0 1.0"
    pixels = to_bytes(scene.with_grain(_harbour(), 0.010, seed=3))
    return _encode(pixels, "JPEG", quality=90, optimize=True, exif=exif)


def make_beacon() -> bytes:
    """Make the animated GIF of the lamp."""
    colors = b"".join(bytes.fromhex(text[1:]) for text in PALETTE)
    frames = [Image.fromarray(indices) for indices in draw_beacon()]
    for frame in frames:
        frame.putpalette(colors)
    file = io.BytesIO()
    moving = {"save_all": True, "append_images": frames[1:], "duration": MILLISECONDS, "loop": 0}
    frames[0].save(file, "GIF", **moving, transparency=0, disposal=2, optimize=False)
    return file.getvalue()


def make_channels() -> bytes:
    """Make the array file of two channels."""
    file = io.BytesIO()
    np.save(file, lessons.TWO_CHANNELS.astype("<i8"))
    return file.getvalue()


def _text(text: str) -> Callable[[], bytes]:
    return text.encode


SAMPLES: dict[str, Callable[[], bytes]] = {
    "harbour.jpg": make_harbour,
    "lighthouse-gray.png": lambda: _encode(to_bytes(scene.cut_lighthouse(_harbour())), "PNG", optimize=True),
    "logo.png": lambda: _encode(draw_logo(), "PNG", optimize=True),
    "gradient16.png": lambda: _encode(draw_gradients(), "PNG", optimize=True),
    "beacon.gif": make_beacon,
    "counting.csv": _text(lessons.as_csv(lessons.COUNTING)),
    "edges.csv": _text(lessons.as_csv(lessons.edges())),
    "edges-transposed.csv": _text(lessons.as_csv(lessons.edges().T)),
    "edge-map.csv": _text(lessons.as_csv(lessons.edge_map())),
    "two-channels.npy": make_channels,
    "kernel-2to1.yaml": _text(lessons.as_filter("kernel-2to1", "Two channels into one", lessons.TWO_TO_ONE)),
    "kernel-2to3.yaml": _text(lessons.as_filter("kernel-2to3", "Two channels into three", lessons.TWO_TO_THREE)),
}


def decode(name: str, content: bytes) -> list[Pixels]:
    """Decode a file to its content: the pixels of its frames, an array, or the bytes of a text."""
    suffix = Path(name).suffix
    if suffix in {".csv", ".yaml"}:
        return [np.frombuffer(content.replace(b"\r\n", b"\n"), np.uint8)]
    if suffix == ".npy":
        return [np.load(io.BytesIO(content))]
    with Image.open(io.BytesIO(content)) as picture:
        if suffix == ".gif":
            return [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(picture)]
        return [np.asarray(picture)]


def difference(name: str, found: bytes, made: bytes) -> str | None:
    """Return the difference between a file and the one that this script makes as text, or None."""
    ours = decode(name, made)
    try:
        theirs = decode(name, found)
    except (OSError, ValueError):
        return "cannot be read"
    if [(each.shape, each.dtype) for each in ours] != [(each.shape, each.dtype) for each in theirs]:
        return "another size, depth or number of frames"
    far = [np.abs(a.astype(np.float64) - b.astype(np.float64)) for a, b in zip(ours, theirs, strict=True)]
    mean, most = max(float(each.mean()) for each in far), max(float(each.max()) for each in far)
    mean_allowed, most_allowed = JPEG_TOLERANCE if name.endswith(".jpg") else (0, 0)
    if mean > mean_allowed or most > most_allowed:
        return f"values differ by {mean:.4g} on average, by {most:g} at most"
    return None


def main(arguments: list[str] | None = None) -> int:
    """Write or check the samples; return the exit code."""
    parser = argparse.ArgumentParser(description="Make the sample pictures, or check them.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which files (default: all)")
    parser.add_argument("--check", action="store_true", help="compare only; exit with 1 if a file differs")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent, help="of the files (default: here)")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(SAMPLES)):
        parser.error(f"no such sample: {', '.join(unknown)}; there are {', '.join(SAMPLES)}")
    if not options.check:
        options.folder.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for name in options.names or SAMPLES:
        made, file = SAMPLES[name](), options.folder / name
        problem = difference(name, file.read_bytes(), made) if file.exists() else "missing"
        if problem and not options.check:
            file.write_bytes(made)
            print(f"{name}: written, {len(made)} bytes")
        else:
            print(f"{name}: {problem or 'as it should be'}")
            wrong += problem is not None
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
