"""When the frames of an animation are shown, in the words of no format.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise

FOR_EVER = 0


@dataclass(frozen=True)
class Clock:
    """How a format counts the time of an animation.

    Parameters
    ----------
    unit
        In milliseconds; 0 where any fraction of a second may stand.
    longest
        For how long it can show a frame, in milliseconds.
    most_plays
        How often it can play; 0 where it always plays for ever.
    """

    unit: int
    longest: int
    most_plays: int


CLOCKS = {
    "gif": Clock(unit=10, longest=655_350, most_plays=65_536),
    "png": Clock(unit=0, longest=65_535_000, most_plays=(1 << 31) - 1),
    "webp": Clock(unit=1, longest=(1 << 24) - 1, most_plays=65_535),
    "avif": Clock(unit=1, longest=(1 << 31) - 1, most_plays=0),
}


@dataclass(frozen=True)
class Animation:
    """The course of an animation.

    Parameters
    ----------
    durations
        For how long each frame is shown, in milliseconds.
    plays
        How often it runs from beginning to end; 0 for ever.
    """

    durations: tuple[float, ...]
    plays: int = FOR_EVER

    def in_units_of(self, milliseconds: int) -> list[int]:
        """Return the durations as whole numbers of a unit: rounded are the times at which frames change.

        So the whole takes as long as before, and sound that was made for it does not run away.
        """
        changes = [round(time / milliseconds) for time in accumulate(self.durations, initial=0.0)]
        return [after - before for before, after in pairwise(changes)]

    def lost_in(self, name: str, title: str) -> list[str]:
        """Say what of this the format with that name and title does not hold, each for a line of warning."""
        clock = CLOCKS.get(name)
        if clock is None:
            return [f"{title} holds no durations; the frames become pages"]
        lost = []
        if clock.unit and any(each % clock.unit for each in self.durations):
            lost.append(f"{title} counts in steps of {clock.unit} ms; durations become the nearest of them")
        if max(self.durations) > clock.longest:
            lost.append(f"{title} shows a frame for at most {clock.longest / 1000:g} s")
        if clock.most_plays == 0 and self.plays != FOR_EVER:
            lost.append(f"{title} plays for ever, this animation {self.plays} times")
        elif self.plays > clock.most_plays:
            lost.append(f"{title} plays at most {clock.most_plays} times")
        return lost
