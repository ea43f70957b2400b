"""The weights of filters as tables: rows, arrays, tensors, levels."""
