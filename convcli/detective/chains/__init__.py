"""Two filters one after the other: their order, and what is clipped between them."""
