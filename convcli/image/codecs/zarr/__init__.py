"""The format Zarr, and OME-Zarr, which is a Zarr that says what microscopes saw."""

from convcli.image.codecs.zarr.codec import CODEC as CODEC
