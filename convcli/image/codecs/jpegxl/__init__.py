"""JPEG XL: pixels by libjxl, the header and the boxes around them by hand."""

from convcli.image.codecs.jpegxl.codec import CODEC as CODEC
