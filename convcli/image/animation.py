"""The course of an animation, independent of formats.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

from itertools import accumulate, pairwise

from convcli.lazy import dataclass
from convcli.note import Note
from convcli.words import counted

FOR_EVER = 0


@dataclass(frozen=True)
class Clock:
    """The time of an animation as a format counts it."""

    unit: int  # in milliseconds; 0 where any fraction of a second may stand
    longest: int  # milliseconds of a frame
    most_plays: int  # 0 where it always plays for ever


@dataclass(frozen=True)
class Animation:
    """The course of an animation: the milliseconds of each frame, and the number of runs from beginning to end."""

    durations: tuple[float, ...]
    plays: int = FOR_EVER

    def in_units_of(self, milliseconds: int) -> list[int]:
        """Return the durations as whole numbers of a unit: rounded are the times at which frames change.

        So the whole takes as long as before, and stays in time with sound that was made for it.
        """
        changes = [round(time / milliseconds) for time in accumulate(self.durations, initial=0.0)]
        return [after - before for before, after in pairwise(changes)]

    def lost_in(self, clock: Clock | None, title: str) -> list[Note]:
        """Say what of this a format does not hold, each for a line of warning: its clock, None for none, and title."""
        if clock is None:
            return [Note("durations-left-out", f"{title} holds no durations; the frames become pages")]
        lost = []
        if clock.unit and any(each % clock.unit for each in self.durations):
            text = f"{title} counts in steps of {clock.unit} ms; durations become the nearest of them"
            lost.append(Note("durations-rounded", text))
        if max(self.durations) > clock.longest:
            lost.append(Note("durations-cut", f"{title} shows a frame for at most {clock.longest / 1000:g} s"))
        if clock.most_plays == 0 and self.plays != FOR_EVER:
            lost.append(Note("plays-changed", f"{title} plays for ever, this animation {counted(self.plays, 'time')}"))
        elif self.plays > clock.most_plays:
            lost.append(Note("plays-changed", f"{title} plays at most {counted(clock.most_plays, 'time')}"))
        return lost
