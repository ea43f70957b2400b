"""Fit: the parameters that were learned, and what they were learned from."""

from __future__ import annotations

from convcli.array_types import Floats
from convcli.filters import Size2
from convcli.lazy import dataclass
from convcli.learning.descent.descent import Descended
from convcli.learning.extent import Extent
from convcli.learning.judging.advice import explains_little
from convcli.learning.judging.worth import Worth
from convcli.learning.moments.layout import Layout
from convcli.learning.settings import LearnSettings
from convcli.learning.survey import Survey


@dataclass(frozen=True, eq=False)
class Fit:
    """The end of a descent on the values of an extent, whose window lies on the pairs as the layout says.

    `sizes` has the sizes that were tried with their mean squared error on the rows held out, `covariances`, (2 · height
    − 1, 2 · width − 1), are those of two values of the source by their distance in the window that was searched.
    """

    settings: LearnSettings
    survey: Survey
    extent: Extent
    layout: Layout
    sizes: tuple[tuple[Size2, float], ...]
    descended: Descended
    worth: Worth
    covariances: Floats

    @property
    def explains_little(self) -> bool:
        """The kernel leaves more unexplained than the rounding of the targets does."""
        return explains_little(self.worth, is_rounded=self.survey.full_scale > 1, is_lossy=self.survey.is_lossy)
