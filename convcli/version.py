"""The version, for whoever needs it: the package's face, the name of the cache."""

__version__ = "0.1.0"
