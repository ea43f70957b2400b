"""All that is global or odd about Pillow."""
