"""Learning: pairs of arrays become a kernel, and what it is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.learning.blocks import read_alone
    from convcli.learning.from_pairs import learn_pairs
    from convcli.learning.given import GivenWeights, name_weights, with_weights
    from convcli.learning.judging.replay import replayed
    from convcli.learning.naming.boxes import BOXES, reach_and_end, row_of_boxes, rows_of_vips
    from convcli.learning.networks.checkpoint import epochs_in, resume, write_checkpoint
    from convcli.learning.networks.from_labels import train_labels
    from convcli.learning.networks.from_pairs import train_pairs
    from convcli.learning.networks.learned import Answers, TrainedNetwork
    from convcli.learning.networks.settings import Augment, Schedule, TrainingKeywords, TrainingSettings
    from convcli.learning.networks.training import Epoch, Trainer, TrainingWatcher
    from convcli.learning.pair import MAX_LEARNED_SIDE, Elsewhere, LearningPair, MadePairs, Pairs, ReadBlock
    from convcli.learning.result import ExactForm, FoundBorder, Learned, Nearest, Replay
    from convcli.learning.settings import LearnKeywords, LearnSettings, Model
    from convcli.learning.stride import spread
    from convcli.learning.watcher import Unwatched, Watcher
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "blocks": "read_alone",
            "from_pairs": "learn_pairs",
            "given": "GivenWeights name_weights with_weights",
            "networks.checkpoint": "epochs_in resume write_checkpoint",
            "networks.from_labels": "train_labels",
            "networks.from_pairs": "train_pairs",
            "networks.learned": "Answers TrainedNetwork",
            "networks.settings": "Augment Schedule TrainingKeywords TrainingSettings",
            "networks.training": "Epoch Trainer TrainingWatcher",
            "pair": "Elsewhere LearningPair MAX_LEARNED_SIDE MadePairs Pairs ReadBlock",
            "judging.replay": "replayed",
            "naming.boxes": "BOXES reach_and_end row_of_boxes rows_of_vips",
            "result": "ExactForm FoundBorder Learned Nearest Replay",
            "watcher": "Unwatched Watcher",
            "stride": "spread",
            "settings": "LearnKeywords LearnSettings Model",
        },
    )
