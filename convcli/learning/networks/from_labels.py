"""From items with the numbers of their classes to a trained network."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.errors import UsageError
from convcli.filters import LogSoftmax, Pipeline, Softmax
from convcli.learning.networks.from_pairs import MakeNetwork
from convcli.learning.networks.learned import Answers, TrainedNetwork
from convcli.learning.networks.network import Network
from convcli.learning.networks.samples import Items
from convcli.learning.networks.settings import TrainingSettings
from convcli.learning.networks.starting.start import check_learns, check_whole, shape_of
from convcli.learning.networks.training import Keeper, Trainer, TrainingWatcher
from convcli.words import times

_ENOUGH, _HELD = 50, 0.1  # items, of which a tenth may be held out


def train_labels(
    items: list[Array],
    classes: Array,
    make: MakeNetwork,
    settings: TrainingSettings,
    watcher: TrainingWatcher | None = None,
    keeper: Keeper | None = None,
) -> TrainedNetwork:
    """Train a network to name the classes of items: its largest output is the number of the class.

    Parameters
    ----------
    items
        (height, width, channels) each, all of one shape.
    classes
        Their numbers, from 0.
    make, keeper
        As of `train_pairs`.

    Raises
    ------
    UsageError
        The network has not an output for each class, learns nothing, or diverges.
    ShapeError
        A layer does not fit.
    """
    check_whole(settings, "classes are")
    shape = shape_of(items[0])
    pipeline = make(shape)
    _check_outputs(pipeline, items[0], classes)
    check_learns(pipeline, shape)
    # The loss has the softmax in it.
    layers = pipeline.layers
    ending = layers[-1:] if len(layers) > 1 and isinstance(layers[-1], Softmax | LogSoftmax) else ()
    network = Network(replace(pipeline, layers=layers[: len(layers) - len(ending)]), shape)
    samples = Items(items, classes, None, _held(len(items), settings), settings.batch)
    trainer = Trainer(network, samples, settings, watcher, keeper.save if keeper else None)
    if keeper is not None:
        keeper.begin(trainer)
    course = trainer.run()
    trained = network.trained()
    held_out = len(samples.held) > 0
    return TrainedNetwork(
        replace(trained, layers=(*trained.layers, *ending)),
        *(len(network.learning), network.weights, tuple(course.epochs), course.best, settings),
        answers=_answers(network, samples, classes, samples.held if held_out else np.arange(len(items))),
    )


def _held(count: int, settings: TrainingSettings) -> Array:
    """Return the numbers of the items that are held out, in order."""
    share = settings.holdout
    if share is None:
        share = _HELD if count >= _ENOUGH else 0.0
    kept = min(round(share * count), count - 1)
    return np.sort(np.random.default_rng(settings.seed).permutation(count)[:kept])


def _check_outputs(pipeline: Pipeline, item: Array, classes: Array) -> None:
    made = pipeline.output_shape(shape_of(item))
    count = int(classes.max()) + 1
    if made[1:] != (1, 1):
        raise UsageError(
            f"the network makes {times(made)} of INPUT ({times(shape_of(item))}), and classes take one value each",
            f"end it with linear:{count}, or with global-avgpool",
        )
    if made[0] < count:
        raise UsageError(
            f"the network has {made[0]} outputs, and TARGET has the class {count - 1}",
            f"let the last layer have {count} outputs",
        )


def _answers(network: Network, samples: Items, classes: Array, numbers: Array) -> Answers:
    batches = samples.held_out or samples.learned
    # Items are of one size, so that batches keep their order.
    given = np.concatenate([network.output(each.source)[:, 0, 0].argmax(axis=1) for each in batches])
    wrong = [
        (int(number), int(classes[number]), int(answer))
        for number, answer in zip(numbers.tolist(), given.tolist(), strict=True)
        if classes[number] != answer
    ]
    counts = Counter((one, other) for _, one, other in wrong)
    confused = tuple((one, other, count) for (one, other), count in counts.most_common())
    return Answers(len(numbers) - len(wrong), len(numbers), bool(samples.held_out), confused, tuple(wrong))
