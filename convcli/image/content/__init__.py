"""The formats of files that begin alike, by what follows."""
