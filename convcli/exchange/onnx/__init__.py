"""Networks in ONNX files: a graph becomes a `Pipeline`, and a pipeline a graph."""
