"""PGM, PPM and PNM of 16 bits."""
