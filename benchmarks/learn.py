"""Learning a 3×3 kernel from a 12-megapixel pair, against one step of a training loop in PyTorch.

Ours is a fresh process: from when both arrays are in memory until the result is there, every import of
convcli's counted. PyTorch's is a step of SGD on a Conv2d, forwards, backwards and the update, after two
steps to warm up, without its import: the fastest of the memory layouts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
SIZE = (3000, 4000)
THREADS = "2"

OURS = """
import resource, sys, time
import numpy as np
source, target = np.load(sys.argv[1]), np.load(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
from convcli.learning import LearnSettings, Pair, learn_pairs
learned = learn_pairs([Pair(source, target)], LearnSettings(size=(3, 3), model=sys.argv[3]))
seconds = time.perf_counter() - start
print(seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""

THEIRS = """
import statistics, sys, time
import numpy as np, torch
torch.set_num_threads(int(sys.argv[5]))
source, target = (torch.from_numpy(np.load(name)).permute(2, 0, 1).float() / 255 for name in sys.argv[1:3])
axis = 1 if sys.argv[3] == "shared" else 0
x, y = source.unsqueeze(axis), target[:, 1:-1, 1:-1].unsqueeze(axis)
layout = getattr(torch, sys.argv[4])
channels = 1 if sys.argv[3] == "shared" else 3
layer = torch.nn.Conv2d(channels, channels, 3).to(memory_format=layout)
x, y = x.contiguous(memory_format=layout), y.contiguous(memory_format=layout)
optimizer = torch.optim.SGD(layer.parameters(), lr=1e-3)
times = []
for _ in range(5):
    start = time.perf_counter()
    optimizer.zero_grad()
    ((layer(x) - y) ** 2).mean().backward()
    optimizer.step()
    times.append(time.perf_counter() - start)
print(statistics.median(times[2:]))
"""


def measured(code: str, *arguments: str) -> list[float]:
    environment = os.environ | {"OMP_NUM_THREADS": THREADS, "OPENBLAS_NUM_THREADS": THREADS}
    command = [sys.executable, "-c", code, *arguments]
    return [
        float(number)
        for number in subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout.split()
    ]


def picture() -> np.ndarray:
    """12 megapixels of the harbour and its mirror images, with a little noise against the repetition."""
    harbour = np.asarray(Image.open(ROOT / "sample_images" / "harbour.jpg"))
    row = np.concatenate([harbour, harbour[:, ::-1]] * 2, axis=1)
    whole = np.concatenate([row, row[::-1]] * 2)[: SIZE[0], : SIZE[1]]
    noise = np.random.default_rng(0).integers(-6, 7, whole.shape, np.int16)
    return np.clip(whole + noise, 0, 255).astype(np.uint8)


def run(rounds: int) -> list[dict[str, object]]:
    import convcli

    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source.npy"), Path(folder, "target.npy")
        np.save(source, picture())
        for model in ("shared", "full"):
            for name in ("gaussian:size=3", "sharpen", "sobel-x"):
                np.save(target, convcli.apply(name, np.load(source)))
                rows.append(compare(rounds, str(source), str(target), model, name))
    return rows


def compare(rounds: int, source: str, target: str, model: str, name: str) -> dict[str, object]:
    layouts = ("contiguous_format", "channels_last") if find_spec("torch") else ()
    ours: list[list[float]] = []
    theirs: dict[str, list[float]] = {layout: [] for layout in layouts}
    for _ in range(rounds):
        ours.append(measured(OURS, source, target, model))
        for layout in layouts:
            theirs[layout] += measured(THEIRS, source, target, model, layout, THREADS)
    row: dict[str, object] = {
        "model": model,
        "filter": name,
        "seconds": statistics.median(each[0] for each in ours),
        "memory in MB": statistics.median(each[1] for each in ours),
    }
    if not theirs:
        return row | {"peer": "torch is not installed"}
    layout, step = min(((each, statistics.median(times)) for each, times in theirs.items()), key=lambda each: each[1])
    return row | {"peer": f"one step, {layout}", "peer's seconds": step, "ratio": float(str(row["seconds"])) / step}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = run(options.rounds)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors, {THREADS} threads each")
    print(f"{'model':10}{'filter':18}{'seconds':>9}{'MB':>6}{'step':>9}{'ratio':>7}  peer")
    for row in rows:
        step, ratio = (f"{row[key]:.2f}" if key in row else "" for key in ("peer's seconds", "ratio"))
        print(
            f"{row['model']:10}{row['filter']:18}{row['seconds']:9.2f}{row['memory in MB']:6.0f}{step:>9}{ratio:>7}"
            f"  {row['peer']}"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
