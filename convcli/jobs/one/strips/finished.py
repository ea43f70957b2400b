"""The rows of an output, read, filtered and finished strip by strip."""

from __future__ import annotations

from collections.abc import Iterator

from convcli.array_types import Array
from convcli.image import Format, Picture, RowReader, codec_of
from convcli.jobs.one.finishing import Tally, shown_page, with_stack
from convcli.jobs.one.strips.frame import StripsOfFrame
from convcli.jobs.one.strips.progress import Reached
from convcli.jobs.one.treatment import Treatment
from convcli.note import Note


class FinishedStrips:
    """The rows of the output, finished strip by strip, frame after frame, from the point that was `reached` on.

    `ends` has a frame and the row behind the last one for every strip that is made, `tallies` the facts about them and
    about those before the point.
    """

    def __init__(
        self, reader: RowReader, treatment: Treatment, form: Format, bound: int, reached: Reached | None = None
    ) -> None:
        self._reader, self._treatment, self._form, self._bound = reader, treatment, form, bound
        self.tallies: list[Tally] = [] if reached is None else list(reached.tallies)
        self.ends: list[tuple[int, int]] = []
        self._notes: dict[Note, None] = {} if reached is None else dict.fromkeys(reached.notes)
        _, height, width = treatment.shape
        self._count = len(reader.picture.frames)
        frame, row = (0, 0) if reached is None else (reached.frame, reached.row)
        self._begin = (frame + 1, 0) if row == height else (frame, row)
        number, first = self._begin if self._begin[0] < self._count else (0, 0)
        self._turn_to(number)
        before = len(self.tallies)
        self._first = self._finished(number, *next(self._spans(first)))
        if self._begin[0] == self._count:  # it was made for its kind alone
            del self.tallies[before:], self.ends[:]
        shape = height, width, self._first.channels
        self.picture = with_stack(self._first.without_pixels(shape, self._first.dtype, self._count), form)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes on the looks."""
        return tuple(self._notes)

    def rows(self) -> Iterator[Array]:
        """Yield the rows of all strips."""
        number, first = self._begin
        if number == self._count:
            return
        begun = self._first.frames[0]
        del self._first
        yield begun
        first += len(begun)
        del begun
        while number < self._count:
            for span in self._spans(first):
                yield self._finished(number, *span).frames[0]
            number, first = number + 1, 0
            if number < self._count:
                self._turn_to(number)

    def _turn_to(self, number: int) -> None:
        self._reader.turn_to(number)
        self._frame = StripsOfFrame(self._reader, self._treatment)
        picture, codec = self._reader.picture, codec_of(self._form)
        self._frame.fit_into(self._bound, self._held_by_writer())
        if codec.in_rows:
            self._frame.end_with(codec.rows_together_for(picture))

    def _held_by_writer(self) -> int:
        """Return the bytes that the writer of the format holds."""
        treatment, picture = self._treatment, self._reader.picture
        outputs, height, width = treatment.shape
        line = width * (outputs + treatment.keeps_alpha) * treatment.dtype.itemsize
        codec = codec_of(self._form)
        return (codec.rows_held_for(picture) if codec.in_rows else 2 * self._count * height) * line

    def _spans(self, first: int) -> Iterator[tuple[int, int]]:
        """Yield the first and last + 1 of the rows of each strip of a frame, from a row on."""
        height, high = self._treatment.shape[1], self._frame.rows_at_once
        return ((top, min(top + high, height)) for top in range(first, height, high))

    def _finished(self, number: int, first: int, last: int) -> Picture:
        computed = self._frame.computed(first, last)
        self.tallies.append(Tally.of(computed, self._treatment))
        self.ends.append((number, last))
        page = self._reader.picture
        shown, notes = shown_page(page, [computed.values], self._treatment, self._form)
        self._notes.update(dict.fromkeys(notes))
        return shown
