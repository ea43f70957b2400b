"""Learning from arrays, images and files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Unpack, overload

from convcli.api.arrays import GivenArray, PictureLike, given_array
from convcli.api.keywords import in_keywords, public
from convcli.detective import Detected, detect
from convcli.errors import UsageError
from convcli.filters import check_names
from convcli.jobs import Masks, pairs_of
from convcli.lazy import dataclass
from convcli.learning import LearnKeywords, LearnSettings, TrainingKeywords
from convcli.words import shortly

if TYPE_CHECKING:
    from convcli.api.training import Trained
    from convcli.learning import Augment, Schedule


class AnyKeywords(LearnKeywords, total=False):
    """The settings of a kernel, and those that only a network has."""

    epochs: int
    batch: int
    patch: int | None
    schedule: Schedule
    weight_decay: float
    augment: Augment
    patience: int | None


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Explained(Detected):
    """The steps between two pictures, as far as they were found; notebooks show its picture."""

    def __repr__(self) -> str:
        found = f"loss={shortly(self.loss)}, steps={self.steps}, converged={self.converged}"
        return f"{type(self).__name__}({self.cause!r},\n          {shortly(self.kernel)}, {found})"

    def _repr_html_(self) -> str:
        from convcli.report import learned_page

        return learned_page(self, ("x", "y"))


@overload
def learn(
    x: PictureLike,
    y: PictureLike,
    *,
    layers: str | os.PathLike[str],
    mask: PictureLike | None = None,
    **settings: Unpack[TrainingKeywords],
) -> Trained: ...


@overload
def learn(
    x: PictureLike, y: PictureLike, *, mask: PictureLike | None = None, **settings: Unpack[LearnKeywords]
) -> Explained: ...


@public  # type: ignore[misc]  # the losses and optimizers of a network are others
def learn(
    x: PictureLike,
    y: PictureLike,
    *,
    layers: str | os.PathLike[str] | None = None,
    mask: PictureLike | None = None,
    **settings: Unpack[AnyKeywords],
) -> Explained | Trained:
    """Learn the kernel that makes `y` of `x`, or train a network of `layers` to do it.

    Parameters
    ----------
    x, y
        The input and the output of a filter, in any form that `apply` takes; what is transparent is left out.
        Of one size; or `y` smaller (a ``valid`` correlation) or larger (``full``) by the size of the kernel less 1.
    mask
        The pixels of `y` to learn from, (height, width) of it: truths, or a picture that is at least half as bright as
        white there; None for all.
    layers
        Those of a network: "conv:16,5 | relu | conv:3,3", or a YAML file. With ``loss="cross-entropy"`` `x` is an array
        of items (N, channels, height, width), and `y` the numbers of their N classes, or both are paths of files.
    **settings
        Of a kernel: size (one number for both sides), model, bias, border, holdout, optimizer, learning_rate, steps,
        tolerance, loss, init (also a filter of one kernel, or weights), seed, geometry, curve, linear and stride, as
        `LearnSettings` describes them; ``auto`` for size, border, learning_rate, steps and stride is their default.
        Of a network: loss, optimizer, epochs, batch, patch, learning_rate, schedule, weight_decay, augment, patience,
        holdout and seed, as `TrainingSettings` describes them.

    Returns
    -------
    Explained
        With the `cause` in a sentence, the steps `found`, the `kernel`, its `loss` and `history`, how far it is to be
        trusted, and the `pipeline` that does the steps again.
    Trained
        Of a network: its `cause`, `pipeline`, `loss`, `history`, `replay`, the kernel's `baseline`, or the `answers`.

    Raises
    ------
    convcli.errors.UsageError
        A setting is unknown or out of range, or the arrays do not fit each other.
    convcli.errors.ReadError
        A file cannot be read.
    convcli.errors.ConvcliError
        Two arrays of different sizes are not the same picture.

    Examples
    --------
    >>> import numpy as np
    >>> before = np.random.default_rng(0).random((64, 64))
    >>> after = before[:, 1:] - before[:, :-1]
    >>> learn(before, after).kernel.weights.round(6)
    array([[-1.,  1.]])
    """
    _check_settings(settings, is_network=layers is not None)
    if layers is None:
        return _explained(x, y, mask, settings)
    from convcli.api.training import trained

    return trained(x, y, layers, mask, settings)


def _check_settings(settings: Mapping[str, object], *, is_network: bool) -> None:
    """Raise UsageError for settings that are unknown, of a kernel where a network is trained, or the other way."""
    check_names(settings, ("mask", "layers", *AnyKeywords.__annotations__))
    known = (TrainingKeywords if is_network else LearnKeywords).__annotations__
    if other := next((name for name in settings if name not in known), ""):
        raise UsageError(
            f"{other} is for a {'kernel, and layers are those of a network' if is_network else 'network'}",
            f"leave out {other}" if is_network else 'give its layers: layers="conv:16,5 | relu | conv:3,3"',
        )


def _explained(x: PictureLike, y: PictureLike, mask: PictureLike | None, settings: Any) -> Explained:
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
