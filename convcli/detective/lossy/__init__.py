"""JPEG and noise: the changes to a picture after its filter."""
