"""Compare learning a 3×3 kernel from a 12-megapixel pair with one step of a training loop in PyTorch.

convcli runs in a fresh process, timed from both arrays in memory to the result, with all of its imports. PyTorch is
timed for one step of SGD on a Conv2d (forward, backward and update), after two steps to warm up and without its import,
in both memory layouts: contiguous and channels last.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from measuring import picture as harbour
from measuring import processor
from numpy.typing import NDArray

import convcli

SIZE = (3000, 4000)
THREADS = "2"
LAYOUTS = ("contiguous_format", "channels_last")

OURS = """
import re, sys, time
from pathlib import Path
import numpy as np
def peak():  # in MB, of this process alone: ru_maxrss starts at the memory of its parent
    status = Path("/proc/self/status")
    return int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) / 1024 if status.exists() else 0.0
source, target = np.load(sys.argv[1]), np.load(sys.argv[2])
before = peak()
start = time.perf_counter()
from convcli.learning import LearningPair, LearnSettings, learn_pairs
learned = learn_pairs([LearningPair(source, target)], LearnSettings(size=(3, 3), model=sys.argv[3]))
seconds = time.perf_counter() - start
print(seconds, peak() - before)
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


def picture() -> NDArray[np.uint8]:
    """Return 12 megapixels of the harbor, with a little noise."""
    whole = harbour(*SIZE)
    noise = np.random.default_rng(0).integers(-6, 7, whole.shape, np.int16)
    noisy: NDArray[np.uint8] = np.clip(whole + noise, 0, 255).astype(np.uint8)
    return noisy


def run(rounds: int, filters: list[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source.npy"), Path(folder, "target.npy")
        np.save(source, picture())
        for name in filters:
            np.save(target, convcli.apply(name, np.load(source)))
            rows += [compare(rounds, str(source), str(target), model, name) for model in ("shared", "full")]
    return rows


def compare(rounds: int, source: str, target: str, model: str, name: str) -> dict[str, Any]:
    layouts = LAYOUTS if find_spec("torch") else ()
    ours: list[list[float]] = []
    theirs: dict[str, list[float]] = {layout: [] for layout in layouts}
    for _ in range(rounds):
        ours.append(measured(OURS, source, target, model))
        for layout in layouts:
            theirs[layout] += measured(THEIRS, source, target, model, layout, THREADS)
    seconds, memory = (statistics.median(column) for column in zip(*ours, strict=True))
    steps = {layout: statistics.median(times) for layout, times in theirs.items()}
    ratios = {layout: seconds / step for layout, step in steps.items()}
    return {"model": model, "filter": name, "seconds": seconds, "MB": memory, "steps": steps, "ratios": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--filters", nargs="+", default=["gaussian:size=3", "sharpen", "sobel-x"])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = run(options.rounds, options.filters)
    print(f"{processor()}, {os.cpu_count()} processors, {THREADS} threads each")
    print(
        f"{'model':8}{'filter':17}{'seconds':>8}{'MB':>5}" + "".join(f"{f'step, {layout}':>26}" for layout in LAYOUTS)
    )
    for row in rows:
        steps = (
            f"{row['steps'][layout]:15.2f} s,{row['ratios'][layout]:6.2f} ×" if row["steps"] else f"{'no torch':>26}"
            for layout in LAYOUTS
        )
        print(f"{row['model']:8}{row['filter']:17}{row['seconds']:8.2f}{row['MB']:5.0f}" + "".join(steps))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
