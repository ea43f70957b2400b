"""A cluster of Dask's: its workers, their tasks, and those that are lost."""
