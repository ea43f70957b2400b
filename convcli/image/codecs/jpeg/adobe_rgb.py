"""Adobe RGB as cameras name it: in EXIF data, in the place of a color profile."""

from __future__ import annotations

from dataclasses import replace

from PIL import ExifTags, Image

from convcli.image.pillow.loaded import Loaded

# The Design rule for Camera File system (JEITA CP-3461) marks files of Adobe RGB so.
_MARK = "R03"
# Adobe RGB (1998): x and y of white, red, green and blue, and the gamma.
_CHROMATICITIES = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
_GAMMA = 563 / 256


def with_named_profile(loaded: Loaded) -> Loaded:
    """Return a decoded picture with the profile of Adobe RGB, if its EXIF data names that and it has none."""
    metadata = loaded.metadata
    if metadata.icc or not metadata.exif or loaded.image.mode != "RGB" or _MARK.encode() not in metadata.exif:
        return loaded
    exif = Image.Exif()
    exif.load(metadata.exif)
    if exif.get_ifd(ExifTags.IFD.Interop).get(ExifTags.Interop.InteropIndex) != _MARK:
        return loaded
    from convcli.image.color_profile import profile_of  # here, with NumPy, since such files are rare

    return replace(loaded, metadata=replace(metadata, icc=profile_of(_CHROMATICITIES, _GAMMA)))
