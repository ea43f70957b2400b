"""PNG: packing, metadata, 16 bits, animations."""
