"""Commands of other programs, and the matrices that they read."""
