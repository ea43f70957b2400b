"""INPUT and TARGET as items and the numbers of their classes."""

from __future__ import annotations

import io

import numpy as np

from convcli.array_types import Array
from convcli.errors import ReadError, UsageError
from convcli.image import format_of, read_picture
from convcli.jobs.paths import STREAM, is_folder
from convcli.lazy import dataclass
from convcli.places import Place, place_name, place_of
from convcli.words import grouped

_MOST_BYTES = 2**26  # of an array of labels


@dataclass(frozen=True, eq=False)
class Labeled:
    """Items, (height, width, channels) each, and the numbers of their classes, from 0.

    The names are those of INPUT and TARGET in messages, the titles their last parts.
    """

    items: list[Array]
    classes: Array
    names: tuple[str, str]
    titles: tuple[str, str]


def open_labeled(source: str, target: str, *, max_pixels: int) -> Labeled:
    """Read an array of items, and the table of their classes: a ``.npy`` of N numbers, or a CSV of N rows.

    Raises
    ------
    UsageError
        INPUT is a folder or a stream, the counts differ, or a label is no whole number from 0.
    ReadError
        A file cannot be read.
    """
    for text, what in ((source, "INPUT"), (target, "TARGET")):
        if text == STREAM or is_folder(place_of(text)):
            raise UsageError(
                f"{what} of --loss cross-entropy is one file", "give an array N×C×H×W, and a table of N numbers"
            )
    names = place_name(source), place_name(target)
    picture = read_picture(place_of(source), max_pixels=max_pixels)
    items = [frame[:, :, : picture.colors] for frame in picture.frames]
    return labeled(items, _labels(place_of(target), names[1], max_pixels), names)


def labeled(items: list[Array], labels: Array, names: tuple[str, str]) -> Labeled:
    """Return items, (height, width, channels) each, with their labels, which messages call by `names`.

    Raises UsageError where the counts differ, a value is not finite, or a label is no whole number from 0.
    """
    if labels.ndim == 0 or max(labels.shape) != labels.size:
        raise UsageError(
            f"{names[1]} has the shape {'×'.join(map(str, labels.shape))}, and labels are one number an item",
            "give one column, or an array of N numbers",
        )
    labels = labels.ravel()
    bad = next((number for number, item in enumerate(items) if not np.isfinite(item).all()), None)
    if bad is not None:
        raise UsageError(
            f"{names[0]}: item {bad} holds values that are not finite (NaN or infinite)", "leave it out, with its label"
        )
    if len(labels) != len(items):
        raise UsageError(
            f"{names[1]} has {grouped(len(labels))} labels, and {names[0]} holds {grouped(len(items))} items",
            "give a label for each item, in their order",
        )
    return Labeled(items, _classes(labels, names[1]), names, (_last(names[0]), _last(names[1])))


def _last(name: str) -> str:
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _labels(place: Place, name: str, max_pixels: int) -> Array:
    form = format_of(place)
    if form is not None and form.name == "npy":
        with place.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
        try:
            array = np.lib.format.read_array(io.BytesIO(data[:_MOST_BYTES]), allow_pickle=False)
        except (ValueError, TypeError, SyntaxError, EOFError, MemoryError) as error:
            raise ReadError(f"{name} is no array of labels", "write it with numpy.save, without objects") from error
        if array.dtype.kind not in "biuf":
            raise UsageError(f"{name} holds {array.dtype}, no numbers of classes", "number the classes from 0")
    else:
        array = read_picture(place, max_pixels=max_pixels).frames[0][:, :, 0]
    return array


def _classes(labels: Array, name: str) -> Array:
    wrong = np.flatnonzero(~np.isfinite(labels) | (labels < 0) | (labels != np.floor(labels)) | (labels > 2**31))
    if wrong.size:
        number = int(wrong[0])
        raise UsageError(
            f"{name}: label {number} is {float(labels[number]):g}, no number of a class", "number the classes from 0"
        )
    return labels.astype(np.intp)
