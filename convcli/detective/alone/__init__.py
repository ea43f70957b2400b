"""The kernel alone that explains a scene."""
