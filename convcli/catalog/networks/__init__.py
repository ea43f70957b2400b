"""Networks as they are written to be trained."""
