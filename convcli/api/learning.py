"""Learning from arrays, images and files."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

from convcli.api.arrays import PictureLike, given_array
from convcli.api.keywords import in_keywords, public
from convcli.array_types import Array
from convcli.detective import Detected, detect
from convcli.filters import check_names
from convcli.image import Picture
from convcli.learning import LearningPair, LearnKeywords, LearnSettings


@public
def learn(x: PictureLike, y: PictureLike, **settings: Unpack[LearnKeywords]) -> Detected:
    """Learn the kernel that makes `y` of `x`.

    Parameters
    ----------
    x, y
        The input and the output of a filter, in any form that `apply` takes; alpha of images and files is left out.
        Of one size; or `y` smaller (a ``valid`` correlation) or larger (``full``) by the size of the kernel less 1.
    **settings
        size (one number for both sides), model, bias, border, holdout, optimizer, learning_rate, steps, tolerance,
        loss, init (also a filter of one kernel, or weights) and seed, as `LearnSettings` describes them; ``auto`` for
        size, border, learning_rate and steps is their default.

    Returns
    -------
    Detected
        With the `cause` in a sentence, the steps `found`, the `kernel`, its `loss` and `history`, how far it is to be
        trusted, and the `pipeline` that does the steps again.

    Raises
    ------
    convcli.errors.UsageError
        A setting is unknown or out of range, or the arrays do not fit each other.
    convcli.errors.ReadError
        A file cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> before = np.random.default_rng(0).random((64, 64))
    >>> after = before[:, 1:] - before[:, :-1]
    >>> learn(before, after).kernel.weights.round(6)
    array([[-1.,  1.]])
    """
    check_names(settings, LearnKeywords.__annotations__)
    before, after = given_array(x).picture, given_array(y).picture
    pair = LearningPair(_colors(before), _colors(after), is_lossy=bool(after.lossy))
    learned = detect([pair], LearnSettings.of(**settings))
    return replace(learned, warnings=tuple(map(in_keywords, learned.warnings)))


def _colors(picture: Picture) -> Array:
    return picture.frames[0][:, :, : picture.colors]
