"""Filters for other programs: a file or a folder per kind of program, and the table of all targets."""
