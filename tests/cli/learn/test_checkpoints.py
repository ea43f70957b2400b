"""Trainings that are interrupted, and go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from convcli.disk import atomic_write
from tests.support.console import done, refused, run
from tests.support.pictures import harbour, pixels, save

LAYERS = ("--layers", "conv:6,3 | relu | dropout:0.1 | conv:3,3", "--epochs", "60")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    source = save(tmp_path / "photo.png", harbour(150, 160))
    done("apply", "median:3", source, "-o", tmp_path / "median.png", "-q")
    return str(source), str(tmp_path / "median.png")


def interrupted(words: list[str], checkpoint: Path) -> str:
    """Begin a training, end it by Ctrl-C once it has a checkpoint, and return what it said."""
    command = [sys.executable, "-m", "convcli", "learn", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ}) as process:
        end = time.monotonic() + 120
        while not checkpoint.exists() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    return said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals of this kind")
def test_an_interrupted_training_goes_on_to_the_same_bytes(tmp_path: Path, pair: tuple[str, str]) -> None:
    net, checkpoint = tmp_path / "net.yaml", tmp_path / "net.checkpoint.npz"
    words = [*pair, *LAYERS, "-o", str(net)]
    said = interrupted(words, checkpoint)
    assert f"are in {checkpoint}; --resume goes on from there" in said
    assert said.splitlines()[-1] == "interrupted"
    assert not net.exists()
    assert "--resume goes on from it" in refused(1, "learn", *words)[1]
    what, _ = refused(2, "learn", *words, "--resume", "--batch", "9")
    assert "was trained with --batch 8, not 9" in what
    for layers in ("conv:5,3 | relu | conv:3,3", LAYERS[1].replace("relu", "sigmoid")):
        other = [layers if each == LAYERS[1] else each for each in words]
        assert "of another network" in refused(2, "learn", *other, "--resume")[0]
    answer = done("learn", *words, "--resume")
    assert any("goes on after epoch" in line for line in answer.lines)
    assert not checkpoint.exists()
    done("learn", *words[:-1], tmp_path / "whole.yaml")
    parts, whole = (np.load(tmp_path / f"{name}.weights.npz") for name in ("net", "whole"))
    assert parts.files == whole.files
    assert all(np.array_equal(parts[key], whole[key]) for key in parts.files)


def test_a_signal_right_behind_a_checkpoint_is_told_where_it_is(
    tmp_path: Path, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def written_and_ended(path: Path, write: Callable[[IO[bytes]], None], *, overwrite: bool) -> None:
        atomic_write(path, write, overwrite=overwrite)
        raise KeyboardInterrupt

    monkeypatch.setattr("convcli.cli.learn.checkpoints._SECONDS", 0.0)
    monkeypatch.setattr("convcli.cli.learn.checkpoints.atomic_write", written_and_ended)
    words = (*pair, "--layers", "conv:2,3 | conv:3,3", "--epochs", "2", "-o", tmp_path / "net.yaml")
    said = run("learn", *words).stderr
    assert "epochs up to 1 are in" in said
    assert (tmp_path / "net.checkpoint.npz").exists()


def test_what_is_no_checkpoint_is_refused(tmp_path: Path, pair: tuple[str, str]) -> None:
    net = tmp_path / "net.yaml"
    words = [*pair, "--layers", "conv:2,3 | conv:3,3", "--epochs", "2"]
    assert "there is no checkpoint" in refused(1, "learn", *words, "-o", net, "--resume")[0]
    assert "give -o NET.yaml" in refused(2, "learn", *words, "--resume")[1]
    for data in (b"", b"PK\x03\x04 no archive", json.dumps({}).encode()):
        (tmp_path / "net.checkpoint.npz").write_bytes(data)
        assert "is no checkpoint" in refused(1, "learn", *words, "-o", net, "--resume")[0]
        assert (tmp_path / "net.checkpoint.npz").read_bytes() == data
    done("learn", *words, "-o", net, "--force")
    assert not (tmp_path / "net.checkpoint.npz").exists()


def test_the_losses_are_drawn(tmp_path: Path, pair: tuple[str, str]) -> None:
    plot = tmp_path / "plot.png"
    done("learn", *pair, "--layers", "conv:2,3 | relu | conv:3,3", "--epochs", "4", "--plot", plot)
    drawn = pixels(plot)
    assert drawn.shape[2] == 3
    colors = {tuple(each) for each in drawn.reshape(-1, 3).tolist()}
    assert {(38, 92, 143), (176, 66, 50)} <= colors  # both curves


def test_a_training_that_diverges_leaves_no_checkpoint(
    tmp_path: Path, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convcli.cli.learn.checkpoints._SECONDS", 0.0)
    seen = []
    monkeypatch.setattr("convcli.cli.learn.checkpoints.write_checkpoint", lambda *given: seen.append(given))
    net = tmp_path / "net.yaml"
    words = [*pair, "--layers", "conv:3,3", "--optimizer", "gd", "-o", str(net)]
    what, _ = refused(2, "learn", *words, "--learning-rate", "10")
    assert "diverged" in what
    assert seen, "it diverged before there was a checkpoint"
    assert list(tmp_path.glob("net*")) == []
