"""The operators of ONNX as layers, and on constants."""
