"""What a job is expected to take of the memory is what it takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from convcli.catalog import load_filter
from convcli.image import memory
from convcli.jobs.many import processes, running
from convcli.jobs.many.running import run_batch
from convcli.jobs.one import memory as asking
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Done, Job, Outcome
from tests.support.outcomes import error_of

WIDTH, HEIGHT = 1600, 1200

MEASURE = """
import json, sys
from pathlib import Path

import convcli.jobs.one.memory as asking
from convcli.catalog import load_filter
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Done, Job

asked = []
asking.require_memory = lambda name, needed, *_: asked.append(needed)
small, large, filter_, output, settings = sys.argv[1:]
recipe, policy = Recipe(load_filter(filter_), **json.loads(settings)), Policy(existing="overwrite")

def peak(source):
    asked.clear()
    assert isinstance(run_job(Job(Path(source), Path(output)), recipe, policy), Done)
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return 1024 * int(status["VmHWM"].split()[0])

before = peak(small)
print(peak(large) - before, max(asked))
"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    scene = np.asarray(Image.linear_gradient("L").resize((WIDTH, HEIGHT)))
    rgb = np.dstack([scene, scene[::-1], scene[:, ::-1]])
    for name, values in {"rgb": rgb, "rgba": np.dstack([rgb, scene])}.items():
        Image.fromarray(values).save(folder / f"{name}.png", compress_level=1)
        Image.fromarray(values[:8, :8]).save(folder / f"{name}-small.png")
    for name, cut in (("deep", slice(None)), ("deep-small", slice(8))):
        tifffile.imwrite(folder / f"{name}.tif", rgb[cut, cut].astype(np.uint16) * 257, photometric="rgb")
    return folder


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.skipif(sys.platform != "linux", reason="where the most that a process had is told otherwise")
@pytest.mark.parametrize(
    ("source", "filter_", "output", "settings"),
    [
        ("rgb.png", "sobel", "o.png", {}),
        ("rgb.png", "sharpen", "o.png", {"linear": True}),
        ("rgba.png", "sharpen", "o.png", {}),
        ("rgb.png", "sharpen", "o.npy", {}),
        ("deep.tif", "gaussian:1 | sobel", "o.tif", {}),
    ],
)
def test_as_much_is_asked_for_as_is_taken(
    pictures: Path, tmp_path: Path, source: str, filter_: str, output: str, settings: dict[str, Any]
) -> None:
    stem, suffix = source.split(".")
    small, large = pictures / f"{stem}-small.{suffix}", pictures / source
    words = [sys.executable, "-c", MEASURE, *map(str, (small, large, filter_, tmp_path / output)), json.dumps(settings)]
    answer = subprocess.run(words, capture_output=True, text=True, check=True)
    taken, asked = map(int, answer.stdout.split())
    # What is written is in the memory too, and what the allocator keeps.
    assert 0.6 * taken < asked < 1.6 * taken + 8e6


def test_a_filter_that_has_no_room_is_refused_before_the_picture_is_decoded(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LARGE", 0)
    monkeypatch.setattr(memory, "free_memory", lambda: 30_000_000)
    monkeypatch.setattr(asking, "free_memory", lambda: 30_000_000)
    job = Job(pictures / "rgb.png", tmp_path / "o.png")
    assert isinstance(run_job(job, Recipe(load_filter("sharpen"))), Done)
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("it was decoded"))
    error = error_of(run_job(Job(pictures / "rgb.png", tmp_path / "p.png"), Recipe(load_filter("sobel | turn:90"))))
    # 12 values of 4 bytes, 3 of the picture and 3 of the result, for each of 1.92 million pixels
    assert error.message == f"{pictures / 'rgb.png'} needs about 0.1 GB, 30 MB free: 1600×1200 pixels of 3 channels"
    assert not (tmp_path / "p.png").exists()


def test_transparency_is_weighed_only_where_it_has_room(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LARGE", 0)
    monkeypatch.setattr(memory, "free_memory", lambda: 30_000_000)
    monkeypatch.setattr(asking, "free_memory", lambda: 30_000_000)
    job = Job(pictures / "rgba.png", tmp_path / "o.png")
    assert "needs about 0.2 GB" in error_of(run_job(job, Recipe(load_filter("sharpen")))).message
    assert isinstance(run_job(job, Recipe(load_filter("sharpen"), alpha="drop")), Done)
    opaque = tmp_path / "opaque.png"
    with Image.open(pictures / "rgba.png") as image:
        image.putalpha(255)
        image.save(opaque)
    assert isinstance(run_job(Job(opaque, tmp_path / "p.png"), Recipe(load_filter("sharpen"))), Done)


def test_what_is_free_is_shared_by_those_at_work(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Policy] = []

    def run(*work: Any) -> list[Outcome]:
        given.append(work[2])
        return []

    monkeypatch.setattr(running, "free_memory", lambda: 1_000_000)
    monkeypatch.setattr(processes, "run_in_processes", run)
    jobs = [Job(pictures / "rgb.png", tmp_path / f"{number}.png") for number in range(4)]
    list(run_batch(jobs, Recipe(load_filter("identity")), Policy(workers=4)))
    assert given[0].memory == 250_000


@pytest.mark.parametrize("keep_going", [True, False])
def test_what_has_no_room_beside_others_is_done_alone(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, keep_going: bool
) -> None:
    """Two at a time have 100 MB each, and transparency takes 200; alone it has all that the machine has."""
    monkeypatch.setattr(memory, "LARGE", 0)
    monkeypatch.setattr(running, "free_memory", lambda: 200_000_000)
    monkeypatch.setattr(processes, "run_in_processes", lambda jobs, *about: (run_job(job, *about) for job in jobs))
    jobs = [Job(pictures / name, tmp_path / f"{name}") for name in ("rgba.png", "rgb.png")]
    # A turn by a quarter needs all of a picture at once, so that strips are no way out.
    outcomes = list(run_batch(jobs, Recipe(load_filter("sharpen | turn:90")), Policy(workers=2, keep_going=keep_going)))
    names = [outcome.job.source_name.rsplit("/")[-1] for outcome in outcomes]
    if keep_going:
        assert names == ["rgb.png", "rgba.png"]
        assert all(isinstance(outcome, Done) for outcome in outcomes)
    else:
        error = error_of(outcomes[names.index("rgba.png")])
        assert error.hint == "fewer --jobs leave more to each"
