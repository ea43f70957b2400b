"""One file: read, filtered, written, and what became of it."""
