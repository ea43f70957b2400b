"""Learning from arrays, images and files."""

from __future__ import annotations

from dataclasses import fields
from typing import Unpack

from convcli.api.arrays import GivenArray, PictureLike, given_array
from convcli.api.keywords import in_keywords, public
from convcli.detective import Detected, detect
from convcli.filters import check_names
from convcli.jobs import Masks, pairs_of
from convcli.lazy import dataclass
from convcli.learning import LearnKeywords, LearnSettings
from convcli.words import shortly


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Explained(Detected):
    """The steps between two pictures, as far as they were found; notebooks show its picture."""

    def __repr__(self) -> str:
        found = f"loss={shortly(self.loss)}, steps={self.steps}, converged={self.converged}"
        return f"{type(self).__name__}({self.cause!r},\n          {shortly(self.kernel)}, {found})"

    def _repr_html_(self) -> str:
        from convcli.report import learned_page

        return learned_page(self, ("x", "y"))


@public
def learn(
    x: PictureLike, y: PictureLike, *, mask: PictureLike | None = None, **settings: Unpack[LearnKeywords]
) -> Explained:
    """Learn the kernel that makes `y` of `x`.

    Parameters
    ----------
    x, y
        The input and the output of a filter, in any form that `apply` takes; what is transparent in images
        and files is left out.
        Of one size; or `y` smaller (a ``valid`` correlation) or larger (``full``) by the size of the kernel less 1.
    mask
        The pixels of `y` to learn from, (height, width) of it: truths, or a picture that is at least half as bright as
        white there; None for all.
    **settings
        size (one number for both sides), model, bias, border, holdout, optimizer, learning_rate, steps, tolerance,
        loss, init (also a filter of one kernel, or weights), seed, geometry, curve, linear and stride, as
        `LearnSettings` describes them; ``auto`` for size, border, learning_rate, steps and stride is their default.

    Returns
    -------
    Explained
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
    check_names(settings, ("mask", *LearnKeywords.__annotations__))
    judged = LearnSettings.of(**settings)
    given = given_array(x), given_array(y)
    before, after = (each.picture for each in given)
    model = None if judged.finds_model else judged.model
    pairs = pairs_of(before, after, _names(*given), "", model, None if mask is None else _masks(given_array(mask)))
    learned = detect(pairs, judged)
    found = {each.name: getattr(learned, each.name) for each in fields(learned)}
    return Explained(**(found | {"warnings": tuple(map(in_keywords, learned.warnings))}))


def _names(*given: GivenArray) -> tuple[str, str]:
    """Return the names of x and y in messages: those of their files, if they are any."""
    x, y = (name if each.picture.format is None else each.name for each, name in zip(given, "xy", strict=True))
    return x, y


def _masks(given: GivenArray) -> Masks:
    return Masks(given.picture, "the mask" if given.picture.format is None else given.name)
