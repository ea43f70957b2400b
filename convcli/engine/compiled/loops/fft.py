"""The loop that correlates by Fourier transforms of tiles, for dense kernels whose products would take longer.

A tile of the padded picture is transformed along its columns and then along its rows; its spectrum is multiplied by
that of the kernel, and transformed back. These are the sums of a correlation that wraps around the tile, right for all
but its last rows and columns, so tiles overlap by as many as the kernel has, less one (overlap-save). Two tiles side by
side are the real and the imaginary part of one.

Tiles are read and written in strips of `lanes` values, of which all channels are columns; between the two directions
they lie in `spectra` with a row per value, in lines of `pitch` numbers: the real parts, then the imaginary parts.
"""

from __future__ import annotations

from functools import cache
from typing import no_type_check

import numpy as np

from convcli.engine.compiled.loops.kit import jit
from convcli.engine.compiled.loops.strips import multiplier, reader, transformer, transposer, writer


@no_type_check
def make(pixel, number, lanes):  # noqa: ARG001 - pixels are of any dtype
    """Return the loop for pixels of a dtype, computed in another, by vectors of `lanes` numbers."""
    fill_tile, (read, write) = _tile_filler(), _ends(number, lanes)
    along_rows = _row_pass(number, lanes)
    transform, transpose = transformer(number, lanes), transposer(number, lanes)

    @jit
    def fft_band(
        source, out, rows, columns, kernel, cosines, sines,
        line, width, channels, size, high, wide, inner_first, inner_last, fill, middle, plus, highest,
        first_tile, second_tile, spectra, ends, work, first, last,
    ):  # fmt: skip
        """Correlate the output rows first … last - 1; return how many values were clipped.

        See `convcli.engine.compiled.tables.fft` for the parameters.
        """
        inner, turns = (inner_first, inner_last), (cosines, sines)
        strip, values = size * lanes, size * channels
        imaginary = values * size
        kept = wide * channels
        clipped = 0
        x = 0
        while x < width:
            beside = min(x + kept, width - 1)
            y = first
            while y < last:
                fill_tile(first_tile, source, line, rows, columns, inner, fill, y, x, size, values)
                fill_tile(second_tile, source, line, rows, columns, inner, fill, y, beside, size, values)
                for s in range(0, values, lanes):
                    read(ends, 0, first_tile, s, values, size, middle)
                    read(ends, strip, second_tile, s, values, size, middle)
                    transform(ends, 0, strip, lanes, ends, 0, strip, lanes, work, size, turns)
                    for each in range(0, size, lanes):
                        here = each * values + s * lanes
                        transpose(spectra, here, lanes, ends, each * lanes, lanes)
                        transpose(spectra, imaginary + here, lanes, ends, strip + each * lanes, lanes)
                along_rows(spectra, kernel, ends, work, size, channels, turns)
                height = min(high, last - y)
                for s in range(0, kept, lanes):
                    for each in range(0, size, lanes):
                        here = each * values + s * lanes
                        transpose(ends, each * lanes, lanes, spectra, here, lanes)
                        transpose(ends, strip + each * lanes, lanes, spectra, imaginary + here, lanes)
                    transform(ends, strip, 0, lanes, ends, strip, 0, lanes, work, size, turns)
                    clipped += write(out, y * width, width, x + s, x + kept, ends, 0, height, plus, highest)
                    if beside == x + kept:
                        right = x + 2 * kept
                        clipped += write(out, y * width, width, beside + s, right, ends, strip, height, plus, highest)
                y += high
            x += 2 * kept
        return clipped

    return fft_band


@no_type_check
def _tile_filler():
    @jit
    def fill_tile(tile, source, line, rows, columns, inner, fill, y, x, size, values):
        """Write the `size` padded rows of `values` values from row y and value x on, the last of them beyond."""
        start = min(max(inner[0] - x, 0), values)
        stop = max(min(inner[1] - x, values), start)
        for i in range(size):
            row, base = rows[min(y + i, len(rows) - 1)], i * values
            for k in range(values):
                if k == start and row >= 0:
                    break
                column = columns[min(x + k, len(columns) - 1)]
                tile[base + k] = source[row * line + column] if row >= 0 and column >= 0 else fill
            if row < 0:
                continue
            if stop > start:
                own, to = np.uint64(row * line + columns[x + start]), np.uint64(base + start)
                for k in range(stop - start):
                    tile[to + np.uint64(k)] = source[own + np.uint64(k)]
            for k in range(stop, values):
                column = columns[min(x + k, len(columns) - 1)]
                tile[base + k] = source[row * line + column] if column >= 0 else fill

    return fill_tile


@cache
@no_type_check
def _row_pass(number, lanes):
    transform, multiply = transformer(number, lanes), multiplier(number, lanes)

    @jit
    def along_rows(spectra, kernel, ends, work, size, channels, turns):
        """Transform the rows, multiply them by the spectrum of the kernel, and transform them back."""
        strip, step, plane = size * lanes, channels * lanes, size * size
        for y in range(0, size, lanes):
            for channel in range(channels):
                re = y * size * channels + channel * lanes
                im = re + plane * channels
                transform(spectra, re, im, step, ends, 0, strip, lanes, work, size, turns)
                for x in range(size):
                    here = y * size + x * lanes
                    multiply(ends, x * lanes, strip + x * lanes, kernel, here, plane + here)
                transform(ends, strip, 0, lanes, spectra, im, re, step, work, size, turns)

    return along_rows


@no_type_check
def _ends(number, lanes):
    """Return the functions that read a strip of a tile, and write one to the output."""
    read_vector, write_vector = reader(number, lanes), writer(number, lanes)

    @jit
    def read(work, to, tile, s, values, size, middle):
        for y in range(size):
            read_vector(work, to + y * lanes, tile, y * values + s, middle)

    @jit
    def write(out, top, width, x, right, work, start, height, plus, highest):
        """Write `height` rows of a strip from value x on, up to `right`; return how many values were clipped."""
        count = min(lanes, min(right, width) - x)
        clipped = 0
        for y in range(height):
            to, at = top + y * width + x, start + y * lanes
            if count == lanes:
                clipped += write_vector(out, to, work, at, plus, highest)
            else:
                for lane in range(count):
                    value = work[at + lane] + plus
                    bound = min(max(value, 0), highest)
                    clipped += bound != value
                    out[to + lane] = int(bound)
        return clipped

    return read, write
