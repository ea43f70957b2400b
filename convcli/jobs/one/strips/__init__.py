"""A picture through a recipe in strips, at a bound of memory."""
