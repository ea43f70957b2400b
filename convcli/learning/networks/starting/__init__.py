"""The start of a network: its weights, the kernel beside it, and the patches that it is trained on."""
