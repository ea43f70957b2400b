"""How hard a PNG is compressed: zlib's strategy and level, chosen per picture by a trial on a few bands of its rows.

Pillow filters every row in the five ways that PNG knows and keeps the one with the smallest differences;
what is left to choose is how zlib packs these.
"""

from __future__ import annotations

import io
from typing import NamedTuple

from PIL import Image

from convcli.image.formats import PngEffort


class _Packing(NamedTuple):
    """What Pillow hands on to zlib, by the names that it has for it."""

    compress_level: int
    compress_type: int


# zlib's strategies, by their numbers in zlib.h: how much is looked for apart from the frequencies of single bytes.
_DEFAULT, _FILTERED, _HUFFMAN, _RLE = range(4)

# Size and time of the whole file as ratios to level 6, which is Pillow's default.
#
#   picture                   RLE          Huffman      level 4      level 1      stored       level 9
#   photograph, 2 MP          1.00  0.19   1.02  0.17   1.02  0.39   1.12  0.21   2.40  0.11   0.98  3.4
#   the same, with noise      1.00  0.47   1.00  0.45   1.00  0.99   1.11  0.63   1.62  0.34   1.00  1.0
#   the same, sharpened       1.00  0.20   1.01  0.18   1.00  0.45   1.09  0.23   1.94  0.12   1.00  1.6
#   its gradient, gray        0.96  0.20   0.94  0.18   1.00  0.39   1.15  0.22   2.40  0.13   0.98  3.6
#   text and boxes            2.67  0.71   4.93  1.07   1.04  0.83   1.14  0.68   21    0.47   0.98  5.1
#   a gradient, gray          41    1.38   41    1.37   1.01  0.99   2.59  0.83   249   0.68   0.73  1.3
#
# Photographs do not repeat themselves, so that looking for repetitions is time lost; graphics do little else.
_STORED = _Packing(0, _DEFAULT)
_HUFFMAN_ALONE = _Packing(1, _HUFFMAN)
_RUN_LENGTHS = _Packing(1, _RLE)
_PILLOWS = _Packing(6, _FILTERED)  # its own choice, made explicit
_SMALLEST = (_Packing(9, _FILTERED), _Packing(9, _DEFAULT), _RUN_LENGTHS, _HUFFMAN_ALONE)

# Level 4 finds most of what level 6 finds, in less than half its time. On the bands, run lengths alone come to 0.95 to
# 1.03 of its size for photographs, and to 1.13 or more for graphics, dithered pictures and gradients.
_PROBE = _Packing(4, _FILTERED)
_TOLERANCE = 1.03
_TOLERANCE_OF_HUFFMAN = 1.01  # to the run lengths, which it may take the place of: it saves a tenth of the time

# Photographs with an alpha channel do repeat themselves, if only in that. Where run lengths leave more than a quarter
# of the bytes there is such a picture, and level 4 will often do: it takes half the time.
_HARD_TO_PACK = 1 / 4
_TOLERANCE_OF_LEVEL_4 = 1.035

# No photograph shrinks so far. Bands that do are blank, and say little of what stands between them.
_BLANK = 1 / 10

# A trial takes 0.8 of level 6's time for its bands, and is to be small beside a fifth of that time for the whole: it is
# 5 to 7 % of what a photograph of 1 or 2 megapixels takes. The window in which zlib looks for repetitions is 32 KiB;
# bands of twice that in all show most of them.
_BANDS = 8
_TRIAL_BYTES = 1 << 16
_LARGEST_SHARE, _SMALLEST_SHARE = 1 / 16, 1 / 128
_SHARE_FOR_SMALL, _BANDS_FOR_SMALL = 1 / 8, 32  # who asked for small has the time
_TRIED_WHOLE = 1 << 20  # by small: bands of a small picture mislead by a few percent
_WORTH_A_TRIAL = 1 << 18  # smaller ones have too few rows to spare, and take a hundredth of a second anyhow


def png_settings(image: Image.Image, effort: PngEffort) -> dict[str, int]:
    """Return what makes Pillow write this picture as a PNG with so much effort.

    Parameters
    ----------
    image
        In the mode in which it is written, without metadata. Pillow's plug-in for PNG has to be loaded.
    effort
        `fast` stores the pixels as they are, `small` takes the smallest of the packings on a few bands,
        `balanced` the quickest one that is hardly larger than Pillow's default.

    Returns
    -------
    dict
        Keywords for `PIL.Image.Image.save`.
    """
    if effort == "fast":
        return _STORED._asdict()
    if effort == "small":
        share = 1 if _raw_bytes(image) < _TRIED_WHOLE else _SHARE_FOR_SMALL
        sample = _sample(image, share, _BANDS_FOR_SMALL)
        return min(_SMALLEST, key=lambda packing: _packed(sample, packing))._asdict()
    return _balanced(image)._asdict()


def _balanced(image: Image.Image) -> _Packing:
    raw = _raw_bytes(image)
    if raw < _WORTH_A_TRIAL:
        return _PILLOWS
    sample = _sample(image, max(_SMALLEST_SHARE, min(_LARGEST_SHARE, _TRIAL_BYTES / raw)), _BANDS)
    run_lengths = _packed(sample, _RUN_LENGTHS)
    if run_lengths < _BLANK * _raw_bytes(sample):
        return _PILLOWS
    probe = _packed(sample, _PROBE)
    if run_lengths > _TOLERANCE * probe:
        hard = run_lengths > _HARD_TO_PACK * _raw_bytes(sample)
        return _PROBE if hard and probe <= _TOLERANCE_OF_LEVEL_4 * _packed(sample, _PILLOWS) else _PILLOWS
    quicker = _packed(sample, _HUFFMAN_ALONE) <= _TOLERANCE_OF_HUFFMAN * run_lengths
    return _HUFFMAN_ALONE if quicker else _RUN_LENGTHS


def _sample(image: Image.Image, share: float, bands: int) -> Image.Image:
    """Return bands of rows, spread evenly over the picture, as one picture; or the picture itself where it has few."""
    rows = max(1, round(share * image.height / bands))
    if rows * bands >= image.height:
        return image
    sample = Image.new(image.mode, (image.width, rows * bands))
    for band in range(bands):
        top = (2 * band + 1) * (image.height - rows) // (2 * bands)
        sample.paste(image.crop((0, top, image.width, top + rows)), (0, band * rows))
    return sample


def _raw_bytes(image: Image.Image) -> int:
    return image.width * image.height * (2 if image.mode == "I;16" else len(image.getbands()))


def _packed(image: Image.Image, packing: _Packing) -> int:
    """Return how many bytes a picture takes."""
    stream = io.BytesIO()
    image.save(stream, format="PNG", **packing._asdict())
    return stream.tell()
