"""Learning: pairs of arrays become a kernel, and what it is worth."""

from convcli.learning.from_pairs import learn, learn_pairs
from convcli.learning.pair import LearningPair, Pairs
from convcli.learning.result import ExactForm, FoundBorder, Learned, Model, Nearest, Replay
from convcli.learning.settings import MODELS, OPTIMIZERS, LearnSettings, Optimizer, Unwatched, Watcher, starting_kernel

__all__ = [
    "MODELS",
    "OPTIMIZERS",
    "ExactForm",
    "FoundBorder",
    "LearnSettings",
    "Learned",
    "LearningPair",
    "Model",
    "Nearest",
    "Optimizer",
    "Pairs",
    "Replay",
    "Unwatched",
    "Watcher",
    "learn",
    "learn_pairs",
    "starting_kernel",
]
