"""Bounds of ONNX files, which may be anybody's."""

LARGEST_FILE = 2**28  # bytes of a file, and of all its data beside it: 64 million weights of float32
MOST_NODES = 4000
MOST_NUMBERS = 2**25  # of a tensor, and of all that are made of them on the way
MOST_AXES = 8  # of a tensor
MOST_CHANNELS = 2**16  # that are chosen from, or put in groups
MOST_NESTED = 64  # joins whose branches have joins, one in the other
FIRST_OPSET = 7  # before it, broadcasting was an attribute
