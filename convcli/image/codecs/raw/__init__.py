"""Camera RAW: photographs as sensors see them, rendered or their light."""

from convcli.image.codecs.raw.codec import CODEC as CODEC
