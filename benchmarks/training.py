"""Compare training a network with PyTorch, and with the best kernel.

A step is that of the network conv:16,5 | relu | conv:16,3 | relu | conv:3,3 on 64 patches of 32×32 pixels: forward,
backward and update by Adam, after one to warm up, in one process. The gain is that of `convcli learn` on a pair of
512×512 pixels, on rows held out from learning, over the best linear kernel; its seconds include everything.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from measuring import fastest, processor
from PIL import Image
from threadpoolctl import threadpool_limits

from convcli.catalog import load_network
from convcli.learning.networks.losses import Batch
from convcli.learning.networks.network import Network
from convcli.learning.networks.optimizers import Optimizer
from convcli.learning.networks.settings import TrainingSettings

LAYERS = "conv:16,5 | relu | conv:16,3 | relu | conv:{},3"
PATCHES, SIDE, THREADS, PART = 64, 32, 2, 8
FILTERS = {
    "median:3": "median:3",
    "unsharp with a threshold": "unsharp:sigma=2,amount=1.5,threshold=0.03",
    "bilateral": "",  # by OpenCV
}


def our_step() -> Callable[[], object]:
    """Return a step of ours, in parts on two threads as `convcli learn` does it."""
    network = Network(load_network(LAYERS.format(3), (3, SIDE, SIDE)), (3, SIDE, SIDE))
    optimizer = Optimizer(TrainingSettings(), network.arrays, set())
    generator = np.random.default_rng(0)
    source, target = generator.random((2, PATCHES, SIDE, SIDE, 3), np.float32)
    batch = Batch(source, target)
    executor = ThreadPoolExecutor(THREADS)

    def step() -> None:
        with threadpool_limits(1, user_api="blas"):
            parts = [batch.part(first, first + PART) for first in range(0, PATCHES, PART)]
            found = list(executor.map(lambda part: network.gradients("mse", part, [0]), parts))
        optimizer.step({key: sum(each.arrays[key] for each in found) / target.size for key in found[0].arrays}, 1e-3)

    return step


def their_step() -> Callable[[], object]:
    """Return a step of PyTorch's."""
    import torch

    torch.set_num_threads(THREADS)

    def conv(inputs: int, outputs: int, size: int) -> Any:
        return torch.nn.Conv2d(inputs, outputs, size, padding=size // 2, padding_mode="reflect")

    relu = torch.nn.ReLU
    model = torch.nn.Sequential(conv(3, 16, 5), relu(), conv(16, 16, 3), relu(), conv(16, 3, 3))
    source, target = torch.rand(2, PATCHES, 3, SIDE, SIDE)
    optimizer = torch.optim.Adam(model.parameters())

    def step() -> None:
        optimizer.zero_grad()
        ((model(source) - target) ** 2).mean().backward()
        optimizer.step()

    return step


def pair(folder: Path, name: str, *, gray: bool, side: int) -> tuple[Path, Path]:
    """Write a picture and what a filter makes of it."""
    before, after = folder / "before.png", folder / "after.png"
    with Image.open(Path(__file__).parents[1] / "sample_images" / "harbour.jpg") as harbour:
        picture = harbour.convert("L" if gray else "RGB").resize((side, side), Image.Resampling.LANCZOS)
    picture.save(before)
    if name == "bilateral":
        import cv2

        Image.fromarray(cv2.bilateralFilter(np.asarray(picture), 7, 40, 3)).save(after)
    else:
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "convcli",
            "apply",
            FILTERS[name],
            before,
            "-o",
            after,
            "-q",
            "-f",
        ]
        subprocess.run(command, check=True)
    return before, after


def gain(name: str, *, gray: bool, side: int, words: list[str]) -> dict[str, Any]:
    """Return what `convcli learn` finds for a pair, and the seconds that it takes."""
    with tempfile.TemporaryDirectory() as folder:
        files = pair(Path(folder), name, gray=gray, side=side)
        layers = LAYERS.format(1 if gray else 3)
        start = time.perf_counter()
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "convcli",
            "learn",
            *files,
            "--layers",
            layers,
            "--json",
            *words,
        ]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        seconds = time.perf_counter() - start
    kernel = found["baseline"]["psnr"]
    return {
        "filter": name,
        "picture": "gray" if gray else "color",
        "kernel": kernel,
        "network": found["psnr"],
        "gain": found["psnr"] - kernel,
        "seconds": seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--filters", nargs="*", default=list(FILTERS), choices=list(FILTERS))
    parser.add_argument("--pictures", nargs="+", default=["gray", "color"], choices=["gray", "color"])
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--json", type=Path)
    options, words = parser.parse_known_args()
    print(processor())
    steps = {"convcli": our_step(), **({"PyTorch": their_step()} if find_spec("torch") else {})}
    times = fastest(steps, options.rounds)
    for name, each in times.items():
        print(f"a step of {name}: {1000 * each.seconds:.0f} ms, {1000 * each.processor:.0f} ms of processor time")
    rows = []
    for gray in [each == "gray" for each in options.pictures]:
        for name in options.filters:
            if name == "bilateral" and find_spec("cv2") is None:
                continue
            rows.append(row := gain(name, gray=gray, side=options.side, words=words))
            text = f"{row['kernel']:.1f} dB by the best kernel, {row['network']:.1f} dB by the network"
            print(f"{row['picture']} {name}: {text}, {row['seconds']:.0f} s", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
