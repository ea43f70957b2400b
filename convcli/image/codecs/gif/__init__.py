"""GIF: frames composed as browsers show them, and palettes."""

from convcli.image.codecs.gif.codec import CODEC as CODEC
