"""Compare the size and the time of writing PNG with each effort with Pillow's default.

Both sides write from memory into memory, in turns and on one thread. Ratios are convcli's value over Pillow's: below 1
convcli's file is smaller, or written faster. Time is processor time, which depends less on the load of the machine.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import convcli
from convcli.image import Picture, PngEffort, format_named, write_picture

SAMPLES = Path(__file__).resolve().parent.parent / "sample_images"
EFFORTS: tuple[PngEffort, ...] = get_args(PngEffort)
FROM_SKIMAGE = ("astronaut", "coffee", "chelsea", "page", "text", "coins")
PNG = format_named("png")


def sample(name: str) -> NDArray[np.uint8]:
    with Image.open(SAMPLES / name) as image:
        return np.asarray(image)


def harbour(width: int) -> Image.Image:
    image = Image.fromarray(sample("harbour.jpg"))
    return image.resize((width, width * image.height // image.width), Image.Resampling.LANCZOS)


def noisy(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    grain = np.random.default_rng(0).normal(0, 4, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def screen(width: int = 1600, height: int = 1000) -> NDArray[np.uint8]:
    """Return colored text and boxes on white."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    rng = np.random.default_rng(3)
    font = ImageFont.load_default(15)
    for top in range(10, height, 20):
        line = "".join("abcdefghijklmnopqrstuvwxyz     "[letter] for letter in rng.integers(0, 31, width // 14))
        draw.text((20, top), line, fill=tuple(rng.integers(0, 200, 3).tolist()), font=font)
    for x, y in rng.integers(0, height, (25, 2)).tolist():
        color = tuple(rng.integers(0, 255, 3).tolist())
        draw.rounded_rectangle((x, y, x + 100, y + 60), 8, fill=color, outline="black")
    return np.asarray(image)


def page(width: int, photograph: int) -> NDArray[np.uint8]:
    """Return text with a small photograph in it."""
    image = Image.fromarray(screen(width, width * 4 // 3))
    image.paste(harbour(photograph), (width // 5, width // 2))
    return np.asarray(image)


def transparent(width: int) -> NDArray[np.uint8]:
    image = harbour(width).convert("RGBA")
    image.putalpha(Image.radial_gradient("L").resize(image.size))
    return np.asarray(image)


def deep(gray: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return 16 bits, with noise in the lower eight."""
    noise = np.random.default_rng(1).integers(0, 256, gray.shape, np.uint16)
    values: NDArray[np.uint16] = gray * np.uint16(256) + noise
    return values


def photographs() -> Iterator[tuple[str, NDArray[Any]]]:
    two = np.asarray(harbour(1740))
    gray = np.asarray(harbour(1740).convert("L"))
    yield "tiny, 120×80", np.asarray(harbour(120))
    yield "small, 300×200", np.asarray(harbour(300))
    yield "small, noise", noisy(np.asarray(harbour(300)))
    yield "600×400", np.asarray(harbour(600))
    yield "600×400, noise", noisy(np.asarray(harbour(600)))
    yield "harbour.jpg, 1 MP", sample("harbour.jpg")
    yield "1 MP, sharpen", convcli.apply("sharpen", sample("harbour.jpg"))
    yield "2 MP", two
    yield "2 MP, noise", noisy(two)
    yield "6 MP, noise", noisy(np.asarray(harbour(3000)))
    yield "12 MP, sharpen", convcli.apply("sharpen", np.asarray(harbour(4243)))
    yield "2 MP, sharpen", convcli.apply("sharpen", two)
    yield "2 MP, gaussian:3", convcli.apply("gaussian:3", two)
    yield "2 MP, sobel, gray", convcli.apply("sobel", gray)
    yield "2 MP, gray", gray
    yield "2 MP, gray, 16 bits", deep(gray)
    yield "gray of 8 bits as 16", gray * np.uint16(257)
    yield "2 MP, RGBA", transparent(1740)
    yield "1 MP, RGBA", transparent(1200)
    yield "lighthouse-gray.png", sample("lighthouse-gray.png")
    if find_spec("skimage"):
        from skimage import data

        yield from ((name, getattr(data, name)()) for name in FROM_SKIMAGE)


def graphics() -> Iterator[tuple[str, NDArray[Any]]]:
    yield "logo.png, RGBA", sample("logo.png")
    yield "tiny text, 300×200", screen(300, 200)
    yield "text and boxes", screen()
    yield "the same, gray", np.asarray(Image.fromarray(screen()).convert("L"))
    yield "with a photograph", page(1200, 400)
    yield "16 colors", np.asarray(harbour(1740).quantize(16, dither=Image.Dither.NONE).convert("RGB"))
    yield "dithered", np.asarray(harbour(1740).convert("1").convert("L"))
    yield "gradient, gray", (np.add.outer(np.arange(1000), np.arange(1500) * 0.7) % 256).astype(np.uint8)
    yield "gradient, 16 bits", np.add.outer(np.arange(1000), np.arange(1500) * 30).astype(np.uint16)
    yield "blank", np.full((1000, 1500, 3), 255, np.uint8)


def compared(name: str, frame: NDArray[Any], rounds: int) -> dict[str, Any]:
    image = Image.fromarray(frame)
    deep = frame if frame.ndim == 3 else frame[:, :, np.newaxis]
    picture = Picture((deep,), has_alpha=deep.shape[2] in (2, 4))

    def ours(effort: PngEffort) -> Callable[[io.BytesIO], None]:
        return lambda stream: write_picture(picture, stream, PNG, png_effort=effort)

    writers: dict[str, Callable[[io.BytesIO], None]] = {"Pillow": lambda stream: image.save(stream, "PNG")}
    writers |= {effort: ours(effort) for effort in EFFORTS}
    times: dict[str, list[float]] = {each: [] for each in writers}
    sizes: dict[str, int] = {}
    for _ in range(rounds):
        for each, write in writers.items():
            stream = io.BytesIO()
            start = time.process_time()
            write(stream)
            times[each].append(time.process_time() - start)
            sizes[each] = stream.tell()
    seconds = {each: statistics.median(values) for each, values in times.items()}
    return {
        "picture": name,
        "ms": seconds["Pillow"] * 1e3,
        "size": {effort: sizes[effort] / sizes["Pillow"] for effort in EFFORTS},
        "time": {effort: seconds[effort] / seconds["Pillow"] for effort in EFFORTS},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors, one thread; size and time")
    print(f"{'picture':22}{'Pillow':>9}" + "".join(f"{effort:>16}" for effort in EFFORTS))
    rows = []
    for name, frame in chain(photographs(), graphics()):
        row = compared(name, frame, options.rounds)
        cells = "".join(f"{row['size'][effort]:8.2f}{row['time'][effort]:6.2f} ×" for effort in EFFORTS)
        print(f"{name:22}{row['ms']:6.0f} ms{cells}", flush=True)
        rows.append(row)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
