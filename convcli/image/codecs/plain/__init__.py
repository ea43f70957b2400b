"""Formats that Pillow reads and writes alike: TGA, ICO, PCX, SGI, DDS."""

from convcli.image.codecs.plain.codec import CODEC as CODEC
