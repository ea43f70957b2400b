"""PNG: packing, metadata, 16 bits, animations."""

from convcli.image.codecs.png.codec import CODEC as CODEC
