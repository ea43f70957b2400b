"""BMP: Pillow reads and writes it; pixels of bit fields and with alpha are read and written here."""

from convcli.image.codecs.bmp.codec import CODEC as CODEC
