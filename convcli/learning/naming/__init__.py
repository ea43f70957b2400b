"""Names for learned weights: the nearest built-in filter, and the simplest exact form."""
