"""The compiled loops, and the kit that their vectors are built with."""
