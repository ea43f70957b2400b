"""Training networks from arrays, images and files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from convcli.api.arrays import GivenArray, PictureLike, given_array, yaml_path
from convcli.api.settings import judged_keywords
from convcli.array_types import Array, filtered_dtype, real_numbers
from convcli.catalog import load_network, write_network
from convcli.errors import UsageError
from convcli.filters import Pipeline, Shape, shown
from convcli.image import DEFAULT_MAX_PIXELS
from convcli.jobs import Labeled, Masks, labeled, open_labeled, pairs_of
from convcli.lazy import dataclass
from convcli.learning import TrainedNetwork, TrainingSettings, train_labels, train_pairs
from convcli.report import LearnedFrom, cause_of, trained_comment, trained_description

_ITEMS = "give an array of items (N, channels, height, width), and N whole numbers of classes"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Trained(TrainedNetwork):
    """A network that was trained; `cause` says in a sentence what it gains."""

    names: tuple[str, str]
    levels: bool
    pairs: int

    @property
    def cause(self) -> str:
        """The gain over the best kernel in one sentence, or the share of right answers."""
        return cause_of(self)

    @property
    def loss(self) -> float:
        """The loss of the epoch whose numbers are kept, on what was held out where there was enough."""
        return self.epochs[self.best].judged

    @property
    def history(self) -> list[float]:
        """The losses of all epochs, that before the first among them."""
        return [each.loss for each in self.epochs]

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write the network to a YAML file, and its weights to a file beside it: net.yaml and net.weights.npz.

        Raises
        ------
        convcli.errors.UsageError
            The name does not end in .yaml or .yml.
        convcli.errors.WriteError
            A file cannot be written.
        convcli.errors.OutputRefused
            A file exists, and `force` is false.
        """
        file, overwrite = yaml_path(path), judged_keywords(force=force)["force"]
        subject = LearnedFrom(self.names, self.pairs, levels=self.levels)
        description = trained_description(self, subject.title)
        pipeline = replace(self.pipeline, name=file.stem, description=description)
        write_network(pipeline, file, comment=trained_comment(self, subject), overwrite=overwrite)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.cause!r}, loss={self.loss:.4g}, epochs={len(self.epochs) - 1})"


def trained(
    x: PictureLike,
    y: PictureLike,
    layers: str | os.PathLike[str],
    mask: PictureLike | None,
    given: Mapping[str, Any],
) -> Trained:
    """Return a network that was trained to make `y` of `x`; parameters and errors as of `learn`."""
    settings = TrainingSettings.of(**given)
    if not isinstance(layers, str | os.PathLike):
        raise UsageError(
            f"layers {shown(layers)} is no text", 'give one such as "conv:16,5 | relu | conv:3,3", or a YAML file'
        )
    text = os.fsdecode(layers)

    def make(shape: Shape) -> Pipeline:
        return load_network(text, shape, seed=settings.seed)

    if settings.loss == "cross-entropy":
        if mask is not None:
            raise UsageError("mask is for pictures, and y is classes", "leave out mask")
        items = _labeled(x, y)
        found = train_labels(items.items, items.classes, make, settings)
        return _named(found, items.titles, 1, levels=False)
    arrays = given_array(x), given_array(y)
    before, after = (each.picture for each in arrays)
    names = _names(*arrays)
    pairs = pairs_of(before, after, names, "", None, None if mask is None else _masks(given_array(mask)))
    levels = all(pair.target.dtype.kind == "u" for pair in pairs)
    return _named(train_pairs(pairs, make, settings), names, len(pairs), levels=levels)


def _named(found: TrainedNetwork, names: tuple[str, str], pairs: int, *, levels: bool) -> Trained:
    own = {each.name: getattr(found, each.name) for each in fields(found)}
    return Trained(**own, names=names, pairs=pairs, levels=levels)


def _names(*given: GivenArray) -> tuple[str, str]:
    x, y = (name if each.picture.format is None else each.name for each, name in zip(given, "xy", strict=True))
    return x, y


def _masks(given: GivenArray) -> Masks:
    return Masks(given.picture, "the mask" if given.picture.format is None else given.name)


def _labeled(x: object, y: object) -> Labeled:
    if isinstance(x, str | os.PathLike) and isinstance(y, str | os.PathLike):
        return open_labeled(os.fspath(x), os.fspath(y), max_pixels=DEFAULT_MAX_PIXELS)
    items, labels = _numbers(x), _numbers(y)
    if items.ndim != 4 or items.size == 0:
        raise UsageError(f"x has the shape {items.shape}, and items have four axes", _ITEMS)
    if items.dtype not in (np.uint8, np.uint16):
        items = items.astype(filtered_dtype(items.dtype))
    return labeled(list(items.transpose(0, 2, 3, 1)), labels, ("x", "y"))


def _numbers(value: object) -> Array:
    try:
        return real_numbers(value)
    except ValueError as error:
        raise UsageError(f"what is given is no array of numbers: {error}", _ITEMS) from error
