"""JPEG 2000: pixels by OpenJPEG, the boxes around them by hand."""

from convcli.image.codecs.jpeg2k.codec import CODEC as CODEC
