"""OpenEXR: light of floats, flat or with samples at many depths."""

from convcli.image.codecs.exr.codec import CODEC as CODEC
