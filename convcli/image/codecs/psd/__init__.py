"""PSD and PSB: the composite of the layers, at its depth, with what is said about it."""

from convcli.image.codecs.psd.codec import CODEC as CODEC
