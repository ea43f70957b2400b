"""The sources of the loops: functions that Numba compiles, and the kit that their vectors are built with."""
