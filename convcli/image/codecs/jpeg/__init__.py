"""JPEG: large pictures without Pillow's copy of the pixels."""

from convcli.image.codecs.jpeg.codec import CODEC as CODEC
