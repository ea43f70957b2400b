"""JPEG XR: pixels by jxrlib, the directory around them by hand."""

from convcli.image.codecs.jpegxr.codec import CODEC as CODEC
