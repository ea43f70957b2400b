"""Masks: pictures that are white where a filter is learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import PurePath

import numpy as np

from convcli.array_types import Array, Bools
from convcli.errors import ShapeError, UsageError
from convcli.image import DEFAULT_MAX_PIXELS, Picture, read_picture
from convcli.jobs.many.finding import files_below
from convcli.jobs.matching import counterparts
from convcli.jobs.paths import STREAM, is_folder, path_below
from convcli.lazy import dataclass
from convcli.places import Place, place_of

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue, by ITU-R BT.601


@dataclass(frozen=True, eq=False)
class Masks:
    """The mask of every pair: one picture for all, or a file for each by the pair's name; `missing` have none."""

    picture: Picture | None
    name: str
    files: Mapping[str, Place] = field(default_factory=dict)
    missing: int = 0
    max_pixels: int = DEFAULT_MAX_PIXELS

    def place_of(self, pair: str) -> Place | None:
        """Return the file with the mask of a pair; None for one without a mask."""
        return self.files.get(pair) if self.picture is None else place_of(self.name)

    def of(self, pair: str, target: Picture, name: str) -> tuple[Bools, ...] | None:
        """Return the mask of every frame of a target, bool (height, width, 1); None for a pair without a mask.

        `pair` is the name of the pair, `name` that of the target in messages. Raises ShapeError for a mask of another
        size, and UsageError for one that is black.
        """
        picture, given = self.picture, self.name
        if picture is None:
            path = self.files.get(pair)
            if path is None:
                return None
            picture, given = read_picture(path, max_pixels=self.max_pixels), str(path)
        masks = masks_of(picture, given)
        height, width = target.size
        if masks[0].shape[:2] != (height, width):
            high, wide = masks[0].shape[:2]
            raise ShapeError(
                f"{given} is {wide}×{high}, and {name} {width}×{height}: the mask has another size than TARGET",
                "draw the mask on TARGET, white where the filter is to be learned",
            )
        if len(masks) not in (1, len(target.frames)):
            raise ShapeError(
                f"{given} holds {len(masks)} masks, and {name} {len(target.frames)} items",
                "give one mask for all items, or every item its own",
            )
        return masks * (len(target.frames) // len(masks))


def open_masks(text: str, pairs: Sequence[str] | None, *, max_pixels: int) -> Masks:
    """Return the masks in a file, or in a folder, for pairs of these names; None for a pair of two files.

    Raises
    ------
    UsageError
        A folder for two files, or one in which no file has the name of a pair.
    ReadError
        The file cannot be read.
    """
    path = place_of(text)
    if text == STREAM:
        raise UsageError("--mask - would read the mask from standard input", "name a file")
    if not is_folder(path):
        return Masks(read_picture(path, max_pixels=max_pixels), text)
    if pairs is None:
        raise UsageError(f"--mask {text} is a folder, and INPUT is none", "name the picture that is the mask")
    files, _ = files_below(path, recursive=True, output=path)
    found = counterparts({PurePath(name): name for name in pairs}, {path_below(each, path): each for each in files})
    if not found:
        raise UsageError(
            f"no picture in {text} has the name of a pair",
            f"the mask of {pairs[0]} is {path / pairs[0]}",
        )
    return Masks(None, text, dict(found.values()), len(pairs) - len(found), max_pixels)


def masks_of(picture: Picture, name: str) -> tuple[Bools, ...]:
    """Return the parts of a picture's frames that are at least half as bright as white, bool (height, width, 1) each.

    What is transparent is black. White is 1 for the values 0 and 1 alone, and the largest value of an array above 1.

    Raises
    ------
    UsageError
        All of a frame is black.
    """
    full_scale = picture.full_scale
    largest = float(max(frame.max() for frame in picture.frames))
    if picture.dtype.kind == "f":
        full_scale = max(full_scale, largest)
    elif largest == 1:
        full_scale = 1
    dark = "is black"
    if largest:
        dark = f"has no white: its brightest value is {largest:g} of {full_scale:g}"
    if picture.has_alpha:
        dark = "is black or transparent"
    masks = []
    for frame in picture.frames:
        bright: Bools = _brightness(frame[:, :, : picture.colors]) >= full_scale / 2
        if picture.has_alpha:
            bright &= frame[:, :, -1:] >= picture.full_scale / 2
        if not bright.any():
            raise UsageError(
                f"{name} {dark}; nothing is left to learn from",
                "make the mask white where the filter is to be learned",
            )
        masks.append(bright)
    return tuple(masks)


def both(first: Bools | None, second: Bools | None) -> Bools | None:
    """Return what two masks have in common; None, which leaves nothing out, where neither does."""
    masks = [each for each in (first, second) if each is not None and not each.all()]
    return np.logical_and.reduce(masks) if masks else None


def _brightness(colors: Array) -> Array:
    """Return (height, width, 1)."""
    if colors.shape[2] == 3:
        return np.asarray(colors @ _LUMA)[:, :, np.newaxis]
    return np.asarray(colors.mean(axis=2, keepdims=True))
