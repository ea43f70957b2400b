"""TIFF: pages, 16 bits, floats, tiles."""

from convcli.image.codecs.tiff.codec import CODEC as CODEC
