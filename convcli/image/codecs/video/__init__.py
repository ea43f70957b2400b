"""Videos: frames that are decoded and encoded one after the other, beside sound that is copied."""

from convcli.image.codecs.video.codec import CODEC as CODEC
