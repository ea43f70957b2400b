"""The choice of a PNG's packing, per picture, by a trial on a few bands of its rows."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.image.codecs.png.packing import (
    ADAPTIVE,
    AVERAGE,
    DEFAULT,
    FILTERED,
    HUFFMAN,
    PAETH,
    RUN_LENGTHS,
    UNFILTERED,
    Packing,
    packed,
)
from convcli.image.formats import PngEffort

# Size and processor time of the whole file, as ratios to Pillow's default, its level 6. The first five are libpng's;
# below each stands the filter of the rows.
#
#   picture                   Huffman      run lengths  run lengths  level 4      stored       Pillow's     Pillow's
#                             Paeth        Paeth        adaptive     unfiltered                level 4      level 9
#   photograph, 1 MP          1.07  0.09   1.05  0.11   1.04  0.16   1.46  0.22   2.13  0.01   1.02  0.43   0.98  2.8
#   the same, 2 MP            1.02  0.07   1.00  0.09   1.00  0.14   1.73  0.19   2.41  0.01   1.02  0.36   0.98  3.3
#   2 MP with noise           1.01  0.15   1.01  0.17   0.98  0.30   1.46  0.45   1.62  0.02   1.00  1.01   1.00  1.0
#   2 MP, sharpened           1.02  0.14   1.01  0.15   1.01  0.25   1.36  0.36   1.57  0.01   1.00  0.75   1.00  1.2
#   its gradient, gray        0.94  0.06   0.96  0.08   0.96  0.13   1.13  0.15   2.40  0.01   1.00  0.36   0.98  3.5
#   gray of 16 bits, noise    0.99  0.17   0.99  0.17   1.00  0.31   1.19  0.46   1.23  0.02   1.00  0.97   1.00  1.0
#   2 MP with alpha           1.02  0.07   1.04  0.09   1.04  0.15   1.97  0.20   2.76  0.01   1.03  0.34   0.97  4.4
#   text and boxes            4.94  0.81   2.77  0.35   2.51  0.62   0.92  0.41   21    0.09   1.04  0.88   0.97  5.3
#   16 colors                2.61  0.36   1.81  0.22   1.78  0.42   0.79  0.27   11    0.04   1.10  0.58   0.98  6.1
#   dithered                  1.74  0.10   1.64  0.13   1.36  0.17   0.92  0.19   7.41  0.01   1.06  0.36   0.91  22
#   a gradient, gray          41    0.87   41    0.90   41    1.42   2.78  0.41   249   0.12   1.01  0.99   0.73  1.3
#
# Photographs do not repeat themselves, so that looking for repetitions is time lost; graphics do little else, and those
# of few colors repeat themselves better unfiltered. Stored is the quickest on a disk that takes more than a tenth of a
# gigabyte in a second: 12 megapixels in 0.06 s, against 0.28 s for Huffman's codes alone and a quarter of the bytes.
_STORED = Packing(0, DEFAULT, UNFILTERED)
_HUFFMAN_ALONE = Packing(1, HUFFMAN, PAETH)
_RUN_LENGTHS = Packing(1, RUN_LENGTHS, PAETH)
_RUN_LENGTHS_ADAPTIVE = Packing(1, RUN_LENGTHS, ADAPTIVE)
_UNFILTERED = Packing(4, DEFAULT, UNFILTERED)
_PILLOWS_LEVEL_4 = Packing(4, FILTERED)
_PILLOWS = Packing(6, FILTERED)  # its own choice, made explicit
_STORED_BY_PILLOW = Packing(0, FILTERED)
_SMALLEST = (
    _PILLOWS,
    Packing(9, FILTERED),
    Packing(9, DEFAULT),
    Packing(9, DEFAULT, UNFILTERED),
    *(Packing(1, strategy, rows) for strategy in (HUFFMAN, RUN_LENGTHS) for rows in (PAETH, AVERAGE, ADAPTIVE)),
)

# How large a packing may be on the bands, as a ratio to Pillow's default there. A band's first row has no row above it
# that is like it, so that Paeth's filter comes out up to a few percent too large on them, and seldom too small. Where a
# photograph stands among text, unfiltered soon is the larger.
_TOLERANCE = 1.04
_TOLERANCE_ADAPTIVE = 1.045
_TOLERANCE_UNFILTERED = 0.97
_TOLERANCE_OF_HUFFMAN = 1.01  # to the run lengths, which it may take the place of: it saves a fifth of the time

# Photographs with an alpha channel do repeat themselves, if only in that. Where run lengths leave more than a quarter
# of the bytes there is such a picture, and Pillow's level 4 will often do: it takes half the time.
_HARD_TO_PACK = 1 / 4
_TOLERANCE_OF_LEVEL_4 = 1.035

# No photograph shrinks so far. Bands that do are blank, and say little of what stands between them.
_BLANK = 1 / 10

# A trial takes a little more than Pillow's time for its bands, and is to be small beside a tenth of that time for the
# whole: it is 2 % of Pillow's time for 12 megapixels, 5 to 8 % for 1 or 2. Paeth's filter wants a few rows.
_BANDS, _ROWS_OF_A_BAND = 8, 6
_BYTES_OF_A_BAND = 1 << 12  # at least: rows of a narrow picture are short
_BANDS_FOR_SMALL, _SHARE_FOR_SMALL = 32, 1 / 8  # `small` has the time
_TRIED_WHOLE = 1 << 20  # by small: bands of a small picture mislead by a few percent

# Below that many bytes the colors of some pixels decide, which takes 40 µs: a trial would be half of the work.
_WORTH_A_TRIAL = 1 << 17

# Where at least this share of so many pixels differ in color, run lengths come out at .98 of Pillow's default on the
# average of tiles of 64 to 190 pixels, at 1.05 at most in gray and 1.09 in color, and take a third to a fifth of its
# time. Below that there are graphics, which they may double.
_PIXELS_LOOKED_AT = 256
_MANY_GRAYS, _MANY_COLORS = 1 / 10, 2 / 3


def promising(frame: Array, effort: PngEffort) -> list[Packing]:
    """Return one or more packings, all of which hold the frame, of which the smallest result is to be written.

    `fast` stores the pixels as they are. `balanced` takes the quickest packing that is hardly larger than Pillow's
    default, for a small picture one of two. `small` takes the smallest on a few bands, and Pillow's default, which is
    to be no smaller; for a small picture all that might be.
    """
    if effort == "small":
        every = [each for each in _SMALLEST if each.holds(frame)]
        if frame.nbytes < _TRIED_WHOLE:
            return every
        sample = _bands(frame, _BANDS_FOR_SMALL, round(_SHARE_FOR_SMALL * len(frame) / _BANDS_FOR_SMALL))
        smallest = min(every, key=lambda each: len(packed(sample, each)))
        return [smallest] if smallest == _PILLOWS else [smallest, _PILLOWS]
    is_small = frame.nbytes < _WORTH_A_TRIAL
    if not _STORED.holds(frame):
        return [_STORED_BY_PILLOW if effort == "fast" else _PILLOWS]
    if effort == "fast":
        return [_STORED_BY_PILLOW if is_small else _STORED]
    if is_small:
        return [_RUN_LENGTHS_ADAPTIVE if _has_many_colors(frame) else _PILLOWS]
    return [_balanced(frame)]


def _has_many_colors(frame: Array) -> bool:
    """Return whether a frame of 8 bits looks like a photograph, by some of its pixels, evenly spread."""
    if frame.itemsize > 1:  # which may repeat themselves in every second byte
        return False
    pixels = frame.reshape(-1, frame.shape[2])
    some = pixels[:: -(-len(pixels) // _PIXELS_LOOKED_AT)].tolist()
    return len({*map(tuple, some)}) >= len(some) * (_MANY_GRAYS if frame.shape[2] == 1 else _MANY_COLORS)


def _balanced(frame: Array) -> Packing:
    sample = _bands(frame, _BANDS, max(_ROWS_OF_A_BAND, _BYTES_OF_A_BAND // frame[0].nbytes))

    def size(packing: Packing) -> int:
        return len(packed(sample, packing))

    run_lengths = size(_RUN_LENGTHS)
    if run_lengths < _BLANK * sample.nbytes:
        return _PILLOWS
    pillows, huffman = size(_PILLOWS), size(_HUFFMAN_ALONE)
    if huffman <= min(_TOLERANCE * pillows, _TOLERANCE_OF_HUFFMAN * run_lengths):
        return _HUFFMAN_ALONE
    if run_lengths <= _TOLERANCE * pillows:
        return _RUN_LENGTHS
    if size(_RUN_LENGTHS_ADAPTIVE) <= _TOLERANCE_ADAPTIVE * pillows:
        return _RUN_LENGTHS_ADAPTIVE
    if size(_UNFILTERED) <= _TOLERANCE_UNFILTERED * pillows:
        return _UNFILTERED
    hard = run_lengths > _HARD_TO_PACK * sample.nbytes
    return _PILLOWS_LEVEL_4 if hard and size(_PILLOWS_LEVEL_4) <= _TOLERANCE_OF_LEVEL_4 * pillows else _PILLOWS


def _bands(frame: Array, count: int, rows: int) -> Array:
    """Return bands of rows, spread evenly over the picture, as one picture; or the picture itself where it has few."""
    rows = max(1, rows)
    if rows * count >= len(frame):
        return frame
    tops = [(2 * band + 1) * (len(frame) - rows) // (2 * count) for band in range(count)]
    return np.concatenate([frame[top : top + rows] for top in tops])
