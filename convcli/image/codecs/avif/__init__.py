"""AVIF: the sizes that its streams state."""

from convcli.image.codecs.avif.codec import CODEC as CODEC
