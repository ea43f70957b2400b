"""Checkpoint: a training after an epoch, as bytes from which it goes on."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import IO, Any

import numpy as np

from convcli.array_types import Array
from convcli.errors import ReadError, UsageError
from convcli.filters import Combine, Layer
from convcli.learning.networks.training import Course, Epoch, Trainer

_FORM = 1  # of the file; another one is not read
_GOES_ON = ("epochs", "patience", "augment")  # settings that may be others when a training goes on
_ERRORS = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, EOFError, OSError, NotImplementedError)


def write_checkpoint(trainer: Trainer, stream: IO[bytes]) -> None:
    """Write all that the next epoch depends on."""
    course, optimizer = trainer.course, trainer.optimizer
    facts = {
        "form": _FORM,
        "task": task_of(trainer),
        "settings": asdict(trainer.settings),
        "steps": optimizer.steps,
        "best": course.best,
        "epochs": [[each.loss, each.held_out, each.right] for each in course.epochs],
    }
    arrays: dict[str, Array] = {"facts": np.frombuffer(json.dumps(facts).encode(), np.uint8)}
    for kind, found in (("now", trainer.network.state), ("best", course.best_state), ("kept", optimizer.kept)):
        arrays |= {f"{kind}/{key}": each for key, each in found.items()}
    np.savez(stream, **arrays)  # type: ignore[arg-type]  # names of keywords


def task_of(trainer: Trainer) -> str:
    """Return a digest of what is trained on what: the layers, with the numbers that stay, and the values held out."""
    digest = hashlib.sha256("|".join(_texts(trainer.network.pipeline.layers)).encode())
    for key, each in sorted(trainer.network.state.items()):
        digest.update(f"{key}{each.shape}".encode())
    for batch in trainer.samples.held_out or list(trainer.samples.epoch(np.random.default_rng(0)))[:1]:
        digest.update(np.ascontiguousarray(batch.source).tobytes())
        digest.update(np.ascontiguousarray(batch.target).tobytes())
    return digest.hexdigest()


def _texts(layers: Iterable[Layer]) -> Iterator[str]:
    """Yield a text for each layer, those of branches too."""
    for layer in layers:
        yield f"{layer.name} {layer.words}"
        for branch in layer.branches if isinstance(layer, Combine) else ():
            yield from ("(", *_texts(branch), ")")


def resume(trainer: Trainer, data: bytes, name: str) -> None:
    """Let a training go on from the checkpoint `name`, whose bytes are `data`.

    Raises
    ------
    ReadError
        It is damaged.
    UsageError
        It is that of another network, other pictures, or other settings.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        facts = json.loads(arrays.pop("facts").tobytes())
        form, task, settings = facts["form"], facts["task"], facts["settings"]
    except _ERRORS as error:
        raise ReadError(f"{name} is no checkpoint, or a damaged one", "remove it, and begin anew") from error
    if form != _FORM or task != task_of(trainer):
        raise UsageError(
            f"{name} is the checkpoint of another network, or of other pictures",
            "give the same INPUT, TARGET and --layers, or train without --resume",
        )
    given = json.loads(json.dumps(asdict(trainer.settings)))
    for key, value in settings.items():
        if key not in _GOES_ON and given[key] != value:
            raise UsageError(
                f"{name} was trained with --{key.replace('_', '-')} {value}, not {given[key]}",
                "give the same settings; --epochs, --patience and --augment may be others",
            )
    try:
        _restore(trainer, facts, arrays)
    except _ERRORS as error:
        raise ReadError(f"{name} is a damaged checkpoint", "remove it, and begin anew") from error


def epochs_in(data: bytes) -> int:
    """Return the number of epochs that are done in a whole checkpoint of those bytes."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return len(json.loads(file["facts"].tobytes())["epochs"]) - 1  # the first is that before them


def _restore(trainer: Trainer, facts: dict[str, Any], arrays: dict[str, Array]) -> None:
    parts: dict[str, dict[str, Array]] = {"now": {}, "best": {}, "kept": {}}
    for key, each in arrays.items():
        kind, _, name = key.partition("/")
        parts[kind][name] = each
    trainer.network.restore(parts["now"])
    for key, kept in trainer.optimizer.kept.items():
        kept[...] = parts["kept"][key]
    trainer.optimizer.steps = int(facts["steps"])
    epochs = [Epoch(*values) for values in facts["epochs"]]
    trainer.course = Course(epochs, int(facts["best"]), parts["best"])
