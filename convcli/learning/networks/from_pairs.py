"""From pairs of pictures to a trained network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.filters import Add, Conv, Layer, Pipeline, Shape
from convcli.lazy import dataclass
from convcli.learning.networks.judging import judged, shares_of
from convcli.learning.networks.learned import TrainedNetwork
from convcli.learning.networks.network import Network
from convcli.learning.networks.patches import Locality, Patches, Scene
from convcli.learning.networks.samples import Items, Samples, shares
from convcli.learning.networks.settings import Augment, TrainingSettings
from convcli.learning.networks.starting.linear import best_linear
from convcli.learning.networks.starting.start import begun, check_shapes, check_whole, locality, shape_of
from convcli.learning.networks.starting.turns import is_alike_turned
from convcli.learning.networks.training import Keeper, Trainer, TrainingWatcher
from convcli.learning.pair import LearningPair, Pairs

_ENOUGH = 10_000  # values, of which some may be held out
_HELD, _BAND = 0.1, 16  # share of rows, and the least rows of a band
_MOST_BANDS = 4
_SAMPLED = 32  # patches
# Epochs from which turns gain: on 512×512, 30 and 50 made .5 to 1.0 dB more with them, 20 a decibel less once in four.
_TURNS_FROM = 24

MakeNetwork = Callable[[Shape], Pipeline]


@dataclass(frozen=True, eq=False)
class Setting:
    """The task of a training: the network, the scenes, and the best linear layers.

    The network adds to these where the scenes have their output.
    """

    pipeline: Pipeline
    scenes: Sequence[Scene]
    linear: tuple[Layer, ...]
    locality: Locality | None
    side: int

    @property
    def starts_as_linear(self) -> bool:
        """True where the network adds to the linear layers."""
        return self.scenes[0].base is not None

    @property
    def kernel(self) -> Conv | None:
        """The kernel of the linear layers."""
        return next((each for each in self.linear if isinstance(each, Conv)), None)

    def whole(self, trained: Pipeline) -> Pipeline:
        """Return the trained network together with the linear layers to which it adds."""
        if not self.starts_as_linear:
            return trained
        return replace(trained, layers=(Add((trained.layers, self.linear)),))


def train_pairs(
    pairs: Pairs,
    make: MakeNetwork,
    settings: TrainingSettings,
    watcher: TrainingWatcher | None = None,
    keeper: Keeper | None = None,
) -> TrainedNetwork:
    """Train a network to make the targets of the sources.

    Parameters
    ----------
    pairs
        All are kept in memory.
    make
        Returns the network for input of a shape.
    keeper
        Keeps checkpoints, and goes on from one.

    Raises
    ------
    UsageError
        The network does not make the shape of a target, learns nothing, has a layer without a gradient behind one that
        learns, or diverges.
    ShapeError
        A layer does not fit.
    """
    given = list(pairs)
    setting = _setting(given, make, settings)
    settings = replace(settings, augment=_augment(setting, settings))
    shape = shape_of(given[0].source)
    network = Network(setting.pipeline, shape)
    levels = all(pair.target.dtype.kind == "u" for pair in given)
    samples, save = _samples(setting, settings), keeper.save if keeper else None
    trainer = Trainer(network, samples, settings, watcher, save, levels=levels)
    if keeper is not None:
        keeper.begin(trainer)
    course = trainer.run()
    trained = setting.whole(network.trained())
    held_out = any(scene.held.any() for scene in setting.scenes)
    where = setting.locality and _wider(setting.locality, setting.kernel)
    replay = judged(trained, setting.scenes, where, held_out=held_out)
    baseline = None
    if setting.linear:
        baseline = judged(Pipeline(setting.linear), setting.scenes, where, held_out=held_out)
    return TrainedNetwork(
        trained,
        *(len(network.learning), network.weights, tuple(course.epochs), course.best, settings, replay, baseline),
        factor=round(given[0].target.shape[0] / given[0].source.shape[0]),
        kernel=setting.kernel.kernel.size if setting.kernel and setting.starts_as_linear else None,
        side=setting.side or None,
        warnings=tuple(dict.fromkeys(note for pair in given for note in pair.notes)),
    )


def _setting(given: Sequence[LearningPair], make: MakeNetwork, settings: TrainingSettings) -> Setting:
    shape = shape_of(given[0].source)
    pipeline = make(shape)
    for pair in given:
        check_shapes(pipeline, pair)
    where, side = locality(pipeline, shape, settings.patch)
    if where is None:
        check_whole(settings, "a network that sees all of a picture at once is")
    scenes = _scenes(given, settings, whole=where is None)
    masked = [replace(pair, mask=scene.learned) for pair, scene in zip(given, scenes, strict=True)]
    linear = best_linear([each for each in masked if each.mask is not None and each.mask.any()], settings)
    started = begun(pipeline, shape, _sample(scenes[0], pipeline, where, side)) if linear else None
    if started is not None:
        pipeline = started
        scenes = [replace(scene, base=shares_of(Pipeline(linear), scene.source)) for scene in scenes]
    return Setting(pipeline, scenes, linear, where, side)


def _augment(setting: Setting, settings: TrainingSettings) -> Augment:
    """Return how patches are turned: as the settings say, or where what was done is alike in all directions."""
    if settings.augment != "auto":
        return settings.augment
    if settings.epochs < _TURNS_FROM:
        return "none"
    is_alike = setting.locality is not None and setting.starts_as_linear and len(setting.linear) == 1
    return "turns" if is_alike and is_alike_turned(Pipeline(setting.linear), setting.scenes[0]) else "none"


def _sample(scene: Scene, pipeline: Pipeline, where: Locality | None, side: int) -> Array:
    """Return a batch of INPUT by which weights are scaled."""
    if where is None:
        return shares(scene.source)[np.newaxis]
    patches = Patches([scene], pipeline, where, side, _SAMPLED, "none")
    return next(iter(patches.epoch(np.random.default_rng(0)))).source


def _samples(setting: Setting, settings: TrainingSettings) -> Samples:
    scenes = setting.scenes
    if setting.locality is not None:
        return Patches(scenes, setting.pipeline, setting.locality, setting.side, settings.batch, settings.augment)
    held = np.array([number for number, scene in enumerate(scenes) if scene.held.any()], np.intp)
    weights: list[Bools | None] = [None if scene.learned.all() else scene.learned | scene.held for scene in scenes]
    bases = None if scenes[0].base is None else [each.base for each in scenes if each.base is not None]
    sources, targets = [each.source for each in scenes], [each.target for each in scenes]
    return Items(sources, targets, weights, held, settings.batch, bases)


def _scenes(given: Sequence[LearningPair], settings: TrainingSettings, *, whole: bool) -> list[Scene]:
    """Return the pairs with rows held out in bands; of networks that see whole pictures, with some of the pairs."""
    share = settings.holdout
    if share is None:
        values = sum(pair.target.size for pair in given)
        share = _HELD if values >= _ENOUGH and (not whole or len(given) >= 1 / _HELD) else 0.0
    held = set()
    if whole and share:
        count = min(max(round(share * len(given)), 1), len(given) - 1)
        held = set(np.random.default_rng(settings.seed).permutation(len(given))[:count].tolist())
    scenes = []
    for number, pair in enumerate(given):
        rows = np.full(pair.target.shape[0], number in held) if whole else _bands(pair.target.shape[0], share)
        counts = np.ones((*pair.target.shape[:2], 1), bool) if pair.mask is None else pair.mask
        is_held = rows[:, np.newaxis, np.newaxis]
        scenes.append(Scene(pair.source, pair.target, counts & ~is_held, counts & is_held))
    return scenes


def _bands(height: int, share: float) -> Array:
    """Return which rows are held out: bands in the middle of as many parts of the picture."""
    is_held = np.zeros(height, bool)
    total = round(height * share)
    count = min(max(total // _BAND, 1), _MOST_BANDS)
    for index in range(count if total else 0):
        rows = total // count
        first = round((index + 0.5) * height / count - rows / 2)
        is_held[first : first + rows] = True
    return is_held


def _wider(found: Locality, kernel: Conv | None) -> Locality:
    """Return a locality that reaches as far as a kernel, too."""
    if kernel is None:
        return found
    reach = [max(own, extent) for own, extent in zip(found.reach, kernel.extent, strict=True)]
    return replace(found, reach=(reach[0], reach[1]))
