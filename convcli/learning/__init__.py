"""Learning: pairs of arrays become a kernel, and what it is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.learning.from_pairs import learn as learn, learn_pairs as learn_pairs
    from convcli.learning.pair import MAX_LEARNED_SIDE as MAX_LEARNED_SIDE, LearningPair as LearningPair, Pairs as Pairs
    from convcli.learning.result import (
        ExactForm as ExactForm,
        FoundBorder as FoundBorder,
        Learned as Learned,
        Nearest as Nearest,
        Replay as Replay,
    )
    from convcli.learning.settings import LearnKeywords as LearnKeywords, LearnSettings as LearnSettings, Model as Model
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "from_pairs": ("learn", "learn_pairs"),
            "pair": ("LearningPair", "MAX_LEARNED_SIDE", "Pairs"),
            "result": ("ExactForm", "FoundBorder", "Learned", "Nearest", "Replay"),
            "settings": ("LearnKeywords", "LearnSettings", "Model"),
        },
    )
